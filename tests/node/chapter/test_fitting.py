"""A chapter document has at most 64 KiB, and a cancellation always fits into it."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from msgspec.structs import replace

from federation.documents import (
    ChapterDocument,
    DateState,
    Listing,
    ListingTexts,
    MeetingPoint,
    PointTexts,
    Profile,
    Schedule,
)
from federation.envelope import MAX_PAYLOAD
from federation.payloads import read_document
from federation.payloads import write_document as write
from node.chapter import dates, fitting, publishing, runs
from node.directory import chapters, parsed
from node.errors import InvalidInput
from node.models import HeldDocument

from ...support.network import LocalNode, a_run
from ...support.web_client import Phone, words

TODAY = date(2026, 6, 4)
RULES = {
    "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH": 7,
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH": 14,
    "FREQ=MONTHLY;INTERVAL=1;BYDAY=1TH": 28,
}
LONG = "Where the ice-cream van stands in summer. " * 20
NAMES = some.text(some.sampled_from('aé"\\\U0001f3c3'), min_size=1, max_size=80)


def said(day: date, state: str, elsewhere: bool) -> DateState:
    point = MeetingPoint("Tower Hill " * 7, "Trinity Square " * 13, LONG, 515098, -764) if elsewhere else None
    starts = f"{day + timedelta(days=13)}T19:30" if elsewhere else None
    reason = "weather" if state == "cancelled" else None
    return DateState(f"{day}", state, "2026-06-04T09:00:00Z", reason, "Ice on the steps. " * 16, starts, point)


def a_document(names: list[str], rule: str, worst: bool, texts: str = "") -> ChapterDocument:
    days = [TODAY - timedelta(days=1) + timedelta(days=RULES[rule] * place) for place in range(9)]
    days = [day for day in days if day <= TODAY + timedelta(weeks=8)]
    every = [said(day, "cancelled", elsewhere=place < 2) for place, day in enumerate(days)]
    listings = [
        Listing(
            id=f"{place:08}".translate(str.maketrans("0123456789", "abcdefghij")),
            name=name,
            kind="run-walk",
            schedule=Schedule("America/Argentina/ComodRivadavia", "2026-06-04T18:30", 600, 120, rule),
            meeting_point=MeetingPoint(
                *(name, texts[:200], texts, -515101, -1_799_999, 100_000),
                text_language="en-GB-oxendict",
                translations={"cy": PointTexts(directions=texts)},
            ),
            what_happens=texts,
            text_language="en-GB-oxendict",
            translations={"cy": ListingTexts(what_happens=texts)},
            dates=every if worst else [],
        )
        for place, name in enumerate(names)
    ]
    times = ("2026-06-04T09:00:00Z", "2026-06-06T09:00:00Z", "2026-06-18T09:00:00Z")
    return ChapterDocument("a" * 24, 1, 1_780_000_000, *times, Profile("London", "London", "GB", texts), listings)


@settings(max_examples=60, deadline=None)
@given(some.lists(NAMES, min_size=1, max_size=50), some.sampled_from(sorted(RULES)), some.sampled_from(["", LONG]))
def test_whatever_is_listed_every_cancellation_of_the_worst_day_fits(names: list[str], rule: str, texts: str) -> None:
    assume(fitting.always_fits(a_document(names, rule, worst=False)))
    worst = a_document(names, rule, worst=True, texts=texts)
    document, _ = fitting.fitted(worst)
    assert fitting.size(document) <= MAX_PAYLOAD
    assert [[one.date for one in listing.dates] for listing in document.listings] == [
        [one.date for one in listing.dates] for listing in worst.listings
    ]
    assert {one.state for listing in document.listings for one in listing.dates} == {"cancelled"}
    assert read_document(write(document), ChapterDocument) == document


def test_fifty_usual_weekly_runs_always_fit() -> None:
    names = [f"Thursday evening run, {place:02}" for place in range(50)]
    assert fitting.always_fits(a_document(names, "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH", worst=False))


def test_words_go_before_a_promise_and_a_promise_before_a_move() -> None:
    document = a_document(["Run"] * 50, "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH", worst=True, texts=LONG)
    left = fitting.fitted(document)[1]
    # It has no promise that could be left out.
    assert left == [name for name in fitting.STEPS if name != "promises"][: len(left)]
    assert left[:4] == ["languages", "notes", "words", "directions"]


def test_a_promise_elsewhere_that_is_left_out_leaves_where_it_was_moved_to() -> None:
    document = a_document(["Run"], "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH", worst=False)
    promised = said(TODAY, "confirmed", elsewhere=True)
    listing = document.listings[0]
    full = replace(document, listings=[replace(listing, dates=[promised])])
    (left,) = fitting.STEPS["promises"](full).listings[0].dates
    assert (left.state, left.starts, left.meeting_point) == ("moved", promised.starts, promised.meeting_point)


@pytest.fixture
def full(london: LocalNode) -> LocalNode:
    """45 runs. 71 of their dates are moved, with long texts."""
    point = MeetingPoint("Tower Hill " * 7, "Trinity Square " * 13, LONG, 515098, -764)
    for place in range(45):
        words = {"directions": "By the steps. " * 20, "what_happens": "We run. " * 20}
        run = london.announce(a_run(name=f"Run {place}", **words))
        if place >= 36:
            continue
        for week in range(2):
            day = TODAY + timedelta(weeks=week)
            with london.session() as session:
                moved = datetime.fromisoformat(f"{day}T19:30")
                now = london.clock.tick(seconds=1)
                dates.move(session, london.settings, run.id, day, moved, point, "We mend. " * 30, now)
    return london


def test_with_45_runs_and_71_long_moves_a_cancellation_fits_and_the_lead_reads_what_is_left_out(
    full: LocalNode,
) -> None:
    with full.session() as session:
        last = runs.all_runs(session)[-1].id
        for week in range(8):
            day = TODAY + timedelta(weeks=week)
            dates.cancel(session, full.settings, last, day, "weather", "Ice", full.clock.tick(seconds=1))
    with full.session() as session:
        document = parsed.document_of(session.get(HeldDocument, chapters.own_id(session)))
    assert document is not None
    signed = {one.date for one in next(one for one in document.listings if one.id == last).dates}
    assert signed == {f"{TODAY + timedelta(weeks=week)}" for week in range(8)}
    page = words(Phone(full).sign_in().get("/lead"))
    assert "Your list is so full that part of it is left out" in page
    assert "notes on dates and pauses" in page


def test_a_usual_chapters_board_says_of_nothing_that_it_is_left_out(london: LocalNode) -> None:
    london.announce(a_run())
    assert "so full" not in words(Phone(london).sign_in().get("/lead"))
    with london.session() as session:
        assert publishing.left_out(session, london.clock()) == []


def test_a_run_for_whose_cancellations_there_is_no_room_is_refused(london: LocalNode) -> None:
    def announce_many() -> None:
        for _ in range(runs.MAX_RUNS):
            london.announce(a_run(name="\U0001f3c3" * 80, point_name="\U0001f3c3" * 80))

    with pytest.raises(InvalidInput) as refused:
        announce_many()
    assert refused.value.problems == {"name": "too_many"}
