"""Search against reading everything: the same directory, ten thousand random queries, the same results."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from federation.documents import ChapterDocument, DateState, Listing, MeetingPoint, Pause, Profile, Schedule
from federation.encodings import to_instant
from node import search
from node.database import writing
from node.directory import listing_rows, listings
from node.models import HeldDocument, HeldListing, RegistryChapter
from node.places.geometry import distance_m
from node.search import candidates, cursor
from node.search.filters import Filters
from node.search.query import MAX_DAYS, USUAL_DAYS, USUAL_RADIUS_M, Found, Query

from ...support.network import START, Clock, LocalNode

_QUERIES = 1000
_ZONES = ("Europe/London", "America/New_York", "Australia/Brisbane", "Pacific/Kiritimati", "Pacific/Niue")
#: Corners of the globe where arithmetic on degrees goes wrong, and two towns.
_POINTS = (
    *(
        (515_101, -860),
        (525_736, -2_478),
        (-274_698, 1_530_251),
        (0, 1_799_999),
        (0, -1_800_000),
        (-170_000, 1_799_500),
    ),
    *((900_000, 0), (899_500, 1_200_000), (-900_000, 0), (-899_000, -900_000), (0, 0)),
)
_WORDS = ("Thursday", "evening", "Läufer", "st", "river", "Run", "walk", "Mona", "'\"*(", "NEAR", "café 5k", "東京")
_BEGIN = cursor.write(cursor.Position(0, 0, "", "", "2026-01-01"))
_STATES = ("confirmed", "cancelled", "moved", "paused", "unconfirmed")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_AUDIENCES = ("everyone", "women", "lgbtq")
_LANGUAGES = ("en", "cy", "de")
#: By the letter of the chapter.
_COUNTRIES = {"a": "DE", "b": "FR", "c": "DE", "d": "FR", "e": "DE"}
_RULES = (
    None,
    "FREQ=WEEKLY;INTERVAL=1;BYDAY={}",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY={}",
    "FREQ=MONTHLY;INTERVAL=1;BYDAY=2{}",
)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[LocalNode]:
    """A node that holds many odd listings of five chapters, one of them paused and one suspended."""
    made = LocalNode(tmp_path / "brute", Clock(), 8102)
    chance = random.Random(7)
    with made.session() as session, writing(session):
        for number, status in enumerate(("active", "active", "active", "paused", "suspended")):
            document = _document(chance, "abcde"[number] * 24)
            session.add(_held(document, number + 1))
            session.add(_registered(document.chapter, status))
            session.flush()
            # Before any moment that is searched at: rows that were made later leave out what is over by then.
            listing_rows.replace(session, document, START - timedelta(hours=10))
    yield made
    made.close()


def _document(chance: random.Random, chapter: str) -> ChapterDocument:
    pause = Pause(since="2026-06-20", back_on="2026-07-10") if chance.random() < 0.3 else None
    return ChapterDocument(
        chapter=chapter,
        root_version=1,
        version=1,
        issued=to_instant(START),
        fresh_until=to_instant(START + timedelta(hours=48)),
        expires=to_instant(START + timedelta(days=14)),
        profile=Profile("Chapter " + chapter[0], "Mönchengladbach", "DE", pause=pause),
        listings=[_listing(chance, f"{chapter[0]}{n:07}".translate(str.maketrans("0189", "xyzw"))) for n in range(12)],
    )


def _listing(chance: random.Random, id_: str) -> Listing:
    first = date(2026, 4, 1) + timedelta(days=chance.randrange(90))
    weekday = _WEEKDAYS[first.weekday() if chance.random() < 0.9 else 3]
    rule = chance.choice(_RULES)
    lat, lon = chance.choice(_POINTS)
    days = sorted({first + timedelta(days=chance.choice((7, 14, 21, 28, 61, 62, 63, 64))) for _ in range(3)})
    return Listing(
        id=id_,
        name=" ".join(chance.sample(_WORDS, 2)),
        kind=chance.choice(("run", "run-walk", "walk")),
        schedule=Schedule(
            timezone=chance.choice(_ZONES),
            dtstart=f"{first}T{chance.choice(('00:30', '06:30', '18:30', '23:45'))}",
            rrule=rule.format(weekday) if rule else None,
            duration_minutes=chance.choice((30, 60, 600)),
            arrive_minutes_before=10,
            until=str(first + timedelta(days=120)) if chance.random() < 0.3 else None,
            exdates=[str(first + timedelta(days=7 * n)) for n in range(8, 11)] if chance.random() < 0.3 else [],
        ),
        meeting_point=_point(chance, lat, lon),
        facilities=chance.sample(listing_rows.FACILITIES, chance.randrange(4)),
        audience=chance.choice(_AUDIENCES),
        languages=chance.sample(_LANGUAGES, chance.randrange(3)),
        dates=[_said(chance, day) for day in days],
    )


def _point(chance: random.Random, lat: int, lon: int) -> MeetingPoint:
    north = max(-900_000, min(900_000, lat + chance.randrange(-9000, 9000)))
    east = (lon + chance.randrange(-9000, 9000) + 1_800_000) % 3_600_000 - 1_800_000
    return MeetingPoint(chance.choice(_WORDS), "By the river", "", north, east)


def _said(chance: random.Random, day: date) -> DateState:
    state = chance.choice(("confirmed", "cancelled", "moved"))
    to = day + timedelta(days=chance.choice((0, 1, -2, 9)))
    starts = f"{to}T{chance.choice(('05:00', '21:15'))}" if chance.random() < 0.5 else None
    return DateState(str(day), state, to_instant(START), starts=starts)


def _held(document: ChapterDocument, seq: int) -> HeldDocument:
    pause = msgspec.json.encode(document.profile.pause).decode() if document.profile.pause else ""
    return HeldDocument(
        chapter=document.chapter, version=1, digest=document.chapter, envelope=b"held", name=document.profile.name,
        place=document.profile.place, country=_COUNTRIES[document.chapter[0]], pause=pause, issued=START,
        fresh_until=START + timedelta(hours=48), expires=START + timedelta(days=14), seq=seq,
    )  # fmt: skip


def _registered(chapter: str, status: str) -> RegistryChapter:
    return RegistryChapter(chapter=chapter, root_version=1, root_digest="", status=status, since=START)


class Everything:
    """All occurrences of the directory at one moment, read once, without any index."""

    def __init__(self, node: LocalNode, now: datetime) -> None:
        self.now, self.first_day = now, (now - timedelta(hours=12)).date()
        with node.session() as session:
            rows = session.scalars(select(HeldListing)).all()
            today = now.date()
            span = (today - timedelta(days=2), today + timedelta(days=130))
            held = [(row, listings.occurrences_of(session, [row.row], *span, now)) for row in rows]
        self.rows = [
            (_COUNTRIES[row.chapter[0]], listing_rows.read(row.content), _at(row), found) for row, found in held
        ]

    def find(self, query: Query) -> list[tuple[Any, ...]]:
        """Keys of what the query finds, in order."""
        found = []
        for country, listing, point, dates in self.rows:
            if query.country in ("", country) and self._is_wanted(query, listing, point, dates):
                found += [self._key(query, one) for one in dates if self._is_asked_for(query, one)]
        return sorted(found)

    def _is_wanted(
        self, query: Query, listing: Listing, point: tuple[int, int], dates: list[listings.Occurrence]
    ) -> bool:
        radius = USUAL_RADIUS_M if query.radius_m is None else query.radius_m
        if query.point and distance_m(*query.point, *point) > radius:
            return False
        wished = query.filters
        if wished.kinds and listing.kind not in wished.kinds:
            return False
        if wished.audiences and listing.audience not in wished.audiences:
            return False
        if wished.languages and not wished.languages & set(listing.languages):
            return False
        return wished.facilities <= set(listing.facilities) and self._has_words(query.text, listing, dates)

    def _has_words(self, text: str, listing: Listing, dates: list[listings.Occurrence]) -> bool:
        if not dates:
            return False
        said = (listing.name, dates[0].chapter_name, dates[0].place, listing.meeting_point.name)
        has = _tokens(" ".join((*said, listing.meeting_point.address, listing.what_happens)))
        return all(any(one.startswith(word) for one in has) for word in _tokens(text)[:8])

    def _is_asked_for(self, query: Query, one: listings.Occurrence) -> bool:
        shown = "paused" if one.paused and one.state != "cancelled" else one.state
        if query.states and shown not in query.states:
            return False
        if query.filters.only_confirmed and shown != "confirmed":
            return False
        known = {_WEEKDAYS[day.weekday()] for day in (one.starts.date(), one.day, *one.moved_from)}
        if query.filters.weekdays and not known & query.filters.weekdays:
            return False
        hours = [one.starts.hour, *([int(one.listing.schedule.dtstart[11:13])] if one.moved else [])]
        if query.is_evening and max(hours) < 17:
            return False
        if shown in ("confirmed", "moved", "unconfirmed") and self.now > one.starts + timedelta(minutes=10):
            return False
        first = query.start or self.now.astimezone(one.starts.tzinfo).date()
        last = query.end or first + timedelta(days=USUAL_DAYS - 1)
        last = min(last, first + timedelta(days=MAX_DAYS - 1))
        days = [day for day in (one.day, one.starts.date(), *one.moved_from) if day >= self.first_day]
        return any(first <= day <= last for day in days)

    def _key(self, query: Query, one: listings.Occurrence) -> tuple[Any, ...]:
        point = one.meeting_point
        away = distance_m(*query.point, point.lat_e4, point.lon_e4) if query.point else 0
        return int(one.starts.timestamp()), away, one.chapter, one.listing.id, one.day.isoformat()


def _at(row: HeldListing) -> tuple[int, int]:
    return row.lat_e4, row.lon_e4


def _tokens(text: str) -> list[str]:
    """Letters and digits, without case and accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in bare).split()


