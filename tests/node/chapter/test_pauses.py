"""A pause of a run or of the chapter: every node shows it, no promise survives it, and resuming ends it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from federation.documents import MeetingPoint
from node.chapter import dates, pauses, take_over
from node.database import writing
from node.directory import chapters, listings, parsed
from node.directory.listings import Occurrence
from node.errors import InvalidInput
from node.models import Chapter, HeldDocument, Run

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run

THURSDAY = date(2026, 6, 4)
BACK = date(2026, 6, 12)


def pause(node: LocalNode, run_id: str | None, **changes: Any) -> None:
    values: dict[str, Any] = {"since": date(2026, 6, 1), "back_on": BACK, "note": "We mend the steps."} | changes
    with node.session() as session:
        pauses.pause(session, node.settings, run_id, now=node.clock.tick(minutes=1), **values)


def resume(node: LocalNode, run_id: str | None) -> None:
    with node.session() as session:
        pauses.resume(session, node.settings, run_id, node.clock.tick(minutes=1))


def own_id(node: LocalNode) -> str:
    with node.session() as session:
        return str(chapters.own_id(session))


def coming(node: LocalNode, run: Run, reader: LocalNode | None = None) -> list[Occurrence]:
    with (reader or node).session() as session:
        return listings.listing(session, own_id(node), run.id, node.clock()).coming[:3]


def test_s7_5_the_dates_of_a_pause_are_paused_and_the_next_is_not(london: LocalNode, run: Run) -> None:
    pause(london, run.id)
    found = coming(london, run)
    assert [(one.paused, one.is_on) for one in found] == [(True, False), (True, False), (False, True)]
    assert found[0].pause is not None
    assert (found[0].pause.back_on, found[0].pause.note) == ("2026-06-12", "We mend the steps.")


def test_s7_5_a_pause_without_an_end_lasts(london: LocalNode, run: Run) -> None:
    pause(london, run.id, back_on=None)
    assert all(one.paused for one in coming(london, run))


@pytest.mark.parametrize("whole_chapter", [True, False])
def test_a_pause_stands_on_every_node_and_resuming_ends_it_there(
    federation: LocalFederation, whole_chapter: bool
) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.settle()
    pause(london, None if whole_chapter else run.id)
    federation.relay(london)
    assert [one.paused for one in coming(london, run, brisbane)] == [True, True, False]
    with brisbane.session() as session:
        view = listings.chapter(session, own_id(london), federation.clock())
    assert (view.pause is not None) == whole_chapter
    assert view.listings[0].pause is not None
    resume(london, None if whole_chapter else run.id)
    federation.relay(london)
    assert [one.paused for one in coming(london, run, brisbane)] == [False, False, False]


def test_a_pause_takes_promises_back_and_they_stay_back(london: LocalNode, run: Run) -> None:
    for day in (THURSDAY, THURSDAY + timedelta(weeks=2)):
        with london.session() as session:
            dates.confirm(session, london.settings, run.id, day, london.clock.tick(minutes=1))
    pause(london, run.id)
    resume(london, run.id)
    assert [one.state for one in coming(london, run)] == ["unconfirmed", "unconfirmed", "confirmed"]


def test_a_promise_that_a_pause_takes_back_was_given_for_a_moved_date_and_that_stays_moved(
    london: LocalNode, run: Run
) -> None:
    day, later = date(2026, 6, 4), datetime.fromisoformat("2026-06-04T19:00")
    with london.session() as session:
        dates.move(session, london.settings, run.id, day, later, None, "", london.clock())
        dates.confirm(session, london.settings, run.id, day, london.clock())
    pause(london, run.id)
    resume(london, run.id)
    first = coming(london, run)[0]
    assert (first.state, first.starts.hour, first.paused) == ("moved", 19, False)


def test_s7_5_a_cancelled_date_of_a_pause_stays_cancelled(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "lead", "", london.clock.tick(minutes=1))
    pause(london, run.id)
    assert coming(london, run)[0].state == "cancelled"


def test_the_same_pause_again_signs_nothing(london: LocalNode, run: Run) -> None:
    for act in (pause, resume):
        act(london, run.id)
        with london.session() as session:
            signed = session.get_one(Chapter, 1).last_digest
        act(london, run.id)
        with london.session() as session:
            assert session.get_one(Chapter, 1).last_digest == signed


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"since": date(2026, 5, 31)}, {"since": "range"}),
        ({"since": date(2028, 1, 1)}, {"since": "range", "back_on": "before_start"}),
        ({"back_on": date(2026, 6, 1)}, {"back_on": "before_start"}),
        ({"back_on": date(9999, 12, 31)}, {"back_on": "range"}),
        ({"note": "Write to sam@example.org"}, {"note": "personal"}),
        ({"note": "x" * 301}, {"note": "too_long"}),
    ],
)
def test_a_pause_that_cannot_be_is_refused(
    london: LocalNode, run: Run, changes: dict[str, Any], problem: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        pause(london, run.id, **changes)
    assert refused.value.problems == problem
    assert not coming(london, run)[0].paused


def test_a_pause_that_is_over_is_not_listed_any_more(london: LocalNode, run: Run) -> None:
    pause(london, run.id)
    london.clock.tick(days=13)
    with london.session() as session:
        assert not pauses.is_coming(session.get_one(Run, run.id), london.clock())
    pause(london, None, since=date(2026, 6, 20), back_on=None)
    with london.session() as session:
        document = parsed.document_of(session.get(HeldDocument, own_id(london)))
    assert document is not None
    assert (document.listings[0].pause, document.profile.pause is not None) == (None, True)


def test_a_restore_un_pauses_and_un_moves_nothing(london: LocalNode, run: Run) -> None:
    pause(london, run.id)
    pause(london, None, since=date(2026, 6, 20), back_on=None)
    with london.session() as session:
        dates.move(
            session,
            london.settings,
            run.id,
            date(2026, 6, 18),
            None,
            MeetingPoint("Tower Hill", "", "", 515098, -764, 4_040),
            "",
            london.clock.tick(minutes=1),
        )
        document = parsed.document_of(session.get(HeldDocument, own_id(london)))
    resume(london, run.id)
    resume(london, None)
    with london.session() as session:
        dates.undo(session, london.settings, run.id, date(2026, 6, 18), london.clock.tick(minutes=1))
    assert document is not None
    with london.session() as session, writing(session):
        take_over.take_over(session, document, london.clock())
    with london.session() as session:
        row, chapter = session.get_one(Run, run.id), session.get_one(Chapter, 1)
        assert (row.paused_since, row.back_on, row.pause_note) == (date(2026, 6, 1), BACK, "We mend the steps.")
        assert (chapter.paused_since, chapter.back_on) == (date(2026, 6, 20), None)
        moved = next(view for view in dates.coming(session, row, london.clock()) if view.day == date(2026, 6, 18))
        assert (moved.state, moved.point) == ("moved", MeetingPoint("Tower Hill", "", "", 515098, -764, 4_040))
