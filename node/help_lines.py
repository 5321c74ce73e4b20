"""Help lines by country: whom to call or text now. Data with its source and the day a person last checked it."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

_FILE = Path(__file__).with_name("data") / "help_lines.json"
#: Checked longer ago than this counts as not checked.
STALE_AFTER = timedelta(days=180)


class HelpLine(msgspec.Struct, frozen=True):
    """One line. `number` as people read it, of a chat its address; `text` is what to send when `how` is text; `note`
    what it is for.
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
        """The link a phone dials, writes to or opens."""
        if self.how == "chat":
            return f"https://{self.number}/"
        digits = "".join(mark for mark in self.number if mark in "+0123456789")
        return f"tel:{digits}" if self.how == "call" else f"sms:{digits}"

    def is_checked(self, today: date) -> bool:
        """Whether a person has checked it lately."""
        return self.verified_on is not None and today - self.verified_on <= STALE_AFTER


class Region(msgspec.Struct, frozen=True):
    """One place with lines of its own: a country, or a nation of the UK. `country`: ISO 3166-1 alpha-2."""

    name: str
    country: str
    emergency: HelpLine
    lines: list[HelpLine]


@cache
def regions() -> tuple[Region, ...]:
    """Every region, in the file's order."""
    return tuple(msgspec.json.decode(_FILE.read_bytes(), type=list[Region]))


def for_reader(country: str) -> list[Region]:
    """Every region, those of `country` first."""
    return sorted(regions(), key=lambda region: region.country != country)
