"""What a lead says of one date: confirm, cancel, move, undo."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import DateState, MeetingPoint
from node.chapter import dates, publishing, runs, series
from node.chapter.profile import edit_profile
from node.database import writing
from node.directory import chapters, parsed
from node.errors import InvalidInput, NotFound
from node.input.stale_pages import StalePage
from node.models import HeldDocument, Run, RunDate

from ...support.network import LONDON, LocalNode, a_run
from ...support.taps import THURSDAY, cancel, confirm, undo


def signed_dates(node: LocalNode) -> list[DateState]:
    with node.session() as session:
        document = parsed.document_of(session.get(HeldDocument, chapters.own_id(session)))
        assert document is not None
        return document.listings[0].dates


def signed(node: LocalNode) -> list[tuple[str, str]]:
    return [(said.date, said.state) for said in signed_dates(node)]


def digest(node: LocalNode) -> str | None:
    with node.session() as session:
        return session.get_one(HeldDocument, chapters.own_id(session)).digest


def mark(node: LocalNode, run: Run) -> str:
    """The mark of the next date, as a page that is drawn now has it."""
    return coming(node, run)[0].mark


def coming(node: LocalNode, run: Run) -> list[dates.DateView]:
    with node.session() as session:
        return dates.coming(session, session.get_one(Run, run.id), node.clock())


def test_a_cancelled_date_stands_in_the_signed_document(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    said = signed_dates(london)
    assert [(d.date, d.state, d.reason, d.note) for d in said] == [("2026-06-04", "cancelled", "weather", "Ice")]


def test_a_confirmed_date_stands_in_the_signed_document(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    assert signed(london) == [("2026-06-04", "confirmed")]


def test_a_tap_is_signed_floored_to_a_quarter_of_an_hour(london: LocalNode, run: Run) -> None:
    london.clock.now = datetime(2026, 6, 2, 3, 11, tzinfo=UTC)
    confirm(london, run)
    assert signed_dates(london)[0].at == "2026-06-02T03:00:00Z"


@pytest.mark.parametrize("act", [confirm, cancel])
def test_the_same_tap_again_signs_nothing(london: LocalNode, run: Run, act: Callable[[LocalNode, Run], None]) -> None:
    act(london, run)
    before = digest(london)
    act(london, run)
    assert digest(london) == before


def test_the_same_tap_again_keeps_what_undo_restores(london: LocalNode, run: Run) -> None:
    move(london, run, local("2026-06-04T19:30"))
    cancel(london, run)
    cancel(london, run)
    undo(london, run)
    assert signed(london) == [("2026-06-04", "moved")]


def test_a_cancellation_with_other_words_is_signed_again(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    cancel(london, run, reason="lead", note="I am ill")
    assert (signed_dates(london)[0].reason, signed_dates(london)[0].note) == ("lead", "I am ill")


def test_undo_of_the_first_tap_leaves_nothing_said(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    undo(london, run)
    assert signed(london) == []
    with london.session() as session:
        assert session.scalars(select(RunDate)).all() == []


def test_undo_restores_the_words_that_stood_before(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    confirm(london, run)
    undo(london, run)
    assert (signed_dates(london)[0].state, signed_dates(london)[0].note) == ("cancelled", "Ice")


def test_undo_from_an_old_page_never_turns_a_cancellation_into_a_promise(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    old = mark(london, run)
    cancel(london, run)
    with pytest.raises(StalePage):
        undo(london, run, saw=old)
    assert signed(london) == [("2026-06-04", "cancelled")]


def edit(node: LocalNode, run: Run, **changes: Any) -> bool:
    with node.session() as session:
        return series.edit(session, node.settings, run.id, a_run(**changes), node.clock.tick(minutes=1))


@pytest.mark.parametrize("change", [{"starts_at": time(20, 0)}, {"lat_e4": 515942}, {"point_name": "Elsewhere"}])
def test_a_new_time_or_place_takes_confirmations_back(london: LocalNode, run: Run, change: dict[str, Any]) -> None:
    confirm(london, run)
    confirm(london, run, date(2026, 7, 2))
    assert edit(london, run, **change)
    assert signed(london) == [("2026-06-04", "moved"), ("2026-06-11", "moved"), ("2026-07-02", "moved")]


def test_a_new_time_or_place_keeps_cancellations(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    assert edit(london, run, starts_at=time(20, 0))
    assert signed(london) == [("2026-06-04", "cancelled"), ("2026-06-11", "moved")]


def test_other_words_keep_confirmations(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    assert not edit(london, run, bring="A torch")
    assert signed(london) == [("2026-06-04", "confirmed")]


def test_a_double_tap_announces_one_run_but_another_run_from_the_same_form_is_a_second(london: LocalNode) -> None:
    with london.session() as session:
        for changes in ({}, {}, {"name": "Sunday stroll"}):
            runs.announce(session, london.settings, a_run(**changes), "form-1", london.clock.tick(seconds=5))
        assert [run.name for run in runs.all_runs(session)].count("Thursday evening run") == 1
        assert "Sunday stroll" in [run.name for run in runs.all_runs(session)]


def test_a_second_withdrawal_changes_nothing(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        series.withdraw(session, london.settings, run.id, london.clock.tick(minutes=1))
    before = digest(london)
    with london.session() as session:
        series.withdraw(session, london.settings, run.id, london.clock.tick(minutes=1))
    assert digest(london) == before


@pytest.mark.parametrize("name", ["localtime", "Factory", "posix/Europe/London", "Europe/Nowhere"])
def test_a_zone_that_is_not_the_same_everywhere_is_refused(london: LocalNode, name: str) -> None:
    with pytest.raises(InvalidInput, match="unknown_zone"):
        london.announce(a_run(timezone=name))


@pytest.mark.parametrize("country", ["UK", "ZZ", "gb", ""])
def test_a_country_that_iso_3166_does_not_list_is_refused(london: LocalNode, country: str) -> None:
    with london.session() as session, pytest.raises(InvalidInput, match="unknown_country"):
        edit_profile(session, london.settings, replace(LONDON, country=country), london.clock())


def test_a_second_undo_changes_nothing(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    confirm(london, run)
    undo(london, run)
    before = digest(london)
    undo(london, run)
    assert (signed(london), digest(london)) == ([("2026-06-04", "cancelled")], before)


def test_undo_of_what_was_never_said_changes_nothing(london: LocalNode, run: Run) -> None:
    before = digest(london)
    undo(london, run)
    assert digest(london) == before


def test_a_lead_sees_what_can_be_undone(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    assert [(view.state, view.can_undo) for view in coming(london, run)[:2]] == [
        ("confirmed", True),
        ("unconfirmed", False),
    ]
    cancel(london, run)
    undo(london, run)
    assert not coming(london, run)[0].can_undo


def test_a_date_that_is_not_one_of_the_runs_is_refused(london: LocalNode, run: Run) -> None:
    with pytest.raises(NotFound):
        confirm(london, run, date(2026, 6, 5))


def test_the_last_date_within_eight_weeks_can_be_cancelled(london: LocalNode, run: Run) -> None:
    cancel(london, run, date(2026, 7, 23))
    assert signed(london) == [("2026-07-23", "cancelled")]


def test_a_date_more_than_eight_weeks_ahead_is_refused(london: LocalNode, run: Run) -> None:
    with pytest.raises(InvalidInput) as caught:
        cancel(london, run, date(2026, 7, 30))
    assert caught.value.problems == {"day": "range"}


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_date_at_the_ends_of_the_calendar_is_refused(london: LocalNode, run: Run, day: date) -> None:
    with pytest.raises(InvalidInput):
        confirm(london, run, day)


def test_a_date_can_be_cancelled_while_it_is_on(london: LocalNode, run: Run) -> None:
    london.clock.now = datetime(2026, 6, 4, 18, 20, tzinfo=UTC)
    cancel(london, run)
    assert signed(london) == [("2026-06-04", "cancelled")]


def test_a_date_that_is_over_is_refused(london: LocalNode, run: Run) -> None:
    london.clock.now = datetime(2026, 6, 4, 18, 30, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        cancel(london, run)


def test_a_run_past_midnight_can_be_cancelled_until_it_ends(london: LocalNode) -> None:
    late = london.announce(a_run(starts_at=time(23, 30)))
    london.clock.now = datetime(2026, 6, 4, 23, 10, tzinfo=UTC)
    cancel(london, late)
    assert signed(london) == [("2026-06-04", "cancelled")]


@pytest.mark.parametrize("note", ["Ask sam@example.org", "https://example.org", "Ring 07700 900 123"])
def test_a_note_with_a_way_to_reach_a_person_is_refused(london: LocalNode, run: Run, note: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        cancel(london, run, note=note)
    assert caught.value.problems == {"note": "personal"}
    assert signed(london) == []


def test_a_note_that_is_too_long_is_refused(london: LocalNode, run: Run) -> None:
    with pytest.raises(InvalidInput):
        cancel(london, run, note="x" * 301)


def test_a_cancellation_needs_a_reason_of_the_list(london: LocalNode, run: Run) -> None:
    with pytest.raises(InvalidInput) as caught:
        cancel(london, run, reason="hangover")
    assert caught.value.problems == {"reason": "required"}


def test_a_cancellation_needs_no_note(london: LocalNode, run: Run) -> None:
    cancel(london, run, note="  ")
    assert signed_dates(london)[0].note is None


def sign_again(session: Session, node: LocalNode) -> None:
    with writing(session):
        publishing.publish(session, node.settings, node.clock(), urgent=False)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 6, 4, 22, 0, tzinfo=UTC), [("2026-06-04", "cancelled")]),
        (datetime(2026, 6, 5, 22, 0, tzinfo=UTC), [("2026-06-04", "cancelled")]),
        (datetime(2026, 6, 6, 9, 0, tzinfo=UTC), []),
    ],
)
def test_a_late_cancellation_stays_signed_until_its_date_has_passed_everywhere(
    london: LocalNode, run: Run, now: datetime, expected: list[tuple[str, str]]
) -> None:
    london.clock.now = datetime(2026, 6, 4, 17, 25, tzinfo=UTC)
    cancel(london, run)
    london.clock.now = now
    with london.session() as session:
        sign_again(session, london)
    assert signed(london) == expected


def test_nothing_can_be_said_of_a_withdrawn_run(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    with london.session() as session:
        series.withdraw(session, london.settings, run.id, london.clock.tick(minutes=1))
    for act in (confirm, undo):
        with pytest.raises(NotFound):
            act(london, run)


def test_eight_weeks_of_dates_are_offered_to_a_lead(london: LocalNode, run: Run) -> None:
    assert [view.day for view in coming(london, run)] == [THURSDAY + timedelta(weeks=week) for week in range(8)]


def test_a_run_that_went_to_other_weekdays_says_every_cancellation_as_far_as_there_is_room(
    london: LocalNode, run: Run
) -> None:
    for first in (THURSDAY, date(2026, 6, 5), date(2026, 6, 6)):
        with london.session() as session:
            series.edit(session, london.settings, run.id, a_run(starts_on=first), london.clock.tick(minutes=1))
        for week in range(8):
            cancel(london, run, first + timedelta(weeks=week))
    first = [THURSDAY + timedelta(weeks=week, days=day) for week in range(6) for day in range(2)]
    saturdays = [date(2026, 6, 6) + timedelta(weeks=week) for week in range(8)]
    assert signed(london) == [(f"{day}", "cancelled") for day in sorted(first + saturdays)]


def move(
    node: LocalNode, run: Run, starts: datetime | None = None, point: MeetingPoint | None = None, note: str = ""
) -> None:
    with node.session() as session:
        dates.move(session, node.settings, run.id, THURSDAY, starts, point, note, node.clock.tick(minutes=1))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_s16_no_document_tells_in_which_minute_it_was_signed(london: LocalNode, run: Run) -> None:
    london.clock.now = datetime(2026, 6, 2, 3, 11, 7, tzinfo=UTC)
    confirm(london, run)
    versions = []
    for act in (confirm, cancel):
        act(london, run)
        with london.session() as session:
            document = parsed.document_of(session.get(HeldDocument, chapters.own_id(session)))
        assert document is not None
        versions.append(document.version)
        assert document.issued == "2026-06-02T03:00:00Z"
    floored = int(datetime(2026, 6, 2, 3, 0, tzinfo=UTC).timestamp())
    assert versions == [floored, floored + 1]
