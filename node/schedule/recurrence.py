"""The dates of a rule (RFC 5545): wall-clock time in the run's zone, right when the clocks change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

import msgspec

from federation.documents import DateState, Schedule
from federation.encodings import from_date, from_local
from federation.words import WEEKDAYS, is_known_rule

_LOOK_AHEAD = timedelta(days=800)
#: No date is moved further: a start in the year 1 or 9999 would run off the calendar.
_FARTHEST_MOVE = timedelta(days=366)
#: Each rule of the protocol has a date within so many days (§2.6): every twelfth month has its nth weekday.
LONGEST_GAP = timedelta(days=400)
#: How far ahead leads speak of dates, documents name them (PROTOCOL.md §7.4), and pages show them.
WEEKS_AHEAD = timedelta(weeks=8)


@dataclass(frozen=True)
class RuleDate:
    """One date of a run: its `day` in the rule, and when it `starts` by the rule (aware, in the run's zone).

    `planned_gap`: an exdate. `off_rule`: only an earlier rule of the run had it. `known_for`: days of an earlier
    rule in whose place it is held.
    """

    day: date
    starts: datetime
    planned_gap: bool = False
    off_rule: bool = False
    known_for: tuple[date, ...] = ()


def zone(name: str) -> ZoneInfo | None:
    """The IANA zone, or None if this node does not know it.

    Names and rules are those of the tzdata package, whose version is fixed with the program's. ZoneInfo by name would
    prefer the machine's own rules. Those may be years old, and the run would start an hour off.
    """
    return _rules(name) if name in _zone_names() else None


@cache  # no more than there are zones
def _rules(name: str) -> ZoneInfo:
    with resources.files("tzdata.zoneinfo").joinpath(name).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    listed = resources.files("tzdata").joinpath("zones").read_text().split()
    return frozenset(listed) - {"Factory"}


def day_in(timezone: str, now: datetime) -> date:
    """Today in that zone. By UTC if this node does not know the zone."""
    return now.astimezone(zone(timezone) or UTC).date()


def local_to_instant(local: datetime, tz: ZoneInfo) -> datetime:
    """The instant of a naive time on the clocks of `tz`, aware.

    A time that the clocks skip in spring moves forward. Of a time that they show twice in autumn the first counts.
    """
    # By way of UTC, a skipped time comes back moved forward by the gap (RFC 5545 §3.3.5).
    return _to_utc(local, tz).astimezone(tz)


def _to_utc(local: datetime, tz: ZoneInfo) -> datetime:
    return local.replace(tzinfo=tz, fold=0).astimezone(UTC)


def add_elapsed(moment: datetime, elapsed: timedelta) -> datetime:
    """The moment (aware) after so much time has passed. Wall-clock arithmetic is wrong when the clocks change."""
    return (moment.astimezone(UTC) + elapsed).astimezone(moment.tzinfo)


def is_readable(schedule: Schedule) -> bool:
    """Whether this node knows the zone and the rule, and so can tell the dates."""
    return zone(schedule.timezone) is not None and is_known_rule(schedule.rrule)


def occurrences(schedule: Schedule, start: date, end: date) -> list[RuleDate]:
    """The rule's dates on the days `start`..`end` (inclusive, in the run's zone). None unless it `is_readable`."""
    tz = zone(schedule.timezone)
    if tz is None:
        return []
    return [RuleDate(moment.date(), local_to_instant(moment, tz)) for moment in _moments(schedule, start, end)]


def dates_shown(schedule: Schedule, states: Iterable[DateState], start: date, end: date) -> list[RuleDate]:
    """The dates that pages show on the days `start`..`end` (PROTOCOL.md §7.4). None unless the rule `is_readable`.

    They are the dates of the rule and its planned gaps, dates that were moved to one of these days, and dates of an
    earlier rule of which anything is said. A run that several days lead to is there once.
    """
    if not is_readable(schedule):
        return []
    found, moved = occurrences(schedule, start, end), unusual(states)
    if not (schedule.exdates or moved):
        return found
    by_day = {at.day: at for at in [*found, *planned_gaps(schedule, start, end)]}
    by_day |= {at.day: at for at in _moved_into(schedule, moved, start, end)}
    for at in _off_rule(schedule, moved, start, end):
        held = by_day.get(at.day)
        by_day[at.day] = replace(held, known_for=held.known_for + at.known_for) if held else at
    return list(by_day.values())


def unusual(states: Iterable[DateState]) -> list[DateState]:
    """The dates of which more is said than that they are held when and where the rule has them."""
    return [state for state in states if state.state != "confirmed" or state.starts]


def planned_gaps(schedule: Schedule, start: date, end: date) -> list[RuleDate]:
    """The rule's days in `start`..`end` that its exdates leave out."""
    tz = zone(schedule.timezone)
    days = [] if tz is None else [from_date(text) for text in schedule.exdates]
    every = without_gaps(schedule)
    gaps = [at for day in days if start <= day <= end for at in occurrences(every, day, day)]
    return [replace(at, planned_gap=True) for at in gaps]


