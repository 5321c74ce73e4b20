"""A kept page gives other readers the same bytes. It never shows an old state, and never a private page."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from cachetools import LRUCache
from flask import Flask, request_started
from werkzeug.test import TestResponse

from node.chapter import dates
from node.database import RevisionReader, writing
from node.models import Chapter, Run
from web import language
from web.http import page_cache, security
from web.http.page_cache import Generation, GenerationCache, Page, PageCache, PageKey

from ...support.network import LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

THURSDAY = date(2026, 6, 4)


GZIP = {"Accept-Encoding": "gzip"}


CANCEL_THURSDAY = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from sqlalchemy.orm import Session
from node.chapter import dates
from node.config import Settings
from node.database import make_engine
settings = Settings(data=Path(sys.argv[1]), base_url=sys.argv[2], network="loopback")
engine = make_engine(settings.database)
with Session(engine) as session:
    dates.cancel(session, settings, sys.argv[3], date(2026, 6, 4), "weather", "", datetime(2026, 6, 1, 9, tzinfo=UTC))
engine.dispose()
"""


class Drawn:
    """Counts the requests that reach Flask. A kept page is no such request."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, app: Flask, **_: object) -> None:
        self.count += 1


@pytest.fixture
def drawn(london: LocalNode) -> Iterator[Drawn]:
    counting = Drawn()
    request_started.connect(counting, london.app)
    yield counting
    request_started.disconnect(counting, london.app)


def cache_of(node: LocalNode) -> PageCache:
    cache: PageCache = node.app.extensions["page_cache"]
    return cache


def kept(node: LocalNode) -> list[Any]:
    return list(cache_of(node).pages)


def revision(node: LocalNode) -> int:
    reader = RevisionReader(node.engine)
    try:
        return reader()
    finally:
        reader.close()


def test_more_tags_than_anybody_has_are_not_looked_through(london: LocalNode) -> None:
    tag = Phone(london).get("/runs").headers["ETag"]
    many = ", ".join([*(f'"{number}"' for number in range(200)), tag])
    assert Phone(london).get("/runs", headers={"If-None-Match": tag}).status_code == 304
    assert Phone(london).get("/runs", headers={"If-None-Match": many}).status_code == 200


def test_a_second_reader_gets_the_very_answer_of_the_first(london: LocalNode, run: Run, drawn: Drawn) -> None:
    first, second = Phone(london).get("/runs", headers=GZIP), Phone(london).get("/runs", headers=GZIP)
    assert drawn.count == 1
    assert second.data == first.data
    assert second.headers.to_wsgi_list() == first.headers.to_wsgi_list()
    assert second.headers["Content-Encoding"] == "gzip"


def test_an_unchanged_page_that_is_drawn_anew_later_has_the_same_bytes(london: LocalNode, drawn: Drawn) -> None:
    first = Phone(london).get("/help", headers=GZIP)
    cache_of(london).pages.find(Generation(-1, -1), "nothing")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        second = Phone(london).get("/help", headers=GZIP)
        unchanged = Phone(london).get("/help", headers=GZIP | {"If-None-Match": first.headers["ETag"]})
    assert drawn.count == 2
    assert (second.data, unchanged.status_code) == (first.data, 304)


def test_who_takes_no_gzip_gets_none(london: LocalNode, run: Run) -> None:
    Phone(london).get("/runs", headers=GZIP)
    for _ in range(2):
        plain = Phone(london).get("/runs")
        assert "Content-Encoding" not in plain.headers
        assert "Thursday evening run" in plain.text
        assert "Accept-Encoding" in plain.headers["Vary"]


@pytest.mark.parametrize("path", ["/", "/runs", "/help", "/chapters"])
def test_the_security_headers_are_the_same_however_the_page_is_answered(
    london: LocalNode, run: Run, drawn: Drawn, path: str
) -> None:
    phone = Phone(london)
    miss, hit = phone.get(path), phone.get(path)
    known = {"If-None-Match": miss.headers["ETag"]}
    hit_304 = phone.get(path, headers=known)
    cache_of(london).pages.find(Generation(-1, -1), "nothing")
    miss_304 = phone.get(path, headers=known)
    assert [one.status_code for one in (miss, hit, hit_304, miss_304)] == [200, 200, 304, 304]
    assert drawn.count == 2
    for response in (miss, hit, hit_304, miss_304):
        assert {name: response.headers.get(name) for name in security.HEADERS} == security.HEADERS
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers["ETag"] == miss.headers["ETag"]
        assert response.headers["Vary"] == miss.headers["Vary"]
    assert sorted(hit_304.headers) == sorted(miss_304.headers)
    assert not hit_304.data
    assert "Content-Type" not in hit_304.headers


def test_who_knows_the_page_in_another_encoding_gets_it_anew(london: LocalNode, run: Run) -> None:
    tag = Phone(london).get("/runs", headers=GZIP).headers["ETag"]
    assert Phone(london).get("/runs", headers={"If-None-Match": tag}).status_code == 200


def test_head_answers_as_get_without_the_page(london: LocalNode, run: Run, drawn: Drawn) -> None:
    def head() -> TestResponse:
        return london.app.test_client().head("/runs", base_url=london.settings.base_url)

    miss = head()
    assert not kept(london)
    page = Phone(london).get("/runs")
    hit = head()
    assert drawn.count == 2
    assert not miss.data
    assert not hit.data
    assert page.headers.to_wsgi_list() == hit.headers.to_wsgi_list() == miss.headers.to_wsgi_list()


def test_a_cancellation_is_on_the_very_next_page(london: LocalNode, run: Run) -> None:
    path = f"/runs/{london_id(london)}/{run.id}"
    assert "Not confirmed yet" in words(Phone(london).get(path))
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "weather", "", london.clock())
    assert "Cancelled" in words(Phone(london).get(path)).partition("Where")[0]


def test_a_cancellation_by_another_process_is_on_the_very_next_page(london: LocalNode, run: Run) -> None:
    pages = ["/", "/runs", f"/runs/{london_id(london)}/{run.id}", f"/chapters/{london_id(london)}"]
    assert not any("Cancelled" in words(Phone(london).get(path)) for path in pages)
    arguments = [str(london.settings.data), london.settings.base_url, run.id]
    subprocess.run([sys.executable, "-c", CANCEL_THURSDAY, *arguments], check=True)
    assert all("Cancelled" in words(Phone(london).get(path)) for path in pages)


def test_a_page_that_was_drawn_while_something_was_written_is_not_kept_for_the_new_state(london: LocalNode) -> None:
    pages = cache_of(london).pages
    asked = PageKey("en_GB", "", "", False, "/runs", "")
    before = Generation(revision(london), 0)
    pages.find(before, asked)
    rename(london, "Elsewhere")
    after = Generation(revision(london), 0)
    pages.find(after, asked)
    pages.keep(before, asked, Page("old", [], b"old", False))
    assert pages.find(after, asked) is None


def test_with_the_minute_the_words_of_time_move_on(london: LocalNode, run: Run, drawn: Drawn) -> None:
    clock = london.clock
    clock.tick(days=2, hours=13, minutes=59, seconds=20)  # Wednesday 23:59:20 in London
    assert "Tomorrow" in words(Phone(london).get("/"))
    clock.tick(seconds=39)
    assert "Tomorrow" in words(Phone(london).get("/"))
    assert drawn.count == 1
    clock.tick(seconds=1)
    assert "Tonight" in words(Phone(london).get("/"))


def test_a_promise_that_grew_stale_is_not_kept_alive(federation: LocalFederation, gazetteer: None) -> None:
    from ...support.network import BRISBANE, LONDON

    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run(starts_on=date(2026, 6, 11)))
    with london.session() as session:
        dates.confirm(session, london.settings, run.id, date(2026, 6, 11), london.clock())
    federation.settle()
    path = f"/runs/{london.chapter_id}/{run.id}"
    assert "A lead will be there" in words(Phone(brisbane).get(path))
    federation.clock.tick(days=8)
    assert "A lead will be there" not in words(Phone(brisbane).get(path))


def test_a_signed_in_lead_is_never_answered_from_kept_pages(london: LocalNode, run: Run, drawn: Drawn) -> None:
    lead = Phone(london).sign_in()
    Phone(london).get("/runs")
    drawn.count = 0
    assert {lead.get("/runs").status_code for _ in range(3)} == {200}
    assert drawn.count == 3
    assert [one.path for one in kept(london)] == ["/runs"]


def test_the_cookie_of_another_node_on_this_host_changes_nothing(london: LocalNode, drawn: Drawn) -> None:
    Phone(london).get("/help")
    other = Phone(london)
    other.client.set_cookie("rtr-00000000", "x", domain="127.0.0.1")
    other.get("/help")
    assert drawn.count == 1


def test_each_language_has_its_own_page(
    london: LocalNode, run: Run, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "LANGUAGES", {"en_GB": "English", "de": "Deutsch"})
    for _ in range(2):
        assert "Thursday 4 June" in words(Phone(london).get("/", headers={"Accept-Language": "fr, en;q=0.5"}))
        german = Phone(london).get("/", headers={"Accept-Language": "de-AT, en;q=0.5"})
        assert "Donnerstag, 4. Juni" in words(german)
        assert "Accept-Language" in german.headers["Vary"]
    assert drawn.count == 2


def test_the_order_of_the_fields_makes_no_other_page(london: LocalNode, run: Run, drawn: Drawn) -> None:
    for query in ("near=St+Ives&when=week", "when=week&near=St%20Ives", "near=St Ives&when=%77eek"):
        Phone(london).get(f"/runs?{query}")
    assert drawn.count == 1


@pytest.mark.parametrize(
    "pair", [("near=%ff", "near=%fe"), ("near=a", "near=A"), ("near=", ""), ("near=a&near=b", "near=b&near=a")]
)
def test_what_the_page_may_tell_apart_is_told_apart(london: LocalNode, drawn: Drawn, pair: tuple[str, str]) -> None:
    for query in pair:
        Phone(london).get(f"/runs?{query}")
    assert drawn.count == 2


def test_a_long_address_is_not_kept(london: LocalNode) -> None:
    assert Phone(london).get("/runs?near=" + "x" * 500).status_code == 200
    assert not kept(london)


def test_what_is_kept_is_bounded_and_the_longest_unasked_goes_first() -> None:
    kept, now = GenerationCache[str](LRUCache(100, len)), Generation(1, 1)
    kept.find(now, 0)
    for key in (0, 1, 2):
        kept.keep(now, key, "x" * 30)
    assert kept.find(now, 0)
    kept.keep(now, 3, "x" * 30)
    assert set(kept) == {2, 0, 3}
    kept.keep(now, 4, "x" * 60)
    assert set(kept) == {3, 4}
    kept.keep(now, 5, "x" * 101)
    assert set(kept) == {3, 4}


def test_a_page_is_counted_with_its_headers(london: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "MAX_BYTES", 10 * 1024)
    cache = PageCache(london.app, london.engine)
    cache.pages.find(Generation(1, 1), 0)
    for key in range(100):
        cache.pages.keep(Generation(1, 1), key, Page("tag", [], b"short", False))
    assert len(list(cache.pages)) == 3
    cache.close()


def london_id(node: LocalNode) -> str:
    with node.session() as session:
        return session.get_one(Chapter, 1).id


def rename(node: LocalNode, name: str) -> None:
    with node.session() as session, writing(session):
        session.get_one(Chapter, 1).name = name
