"""Help lines by country, to call or text now. Each has its source and the day when a person last checked it."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import msgspec

_FILE = Path(__file__).with_name("data") / "help_lines.json"
#: A check that is older than this does not count.
STALE_AFTER = timedelta(days=180)


class HelpLine(msgspec.Struct, frozen=True):
    """One line. `number`: as people read it, or the address of a chat. `text`: what to send if `how` is text.
    `note`: what the line is for, and when it answers. `more_sources`: of the same line in another part of the country.
    """

    name: str
    number: str
    how: Literal["call", "text", "chat"]
    source_url: str
    verified_on: date | None
    text: str = ""
    note: str = ""
    more_sources: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The addresses that say the number."""
        return self.source_url, *self.more_sources

    @property
    def href(self) -> str:
        """The link that a phone dials, writes to or opens."""
        if self.how == "chat":
            return f"https://{self.number}/"
        digits = "".join(mark for mark in self.number if mark in "+0123456789")
        if self.how == "call":
            return f"tel:{digits}"
        # "?&": iPhones read what follows "&", all others what follows "?".
        return f"sms:{digits}?&body={quote(self.text)}" if self.text else f"sms:{digits}"

    def is_checked(self, today: date) -> bool:
        """Whether a person has checked the line lately."""
        return self.verified_on is not None and today - self.verified_on <= STALE_AFTER


class Part(msgspec.Struct, frozen=True):
    """What parts of a country, such as Scotland, have beside the lines of the whole country."""

    names: tuple[str, ...]
    lines: tuple[HelpLine, ...]


class Country(msgspec.Struct, frozen=True):
    """A country that has its own lines. `country`: ISO 3166-1 alpha-2. `lines`: answer in all of the country."""

    name: str
    country: str
    emergency: HelpLine
    lines: tuple[HelpLine, ...]
    parts: tuple[Part, ...] = ()

    @property
    def every_line(self) -> tuple[HelpLine, ...]:
        """Each line once, the emergency number first."""
        return self.emergency, *self.lines, *(line for part in self.parts for line in part.lines)

    def unchecked(self, today: date) -> list[HelpLine]:
        """The lines that no person has checked lately."""
        return [line for line in self.every_line if not line.is_checked(today)]


@cache
def countries() -> tuple[Country, ...]:
    """All countries that have lines, in the order of the file."""
    return tuple(msgspec.json.decode(_FILE.read_bytes(), type=list[Country]))


def of(country: str) -> Country | None:
    """The lines of a country (ISO 3166-1 alpha-2, in capitals), if it has its own."""
    return next((one for one in countries() if one.country == country), None)


def has(country: str) -> bool:
    """Whether a country (ISO 3166-1 alpha-2, in capitals) has its own lines."""
    return of(country) is not None


def listener(country: str) -> HelpLine | None:
    """The line of `country` where a person listens on the telephone, everywhere in it."""
    here = of(country)
    return next((line for line in here.lines if line.how == "call"), None) if here else None
