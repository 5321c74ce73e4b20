"""Choosing among the places that a text may mean: one that is clear, or a question.

What is weighed is how many people would mean a place, as a decimal logarithm.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from . import gazetteer
from .gazetteer import BYNAME, Candidate, Place
from .geometry import distance_m
from .names import fold

MAX_CHOICES = 8
#: How much more the first place must weigh than the second so that nobody is asked: three times as many people mean it.
_CLEAR_MARGIN = 0.5
#: The same where the first is at home and the second is abroad, unless the first is a hamlet (a weight below HAMLET).
_HOME_MARGIN, HAMLET = 0.2, 3.4
#: The same where both are abroad: who names a city there means the one that the world knows.
_ABROAD_MARGIN = 0.4
#: At home a place of any weight may be meant by some words among others, elsewhere only one that many know.
KNOWN = 4.5
#: A place is offered beside the first one if it weighs at most so much less: a ten-thousandth as many people mean it.
_OFFERED = 4.0
#: "Newport, Wales" is the city: it needs no county.
_CITY = 100_000
#: GeoNames has some towns twice ("St Albans" and "Saint Albans", Victoria).
_SAME_M = 10_000


@dataclass(frozen=True)
class Resolution:
    """What a search box means: the `place`, or None if it must be asked; `choices` are the (other) candidates.

    `corrected`: the name that was read instead of the typed one. `dropped`: words that said nothing to us.
    """

    place: Place | None = None
    choices: list[Place] = field(default_factory=list)
    corrected: str = ""
    dropped: str = ""

    @property
    def every(self) -> list[Place]:
        """The place, and whatever else may be meant, the likeliest first."""
        return [*([self.place] if self.place else []), *self.choices]


@dataclass(frozen=True)
class Weighed:
    """A place that may be meant. `is_corrected`: its name was typed in another way."""

    candidate: Candidate
    weight: float
    is_corrected: bool = False

    @property
    def place(self) -> Place:
        """The place that is weighed."""
        return self.candidate.place


def choose(
    connection: sqlite3.Connection, found: Iterable[Weighed], home: Collection[str], namesakes: Collection[Place] = ()
) -> Resolution:
    """The weightiest of `found` if it is clear, and the others that may be meant. `home`: countries, ISO alpha-2.

    `namesakes`: places from which those that are found must be told; all that were found, if none are given.
    """
    ranked = sorted(found, key=lambda one: (-one.weight, one.place.id))
    best, offered = ranked[0], _offered(ranked)
    every = _told_apart(connection, [one.place for one in offered], namesakes or [one.place for one in ranked])
    corrected = every[0].name if best.is_corrected else ""
    if len(offered) == 1 or best.weight - offered[1].weight >= _margin(best, offered[1], home):
        return Resolution(every[0], every[1:], corrected)
    return Resolution(None, every[:MAX_CHOICES], corrected)


def _margin(best: Weighed, second: Weighed, home: Collection[str]) -> float:
    """A namesake abroad is offered, and asked about only beside a hamlet at home."""
    if second.place.country in home or not any(home):
        return _CLEAR_MARGIN
    if best.place.country not in home:
        return _ABROAD_MARGIN
    return _HOME_MARGIN if best.candidate.weight >= HAMLET else _CLEAR_MARGIN


def _told_apart(connection: sqlite3.Connection, found: list[Place], namesakes: Collection[Place]) -> list[Place]:
    """Places with the same label get the name of their county or of a larger town near by; not a city, if it is the
    only one. "St Ives" and "Saint Ives" are the same.
    """
    others = [one for one in namesakes if all(apart_m(one, other) > _SAME_M for other in found)]
    labels = Counter(fold(one.label) for one in (*found, *others))
    cities = Counter(fold(one.label) for one in (*found, *others) if one.population >= _CITY)
    return [
        replace(one, where=gazetteer.where(connection, one)) if _is_unclear(one, labels, cities) else one
        for one in found
    ]


def _is_unclear(place: Place, labels: Counter[str], cities: Counter[str]) -> bool:
    label = fold(place.label)
    return labels[label] > 1 and (place.population < _CITY or cities[label] > 1)


def _offered(ranked: list[Weighed]) -> list[Weighed]:
    """The first one and those to offer beside it, each once.

    By another name than its own only a place that more people mean is offered: Independence was once "Bristol".
    """
    best = ranked[0]
    most = max((one.candidate.weight for one in ranked if one.candidate.kind != BYNAME), default=0.0)
    offered = [best]
    for one in ranked[1:]:
        is_fit = one.candidate.kind != BYNAME or one.candidate.weight > most
        if one.weight < best.weight - _OFFERED or len(offered) > MAX_CHOICES:
            break
        if is_fit and not any(_is_same(one, other) for other in offered):
            offered.append(one)
    return offered


def _is_same(one: Weighed, other: Weighed) -> bool:
    if one.place.id == other.place.id != 0:
        return True
    same_name = one.candidate.squashed == other.candidate.squashed and one.place.country == other.place.country
    return same_name and apart_m(one.place, other.place) <= _SAME_M


def apart_m(place: Place, other: Place) -> int:
    """How far two places lie from one another, in metres."""
    return distance_m(place.lat_e4, place.lon_e4, other.lat_e4, other.lon_e4)
