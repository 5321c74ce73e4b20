"""Where in a text a place is named: "Isle of Dogs" is one name, and no wish for dogs.

Raises GazetteerMissing.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from . import gazetteer, postcode_shapes
from .choice import KNOWN
from .gazetteer import BYNAME, Candidate
from .names import fold, squash
from .readings import LONGEST_NAME, POINTING, says_nothing

_WORD = re.compile(r"[^\s,;|/()]+")
_APART = re.compile(r"[,;|()\n]")
#: What stands between a name and the words beside it.
_JOINING = POINTING | {"a", "and", "for", "on", "or", "with"}


class Name(NamedTuple):
    """From which character to which. `is_likely`: at home, a place that people far away know, or sure by its form."""

    begin: int
    end: int
    is_likely: bool


def names_inside(text: str, home: Collection[str]) -> list[Name]:
    """Each place, postcode, region and country that is named, whatever else may be meant. `home`: countries, ISO
    alpha-2.
    """
    rows = {span: fold(text[slice(*span)]) for span in _rows(text)}
    with gazetteer.opened() as connection:
        found: dict[str, list[Candidate]] = {}
        for one in gazetteer.named(connection, {squash(row) for row in rows.values()}):
            found.setdefault(one.squashed, []).append(one)
        sure = {row for row in rows.values() if not says_nothing(row) and gazetteer.is_region(connection, row)}
    sure |= set(filter(postcode_shapes.is_sure, rows.values()))
    return [
        Name(*span, row in sure or any(_is_likely(one, home) for one in places))
        for span, row in rows.items()
        if (places := found.get(squash(row), [])) or row in sure
    ]


def _is_likely(one: Candidate, home: Collection[str]) -> bool:
    return one.weight >= KNOWN or (one.kind != BYNAME and one.place.country in home)


def _rows(text: str) -> list[tuple[int, int]]:
    """Some words, one after the other, without a comma between them, that neither begin nor end with "in" or "and"."""
    words = [(match.span(), fold(match[0]) not in _JOINING) for match in _WORD.finditer(text)]
    return [
        (begin, end)
        for at, ((begin, _), may_begin) in enumerate(words)
        for (_, end), may_end in words[at : at + LONGEST_NAME]
        if may_begin and may_end and not _APART.search(text[begin:end])
    ]
