"""Days, hours and numbers as the reader's language writes them: "Thursday 4 June, 18:30", "Thursday, June 4, 6:30 PM".

A day is asked for by its fields, as CLDR names them (Unicode Technical Standard 35): "MMMMEEEEd" is a weekday, a day
and a month. Their order and what stands between them is the language's.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import TypeVar

from babel import Locale
from babel.dates import format_date, format_time, match_skeleton
from babel.numbers import format_decimal

from . import locale

T = TypeVar("T")

#: Fields of a day: a weekday, a day and a month, the same with the year, and so on.
LONG, LONG_WITH_YEAR = "MMMMEEEEd", "yMMMMEEEEd"
PLAIN, PLAIN_WITH_YEAR, SHORT = "MMMMd", "yMMMMd", "MMMd"
WEEKDAY, MONTH = "EEEE", "MMMM"
#: British style has no comma after the weekday, with a year or without one. CLDR has one before a year.
_STYLE = {("en_GB", LONG_WITH_YEAR): "EEEE d MMMM y"}
#: A space that ends no line, and where a pattern has one: between a day's number and its month.
_NO_BREAK = "\u00a0"
_IN_A_DATE = re.compile(r"(?<=d) (?=M)|(?<=d\.) (?=M)|(?<=M) (?=d)")
#: The widths of names in a pattern, beside what is quoted in it.
_NAMES = re.compile(r"'[^']*'|E+|M{3,}")


def format_day(day: date, fields: str) -> str:
    """A day in the reader's language. Its number and its month stay on one line."""
    return _day(day, fields, locale())


@lru_cache(maxsize=512)
def _day(day: date, fields: str, language: Locale) -> str:
    """Remembered: the same few weeks come again and again."""
    return str(format_date(day, _pattern(fields, language), locale=language))


@lru_cache(maxsize=64)
def _pattern(fields: str, language: Locale) -> str:
    """The pattern that the language has for such fields, with names in full where they were asked for in full."""
    skeletons = language.datetime_skeletons
    if fields in (WEEKDAY, MONTH):
        return fields
    pattern = _STYLE.get((str(language), fields)) or skeletons[match_skeleton(fields, skeletons)].pattern
    widths = {letter: fields.count(letter) for letter in "EM"}
    named = _NAMES.sub(lambda name: name[0][0] * widths[name[0][0]] if name[0][0] in widths else name[0], pattern)
    return _IN_A_DATE.sub(_NO_BREAK, named)


def format_clock(moment: datetime | time) -> str:
    """The hour and the minute in the reader's language. They stay on one line."""
    return _clock(moment.hour, moment.minute, locale())


@lru_cache(maxsize=512)
def _clock(hour: int, minute: int, language: Locale) -> str:
    # CLDR has a narrow space before "PM" that few fonts have.
    return str(format_time(time(hour, minute), "short", locale=language)).replace("\u202f", _NO_BREAK)


def on_one_line(text: str) -> str:
    """The same short text without a space that ends a line."""
    return text.replace(" ", _NO_BREAK)


def breakable(text: str) -> str:
    """The same text with spaces that may end a line: for letters as plain text, for calendars, and for fields in which
    people write. Programs search them, and show them as they like.
    """
    return text.replace(_NO_BREAK, " ")


def format_number(number: float) -> str:
    """A number with one digit behind the point at most."""
    return str(format_decimal(round(number, 1), locale=locale()))


def week_from_its_first_day(days: Sequence[T]) -> list[T]:
    """Seven things of Monday to Sunday, in the order of the reader's week."""
    first: int = locale().first_week_day
    return [*days[first:], *days[:first]]


def days_left_in_week(day: date) -> int:
    """How many days of the reader's week come after `day`."""
    first: int = locale().first_week_day
    return (first - 1 - day.weekday()) % 7
