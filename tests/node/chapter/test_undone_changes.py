"""A change or an end of a run that is taken back brings no promise back."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select

from node.chapter import leads, pauses, publishing, series
from node.database import writing
from node.errors import InvalidInput
from node.models import HeldRoot, RegistryChapter, Run

from ...support.network import LocalNode, a_run
from ...support.taps import THURSDAY, cancel, confirm, move, tap, undo
from ...support.web_client import Phone, words
from .test_known_dates import JUNE, WEDNESDAY, edit, state_on, view_on
from .test_series import MONUMENT, shown


def pause(node: LocalNode, since: date, back_on: date) -> None:
    with node.session() as session:
        pauses.pause(session, node.settings, None, since, back_on, "", node.clock.tick(minutes=1))


def hq_says(node: LocalNode, status: str) -> None:
    with node.session() as session, writing(session):
        root = session.scalars(select(HeldRoot)).one()
        said = {"root_version": root.version, "root_digest": root.digest, "since": node.clock()}
        session.merge(RegistryChapter(chapter=root.author, status=status, replaces=None, **said))
        session.flush()
        pauses.heed_hq(session)
        publishing.publish(session, node.settings, node.clock.tick(minutes=1), urgent=True)


def test_what_was_held_as_announced_is_so_again_when_the_run_is_reinstated(london: LocalNode, run: Run) -> None:
    edit(london, run, from_day=JUNE[18], starts_at=time(19, 0))
    tap(london, run, series.withdraw)
    tap(london, run, series.reinstate)
    assert shown(london, run, 1) == [("Thu 06-04 18:30", "unconfirmed", MONUMENT, [])]


def test_an_undone_change_hides_no_date_under_a_planned_gap_that_was_moved_since(london: LocalNode, run: Run) -> None:
    edit(london, run, exdates=(JUNE[11],))
    edit(london, run, exdates=())
    move(london, run, "2026-06-20T18:30", JUNE[11])
    tap(london, run, series.undo_edit)
    assert ("Sat 06-20 18:30", "moved", MONUMENT, ["Thu 06-11"]) in shown(london, run, 9)


@pytest.mark.parametrize("moved_first", [True, False])
def test_an_undo_brings_no_promise_back(london: LocalNode, run: Run, moved_first: bool) -> None:
    if moved_first:
        move(london, run, "2026-06-04T19:30", THURSDAY)
    confirm(london, run, THURSDAY)
    cancel(london, run, THURSDAY)
    undo(london, run, THURSDAY)
    assert state_on(london, run, THURSDAY) == ("moved" if moved_first else "unconfirmed")


def test_an_undone_move_brings_no_promise_back_into_a_pause(london: LocalNode, run: Run) -> None:
    confirm(london, run, JUNE[11])
    move(london, run, "2026-06-20T18:30", JUNE[11])
    pause(london, JUNE[10], JUNE[15])
    undo(london, run, JUNE[11])
    with london.session() as session:
        pauses.resume(session, london.settings, None, london.clock.tick(minutes=1))
    assert state_on(london, run, JUNE[11]) == "unconfirmed"


def test_a_move_from_a_day_that_is_over_is_not_undone_and_the_lead_reads_why(london: LocalNode, run: Run) -> None:
    move(london, run, "2026-06-13T19:30", THURSDAY)
    phone = Phone(london).sign_in()
    at = f"/lead/runs/{run.id}/dates/{THURSDAY}/undo"
    london.clock.now = datetime(2026, 6, 9, 9, 0, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        undo(london, run, THURSDAY)
    assert at not in phone.get("/lead").text
    told = words(phone.post(at, data={"seen": view_on(london, run, THURSDAY).mark}, follow_redirects=True))
    assert "Not undone. The original time has passed" in told
    assert state_on(london, run, THURSDAY) == "moved"


def test_an_undone_change_brings_back_no_promise_that_was_taken_back_since(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    edit(london, run, bring="A bottle")
    undo(london, run, THURSDAY)
    tap(london, run, series.undo_edit)
    assert state_on(london, run, THURSDAY) == "unconfirmed"


def test_an_undone_change_of_words_leaves_a_promise_as_it_is(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    edit(london, run, bring="A bottle")
    tap(london, run, series.undo_edit)
    assert state_on(london, run, THURSDAY) == "confirmed"


@pytest.mark.parametrize("change", [{"bring": "A bottle"}, {"starts_at": time(19, 0)}])
def test_an_undone_change_leaves_what_was_moved_since(london: LocalNode, run: Run, change: dict[str, Any]) -> None:
    confirm(london, run, THURSDAY)
    edit(london, run, **change)
    move(london, run, "2026-06-05T19:30", THURSDAY)
    tap(london, run, series.undo_edit)
    assert shown(london, run, 1) == [("Fri 06-05 19:30", "moved", MONUMENT, ["Thu 06-04"])]


def test_an_undone_change_takes_a_promise_back_that_was_given_since_for_its_hour(london: LocalNode, run: Run) -> None:
    edit(london, run, starts_at=time(19, 0))
    confirm(london, run, THURSDAY)
    tap(london, run, series.undo_edit)
    assert shown(london, run, 1) == [("Thu 06-04 18:30", "moved", MONUMENT, [])]


def test_a_cancelled_date_stays_cancelled_for_all_who_were_led_to_it_when_the_change_is_undone(
    london: LocalNode, run: Run
) -> None:
    confirm(london, run, JUNE[11])
    edit(london, run, starts_on=WEDNESDAY)
    cancel(london, run, JUNE[10])
    tap(london, run, series.undo_edit)
    assert [state_on(london, run, JUNE[day]) for day in (10, 11)] == ["cancelled", "cancelled"]


def test_an_undone_change_brings_no_promise_back_that_hq_has_ended(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    edit(london, run, starts_at=time(19, 0))
    hq_says(london, "paused")
    tap(london, run, series.undo_edit)
    hq_says(london, "active")
    assert state_on(london, run, THURSDAY) == "unconfirmed"


def test_a_change_is_undone_though_the_lead_it_had_before_is_gone(london: LocalNode) -> None:
    ada, priya = london.add_lead("Ada"), london.add_lead("Priya")
    run = london.announce(a_run(lead_id=ada.id))
    edit(london, run, lead_id=priya.id, starts_at=time(19, 0))
    with london.session() as session:
        leads.remove(session, london.settings, ada.id, london.clock.tick(minutes=1))
    tap(london, run, series.undo_edit)
    with london.session() as session:
        row = session.get_one(Run, run.id)
        assert (row.starts_at, row.lead_id) == (time(18, 30), None)


def test_a_withdrawn_run_cancels_a_date_that_was_moved_far_ahead_and_lists_it_till_then(
    london: LocalNode, run: Run
) -> None:
    move(london, run, "2026-06-25T19:30", JUNE[11])
    confirm(london, run, JUNE[11])
    tap(london, run, series.withdraw)
    assert [state for _, state, *_ in shown(london, run, 9)] == ["cancelled"] * len(shown(london, run, 9))
    assert state_on(london, run, JUNE[11]) == "cancelled"
    with london.session() as session:
        assert session.get_one(Run, run.id).listed_until == JUNE[25]


def test_a_withdrawn_run_cancels_what_a_change_has_left_as_it_was(london: LocalNode, run: Run) -> None:
    edit(london, run, from_day=date(2026, 7, 10), starts_on=WEDNESDAY)
    confirm(london, run, JUNE[25])
    tap(london, run, series.withdraw)
    assert [state_on(london, run, JUNE[day]) for day in (4, 11, 18, 25)] == ["cancelled"] * 4


def test_a_reinstated_run_has_no_promise_whenever_it_was_given(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    edit(london, run, starts_at=time(19, 0))
    confirm(london, run, date(2026, 7, 2))
    for what in (series.withdraw, series.reinstate, series.undo_edit):
        tap(london, run, what)
        assert "confirmed" not in [state for _, state, *_ in shown(london, run, 9)]


def test_what_was_moved_is_moved_again_when_the_run_is_reinstated(london: LocalNode, run: Run) -> None:
    move(london, run, "2026-06-05T19:30", THURSDAY)
    tap(london, run, series.withdraw)
    tap(london, run, series.reinstate)
    assert shown(london, run, 1) == [("Fri 06-05 19:30", "moved", MONUMENT, ["Thu 06-04"])]
