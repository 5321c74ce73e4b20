"""Atom feeds, as a feed reader that others wrote reads them."""

from datetime import date
from typing import Any

import feedparser
import pytest

from node.chapter import series
from node.models import Run

from ...support.network import LocalNode, a_run
from ...support.taps import cancel, confirm, move
from ...support.web_client import Phone


@pytest.fixture
def run(london: LocalNode) -> Run:
    return london.announce(a_run())


def read(node: LocalNode) -> Any:
    answer = Phone(node).get(f"/chapters/{node.chapter_id}/feed.atom")
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    found = feedparser.parse(answer.data, response_headers={"content-type": answer.headers["Content-Type"]})
    assert (found.bozo, found.version) == (False, "atom10")
    return found


def test_a_feed_reader_reads_a_chapters_dates(london: LocalNode, run: Run) -> None:
    found = read(london)
    base, page = london.settings.base_url, f"/chapters/{london.chapter_id}"
    assert found.feed.title == "Run Talk Run London"
    assert {(one.rel, one.href) for one in found.feed.links} == {
        ("self", f"{base}{page}/feed.atom"),
        ("alternate", base + page),
    }
    first = found.entries[0]
    assert first.title == "Thursday evening run, London, Thursday 4\u00a0June 2026, 18:30"
    assert first.link == f"{base}/runs/{london.chapter_id}/{run.id}?date=2026-06-04"
    assert first.author == "London"
    assert "The Monument" in first.content[0].value


def test_an_entry_keeps_its_id_through_a_move_and_a_cancellation(london: LocalNode, run: Run) -> None:
    before = read(london).entries[0]
    london.clock.tick(minutes=15)
    move(london, run, "2026-06-05T19:00")
    moved = read(london).entries[0]
    london.clock.tick(minutes=15)
    cancel(london, run)
    cancelled = read(london).entries[0]
    assert before.id == moved.id == cancelled.id
    assert before.id.startswith("urn:uuid:")
    assert cancelled.title.startswith("Cancelled: ")
    assert before.updated < moved.updated < cancelled.updated


def test_a_cancellation_minutes_after_a_promise_is_news_to_a_reader(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    promised = read(london)
    cancel(london, run)
    cancelled = read(london)
    assert promised.entries[0].updated < cancelled.entries[0].updated
    assert promised.feed.updated < cancelled.feed.updated


def test_the_entry_of_a_date_is_led_to_the_one_that_takes_its_place(london: LocalNode, run: Run) -> None:
    before = read(london).entries[0]
    with london.session() as session:
        fridays = a_run(starts_on=date(2026, 6, 5))
        series.edit(session, london.settings, run.id, fridays, london.clock.tick(minutes=1))
    now = {one.id: one for one in read(london).entries}
    assert now[before.id].title == "Moved: Thursday evening run, London, Friday 5\xa0June 2026, 18:30"
    assert "Moved from Thursday 4\xa0June." in now[before.id].content[0].value
    assert len(now) == len(read(london).entries)


def test_an_entry_was_updated_when_its_chapter_signed(london: LocalNode, run: Run) -> None:
    london.clock.tick(hours=2)
    confirm(london, run)
    # A document tells the quarter of an hour in which it was signed, and no more.
    assert read(london).entries[0].updated == "2026-06-01T11:00:00Z"


def test_no_entry_promises_a_lead_since_a_reader_shows_old_copies(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    said = read(london).entries[0]
    assert "Please don’t set off until the page says" in said.content[0].value


def test_a_date_far_ahead_is_told_once_something_is_said_of_it(london: LocalNode, run: Run) -> None:
    far = date(2026, 7, 9)
    assert not any("9\u00a0July" in one.title for one in read(london).entries)
    cancel(london, run, far)
    assert [one.title for one in read(london).entries][-1].startswith("Cancelled: ")


def test_what_a_chapter_writes_cannot_break_its_feed(london: LocalNode) -> None:
    london.announce(a_run(name="A & B <i>\uffff]]>", point_name="</content>\ufffe&amp;"))
    first = read(london).entries[0]
    assert first.title.startswith("A & B <i>]]>")
    assert "</content>&amp;" in first.content[0].value


def test_a_feed_without_dates_is_still_a_feed(london: LocalNode) -> None:
    assert read(london).entries == []
