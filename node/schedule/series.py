"""A run's dates as a calendar wants them: a rule, the days that it leaves out, and the dates of which more is said."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from federation.documents import Pause, Schedule
from federation.encodings import from_date, from_local

from .occurrences import DatedListing, Occurrence, every_date, is_in
from .recurrence import LONGEST_GAP, RuleDate, day_in, occurrences, planned_gaps

#: Around today, the days of which a document says anything (PROTOCOL.md §7.4), and moves to and from them.
_BEFORE, _AFTER = timedelta(days=10), timedelta(weeks=10)
#: A run that begins later than that, counted from the beginning of last year, has no dates yet.
_FARTHEST = timedelta(days=1600)
#: How far ahead planned gaps are named.
_LAST_GAP = timedelta(days=1200)
#: Days of a pause that are left out one by one. A longer pause ends the rule for now.
_LONGEST_PAUSE = timedelta(days=366)


class Series(NamedTuple):
    """The rule's dates from `first` on, without those on the days `left_out`. `first`: None where no date is left.

    Times of the rule are naive, on the clocks of the run's zone: also where the clocks skip them on one night. `last`:
    the last day of the rule, if it has one. `told`: dates of the rule of which more is said than the rule says, by
    their days in the rule. `apart`: dates on days that the rule does not have.
    """

    dated: DatedListing
    first: datetime | None
    last: date | None
    left_out: list[date]
    told: list[Occurrence]
    apart: list[Occurrence]

    def at(self, day: date) -> datetime:
        """When the rule has its date on `day`."""
        return datetime.combine(day, _clock(self.dated.listing.schedule))


def without(series: Series, days: Collection[date]) -> Series:
    """The series without some of its days."""
    told = [one for one in series.told if one.day not in days]
    apart = [one for one in series.apart if one.day not in days]
    return series._replace(left_out=sorted({*series.left_out, *days}), told=told, apart=apart)


def series_of(dated: DatedListing, since: date | None = None) -> Series:
    """The dates of a listing from the beginning of last year on, or from the day `since` on, if that is later.

    It is the beginning of a year, so that the same rule has the same first date each time that a calendar asks.
    """
    schedule, today = dated.listing.schedule, day_in(dated.listing.schedule.timezone, dated.now)
    first = _first_day(schedule, max(date(today.year - 1, 1, 1), since or date.min))
    pauses = [*dated.pauses, *([Pause(since=today.isoformat())] if dated.paused else [])]
    endless = [from_date(pause.since) for pause in pauses if _days_of(pause) is None]
    ends = [day - timedelta(days=1) for day in endless] + ([from_date(schedule.until)] if schedule.until else [])
    last = min(ends, default=None)
    told, apart, off = _sorted(dated, today, first, last, since)
    if first is None:
        return Series(dated, None, None, [], [], apart)
    gaps = {at.day for at in planned_gaps(schedule, first, min(last or date.max, first + _LAST_GAP))}
    kept = {one.day for one in told}
    left_out = {*gaps, *off, *_paused_days(schedule, pauses, first, last)} - kept
    if _is_empty(schedule, first, last, left_out):
        return Series(dated, None, None, [], [], apart)
    return Series(dated, datetime.combine(first, _clock(schedule)), last, sorted(left_out), told, apart)


def _sorted(
    dated: DatedListing, today: date, first: date | None, last: date | None, since: date | None
) -> tuple[list[Occurrence], list[Occurrence], set[date]]:
    """Dates of which something is said: those of the rule, those apart from it, and the days on which nothing is."""
    told, apart, off = [], [], set()
    for at, one in every_date(dated, today - _BEFORE, today + _AFTER):
        is_told = _is_told(one) or bool(dated.notices_on(one.starts.date()))
        is_of_rule = not at.off_rule and first is not None and first <= at.day <= (last or date.max)
        if one.planned_gap or (one.paused and one.state != "cancelled"):
            off.update([at.day] if is_of_rule else [])
        elif is_of_rule:
            told += [one] if is_told or is_odd(_by_rule(at, one)) else []
        elif (at.off_rule or is_told) and (since is None or one.starts.date() >= since):
            apart.append(one)
    return told, apart, off


def _is_told(one: Occurrence) -> bool:
    """Whether more is said of a date than that it is a date of the rule, such as the hour of an earlier rule."""
    return one.state != "unconfirmed" or one.moved or one.as_announced


def is_odd(local: datetime) -> bool:
    """Whether the clocks skip that hour of a zone, or show it twice. Some programs are then an hour off."""
    return local.utcoffset() != local.replace(fold=1).utcoffset()


def _by_rule(at: RuleDate, one: Occurrence) -> datetime:
    return datetime.combine(at.day, _clock(one.listing.schedule), at.starts.tzinfo)


def _first_day(schedule: Schedule, start: date) -> date | None:
    """The first day of the rule, planned gaps too, that is no earlier than `start`."""
    begin = max(start, from_local(schedule.dtstart).date())
    if begin - start > _FARTHEST:
        return None
    found = _days(schedule, begin, begin + LONGEST_GAP)
    return found[0] if found else None


def _days(schedule: Schedule, start: date, end: date) -> list[date]:
    gaps = {at.day for at in planned_gaps(schedule, start, end)}
    return sorted({at.day for at in occurrences(schedule, start, end)} | gaps)


def _days_of(pause: Pause) -> tuple[date, date] | None:
    """The first and the last day of a pause whose days can be left out one by one."""
    since, back_on = from_date(pause.since), from_date(pause.back_on) if pause.back_on else None
    if back_on is None or back_on - since > _LONGEST_PAUSE:
        return None
    return since, back_on - timedelta(days=1)


def _paused_days(schedule: Schedule, pauses: list[Pause], first: date | None, last: date | None) -> set[date]:
    found: set[date] = set()
    for pause in pauses:
        days = _days_of(pause)
        if days and first:
            start, end = max(days[0], first), min(days[1], last or date.max)
            found.update(day for day in _days(schedule, start, end) if is_in(pause, day))
    return found


def _is_empty(schedule: Schedule, first: date, last: date | None, left_out: set[date]) -> bool:
    """Whether a rule that ends has no date left. One that goes on always has."""
    if schedule.rrule is None:
        return first in left_out or (last is not None and first > last)
    if last is None or last - first > LONGEST_GAP * 2:
        return False
    return set(_days(schedule, first, last)) <= left_out


def _clock(schedule: Schedule) -> time:
    return from_local(schedule.dtstart).time()
