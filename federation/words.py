"""The closed lists of the protocol, and how a word is read that a node does not know (PROTOCOL.md §2.7).

A node writes only the words of these lists. Of another's document it keeps every word as it came, and reads one that it
does not know as the safest thing it can mean: nobody disappears from older nodes because they upgraded.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Literal, get_args

from msgspec import Meta

#: Any word of a closed list, of today or of tomorrow.
Word = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\Z", max_length=40)]
#: A language of today (ISO 639) or of tomorrow (RFC 5646).
LanguageTag = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z", max_length=35)]
#: A rule of RFC 5545, whether or not this version of the protocol has it.
RuleText = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9=;,+-]*\Z", max_length=200)]

DateKind = Literal["confirmed", "cancelled", "moved"]
Reason = Literal["weather", "venue", "lead", "other"]
RunKind = Literal["run", "run-walk", "walk"]
Facility = Literal[
    "toilets",
    "water",
    "changing",
    "bag-storage",
    "step-free",
    "wheelchair",
    "pushchair",
    "dogs",
    "lit",
    "indoor-base",
    # Only ever appended: an index of every node has a bit for each, in this order.
    "accessible-toilet",
    "assistance-dogs",
    "children",
    "sign-language",
]
#: The way from a landmark to the meeting point, by the compass.
Direction = Literal["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"]
#: `some`: for some people only, and the chapter says whom. So any audience is read that a node does not know.
Audience = Literal["everyone", "women", "men", "lgbtq", "parents", "students", "over-60", "some"]
Photos = Literal["none", "ask-first", "welcome"]
BankHolidays = Literal["as-usual", "not-held", "ask"]
Status = Literal["active", "paused", "suspended", "dropped", "left"]

DATE_KINDS: tuple[str, ...] = get_args(DateKind)
REASONS: tuple[str, ...] = get_args(Reason)
RUN_KINDS: tuple[str, ...] = get_args(RunKind)
FACILITIES: tuple[str, ...] = get_args(Facility)
DIRECTIONS: tuple[str, ...] = get_args(Direction)
AUDIENCES: tuple[str, ...] = get_args(Audience)
PHOTOS: tuple[str, ...] = get_args(Photos)
BANK_HOLIDAYS: tuple[str, ...] = get_args(BankHolidays)
STATUSES: tuple[str, ...] = get_args(Status)
#: Whose documents are taken and shown, paused ones as paused (§6.3).
LISTED: tuple[Status, ...] = ("active", "paused")

#: RFC 5545's days of the week, in the order of date.weekday().
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_DAYS = f"({'|'.join(WEEKDAYS)})"
_RULE = re.compile(
    rf"FREQ=(WEEKLY;INTERVAL=([1-9]|1[0-2]);BYDAY={_DAYS}(,{_DAYS}){{0,6}}"
    rf"|MONTHLY;INTERVAL=([1-9]|1[0-2]);BYDAY=([1-4]|-1){_DAYS})\Z"
)


@lru_cache(maxsize=512)  # the runs of the world share a few rules
def is_known_rule(rule: str | None) -> bool:
    """Whether this version says on which days a run with this rule is held (§2.6)."""
    return rule is None or _RULE.match(rule) is not None


def is_known_language(tag: str) -> bool:
    """Whether a node of this version may write this language."""
    return _LANGUAGE.match(tag) is not None


def read_state(word: str, *, can_tell: bool = True) -> str:
    """What is known of a date: of an unknown word `unclear`, which is never a promise.

    `can_tell`: whether the reader knows which dates the run has; else nothing is sure but that one is off.
    """
    return word if word == "cancelled" or (can_tell and word in DATE_KINDS) else "unclear"


def read_audience(word: str) -> str:
    """For whom a run is. An unknown word leaves people out, and is read as `some`."""
    return word if word in AUDIENCES else "some"


def read_reason(word: str | None) -> str | None:
    """Why a date is cancelled. An unknown word is read as `other`."""
    return word if word is None or word in REASONS else "other"


def known(words: Iterable[str], listed: tuple[str, ...]) -> list[str]:
    """Those of `words` that this version knows. A page cannot promise what it does not know."""
    return [word for word in words if word in listed]
