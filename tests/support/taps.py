"""What a lead taps, by the node's own functions: each tap comes a minute after the one before."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from federation.documents import MeetingPoint
from node.chapter import dates
from node.models import Run

from .network import LocalNode

#: The first date of the run that `a_run` describes.
THURSDAY = date(2026, 6, 4)


def tap(node: LocalNode, run: Run | str, act: Callable[..., Any], *rest: Any) -> Any:
    """Call one of the node's acts on a run. `rest`: what comes between the run's id and the time."""
    with node.session() as session:
        run_id = run if isinstance(run, str) else run.id
        return act(session, node.settings, run_id, *rest, node.clock.tick(minutes=1))


def confirm(node: LocalNode, run: Run | str, day: date = THURSDAY) -> None:
    """A lead will be there."""
    tap(node, run, dates.confirm, day)


def cancel(node: LocalNode, run: Run | str, day: date = THURSDAY, reason: str = "weather", note: str = "Ice") -> None:
    """The run is off on that date."""
    tap(node, run, dates.cancel, day, reason, note)


def move(node: LocalNode, run: Run | str, starts: str, day: date = THURSDAY, point: MeetingPoint | None = None) -> None:
    """The date is held at another time, as YYYY-MM-DDTHH:MM, and perhaps at another point."""
    tap(node, run, dates.move, day, datetime.fromisoformat(starts), point, "")


def undo(node: LocalNode, run: Run | str, day: date = THURSDAY, saw: str | None = None) -> None:
    """Take the last tap on that date back. `saw`: the mark of the page that the lead saw."""
    with node.session() as session:
        run_id = run if isinstance(run, str) else run.id
        dates.undo(session, node.settings, run_id, day, node.clock.tick(minutes=1), saw)
