"""Lines of two weeks as SVG, drawn here: a picture with a table beside it, and no script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from node.models import Sample
from node.upkeep.watch import KEPT

WIDTH, HEIGHT = 320, 80
#: Between two samples that are further apart the line breaks: the server was off.
_GAP = timedelta(hours=3)


@dataclass(frozen=True)
class Plot:
    """One measure. `lines`: each a polyline's points. `days`: the least and the most of each day. `last`: the newest
    value. `most`: the greatest.
    """

    title: str
    lines: tuple[str, ...]
    days: tuple[tuple[date, int, int], ...]
    last: int
    most: int


def plot(title: str, samples: Sequence[Sample], value: Callable[[Sample], int | None], now: datetime) -> Plot | None:
    """The line of a measure. None where it was never taken."""
    found = [(one.at, taken) for one in samples if (taken := value(one)) is not None]
    if not found:
        return None
    most = max(taken for _, taken in found)
    return Plot(title, _lines(found, max(most, 1), now), _days(found), found[-1][1], most)


def _lines(found: list[tuple[datetime, int]], most: int, now: datetime) -> tuple[str, ...]:
    lines: list[list[str]] = []
    before: datetime | None = None
    for at, taken in found:
        if before is None or at - before > _GAP:
            lines.append([])
        lines[-1].append(_point(at, taken, most, now))
        before = at
    # A lone point is a short line, else nobody would see it.
    return tuple(" ".join(line if len(line) > 1 else [line[0], line[0]]) for line in lines)


def _point(at: datetime, taken: int, most: int, now: datetime) -> str:
    x = (1 - (now - at) / KEPT) * WIDTH
    return f"{x:.1f},{HEIGHT - 4 - taken / most * (HEIGHT - 8):.1f}"


def _days(found: list[tuple[datetime, int]]) -> tuple[tuple[date, int, int], ...]:
    by_day: dict[date, list[int]] = {}
    for at, taken in found:
        by_day.setdefault(at.date(), []).append(taken)
    return tuple((day, min(taken), max(taken)) for day, taken in sorted(by_day.items(), reverse=True))
