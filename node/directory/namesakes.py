"""Chapters that share a name, and what tells them apart: the place, else the country, else the id."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..models import HeldDocument

#: Letters of an id that are shown to tell two chapters of one place apart.
_SHORT = 6


class Apart(NamedTuple):
    """What a page shows beside a shared name. One field is filled; the others are empty."""

    place: str = ""
    country: str = ""
    id: str = ""


def all_of(session: Session) -> dict[str, Apart]:
    """Every chapter whose name another chapter has, too, by id."""
    lowered = func.lower(HeldDocument.name)
    repeated = select(lowered).group_by(lowered).having(func.count() > 1)
    # By chapter, so that names are read from their index alone, and the wide rows only of those that share one.
    sharing = select(HeldDocument.chapter).where(lowered.in_(repeated))
    columns = (HeldDocument.chapter, HeldDocument.name, HeldDocument.place, HeldDocument.country)
    held = select(*columns).where(HeldDocument.chapter.in_(sharing), HeldDocument.envelope.is_not(None))
    by_name = defaultdict(list)
    for chapter, name, place, country in session.execute(held):
        by_name[name.lower()].append((chapter, place, country))
    return dict(one for group in by_name.values() if len(group) > 1 for one in _apart(group))


def _apart(group: list[tuple[str, str, str]]) -> Iterator[tuple[str, Apart]]:
    """What tells each chapter (id, place, country) of one name from the others."""
    places = Counter(place.casefold() for _, place, _ in group)
    countries = Counter((place.casefold(), country) for _, place, country in group)
    for chapter, place, country in group:
        if places[place.casefold()] == 1:
            yield chapter, Apart(place=place)
        elif countries[place.casefold(), country] == 1:
            yield chapter, Apart(country=country)
        else:
            yield chapter, Apart(id=chapter[:_SHORT])
