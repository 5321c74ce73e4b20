"""The dates of candidates, unfolded only as far as a page needs them, since most runs repeat for ever."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from ..directory import listings
from ..directory.listing_rows import CLOCKS_CHANGE_S
from ..schedule.occurrences import DatedListing, Occurrence, dates_of
from ..schedule.recurrence import zone
from .candidates import WEEK_S, Candidate

_DAY, _SIX_DAYS = timedelta(days=1), timedelta(days=6)


class Folded(NamedTuple):
    """The dates of one listing on the days `start`..`end` of its own zone; none starts before `earliest` (seconds since
    1970). `weekly`: they lie whole weeks apart. `at_once`: what is left once the first has been drawn up.
    """

    earliest: int
    weekly: bool
    dated: DatedListing
    start: date
    end: date
    at_once: bool = False

    def may_be(self, states: Collection[str]) -> bool:
        """Whether a date of the listing can have one of `states` (none: any). The document decides on `confirmed`."""
        stated = self.dated.listing.dates
        return states != {"confirmed"} or any(one.state == "confirmed" for one in stated)

    def unfold(self) -> "tuple[list[Occurrence], Folded | None]":
        """The first dates, and the listing with the dates that are left."""
        until = None if self.at_once else self._until()
        if until is None:
            return dates_of(self.dated, self.start, self.end), None
        left = Folded(self._after(until), self.weekly, self.dated, until + _DAY, self.end, at_once=True)
        return dates_of(self.dated, self.start, until), left

    def _until(self) -> date | None:
        """The day of the first date; None where all can be drawn up as well.

        Only where every date is held on its own day: one that was moved counts for two days, and is not to be found
        twice.
        """
        listing = self.dated.listing
        tz = zone(listing.schedule.timezone)
        if tz is None or any(state.starts for state in listing.dates):
            return None
        until = datetime.fromtimestamp(self.earliest + 2 * CLOCKS_CHANGE_S, tz).date()
        next_can_be = until + (_SIX_DAYS if self.weekly else _DAY)
        return until if self.start <= until and next_can_be <= self.end else None

    def _after(self, until: date) -> int:
        """No date that is left after the first date's day starts before this moment."""
        if self.weekly:
            return self.earliest + WEEK_S - 2 * CLOCKS_CHANGE_S
        # No zone is 15 hours from UTC.
        return int(datetime(until.year, until.month, until.day, tzinfo=UTC).timestamp()) + (24 - 15) * 3600


def read(session: Session, batch: Sequence[Candidate], start: date, end: date, now: datetime) -> list[Folded]:
    """What these candidates have on the days `start`..`end`, as far as they are listed."""
    dated = listings.dated_listings(session, [one.row for one in batch], now)
    return [Folded(one.earliest, one.weekly, dated[one.row], start, end) for one in batch if one.row in dated]
