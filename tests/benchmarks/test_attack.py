"""What the table of the attack says of what was seen: a figure is good only of a node that does its work."""

import time

import pytest

from .attack import Asked, Seen, _rows
from .table import line


def asked(quick: int, failed: int = 0) -> Asked:
    """So many that were answered at once, and so many that failed at once."""
    made = Asked()
    for ok in [True] * quick + [False] * failed:
        made.note(time.monotonic(), ok)
    return made


def verdicts(seen: Seen) -> dict[str, bool | None]:
    return {row.what.partition(",")[0]: row.met for row in _rows("quiet", seen, None)}


def test_a_node_that_answers_at_once_meets_every_goal() -> None:
    assert set(verdicts(Seen(asked(100), asked(50))).values()) == {True}


@pytest.mark.parametrize(
    "seen",
    [
        Seen(asked(0, 100), asked(0, 50)),
        Seen(asked(100), asked(49, 1)),
        Seen(asked(99, 1), asked(50)),
        Seen(asked(100), asked(50), is_healthy=False),
        Seen(),
    ],
    ids=["nothing but errors", "one tap failed", "one page failed", "not healthy", "nothing was asked"],
)
def test_a_node_that_does_not_do_its_work_does_not_meet_them(seen: Seen) -> None:
    found = verdicts(seen)
    assert not found["page"]
    assert not found["tap"]


def test_however_little_it_takes_and_says() -> None:
    assert set(verdicts(Seen(asked(0, 100), asked(0, 50), memory=20, log=0)).values()) == {False}


def test_what_failed_took_as_long_as_anybody_waits() -> None:
    (page, *_) = _rows("quiet", Seen(asked(90, 10), asked(50)), Seen(asked(100), asked(50)))
    assert "10000 ms" in page.figure
    assert page.ratio is not None
    assert page.ratio > 1000


def test_failed_pages_and_taps_are_printed_each_in_its_row() -> None:
    page, tap, *_ = (line(row) for row in _rows("quiet", Seen(asked(7, 3), asked(4, 2), is_healthy=False), None))
    assert "n=10, 3 failed, rtr health: no" in page
    assert "n=6, 2 failed" in tap