def starts_of(at: RuleDate, date_state: DateState | None) -> datetime:
    """When a date really starts (aware, in the run's zone): when it was moved to, or else by the rule.

    A planned gap is never moved.
    """
    if at.planned_gap or date_state is None or date_state.starts is None or not isinstance(at.starts.tzinfo, ZoneInfo):
        return at.starts
    local = from_local(date_state.starts)
    return local_to_instant(local, at.starts.tzinfo) if abs(local.date() - at.day) <= _FARTHEST_MOVE else at.starts


def _moved_into(schedule: Schedule, states: Iterable[DateState], start: date, end: date) -> list[RuleDate]:
    """Dates that were moved to a day in `start`..`end` from a day outside."""
    found: list[RuleDate] = []
    for state in states:
        day, target = from_date(state.date), _target(state)
        if start <= target <= end and not start <= day <= end:
            found.extend(occurrences(schedule, day, day))
    return found


def _off_rule(schedule: Schedule, states: Iterable[DateState], start: date, end: date) -> list[RuleDate]:
    """Dates of an earlier rule. People who knew one are led to the date that takes its place."""
    tz, every = zone(schedule.timezone), without_gaps(schedule)
    found: list[RuleDate] = []
    for state in states:
        day, target = from_date(state.date), _target(state)
        if tz is None or not (start <= day <= end or start <= target <= end):
            continue
        if state.state == "confirmed" and state.starts is None:
            continue  # a promise for an hour that no rule gives any more
        if not occurrences(every, day, day):
            found.append(_taking_its_place(schedule, state, day, target) or _old_date(schedule, day, tz))
    return found


def _taking_its_place(schedule: Schedule, state: DateState, day: date, target: date) -> RuleDate | None:
    """The rule's own date that starts when `state` says that the date of an earlier rule does."""
    if state.state not in ("moved", "confirmed") or state.starts is None:
        return None
    for at in occurrences(schedule, target, target):
        if at.starts.replace(tzinfo=None) == from_local(state.starts):
            return replace(at, known_for=(day,))
    return None


def _old_date(schedule: Schedule, day: date, tz: ZoneInfo) -> RuleDate:
    local = datetime.combine(day, from_local(schedule.dtstart).time())
    return RuleDate(day, local_to_instant(local, tz), off_rule=True)


def _target(state: DateState) -> date:
    """The day on which a date is held as far as `state` says, if that is no further than _FARTHEST_MOVE."""
    day = from_date(state.date)
    target = from_local(state.starts).date() if state.starts else day
    return target if abs(target - day) <= _FARTHEST_MOVE else day


def without_gaps(schedule: Schedule) -> Schedule:
    """The schedule with every day of the rule, planned gaps too."""
    return msgspec.structs.replace(schedule, exdates=[]) if schedule.exdates else schedule