def _query(chance: random.Random, now: datetime) -> Query:
    lat, lon = chance.choice(_POINTS)
    here = chance.random() < 0.7
    start = now.date() + timedelta(days=chance.randrange(-3, 40)) if chance.random() < 0.6 else None
    end = (start or now.date()) + timedelta(days=chance.choice((0, 1, 6, 30))) if chance.random() < 0.6 else None
    return Query(
        lat_e4=max(-900_000, min(900_000, lat + chance.randrange(-2000, 2000))) if here else None,
        lon_e4=(lon + chance.randrange(-2000, 2000) + 1_800_000) % 3_600_000 - 1_800_000 if here else None,
        radius_m=chance.choice((None, 0, 5_000, 60_000, 300_000, 30_000_000)),
        start=start,
        end=end,
        country=chance.choice(("", "DE", "FR", "IS")) if not here else "",
        text=chance.choice(("", "", "", *_WORDS, "run river")),
        states=frozenset(chance.sample(_STATES, chance.choice((0, 0, 2)))),
        is_evening=chance.random() < 0.2,
        filters=_filters(chance),
        after=chance.choice(("", _BEGIN)),
        limit=chance.choice((20, 100, 100, 100)),
    )  # fmt: skip


def _filters(chance: random.Random) -> Filters:
    return Filters(
        kinds=frozenset(chance.sample(("run", "run-walk", "walk"), chance.choice((0, 0, 1, 2)))),
        facilities=frozenset(chance.sample(listing_rows.FACILITIES, chance.choice((0, 0, 0, 1)))),
        audiences=frozenset(chance.sample(_AUDIENCES, chance.choice((0, 0, 0, 1)))),
        languages=frozenset(chance.sample(_LANGUAGES, chance.choice((0, 0, 0, 1)))),
        weekdays=frozenset(chance.sample(_WEEKDAYS, chance.choice((0, 0, 0, 2)))),
        only_confirmed=chance.random() < 0.1,
    )


