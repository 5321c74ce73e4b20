"""Chapters without a node: really signed documents, as many as a demo or a benchmark wants, in towns of the world.

The same arguments make the same bytes. Keys come from `seed`, so they are no secrets.
"""

import hashlib
import random
import sqlite3
from calendar import day_name
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from federation.documents import (
    MAX_FRESH,
    MAX_LIFE,
    ChapterDocument,
    DateState,
    Listing,
    MeetingPoint,
    Profile,
    RegistryEntry,
    Schedule,
)
from federation.encodings import ALPHABET, network_id, to_instant
from federation.envelope import Envelope, seal
from federation.keys import SigningKey
from federation.payloads import write_document
from federation.words import WEEKDAYS, RunKind
from node.chapter.identity import make_genesis
from node.places.gazetteer import GAZETTEER

from .story import DIRECTIONS, HAPPENS

_TOWNS = """
SELECT name, country, lat_e4, lon_e4, timezone FROM town
WHERE population >= 15000 AND radius_m = 0 AND timezone <> '' ORDER BY id
"""
_STARTS = ("06:30", "07:00", "09:00", "09:30", "10:00", "18:00", "18:30", "19:00", "19:30")
_KINDS: tuple[RunKind, ...] = ("run", "run-walk", "walk")
_WHERE = ("Town hall steps", "Station forecourt", "Park gate", "Old bridge", "Market square", "Library door")
#: A meeting point lies no further from the middle of its town, in degrees times 10,000: about 5 km.
_AROUND_E4 = 450

Town = tuple[str, str, int, int, str]


@dataclass(frozen=True)
class SignedChapter:
    """A chapter's first root and its document, sealed with its own keys."""

    id: str
    base_url: str
    root: Envelope
    document: Envelope

    def entry(self, since: datetime) -> RegistryEntry:
        """This chapter in HQ's registry, active."""
        return RegistryEntry(
            chapter=self.id,
            root_version=1,
            root_digest=self.root.digest,
            status="active",
            since=to_instant(since),
        )


def make_chapters(
    count: int,
    runs_each: int,
    now: datetime,
    seed: int = 1,
    *,
    at: Callable[[int], str] = "https://chapter-{}.example.org".format,
) -> Iterator[SignedChapter]:
    """Chapters with so many weekly runs each, signed at `now`. `at`: the base_url of each, by its number from 0 on.

    Raises sqlite3.OperationalError if the gazetteer has not been built.
    """
    towns = _towns()
    random.Random(seed).shuffle(towns)  # noqa: S311 - the same for every run, and nobody's secret
    for number in range(count):
        yield _make(number, runs_each, now, f"{seed}:{number}", towns[number % len(towns)], at(number))


def _towns() -> list[Town]:
    with closing(sqlite3.connect(f"{GAZETTEER.as_uri()}?mode=ro&immutable=1", uri=True)) as gazetteer:
        return gazetteer.execute(_TOWNS).fetchall()


def _make(number: int, runs_each: int, now: datetime, name: str, town: Town, base_url: str) -> SignedChapter:
    root_key, signing_key = _key(f"{name} root"), _key(f"{name} signing")
    root = make_genesis(base_url, signing_key, root_key)
    chapter = network_id(root.digest)
    chance = random.Random(name)  # noqa: S311 - the same for every run
    document = ChapterDocument(
        chapter=chapter,
        root_version=1,
        version=int(now.timestamp()),
        issued=to_instant(now),
        fresh_until=to_instant(now + MAX_FRESH),
        expires=to_instant(now + MAX_LIFE),
        profile=Profile(town[0][:80], town[0][:80], town[1], f"We meet in {town[0][:80]}, whatever the weather."),
        listings=[_listing(chance, town, now) for _ in range(runs_each)],
    )
    return SignedChapter(chapter, base_url, root, seal("chapter", write_document(document), [signing_key]))


def _listing(chance: random.Random, town: Town, now: datetime) -> Listing:
    name, _, lat_e4, lon_e4, zone = town
    first = now.date() + timedelta(days=chance.randrange(2, 9))
    where = chance.choice(_WHERE)
    return Listing(
        id="".join(chance.choices(ALPHABET, k=8)),
        name=f"{day_name[first.weekday()]} in {name}"[:80],
        kind=chance.choice(_KINDS),
        schedule=Schedule(
            timezone=zone,
            dtstart=f"{first}T{chance.choice(_STARTS)}",
            rrule=f"FREQ=WEEKLY;INTERVAL=1;BYDAY={WEEKDAYS[first.weekday()]}",
            duration_minutes=60,
            arrive_minutes_before=10,
        ),
        meeting_point=MeetingPoint(
            name=where,
            address=f"{where}, {name}"[:200],
            directions=DIRECTIONS,
            lat_e4=_near(chance, lat_e4, 900_000),
            lon_e4=_near(chance, lon_e4, 1_800_000),
        ),
        distance_m=chance.choice((3000, 5000, 8000)),
        look_for="Someone with a yellow scarf",
        what_happens=HAPPENS,
        bring="Whatever you walk in.",
        dates=_dates(chance, first, now),
    )


def _dates(chance: random.Random, first: date, now: datetime) -> list[DateState]:
    """Most first dates are confirmed, a few are cancelled, and of the others nothing is said yet."""
    lot = chance.random()
    said_at = to_instant(now.replace(minute=0, second=0))
    if lot < 0.6:
        return [DateState(str(first), "confirmed", said_at)]
    return [DateState(str(first), "cancelled", said_at, reason="weather")] if lot < 0.65 else []


def _near(chance: random.Random, middle_e4: int, bound_e4: int) -> int:
    return max(-bound_e4, min(middle_e4 + chance.randint(-_AROUND_E4, _AROUND_E4), bound_e4))


def _key(name: str) -> SigningKey:
    return SigningKey(hashlib.sha256(f"runtalkrun corpus {name}".encode()).hexdigest())
