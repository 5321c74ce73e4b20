"""Anybody's listings as pages read them: states that grow stale, chapters that go, and how old it all is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select

from node.chapter import publishing, series
from node.database import writing
from node.directory import chapters, listings
from node.errors import NotFound
from node.models import HeldDocument, HeldListing, RegistryChapter

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.taps import THURSDAY, cancel, confirm

FRESH = timedelta(hours=48)
LIFE = timedelta(days=14)


def chapter_id(node: LocalNode) -> str:
    with node.session() as session:
        found = chapters.own_id(session)
        assert found is not None
        return found


def view(node: LocalNode, chapter: str | None = None) -> listings.ChapterView:
    with node.session() as session:
        return listings.chapter(session, chapter or chapter_id(node), node.clock())


def coming(node: LocalNode, chapter: str | None = None) -> list[listings.Occurrence]:
    """The dates of the chapter's only run."""
    (listing,) = view(node, chapter).listings
    return listing.coming


def on_any_day(node: LocalNode, start: date, end: date) -> list[listings.Occurrence]:
    with node.session() as session:
        rows = session.scalars(select(HeldListing.row)).all()
        return listings.occurrences_of(session, rows, start, end, node.clock())


def set_status(node: LocalNode, status: str) -> None:
    with node.session() as session, writing(session):
        session.merge(
            RegistryChapter(
                chapter=chapter_id(node),
                root_version=1,
                root_digest="",
                status=status,
                since=node.clock(),
                replaces=None,
            )
        )


def fresh_until(node: LocalNode) -> datetime:
    """48 hours after what the document says of its hour, which is not the minute of the tap (§16)."""
    with node.session() as session:
        return session.scalars(select(HeldDocument.fresh_until)).one()


def heard(node: LocalNode, at: datetime | None, chapter: str) -> datetime:
    """What a page says, if the chapter's own host answered last at `at`."""
    with node.session() as session, writing(session):
        session.get_one(HeldDocument, chapter).heard_at = at
    return view(node, chapter).freshness.heard_at


@pytest.fixture
def brisbane(federation: LocalFederation) -> tuple[LocalNode, str]:
    """London's node, which holds Brisbane's document, and Brisbane's id."""
    london = federation.add_chapter(LONDON)
    other = federation.add_chapter(BRISBANE)
    other.announce(a_run(timezone="Australia/Brisbane"))
    federation.settle()
    return london, other.chapter_id


def test_a_date_of_which_nothing_was_said_is_unconfirmed(london: LocalNode) -> None:
    london.announce(a_run())
    assert coming(london)[0].state == "unconfirmed"


def test_a_confirmed_date_is_confirmed_while_its_document_is_fresh(london: LocalNode) -> None:
    confirm(london, london.announce(a_run()).id)
    london.clock.now = fresh_until(london)
    assert coming(london)[0].state == "confirmed"


def test_a_confirmed_date_is_unconfirmed_once_its_document_is_not_fresh(london: LocalNode) -> None:
    confirm(london, london.announce(a_run()).id)
    london.clock.now = fresh_until(london) + timedelta(seconds=1)
    assert (coming(london)[0].state, view(london).freshness.is_fresh) == ("unconfirmed", False)


def test_a_cancelled_date_stays_cancelled_however_old_the_news(london: LocalNode) -> None:
    cancel(london, london.announce(a_run()).id, date(2026, 6, 11))
    london.clock.tick(days=9)
    assert (coming(london)[0].state, coming(london)[0].reason, coming(london)[0].note) == (
        "cancelled",
        "weather",
        "Ice",
    )


def test_a_cancelled_date_is_not_on(london: LocalNode) -> None:
    cancel(london, london.announce(a_run()).id)
    assert [one.is_on for one in coming(london)[:2]] == [False, True]


def test_eight_weeks_of_dates_are_shown_the_next_first(london: LocalNode) -> None:
    london.announce(a_run())
    assert [one.day for one in coming(london)] == [THURSDAY + timedelta(weeks=week) for week in range(8)]


def test_a_date_says_when_to_arrive_and_when_it_ends(london: LocalNode) -> None:
    london.announce(a_run(arrive_minutes_before=15, duration_minutes=75))
    first = coming(london)[0]
    assert [f"{moment:%H:%M}" for moment in (first.arrive, first.starts, first.ends)] == ["18:15", "18:30", "19:45"]


def test_a_date_that_has_ended_is_gone(london: LocalNode) -> None:
    london.announce(a_run())
    london.clock.now = datetime.fromisoformat("2026-06-04T18:30:00+00:00")
    assert coming(london)[0].day == THURSDAY + timedelta(weeks=1)


def test_an_expired_chapters_listings_go_and_it_says_that_it_is_gone(london: LocalNode) -> None:
    london.announce(a_run())
    london.clock.tick(seconds=LIFE.total_seconds())
    assert (view(london).gone, view(london).listings) == (True, [])


def test_an_expired_chapters_dates_go(london: LocalNode) -> None:
    london.announce(a_run())
    london.clock.tick(seconds=LIFE.total_seconds() - 1)
    assert on_any_day(london, THURSDAY, date(2026, 7, 1))
    london.clock.tick(seconds=1)
    assert on_any_day(london, THURSDAY, date(2026, 7, 1)) == []


