"""Days in addresses (ISO 8601), and days as people write them."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale
from wtforms import DateField, TextAreaField

from node.places.names import fold

from ..context import now
from ..language import N_, _, locale
from ..language.days import LONG_WITH_YEAR, breakable, format_day

#: What to do at a field for a date that is empty, or that could not be read.
GIVE_DATE = N_("Enter a date, for example 4 June 2026.")
#: A date by its numbers, or with a word between or before them. `[0-9]`: `\d` takes the digits of every script.
_WRITTEN = re.compile(
    r"""(?<!\w) (?:
    (?P<iso> [0-9]{4} ) [-/.] (?P<iso_month> [0-9]{1,2} ) [-/.] (?P<iso_day> [0-9]{1,2} )
  | (?P<first> [0-9]{1,2} ) [-/.] (?P<second> [0-9]{1,2} ) (?: [-/.] (?P<third> [0-9]{4} | [0-9]{2} ) )?
  | (?: (?P<day> [0-9]{1,2} ) (?:st|nd|rd|th|\.)? [ ]? (?:of[ ])? (?P<month> [^\W\d_]+ ) \.?
      | (?P<month_before> [^\W\d_]+ ) \.? [ ]? (?P<day_after> [0-9]{1,2} ) (?:st|nd|rd|th)? )
    (?: ,? [ ] (?P<year> [0-9]{4} ) (?! [-/.]?[0-9] ) )?
    ) (?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
#: Words that one error names.
_NAMED = 5
_LETTERS = re.compile(r"[^\W\d_]+")
_NO_DATE = re.compile(r"[^\s,;]+")


@dataclass(frozen=True)
class WrittenDay:
    """A part of a text that should be a date. `day`: None if it is none."""

    words: str
    day: date | None


def read_day(text: str) -> date | None:
    """The date in an address, such as "2026-12-24", or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_written_day(text: str) -> date | None:
    """The one date that somebody wrote, or None."""
    found = written_days(text)
    return found[0].day if len(found) == 1 else None


def written_days(text: str) -> list[WrittenDay]:
    """Every date in a text: "24/12/2026", "24 Dec 2026", "Dec 24", "2026-12-24", and each word that belongs to none.

    Numbers are read in the order of the reader's country: 06/12/2026 is in December, in the USA in June. A date
    without a year is the next such day.
    """
    # Pages have other spaces in a date, and people copy it from there.
    text = _LETTERS.sub(lambda word: "" if fold(word[0]) in _weekdays(locale()) else word[0], breakable(text))
    found, at = [], 0
    for match in _WRITTEN.finditer(text):
        found += [*_strays(text[at : match.start()]), WrittenDay(match[0], _day_of(match))]
        at = match.end()
    return [*found, *_strays(text[at:])]


def write_day(day: date) -> str:
    """A date that nobody takes for another one, as `written_days` reads it again: "Sunday 6 December 2026"."""
    return breakable(format_day(day, LONG_WITH_YEAR))


class DayField(DateField):  # type: ignore[misc]  # WTForms has no types
    """A date. A browser's picker sends it in ISO 8601; where a browser has none, people write it as they like."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was written."""
        written = valuelist[0].strip() if valuelist else ""
        self.data = read_written_day(written)
        if written and self.data is None:
            raise ValueError(GIVE_DATE)

    def _value(self) -> str:
        """The date for a picker, which takes ISO 8601 alone; else what was written."""
        return self.data.isoformat() if self.data else " ".join(self.raw_data or ())


class DaysField(TextAreaField):  # type: ignore[misc]
    """Several dates, as people write them."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was written, and name what is no date."""
        found = written_days(valuelist[0] if valuelist else "")
        self.data = tuple(sorted({one.day for one in found if one.day}))
        if wrong := [one.words[:30] for one in found if one.day is None]:
            typed = "”, “".join(wrong[:_NAMED])
            raise ValueError(_("We couldn’t read “%(typed)s”. Try 24 December 2026.", typed=typed))

    def _value(self) -> str:
        """What was written; kept dates in words, one on each line."""
        return "\n".join(self.raw_data or map(write_day, self.data or ()))


def _strays(text: str) -> list[WrittenDay]:
    """The words between two dates."""
    return [WrittenDay(word, None) for word in _NO_DATE.findall(text)]


def _day_of(match: re.Match[str]) -> date | None:
    if word := match["month"] or match["month_before"]:
        month = _months(locale()).get(fold(word))
        return _dated(match["year"], month, match["day"] or match["day_after"]) if month else None
    if match["iso"]:
        return _dated(match["iso"], match["iso_month"], match["iso_day"])
    orders = [(match["second"], match["first"]), (match["first"], match["second"])]
    read = (_dated(match["third"], *order) for order in (orders[::-1] if _is_month_first(locale()) else orders))
    return next(filter(None, read), None)


def _dated(year: str | None, month: str | int, day: str) -> date | None:
    """The date, or None if there is none. Without a year it is the next one from today on."""
    if year is None:
        today = now().date()
        coming = (_dated(str(number), month, day) for number in (today.year, today.year + 1))
        return next((one for one in coming if one and one >= today), None)
    return read_day(f"{year if len(year) == 4 else f'20{year}'}-{int(month):02}-{int(day):02}")


def _is_month_first(language: Locale) -> bool:
    """Whether numbers begin with the month. English of no country is British."""
    return bool(language.territory) and language.date_formats["short"].pattern.startswith("M")


@lru_cache(maxsize=16)
def _months(language: Locale) -> dict[str, int]:
    """The number of a month by its names, long and short, in one language and in English."""
    names = {"sept": 9}
    for one in (language, Locale.parse("en")):
        for width in ("wide", "abbreviated"):
            names |= {fold(name): number for number, name in one.months["format"][width].items()}
    return names


@lru_cache(maxsize=16)
def _weekdays(language: Locale) -> frozenset[str]:
    names = [one.days["format"][width] for width in ("wide", "abbreviated") for one in (language, Locale.parse("en"))]
    return frozenset(fold(name) for seven in names for name in seven.values())
