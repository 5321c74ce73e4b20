"""Dates that people know. No change, undo or end of a run makes one vanish or brings a promise back."""

from dataclasses import replace
from datetime import UTC, date, time
from typing import Any

import pytest

from federation.documents import MeetingPoint
from node.chapter import dates, fitting, listing, runs, series
from node.database import writing
from node.errors import InvalidInput
from node.models import Run, RunDate

from ...support.network import LocalNode
from ...support.taps import THURSDAY, cancel, confirm, move, undo
from ...support.web_client import Phone, words
from ...web.leads.test_runs import TYPED
from .test_series import MONUMENT, on_day, shown

WEDNESDAY = date(2026, 6, 3)


JUNE = {day: date(2026, 6, day) for day in range(1, 31)}


TOWER_HILL = MeetingPoint("Tower Hill", "", "", 515098, -764)


def edit(node: LocalNode, run: Run, from_day: date | None = None, **changes: Any) -> None:
    """Change these values of the run and no others."""
    with node.session() as session:
        to = replace(runs.input_of(session.get_one(Run, run.id)), **changes)
        series.edit(session, node.settings, run.id, to, node.clock.tick(minutes=1), None, from_day)


def state_on(node: LocalNode, run: Run, day: date) -> str:
    """The state that a reader sees who looks for the run on that day."""
    found = on_day(node, run, day)
    return found.state if found else "gone"


def view_on(node: LocalNode, run: Run, day: date) -> dates.DateView:
    with node.session() as session:
        return next(
            view for view in dates.coming(session, session.get_one(Run, run.id), node.clock()) if view.day == day
        )


def test_other_words_touch_no_date_that_an_earlier_change_has_told_of(london: LocalNode, run: Run) -> None:
    edit(london, run, from_day=date(2026, 7, 2), starts_on=WEDNESDAY)
    confirm(london, run, JUNE[18])
    before = shown(london, run, 9)
    edit(london, run, bring="A bottle of water")
    assert shown(london, run, 9) == before
    assert state_on(london, run, JUNE[18]) == "confirmed"


def test_dates_left_from_an_earlier_rule_stay_through_another_change_of_it(london: LocalNode, run: Run) -> None:
    edit(london, run, from_day=date(2026, 7, 2), starts_on=WEDNESDAY)
    edit(london, run, starts_at=time(19, 0))
    assert [when for when, *_ in shown(london, run, 5)] == [
        *("Thu 06-04 18:30", "Thu 06-11 18:30", "Thu 06-18 18:30", "Thu 06-25 18:30", "Wed 07-08 19:00"),
    ]


def test_a_date_before_a_change_is_not_moved_while_its_hour_and_place_are_those_announced(
    london: LocalNode, run: Run
) -> None:
    confirm(london, run, THURSDAY)
    edit(london, run, from_day=JUNE[18], starts_at=time(19, 0))
    found = [on_day(london, run, JUNE[day]) for day in (4, 11, 18)]
    assert [(one.state, one.moved) for one in found if one] == [
        ("confirmed", False), ("unconfirmed", False), ("moved", True)
    ]  # fmt: skip
    assert [(view_on(london, run, JUNE[day]).state, view_on(london, run, JUNE[day]).moved) for day in (4, 11)] == [
        ("confirmed", False), ("unconfirmed", False)
    ]  # fmt: skip


def test_a_date_before_a_change_is_moved_once_a_lead_moves_it(london: LocalNode, run: Run) -> None:
    edit(london, run, from_day=JUNE[18], starts_at=time(19, 0))
    move(london, run, "2026-06-11T20:00", JUNE[11])
    assert (state_on(london, run, JUNE[11]), view_on(london, run, JUNE[11]).moved) == ("moved", True)
    undo(london, run, JUNE[11])
    assert (state_on(london, run, JUNE[11]), view_on(london, run, JUNE[11]).moved) == ("unconfirmed", False)


def test_a_date_before_a_change_can_be_moved_to_the_hour_that_the_run_has_from_then_on(
    london: LocalNode, run: Run
) -> None:
    edit(london, run, from_day=JUNE[18], starts_at=time(19, 0))
    move(london, run, "2026-06-11T19:00", JUNE[11])
    assert ("Thu 06-11 19:00", "moved", MONUMENT, []) in shown(london, run)


