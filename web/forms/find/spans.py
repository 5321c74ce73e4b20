"""The days of a search: by a name, as two dates, or as a word beside the place."""

import re
from datetime import date, timedelta
from functools import lru_cache

from babel.dates import get_day_names

from federation.words import WEEKDAYS
from node.search.query import MAX_DAYS

from ...language import _, locale
from ...language.days import days_left_in_week
from ...words.times import long_day
from ..days import GIVE_DATE, read_day

#: The names of days that a search takes, beside "days" for two dates.
NAMES = ("tonight", "today", "tomorrow", "week", "weekend")
_DAY, _SUNDAY = timedelta(days=1), 6
#: Nobody plans further ahead.
_REACH = timedelta(days=730)

#: Characters of a text in which days are looked for: longer ones would keep the machine busy.
_MOST_NEAR = 100

Span = tuple[date | None, date | None]
#: A field of a search, and its value.
Field = tuple[str, str]
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


def apart_from_days(near: str) -> tuple[str, Field | None]:
    """What was typed as two: the place, and the days that stand before or after it, as a field of the search.

    "Leeds tonight" is Leeds, tonight; "Leeds on Thursdays" is Leeds, and that day of the week. Without such words the
    text is all of the place.
    """
    for beside, meant in _days_beside(str(locale())) if len(near) <= _MOST_NEAR else ():
        match = beside.fullmatch(near)
        if match:
            return (match["before"] or match["after"] or "").strip(" ,"), meant
    return near, None


@lru_cache(maxsize=16)
def _days_beside(language: str) -> list[tuple[re.Pattern[str], Field]]:
    """How to find days beside a place, in one language, remembered: each search asks twice."""
    names = [(_beside(re.escape(words), r"[\s,]+"), ("when", name)) for words, name in _said()]
    weekdays = get_day_names("wide", locale=locale())
    # "Thursday Island" is a place: a day of the week that stands first needs a comma, "in" or "near" behind it.
    apart = r"(?:\s*,|\s(?=\s*(?:in|near)\s))\s*"
    every = [rf"(?:(?:on|this|every)\s+)?{re.escape(weekdays[at])}s?" for at in range(7)]
    return names + [(_beside(said, apart), ("day", code)) for said, code in zip(every, WEEKDAYS, strict=True)]


def _said() -> list[tuple[str, str]]:
    """What people say for a name, the longest first."""
    said = [
        (_("tonight"), "tonight"),
        (_("this evening"), "tonight"),
        (_("today"), "today"),
        (_("right now"), "today"),
        (_("tomorrow"), "tomorrow"),
        (_("this week"), "week"),
        (_("this weekend"), "weekend"),
        (_("at the weekend"), "weekend"),
        (_("weekend"), "weekend"),
    ]
    return sorted(said, key=lambda one: -len(one[0]))


def _beside(said: str, apart: str) -> re.Pattern[str]:
    """`said`: an expression for the words. `apart`: one for what stands between them and a place behind them."""
    return re.compile(rf"\s*(?:{said}(?:{apart}(?P<after>.+?))?|(?P<before>.+?)[\s,]+{said})[\s.!?]*", re.IGNORECASE)
