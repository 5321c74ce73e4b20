"""The dates of what may be found, drawn up only as far as a page asks for them: most runs repeat, and a page shows the
first few.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from .. import listings
from ..occurrences import Occurrence, Stands, dates_of
from ..recurrence import zone
from .candidates import SLACK_S, WEEK_S, Candidate

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Folded:
    """The dates of one listing on the days `start`..`end` of its own zone; none starts before `earliest` (seconds since
    1970).
    """

    earliest: int
    candidate: Candidate
    stands: Stands
    start: date
    end: date

    def unfold(self) -> tuple[list[Occurrence], "Folded | None"]:
        """The dates that come first, and what is left."""
        until = self._until()
        left = None if until is None else replace(self, earliest=self._after(until), start=until + _DAY)
        return dates_of(self.stands, self.start, until or self.end), left

    def _until(self) -> date | None:
        """The day of the first date, or None if that is not worth it.

        Only where every date is held on its own day: one that was moved counts for two days, and is not to be found
        twice. What is left is unfolded at once.
        """
        tz = zone(self.stands.listing.schedule.timezone)
        is_left = self.earliest != self.candidate.earliest
        if tz is None or is_left or any(said.starts for said in self.stands.listing.dates):
            return None
        until = datetime.fromtimestamp(self.earliest + 2 * SLACK_S, tz).date()
        return until if self.start <= until < self.end else None

    def _after(self, until: date) -> int:
        """Nothing that is left after the first date's day can start before."""
        if self.candidate.weekly:
            return self.earliest + WEEK_S - 2 * SLACK_S
        # No zone is 15 hours from UTC.
        return int(datetime(until.year, until.month, until.day, tzinfo=UTC).timestamp()) + (24 - 15) * 3600


def read(session: Session, batch: Sequence[Candidate], start: date, end: date, now: datetime) -> list[Folded]:
    """What these candidates have on the days `start`..`end`, as far as they are listed."""
    stands = listings.stands_of(session, [one.row for one in batch], now)
    return [Folded(one.earliest, one, stands[one.row], start, end) for one in batch if one.row in stands]
