"""The list of chapters: every listed one, once, a page at a time, and no document read."""

import pytest
from sqlalchemy import event

from node.database import writing
from node.directory import chapter_list
from node.directory.chapter_list import ChapterLine, ChapterPage
from node.models import HeldDocument, RegistryChapter

from ...support.many_chapters import COUNTRIES, list_many
from ...support.network import LocalNode

MANY = 330


def page(node: LocalNode, text: str = "", after: str = "", countries: tuple[str, ...] = ()) -> ChapterPage:
    with node.session() as session:
        return chapter_list.page(session, node.clock(), text=text, countries=countries, after=after)


def every(node: LocalNode, text: str = "") -> list[ChapterLine]:
    found: list[ChapterLine] = []
    cursor = ""
    while True:
        part = page(node, text, cursor)
        found += part.lines
        cursor = part.cursor
        if not cursor:
            return found


def set_status(node: LocalNode, chapter: str, status: str) -> None:
    with node.session() as session, writing(session):
        session.get_one(RegistryChapter, chapter).status = status


def test_pages_follow_each_other_without_a_gap_by_country_and_name(london: LocalNode) -> None:
    ids = list_many(london, MANY)
    found = every(london)
    assert [one.id for one in found if one.name != "London"] == ids
    assert len(page(london).lines) == chapter_list.PAGE


def test_our_own_chapter_is_in_the_list_before_hq_lists_it_and_not_once_hq_said_no(london: LocalNode) -> None:
    assert [one.name for one in every(london)] == ["London"]
    own = every(london)[0].id
    with london.session() as session, writing(session):
        now = london.clock()
        session.add(RegistryChapter(chapter=own, root_version=1, root_digest="", status="suspended", since=now))
    assert every(london) == []


@pytest.mark.parametrize("status", ["suspended", "dropped", "left"])
def test_a_chapter_that_hq_does_not_list_is_not_in_the_list(london: LocalNode, status: str) -> None:
    ids = list_many(london, 3)
    set_status(london, ids[1], status)
    assert {ids[0], ids[2]} <= {one.id for one in every(london)}
    assert ids[1] not in {one.id for one in every(london)}


def test_a_paused_chapter_says_so(london: LocalNode) -> None:
    ids = list_many(london, 2)
    set_status(london, ids[0], "paused")
    assert {one.id: one.paused for one in every(london)}[ids[0]]


def test_a_chapter_of_which_only_its_version_is_left_is_not_in_the_list(london: LocalNode) -> None:
    ids = list_many(london, 2)
    with london.session() as session, writing(session):
        session.get_one(HeldDocument, ids[0]).envelope = None
    assert ids[0] not in {one.id for one in every(london)}


def test_chapters_are_found_by_a_part_of_their_name_or_place(london: LocalNode) -> None:
    list_many(london, MANY)
    assert [one.name for one in every(london, "chapter 12")] == [
        f"Chapter 12{digit}" for digit in (0, 5, 1, 6, 2, 7, 3, 8, 4, 9)
    ]
    assert {one.place for one in every(london, "TOWN 3")} == {"Town 3"}


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "🏃"])
def test_signs_that_sql_knows_are_only_signs(london: LocalNode, text: str) -> None:
    list_many(london, 10)
    assert every(london, text) == []


def test_chapters_are_found_by_their_country(london: LocalNode) -> None:
    list_many(london, 30)
    found = page(london, "xx", countries=("IE", "AU")).lines
    assert [one.country for one in found] == ["AU"] * 6 + ["IE"] * 6


def test_a_cursor_that_is_not_known_begins_from_the_start(london: LocalNode) -> None:
    list_many(london, 60)
    assert page(london, after="nobody") == page(london)


def test_a_page_costs_the_same_few_queries_and_no_document_however_many_chapters(london: LocalNode) -> None:
    asked: list[str] = []
    event.listen(london.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    page(london)
    few = len(asked)
    list_many(london, MANY)
    asked.clear()
    page(london)
    assert len(asked) == few
    assert not any("held_document.envelope," in statement for statement in asked)


def test_the_index_gives_each_country_so_that_no_page_reads_all_chapters(london: LocalNode) -> None:
    ids = list_many(london, MANY)
    asked: list[tuple[str, tuple[object, ...]]] = []
    event.listen(london.engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    page(london, after=ids[100])
    names = [one for one in asked if "held_document.country = " in one[0]]
    assert len(names) < len(COUNTRIES)
    with london.engine.connect() as connection:
        plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {names[0][0]}", names[0][1]))
    assert "USING INDEX ix_held_document_country_name" in plan
    assert "SCAN registry_chapter" not in plan


def rename(node: LocalNode, chapter: str, name: str) -> None:
    with node.session() as session, writing(session):
        session.get_one(HeldDocument, chapter).name = name


def test_accents_change_neither_what_is_found_nor_the_order(london: LocalNode) -> None:
    ids = list_many(london, 15)
    german = [one.id for one in every(london) if one.country == "DE"]
    for chapter, name in zip(german, ("Zürich", "Évreux", "Aarau"), strict=True):
        rename(london, chapter, name)
    assert set(german) < set(ids)
    assert [one.name for one in every(london) if one.country == "DE"] == ["Aarau", "Évreux", "Zürich"]
    assert [one.name for typed in ("evreux", "ZURICH") for one in every(london, typed)] == ["Évreux", "Zürich"]


def test_countries_stand_in_the_order_that_is_asked_for_and_pages_follow_it(london: LocalNode) -> None:
    list_many(london, 30)
    with london.session() as session:
        first = chapter_list.page(session, london.clock(), order=lambda code: (code != "IE", code), limit=8)
        rest = chapter_list.page(
            session, london.clock(), order=lambda code: (code != "IE", code), limit=8, after=first.cursor
        )
    assert [one.country for one in first.lines] == ["IE"] * 6 + ["AU"] * 2
    assert [one.country for one in rest.lines] == ["AU"] * 4 + ["DE"] * 4
