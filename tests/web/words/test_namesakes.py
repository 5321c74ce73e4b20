"""Pages tell two chapters of one name apart wherever both can be seen."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from node.chapter.profile import edit_profile
from node.database import writing
from node.directory import namesakes
from node.hq import people
from node.hq.history import COMMAND_LINE
from node.members import sign_in
from node.models import HeldDocument

from ...support.network import LONDON, Clock, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[LocalFederation]:
    made = LocalFederation(tmp_path, Clock())
    yield made
    made.close()


def add(federation: LocalFederation, folder: str, **changes: str) -> LocalNode:
    """A chapter named London, whatever the name of its folder."""
    node = federation.add_chapter(replace(LONDON, name=folder))
    with node.session() as session:
        edit_profile(session, node.settings, replace(LONDON, **{"name": "London", **changes}), federation.clock())
    node.announce(a_run(name=f"Run of {folder}"))
    return node


def pages(federation: LocalFederation, node: LocalNode) -> dict[str, str]:
    """The pages on which both chapters stand: lists and search of a chapter's node, and HQ's lists."""
    federation.settle()
    with federation.hq.session() as session:
        person = people.add(session, "Ada", COMMAND_LINE, federation.clock())
        token = sign_in.make_link(session, person.id, federation.clock())
    ada = Phone(federation.hq)
    assert ada.post(f"/signin/{token}").status_code == 303
    public = {path: words(Phone(node).get(path)) for path in ("/chapters", "/chapters?text=London", "/runs")}
    return public | {path: words(ada.get(path)) for path in ("/hq", "/hq/chapters")} | {"/": words(ada.get("/"))}


def test_a_name_that_one_chapter_has_stands_alone(federation: LocalFederation) -> None:
    node = add(federation, "one")
    assert node.chapter_id[:6] not in pages(federation, node)["/chapters"]


def test_chapters_of_one_name_are_told_apart_by_their_places(federation: LocalFederation) -> None:
    node = add(federation, "one")
    add(federation, "two", place="Croydon")
    for path, page in pages(federation, node).items():
        assert "Croydon" in page, path


def test_chapters_of_one_name_and_place_are_told_apart_by_their_countries(federation: LocalFederation) -> None:
    node = add(federation, "one")
    add(federation, "two", country="CA")
    for path, page in pages(federation, node).items():
        assert "Canada" in page, path
        assert "United Kingdom" in page, path
        assert "Canada Canada" not in page, path


def test_chapters_of_one_name_place_and_country_are_told_apart_by_their_ids(federation: LocalFederation) -> None:
    both = add(federation, "one"), add(federation, "two", name="LONDON")
    add(federation, "three", name="Lon\u200bdon")
    for path, page in pages(federation, both[0]).items():
        assert all(node.chapter_id[:6] in page for node in both), path


def test_a_chapter_whose_document_has_expired_shares_its_name_with_nobody(federation: LocalFederation) -> None:
    node, other = add(federation, "one"), add(federation, "two", place="Croydon")
    federation.settle()
    with node.session() as session:
        assert namesakes.all_of(session).keys() == {node.chapter_id, other.chapter_id}
        with writing(session):
            session.execute(update(HeldDocument).filter_by(chapter=other.chapter_id).values(envelope=None))
        assert namesakes.all_of(session) == {}