def _found(node: LocalNode, query: Query, now: datetime) -> list[tuple[Any, ...]]:
    """Page after page, to the end."""
    keys: list[tuple[Any, ...]] = []
    with node.session() as session:
        while True:
            results = search.search(session, query, now)
            keys += [_key_of(one) for one in results.found]
            if results.cursor is None:
                return keys
            query = replace(query, after=results.cursor)


def _key_of(one: Found) -> tuple[Any, ...]:
    of = one.occurrence
    return int(of.starts.timestamp()), one.distance_m or 0, of.chapter, of.listing.id, of.day.isoformat()


@pytest.mark.parametrize("seed", range(10))
def test_a_thousand_random_queries_find_what_reading_everything_finds(
    node: LocalNode, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 3:  # as where a country has many chapters
        monkeypatch.setattr(candidates, "MOST_BY_CHAPTER", 1)
    chance = random.Random(seed)
    now = START + timedelta(minutes=chance.randrange(-600, 3 * 24 * 60))
    with node.session() as session:
        if seed % 2:  # as the hourly job has left it, or as it was when the documents came
            listing_rows.roll(session, now)
    everything = Everything(node, now.astimezone(UTC))
    for _ in range(_QUERIES):
        query = _query(chance, now)
        assert _found(node, query, now) == everything.find(query), query


@pytest.mark.parametrize("seed", range(3))
def test_a_filter_leaves_as_many_runs_as_it_says(node: LocalNode, seed: int) -> None:
    chance = random.Random(100 + seed)
    for _ in range(60):
        query = replace(_query(chance, START), after="", text="", states=frozenset())
        with node.session() as session:
            tally = search.tally_of(session, query, START)
        if tally.is_whole:
            runs = {key[2:4] for key in _found(node, query, START)}
            assert tally.count(query.filters) == len(runs), query


def test_one_reading_finds_and_counts_what_two_readings_do(node: LocalNode) -> None:
    chance = random.Random(200)
    for _ in range(60):
        query = replace(_query(chance, START), after="", filters=Filters())
        with node.session() as session:
            results, tally = search.search_and_tally(session, query, START)
            assert results == search.search(session, query, START), query
            assert tally == search.tally_of(session, query, START), query


def test_a_page_by_day_ends_with_a_day_and_pages_find_each_date_once(node: LocalNode) -> None:
    query = Query(start=START.date(), end=START.date() + timedelta(days=60), limit=3)
    every = _found(node, query, START)
    with node.session() as session:
        page = search.search(session, replace(query, by_day=True), START)
        rest = search.search(session, replace(query, by_day=True, after=page.cursor or ""), START)
    assert len(page.found) >= 3
    assert page.found[-1].day < rest.found[0].day
    assert _found(node, replace(query, by_day=True), START) == every