@pytest.mark.parametrize("change", [{"starts_at": time(19, 0)}, {"point_name": "Tower Hill", "lat_e4": 515098}])
def test_a_date_before_a_change_is_not_moved_to_where_it_is_held(
    london: LocalNode, run: Run, change: dict[str, Any]
) -> None:
    here = view_on(london, run, JUNE[11]).starts, listing.point_of(run)
    edit(london, run, from_day=JUNE[18], **change)
    with pytest.raises(InvalidInput) as refused:
        move(london, run, f"{here[0]:%Y-%m-%dT%H:%M}", JUNE[11], here[1])
    assert refused.value.problems == {"starts": "required"}
    assert state_on(london, run, JUNE[11]) == "unconfirmed"


def test_a_date_that_was_moved_stays_moved_before_a_change_of_its_run(london: LocalNode, run: Run) -> None:
    move(london, run, "2026-06-11T20:00", JUNE[11])
    edit(london, run, from_day=JUNE[18], starts_at=time(19, 0))
    assert (state_on(london, run, JUNE[11]), view_on(london, run, JUNE[11]).moved) == ("moved", True)


def test_a_date_before_two_changes_is_still_as_it_was_announced(london: LocalNode, run: Run) -> None:
    edit(london, run, from_day=JUNE[18], starts_at=time(19, 0))
    edit(london, run, from_day=JUNE[25], point_name="Tower Hill", lat_e4=515098)
    assert state_on(london, run, JUNE[11]) == "unconfirmed"
    assert shown(london, run, 3)[2] == ("Thu 06-18 19:00", "moved", MONUMENT, [])


def test_a_date_of_an_earlier_rule_that_is_held_as_announced_can_be_cancelled_and_put_back(
    london: LocalNode, run: Run
) -> None:
    edit(london, run, from_day=JUNE[18], starts_on=WEDNESDAY)
    cancel(london, run, JUNE[11])
    assert (state_on(london, run, JUNE[11]), view_on(london, run, JUNE[11]).is_closed) == ("cancelled", False)
    undo(london, run, JUNE[11])
    assert state_on(london, run, JUNE[11]) == "unconfirmed"


def test_a_date_that_was_moved_by_itself_stays_at_its_hour_and_keeps_its_promise(london: LocalNode, run: Run) -> None:
    move(london, run, "2026-06-20T18:30", JUNE[11])
    confirm(london, run, JUNE[11])
    edit(london, run, starts_at=time(19, 0))
    assert ("Sat 06-20 18:30", "confirmed", MONUMENT, ["Thu 06-11"]) in shown(london, run, 9)


def test_a_date_that_was_moved_by_itself_loses_its_promise_where_its_place_is_another(
    london: LocalNode, run: Run
) -> None:
    move(london, run, "2026-06-20T18:30", JUNE[11])
    confirm(london, run, JUNE[11])
    edit(london, run, point_name="Tower Hill", lat_e4=515098)
    assert ("Sat 06-20 18:30", "moved", "Tower Hill", ["Thu 06-11"]) in shown(london, run, 9)


def test_a_date_that_a_change_has_moved_goes_with_the_next_change(london: LocalNode, run: Run) -> None:
    for hour in (19, 20):
        edit(london, run, starts_at=time(hour, 0))
    assert shown(london, run, 1) == [("Thu 06-04 20:00", "moved", MONUMENT, [])]


def test_a_promise_far_ahead_is_not_simply_gone_but_moved_or_cancelled(london: LocalNode, run: Run) -> None:
    confirm(london, run, date(2026, 7, 2))
    edit(london, run, starts_at=time(19, 0))
    assert state_on(london, run, date(2026, 7, 2)) == "moved"
    edit(london, run, until=JUNE[25])
    assert state_on(london, run, date(2026, 7, 2)) == "cancelled"


def test_a_cancellation_far_ahead_outlives_a_rule_that_drops_its_day(london: LocalNode, run: Run) -> None:
    cancel(london, run, date(2026, 7, 2))
    edit(london, run, until=JUNE[25])
    edit(london, run, until=None)
    assert state_on(london, run, date(2026, 7, 2)) == "cancelled"


def test_a_cancellation_under_a_planned_gap_outlives_every_change(london: LocalNode, run: Run) -> None:
    cancel(london, run, JUNE[11])
    edit(london, run, exdates=(JUNE[11],))
    edit(london, run, bring="A bottle")
    edit(london, run, starts_at=time(19, 0))
    edit(london, run, exdates=())
    assert state_on(london, run, JUNE[11]) == "cancelled"


