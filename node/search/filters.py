"""What people want of a run, and how many of the runs that were found each further wish would leave."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from federation.documents import Listing
from federation.words import WEEKDAYS

from ..schedule.occurrences import Occurrence


class Facts(NamedTuple):
    """What filters can ask of one date. `weekday`: RFC 5545's, of a day for which people know it."""

    kind: str
    facilities: frozenset[str]
    audience: str
    languages: frozenset[str]
    weekday: str
    is_confirmed: bool


@dataclass(frozen=True)
class Filters:
    """What a run must have: all of the facilities; of kinds, audiences, languages and weekdays one. Empty: any."""

    kinds: frozenset[str] = frozenset()
    facilities: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    weekdays: frozenset[str] = frozenset()
    only_confirmed: bool = False

    def __bool__(self) -> bool:
        return self != ANY

    @property
    def are_in_index(self) -> bool:
        """Whether the index of runs alone can tell which fit."""
        return not (self.audiences or self.languages or self.are_of_dates)

    @property
    def are_of_dates(self) -> bool:
        """Whether they ask for what a run has only on some dates."""
        return bool(self.weekdays) or self.only_confirmed

    def fit_listing(self, listing: Listing) -> bool:
        """Whether the run has what is asked for, on any date."""
        return (
            (not self.kinds or listing.kind in self.kinds)
            and self.facilities.issubset(listing.facilities)
            and (not self.audiences or listing.audience in self.audiences)
            and (not self.languages or not self.languages.isdisjoint(listing.languages))
        )

    def fit(self, one: Facts) -> bool:
        """Whether a date has what is asked for."""
        return (
            (not self.kinds or one.kind in self.kinds)
            and self.facilities <= one.facilities
            and (not self.audiences or one.audience in self.audiences)
            and (not self.languages or not self.languages.isdisjoint(one.languages))
            and (not self.weekdays or one.weekday in self.weekdays)
            and (one.is_confirmed or not self.only_confirmed)
        )

    def fit_day(self, one: Occurrence) -> bool:
        """Whether a date of a run that fits has what is asked for."""
        return not (self.weekdays and self.weekdays.isdisjoint(weekdays_of(one)))

    def narrowed(self, name: str, value: str) -> "Filters":
        """These filters, and one wish more. Of what one is enough of, the new wish stands alone."""
        wished: frozenset[str] = getattr(self, name)
        return replace(self, **{name: wished | {value} if name == "facilities" else frozenset({value})})  # type: ignore[arg-type]

    def confirmed(self) -> "Filters":
        """These filters, for confirmed dates alone."""
        return replace(self, only_confirmed=True)


ANY = Filters()


@dataclass(frozen=True)
class Tally:
    """The facts of the runs that were found. `runs`: how many runs have dates with just these facts. `is_whole`:
    whether all that there are were looked at.
    """

    runs: Counter[frozenset[Facts]]
    is_whole: bool

    def count(self, filters: Filters) -> int:
        """How many runs have a date that fits."""
        return sum(runs for dates, runs in self.runs.items() if any(map(filters.fit, dates)))

    def every(self, name: str) -> set[str]:
        """Each value of a fact that any of the runs has."""
        found: set[str] = set()
        for dates in self.runs:
            for one in dates:
                value = getattr(one, name)
                found |= {value} if isinstance(value, str) else value
        return found


def tally(dates: Iterable[Occurrence], most: int) -> Tally:
    """The facts of the first `most` dates."""
    runs: defaultdict[tuple[str, str], set[Facts]] = defaultdict(set)
    read = 0
    for read, one in enumerate(dates, 1):
        if read > most:
            break
        runs[one.chapter, one.listing.id].update(_facts(one, weekday) for weekday in weekdays_of(one))
    return Tally(Counter(map(frozenset, runs.values())), read <= most)


def weekdays_of(one: Occurrence) -> set[str]:
    """The days of the week on which it is or was to be held: whoever follows Thursdays reads of a move to Friday."""
    return {WEEKDAYS[day.weekday()] for day in (one.starts.date(), one.day, *one.moved_from)}


def _facts(one: Occurrence, weekday: str) -> Facts:
    listing = one.listing
    return Facts(
        listing.kind,
        frozenset(listing.facilities),
        listing.audience,
        frozenset(listing.languages),
        weekday,
        one.state == "confirmed" and not one.paused,
    )
