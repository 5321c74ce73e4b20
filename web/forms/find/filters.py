"""What people want of a run: the boxes of the search, and how many runs each of them leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel.dates import get_day_names
from werkzeug.datastructures import MultiDict

from federation import words as protocol
from node.search.filters import Filters, Tally

from ...language import _, locale
from ...language.days import week_from_its_first_day
from ...words.listings import AUDIENCES, FACILITIES, KINDS

#: The field of each set of wishes in an address.
FIELDS = {"kind": "kinds", "with": "facilities", "for": "audiences", "language": "languages", "day": "weekdays"}
CONFIRMED = "confirmed"
#: Each wish comes from a closed list, and languages are few.
_MOST = 40


@dataclass(frozen=True)
class Option:
    """One box. `count`: how many runs it leaves; None where nothing was counted."""

    field: str
    value: str
    words: str
    is_chosen: bool
    count: int | None


@dataclass(frozen=True)
class Group:
    """Boxes of one kind."""

    words: str
    options: list[Option]


def read(args: MultiDict[str, str]) -> Filters:
    """The wishes of an address. Whatever is no word of the closed lists is left out."""
    wished = {wish: frozenset(_known(field, args.getlist(field)[:_MOST])) for field, wish in FIELDS.items()}
    return Filters(**wished, only_confirmed=args.get(CONFIRMED) == "yes")


def pairs_of(filters: Filters) -> list[tuple[str, str]]:
    """The fields and values of an address, in one order whatever was tapped first."""
    pairs = [(field, value) for field, wish in FIELDS.items() for value in sorted(getattr(filters, wish))]
    return [*pairs, (CONFIRMED, "yes")] if filters.only_confirmed else pairs


def groups_of(filters: Filters, tally: Tally | None) -> list[Group]:
    """All boxes with how many runs each leaves. What tells no runs apart is left out, unless it is chosen."""
    groups = [
        Group(_("Activity"), [*_options("kind", KINDS, filters, tally), _confirmed(filters, tally)]),
        Group(_("Facilities"), _options("with", _facilities(), filters, tally)),
        Group(_("Who it’s for"), _options("for", _told(tally, filters, "audience"), filters, tally)),
        Group(_("Languages"), _options("language", _told(tally, filters, "languages"), filters, tally)),
        Group(_("Day of the week"), _options("day", _told(tally, filters, "weekday"), filters, tally)),
    ]
    return [group for group in groups if group.options]


def chosen_of(filters: Filters) -> list[Option]:
    """The chosen boxes, in the order of all."""
    return [one for group in groups_of(filters, None) for one in group.options if one.is_chosen]


def _known(field: str, values: Iterable[str]) -> list[str]:
    lists = {
        "kind": protocol.RUN_KINDS,
        "with": protocol.FACILITIES,
        "for": protocol.AUDIENCES,
        "day": protocol.WEEKDAYS,
    }
    if field == "language":
        return [value for value in values if protocol.is_known_language(value)]
    return protocol.known(values, lists[field])


def _options(field: str, words: Iterable[str], filters: Filters, tally: Tally | None) -> list[Option]:
    wish = FIELDS[field]
    said: set[str] = set(getattr(filters, wish))
    return [
        Option(field, one, words_of(field, one), one in said, _count(tally, filters.narrowed(wish, one)))
        for one in words
    ]


def _confirmed(filters: Filters, tally: Tally | None) -> Option:
    count = _count(tally, filters.confirmed())
    return Option(CONFIRMED, "yes", words_of(CONFIRMED, "yes"), filters.only_confirmed, count)


def _count(tally: Tally | None, filters: Filters) -> int | None:
    return tally.count(filters) if tally else None


def _facilities() -> list[str]:
    return [one for one in protocol.FACILITIES if one in FACILITIES]


def _told(tally: Tally | None, filters: Filters, fact: str) -> list[str]:
    """The values of a fact by which the runs differ, and the chosen ones."""
    field = {"audience": "for", "languages": "language", "weekday": "day"}[fact]
    chosen: set[str] = set(getattr(filters, FIELDS[field]))
    every = set(_known(field, tally.every(fact))) if tally else set()
    shown = (every if len(every) > 1 else set()) | chosen
    if fact == "weekday":
        return [day for day in week_from_its_first_day(protocol.WEEKDAYS) if day in shown]
    if fact == "audience":
        return [one for one in AUDIENCES if one in shown and one != "everyone"]
    return sorted(shown, key=lambda code: words_of("language", code))


def chosen_words(filters: Filters) -> list[str]:
    """Each wish that was chosen, in words."""
    return [words_of(field, value) for field, value in pairs_of(filters)]


def words_of(field: str, value: str) -> str:
    """A wish in words."""
    return _words(field, value, str(locale()))


@lru_cache(maxsize=1024)
def _words(field: str, value: str, language: str) -> str:
    """In one language, remembered: each search page asks for all of them."""
    if field == CONFIRMED:
        return _("Confirmed only")
    if field == "language":
        return str(locale().languages.get(value, value))
    if field == "day":
        return str(get_day_names("wide", locale=locale())[protocol.WEEKDAYS.index(value)])
    words: dict[str, Any] = {"kind": KINDS, "with": FACILITIES, "for": AUDIENCES}[field]
    return str(words[value]) if value in words else value
