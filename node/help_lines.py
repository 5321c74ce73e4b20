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
    `note`: what the line is for.
    """

    name: str
    number: str
    how: Literal["call", "text", "chat"]
    source_url: str
    verified_on: date | None
    text: str = ""
    note: str = ""

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


class Region(msgspec.Struct, frozen=True):
    """A country, or a nation of the UK, that has its own lines. `country`: ISO 3166-1 alpha-2."""

    name: str
    country: str
    emergency: HelpLine
    lines: list[HelpLine]


@cache
def regions() -> tuple[Region, ...]:
    """All regions, in the order of the file."""
    return tuple(msgspec.json.decode(_FILE.read_bytes(), type=list[Region]))


def has(country: str) -> bool:
    """Whether a country (ISO 3166-1 alpha-2, in capitals) has its own lines."""
    return any(region.country == country for region in regions())


def listener(country: str) -> HelpLine | None:
    """The line of `country` where a person listens on the telephone. Every region of the country has it."""
    there = [region for region in regions() if region.country == country]
    calls = [line for region in there[:1] for line in region.lines if line.how == "call"]
    everywhere = [line for line in calls if all(line.number in _numbers(region) for region in there)]
    return next(iter(everywhere), None)


def _numbers(region: Region) -> set[str]:
    return {line.number for line in region.lines}


def for_reader(country: str) -> list[Region]:
    """All regions, those of `country` first."""
    return sorted(regions(), key=lambda region: region.country != country)
