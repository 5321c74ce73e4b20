"""A date is moved to another time or place."""

from typing import Any

import msgspec
import pytest

from federation.documents import MeetingPoint
from node.chapter import listing, publishing, series
from node.errors import InvalidInput
from node.models import Run

from ...support.network import LocalNode, a_run
from ...support.taps import THURSDAY, cancel, confirm, undo
from .test_dates import coming, digest, local, move, signed, signed_dates

TOWER_HILL = MeetingPoint("Tower Hill", "Trinity Square", "At the garden gate.", 515098, -764)


def test_a_date_is_moved_to_another_time_and_place(london: LocalNode, run: Run) -> None:
    move(london, run, local("2026-06-05T19:00"), TOWER_HILL, "The square is closed.")
    (said,) = signed_dates(london)
    assert (said.date, said.state, said.starts, said.note) == (
        "2026-06-04", "moved", "2026-06-05T19:00", "The square is closed.",
    )  # fmt: skip
    assert said.meeting_point == TOWER_HILL
    view = coming(london, run)[0]
    assert (view.day, view.state, view.moved, view.point) == (THURSDAY, "moved", True, TOWER_HILL)
    assert view.starts.isoformat() == "2026-06-05T19:00:00+01:00"


def test_a_point_that_is_known_more_exactly_is_no_other_place(london: LocalNode, run: Run) -> None:
    nearer = msgspec.structs.replace(listing.point_of(run), precision_m=40)
    with pytest.raises(InvalidInput) as refused:
        move(london, run, point=nearer)
    assert refused.value.problems == {"starts": "required"}


def test_a_run_whose_point_is_known_more_exactly_says_so_and_moves_nobody(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    with london.session() as session:
        series.edit(session, london.settings, run.id, a_run(precision_m=40), london.clock.tick(minutes=1))
    assert signed(london) == [("2026-06-04", "confirmed")]
    with london.session() as session:
        document = publishing.build(session, london.clock())
    assert document.listings[0].meeting_point.precision_m == 40


def test_a_move_takes_a_promise_back_and_a_new_one_is_for_the_new_hour(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    move(london, run, local("2026-06-04T19:30"))
    assert signed(london) == [("2026-06-04", "moved")]
    confirm(london, run)
    (said,) = signed_dates(london)
    assert (said.state, said.starts) == ("confirmed", "2026-06-04T19:30")


def test_undo_of_a_move_restores_what_stood_before(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    move(london, run, local("2026-06-04T19:30"))
    undo(london, run)
    (said,) = signed_dates(london)
    assert (said.state, said.note, said.starts) == ("cancelled", "Ice", None)


def test_a_moved_date_that_is_cancelled_and_undone_is_moved_again(london: LocalNode, run: Run) -> None:
    move(london, run, point=TOWER_HILL)
    cancel(london, run)
    assert signed_dates(london)[0].meeting_point == TOWER_HILL
    undo(london, run)
    assert (signed(london), signed_dates(london)[0].meeting_point) == ([("2026-06-04", "moved")], TOWER_HILL)


def test_the_same_move_again_signs_nothing(london: LocalNode, run: Run) -> None:
    move(london, run, local("2026-06-04T19:30"))
    before = digest(london)
    move(london, run, local("2026-06-04T19:30"))
    assert digest(london) == before


@pytest.mark.parametrize(
    ("starts", "code"),
    [
        (None, "required"),
        ("2026-06-04T18:30", "required"),
        ("2026-06-25T18:30", "range"),
        ("9999-12-31T18:30", "range"),
        ("2026-06-01T09:00", "over"),
    ],
)
def test_a_move_to_nowhere_or_to_a_time_that_is_over_is_refused(
    london: LocalNode, run: Run, starts: str | None, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        move(london, run, local(starts) if starts else None)
    assert refused.value.problems == {"starts": code}
    assert signed(london) == []


def test_a_move_to_a_place_with_a_telephone_number_is_refused(london: LocalNode, run: Run) -> None:
    with pytest.raises(InvalidInput) as refused:
        move(london, run, point=replace_point(directions="Call 07700 900123"))
    assert refused.value.problems == {"directions": "personal"}


def replace_point(**changes: Any) -> MeetingPoint:
    return msgspec.structs.replace(TOWER_HILL, **changes)
