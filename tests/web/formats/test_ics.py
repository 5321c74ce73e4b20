"""Any run as calendars show it, against the dates that its page shows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.documents import DateState, Listing, MeetingPoint, Pause, Schedule
from federation.encodings import from_local
from node.schedule.occurrences import DatedListing, dated_listing, every_date
from node.schedule.series import series_of
from web.formats import ics
from web.formats.ics import Pages

from ...support.calendars import by_ical_js, by_icalendar
from ...support.network import LONDON, Clock, LocalNode

POINT = MeetingPoint("The Monument", "Fish Street Hill", "", 515101, -860)
RULES = (
    "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
    "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,SA,SU",
    "FREQ=MONTHLY;INTERVAL=1;BYDAY=2TU",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1SU",
    None,
)
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Gaza", "Asia/Kolkata")
#: Days around which clocks change somewhere.
TODAY = st.sampled_from(
    [date(2026, 2, 20), date(2026, 3, 16), date(2026, 4, 1), date(2026, 10, 12), date(2026, 12, 20)]
)
_WINDOW = timedelta(weeks=7)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """For the words of events."""
    folder: Path = tmp_path_factory.mktemp("ics")
    node = LocalNode(folder / "london", Clock(), 8101)
    node.found_chapter(LONDON)
    with node.app.test_request_context():
        yield node.app
    node.close()


@st.composite
def listings_of(draw: Any) -> tuple[Listing, datetime]:
    """A listing with anything said of its dates, and a moment at which somebody looks."""
    today = draw(TODAY)
    near = st.integers(-3, 45).map(lambda days: today + timedelta(days=days))
    clock = draw(st.sampled_from(["18:30", "01:30", "02:15", "23:45"]))
    begins = today + timedelta(days=draw(st.integers(-600, 30)))
    schedule = Schedule(
        timezone=draw(st.sampled_from(ZONES)),
        dtstart=f"{begins}T{clock}",
        duration_minutes=60,
        arrive_minutes_before=10,
        rrule=draw(st.sampled_from(RULES)),
        until=draw(st.none() | near.map(str)),
        exdates=sorted(draw(st.sets(near.map(str), max_size=4))),
    )
    said = [draw(_state(day, clock)) for day in sorted(draw(st.sets(near, max_size=6)))]
    pause = draw(st.none() | st.tuples(near, st.none() | st.integers(1, 30)).map(_pause))
    listing = Listing("x", "Evening run", "run", schedule, POINT, pause=pause, dates=said)
    return listing, datetime(today.year, today.month, today.day, 9, tzinfo=UTC)


@st.composite
def _state(draw: Any, day: date, clock: str) -> DateState:
    to = day + timedelta(days=draw(st.integers(-3, 10)))
    starts = draw(st.sampled_from([None, f"{to}T{clock}", f"{to}T10:00"]))
    state = draw(st.sampled_from(["confirmed", "cancelled", "moved"]))
    return DateState(day.isoformat(), state, "2026-01-01T00:00:00Z", starts=None if state == "cancelled" else starts)


def _pause(days: tuple[date, int | None]) -> Pause:
    since, length = days
    return Pause(since.isoformat(), (since + timedelta(days=length)).isoformat() if length else None)


def dated(listing: Listing, now: datetime, *, paused: bool = False) -> DatedListing:
    held = SimpleNamespace(
        chapter="chapter", name="London", place="London", pause="", version=1, issued=now, heard_at=now,
        fresh_until=now + timedelta(days=1),
    )  # fmt: skip
    return dated_listing(held, listing, None, paused, now, None)


def written(one: DatedListing) -> str:
    events = ics.events_of(series_of(one), Pages(lambda *_: "https://example.org/", lambda _: ""))
    return ics.calendar("A run", "", events, ("Europe/London", 2026)).decode()


@settings(max_examples=25, deadline=None)
@given(listings_of(), st.booleans())
def test_two_readers_show_the_dates_that_the_page_shows(app: Flask, made: tuple[Listing, datetime], hq: bool) -> None:
    listing, now = made
    one = dated(listing, now, paused=hq and listing.pause is None)
    start, end = now + timedelta(days=1), now + _WINDOW
    # The page's dates: those of the days around, since a date may be moved into these weeks and out of them.
    every = every_date(one, now.date() - timedelta(days=8), (now + _WINDOW).date() + timedelta(days=8))
    shown = [o for _, o in every if not o.planned_gap and not (o.paused and o.state != "cancelled")]
    expected = sorted(o.starts.astimezone(UTC) for o in shown if start <= o.starts.astimezone(UTC) < end)
    text = written(one)
    python, javascript = by_icalendar(text, start, end), by_ical_js(text, start, end)
    assert [seen.starts for seen in python] == expected
    # Not the lengths: ical.js ends a run by the clock, which is an hour off in a night that changes the clocks.
    assert [(seen.starts, seen.title) for seen in javascript] == [(seen.starts, seen.title) for seen in python]


@settings(max_examples=25, deadline=None)
@given(listings_of())
def test_a_recurrence_id_is_a_time_of_the_rule(app: Flask, made: tuple[Listing, datetime]) -> None:
    from icalendar import Calendar

    listing, now = made
    clock = from_local(listing.schedule.dtstart).time()
    for event in Calendar.from_ical(written(dated(listing, now))).walk("VEVENT"):
        if "RECURRENCE-ID" in event:
            assert event["RECURRENCE-ID"].dt.time() == clock