def test_a_promise_under_a_planned_gap_does_not_come_back_with_its_date(london: LocalNode, run: Run) -> None:
    confirm(london, run, JUNE[11])
    edit(london, run, exdates=(JUNE[11],))
    edit(london, run, exdates=())
    assert state_on(london, run, JUNE[11]) == "unconfirmed"


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_a_planned_gap_hides_no_date_that_was_moved_to_another_day(
    london: LocalNode, run: Run, is_cancelled: bool
) -> None:
    move(london, run, "2026-06-20T18:30", JUNE[11])
    if is_cancelled:
        cancel(london, run, JUNE[11])
    response = Phone(london).sign_in().tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"exdates": "2026-06-11"})
    assert response.status_code == 422
    assert "You’ve moved one of these dates to another day. Please cancel it there instead." in words(response)


def test_a_cancelled_date_cancels_those_in_whose_place_it_was_held_when_the_rule_changes(
    london: LocalNode, run: Run
) -> None:
    edit(london, run, starts_on=WEDNESDAY)
    cancel(london, run, JUNE[10])
    edit(london, run, starts_on=JUNE[2])
    assert [state_on(london, run, JUNE[day]) for day in (10, 11)] == ["cancelled", "cancelled"]


def test_another_zone_leaves_the_dates_before_it_at_the_same_instant(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    edit(london, run, from_day=JUNE[11], timezone="America/New_York")
    first = on_day(london, run, THURSDAY)
    assert first is not None
    assert (first.starts.astimezone(UTC).hour, first.state) == (17, "confirmed")


@pytest.mark.parametrize("day", [date.min, date(2026, 5, 31), date(2026, 7, 28), date.max])
def test_a_change_begins_within_the_next_eight_weeks(london: LocalNode, run: Run, day: date) -> None:
    with pytest.raises(InvalidInput) as refused:
        edit(london, run, from_day=day, starts_at=time(19, 0))
    assert refused.value.problems == {"from_day": "range"}


@pytest.mark.parametrize("day", ["0001-01-01", "2026-06-09", "9999-12-31"])
def test_the_form_takes_one_of_the_days_that_it_offers(london: LocalNode, run: Run, day: str) -> None:
    response = Phone(london).sign_in().tap(f"/lead/runs/{run.id}/edit", data=TYPED | {"from_day": day})
    assert response.status_code == 422
    assert "Choose one from the list." in words(response)


def test_a_date_of_an_earlier_rule_that_moves_in_place_only_can_still_be_cancelled(london: LocalNode, run: Run) -> None:
    edit(london, run, from_day=JUNE[12], starts_on=WEDNESDAY)
    move(london, run, "2026-06-11T18:30", JUNE[11], TOWER_HILL)
    confirm(london, run, JUNE[11])
    assert ("Thu 06-11 18:30", "confirmed", "Tower Hill", []) in shown(london, run)
    cancel(london, run, JUNE[11])
    assert state_on(london, run, JUNE[11]) == "cancelled"
    undo(london, run, JUNE[11])
    assert state_on(london, run, JUNE[11]) == "moved"


def test_a_date_of_an_earlier_rule_that_an_older_program_moved_in_place_can_be_promised_and_cancelled(
    london: LocalNode, run: Run
) -> None:
    edit(london, run, from_day=JUNE[12], starts_on=WEDNESDAY)
    move(london, run, "2026-06-11T18:30", JUNE[11], TOWER_HILL)
    with london.session() as session, writing(session):
        session.get_one(RunDate, (run.id, JUNE[11])).starts = None
    confirm(london, run, JUNE[11])
    assert state_on(london, run, JUNE[11]) == "confirmed"
    cancel(london, run, JUNE[11])
    assert state_on(london, run, JUNE[11]) == "cancelled"


def test_a_promise_for_an_hour_of_its_own_is_not_left_out_for_twenty_moves(run: Run) -> None:
    def row(state: str, day: date, starts: str | None = None) -> RunDate:
        return RunDate(run_id=run.id, day=day, state=state, starts=starts)

    rows = [row("moved", JUNE[day]) for day in range(1, 21)] + [row("confirmed", JUNE[25], "2026-06-26T19:30")]
    kept = fitting.most_telling(rows, lambda one: one.day == JUNE[25], 20)
    assert JUNE[25] in [one.day for one in kept]