def has_day(schedule: Schedule, day: date) -> bool:
    """Whether the rule has `day`, planned gap or not. Never in the calendar's last year, which no month follows."""
    return day.year < MAXYEAR and any(True for _ in _moments(without_gaps(schedule), day, day))


def next_start(schedule: Schedule, now: datetime) -> datetime | None:
    """When the rule's next date that has not ended starts (UTC), or None."""
    tz = zone(schedule.timezone)
    if tz is None:
        return None
    today = now.astimezone(tz).date()
    length = timedelta(minutes=schedule.duration_minutes)
    for moment in _moments(schedule, today - timedelta(days=1), today + _LOOK_AHEAD):
        starts = _to_utc(moment, tz)
        if starts + length > now:
            return starts
    return None


def _moments(schedule: Schedule, start: date, end: date) -> Iterator[datetime]:
    """The rule's naive local times, without exdates, `until` included. None by a rule that is not known."""
    if not is_known_rule(schedule.rrule):
        return
    first = from_local(schedule.dtstart)
    last = min(end, from_date(schedule.until)) if schedule.until else end
    left_out = set(schedule.exdates)
    for day in _days(schedule.rrule, first.date(), max(start, first.date()), last):
        if day.isoformat() not in left_out:
            yield datetime.combine(day, first.time())


@dataclass(frozen=True)
class _Rule:
    """The protocol's part of RFC 5545. `weekdays`: 0 is Monday. `nth` of the month: -1 is the last, 0 is for weekly."""

    interval: int
    weekdays: tuple[int, ...]
    nth: int


@lru_cache(maxsize=512)
def _rule(text: str) -> _Rule:
    parts = dict(part.split("=") for part in text.split(";"))
    days = parts["BYDAY"].split(",")
    nth = int(days[0][:-2] or 0)
    return _Rule(int(parts["INTERVAL"]), tuple(sorted({WEEKDAYS.index(day[-2:]) for day in days})), nth)


def _days(text: str | None, first: date, start: date, last: date) -> Iterator[date]:
    """The rule's days in `start`..`last`, counted from the week or month of `first`. Without a rule, `first` alone.

    Found by division. dateutil walks on from `first`, and a peer may say that its run began in the year 1.
    """
    if text is None:
        return iter([first] if start <= first <= last else [])
    rule = _rule(text)
    return _monthly(rule, first, start, last) if rule.nth else _weekly(rule, first, start, last)


def _weekly(rule: _Rule, first: date, start: date, last: date) -> Iterator[date]:
    """Weeks begin on Monday (RFC 5545's default WKST). So did the year 1: no week begins before the calendar."""
    step, begin, end = 7 * rule.interval, start.toordinal(), last.toordinal()
    monday = first.toordinal() - first.weekday()
    for week in range(begin - (begin - monday) % step, end + 1, step):
        for day in rule.weekdays:
            if begin <= week + day <= end:
                yield date.fromordinal(week + day)


def _monthly(rule: _Rule, first: date, start: date, last: date) -> Iterator[date]:
    skipped = (_month(start) - _month(first)) % rule.interval
    for month in range(_month(start) - skipped, _month(last) + 1, rule.interval):
        day = _nth_weekday(*divmod(month, 12), rule.nth, rule.weekdays[0])
        if start <= day <= last:
            yield day


def _month(day: date) -> int:
    return 12 * day.year + day.month - 1


def _nth_weekday(year: int, month: int, nth: int, weekday: int) -> date:
    """`month` counts from January, 0. The last weekday lies seven days before the first one of the next month."""
    if nth < 0:
        month, nth = month + 1, 0
    begin = date(year + month // 12, month % 12 + 1, 1)
    return begin + timedelta(days=(weekday - begin.weekday()) % 7 + 7 * (nth - 1))
