"""The days of a search: by a name, or as two dates."""

from datetime import date, timedelta

from node.search.query import MAX_DAYS

from ...language import _
from ...language.days import days_left_in_week
from ...words.times import long_day
from ..days import GIVE_DATE, read_day

#: The names of days that a search takes, beside "days" for two dates.
NAMES = ("tonight", "today", "tomorrow", "week", "weekend")
_DAY, _SUNDAY = timedelta(days=1), 6
#: Nobody plans further ahead.
_REACH = timedelta(days=730)

Span = tuple[date | None, date | None]
NO_DAYS: Span = (None, None)


def is_within_reach(day: date, today: date) -> bool:
    """Whether a search reaches that day, ahead or back."""
    return abs(day - today) <= _REACH


def named(name: str, today: date) -> Span:
    """The first and the last day of a name; two weeks for a name that is none."""
    sunday = today + timedelta(days=_SUNDAY - today.weekday())
    last = today + timedelta(days=days_left_in_week(today))
    spans: dict[str, Span] = {
        "tonight": (today, today),
        "today": (today, today),
        "tomorrow": (today + _DAY, today + _DAY),
        "week": (today, last),
        "weekend": (max(today, sunday - _DAY), sunday),
    }
    return spans.get(name, NO_DAYS)


def of_dates(first: str, last: str, today: date) -> tuple[Span, dict[str, str]]:
    """The days from one typed date to another, and what to change by field."""
    if not (first or last):  # "choose dates" was chosen while the fields for them were folded away
        return NO_DAYS, {}
    begin, end = read_day(first), read_day(last)
    problems = {}
    if first and begin is None:
        problems["from"] = str(GIVE_DATE)
    if last and end is None:
        problems["to"] = _("Enter a date, for example 11 June 2026, or leave it empty for one day.")
    problems = problems or _unfit(begin or today, end or begin or today, today)
    return (NO_DAYS if problems else (begin, end or begin)), problems


def _unfit(first: date, last: date, today: date) -> dict[str, str]:
    if first - today > _REACH:
        return {"from": _("We can only search two years ahead, until %(day)s.", day=long_day(today + _REACH, today))}
    if last < today and last >= first:
        return {"from": _("Those dates have passed.")}
    if last < first:
        return {"to": _("The end date is before the start date.")}
    if (last - first).days >= MAX_DAYS:
        return {"to": _("That’s a long time. We can search up to %(days)s days at once.", days=MAX_DAYS)}
    return {}