def test_an_expired_chapters_listing_is_neither_withdrawn_nor_unknown(london: LocalNode) -> None:
    run = london.announce(a_run())
    london.clock.tick(seconds=LIFE.total_seconds())
    with london.session() as session, pytest.raises(listings.Expired, match="London"):
        listings.listing(session, chapter_id(london), run.id, london.clock())


def test_a_run_that_has_begun_is_not_on(london: LocalNode) -> None:
    run = london.announce(a_run())
    london.clock.now = datetime(2026, 6, 4, 9, 0, tzinfo=UTC)
    confirm(london, run.id)
    london.clock.now = datetime(2026, 6, 4, 17, 45, tzinfo=UTC)
    with london.session() as session:
        first = listings.listing(session, chapter_id(london), run.id, london.clock()).coming[0]
    assert (first.state, first.begun, first.is_on) == ("confirmed", True, False)


def test_a_date_five_months_ahead_can_be_looked_at(london: LocalNode) -> None:
    run = london.announce(a_run())
    with london.session() as session:
        found = listings.on_day(session, chapter_id(london), run.id, date(2026, 11, 5), london.clock())
        none = listings.on_day(session, chapter_id(london), run.id, date(2026, 11, 6), london.clock())
    assert found is not None
    assert found.starts.isoformat() == "2026-11-05T18:30:00+00:00"
    assert none is None


def test_a_withdrawn_listing_says_so(london: LocalNode) -> None:
    run = london.announce(a_run())
    with london.session() as session:
        series.withdraw(session, london.settings, run.id, london.clock.tick(minutes=1))
        found = listings.listing(session, chapter_id(london), run.id, london.clock())
        assert [one.state for one in found.coming] == ["cancelled", "cancelled"]
        publishing.resign_if_due(session, london.settings, london.clock.tick(days=12))
        with pytest.raises(listings.Withdrawn):
            listings.listing(session, chapter_id(london), run.id, london.clock())


def test_a_chapter_nobody_knows_is_not_found(london: LocalNode) -> None:
    with london.session() as session, pytest.raises(NotFound) as caught:
        listings.chapter(session, "a" * 24, london.clock())
    assert not isinstance(caught.value, listings.Withdrawn)


def test_a_paused_chapter_is_shown_as_paused_and_nothing_of_it_is_on(london: LocalNode) -> None:
    confirm(london, london.announce(a_run()).id)
    set_status(london, "paused")
    first = coming(london)[0]
    assert (view(london).paused, first.paused, first.is_on) == (True, True, False)


@pytest.mark.parametrize("status", ["suspended", "dropped", "left"])
def test_a_chapter_that_hq_does_not_list_is_not_found(london: LocalNode, status: str) -> None:
    london.announce(a_run())
    set_status(london, status)
    assert on_any_day(london, THURSDAY, THURSDAY) == []
    with pytest.raises(NotFound):
        view(london)


def test_our_own_chapter_is_heard_now(london: LocalNode) -> None:
    assert view(london).freshness.heard_at == london.clock()
    london.clock.tick(days=3)
    assert view(london).freshness.heard_at == london.clock()


def test_another_chapter_was_heard_when_it_signed(brisbane: tuple[LocalNode, str]) -> None:
    london, other = brisbane
    signed = london.clock()
    london.clock.tick(hours=5)
    assert heard(london, None, other) == signed


def test_another_chapter_was_heard_when_its_host_answered_last(brisbane: tuple[LocalNode, str]) -> None:
    london, other = brisbane
    answered = london.clock.tick(hours=5)
    london.clock.tick(hours=5)
    assert heard(london, answered, other) == answered


def test_an_answer_before_the_signature_does_not_count(brisbane: tuple[LocalNode, str]) -> None:
    london, other = brisbane
    signed = london.clock()
    assert heard(london, signed - timedelta(hours=1), other) == signed


def test_a_signature_ahead_of_our_clock_counts_as_now(brisbane: tuple[LocalNode, str]) -> None:
    london, other = brisbane
    london.clock.tick(hours=-2)
    assert heard(london, None, other) == london.clock()


def test_an_answer_does_not_make_an_old_document_fresh(brisbane: tuple[LocalNode, str]) -> None:
    london, other = brisbane
    heard(london, london.clock.tick(seconds=FRESH.total_seconds() + 1), other)
    assert not view(london, other).freshness.is_fresh


def test_a_run_elsewhere_is_in_its_own_time(brisbane: tuple[LocalNode, str]) -> None:
    london, other = brisbane
    assert str(coming(london, other)[0].starts) == "2026-06-04 18:30:00+10:00"


def test_the_days_of_a_span_are_the_runs_own(brisbane: tuple[LocalNode, str]) -> None:
    london, _ = brisbane
    london.clock.now = datetime.fromisoformat("2026-06-04T07:00:00+00:00")
    assert [one.day for one in on_any_day(london, THURSDAY, THURSDAY)] == [THURSDAY]
    assert on_any_day(london, date(2026, 6, 5), date(2026, 6, 5)) == []


def test_many_listings_cost_the_same_few_queries(london: LocalNode) -> None:
    for _ in range(20):
        london.announce(a_run())
    asked: list[str] = []
    event.listen(london.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert len(on_any_day(london, THURSDAY, THURSDAY)) == 20
    assert len(asked) < 10
