"""Search in a directory of 30,000 and of 300,000 listings: near a town, by words, five weeks ahead, and with no place.

The floor of "near a town" is its first question to the index alone, on the same connection in the same round.
"""

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from deploy.demo.corpus import SignedChapter, make_chapters
from federation.documents import ChapterDocument
from federation.encodings import from_instant
from federation.payloads import read_document
from node import search
from node.database import checkpoint, table_of, writing
from node.directory import listing_rows
from node.models import HeldDocument, RegistryChapter
from node.places.gazetteer import GAZETTEER
from node.places.geometry import cells_within
from node.search.query import Query

from ..support.network import START, Clock, LocalNode
from .table import Row

_TOWNS = "SELECT lat_e4, lon_e4, name, population FROM town WHERE population > 0 AND radius_m = 0"
_CHAPTERS = (10_000, 100_000)
_RUNS_EACH = 3
_ROUNDS, _QUERIES = 5, 200
_AT_ONCE = 500
_DAY = timedelta(days=1)


def measure() -> list[Row]:
    """Every figure at both sizes."""
    return [row for chapters in _CHAPTERS for row in _measured(chapters)]


def _measured(chapters: int) -> list[Row]:
    size = f"{chapters * _RUNS_EACH:,} listings"
    with tempfile.TemporaryDirectory() as folder:
        node = LocalNode(Path(folder), Clock(), 8198)
        fill_directory(node, chapters)
        near, floor, ahead, words, anywhere = _in_turn(node)
        rolled = _rolled(node)
        node.close()
    p50, p99, lowest = _p(near, 50), _p(near, 99), _p(floor, 50)
    return [
        Row(f"near a town, p50, {size}", _ms(p50), _ms(lowest), p50 / lowest),
        Row(f"near a town, p99, {size}", _ms(p99), goal="<= 2 ms", met=p99 <= 2),
        Row(f"by a word, p50, {size}", _ms(_p(words, 50)), goal="<= 1 ms", met=_p(words, 50) <= 1),
        Row(f"near, five weeks ahead, p99, {size}", _ms(_p(ahead, 99)), goal="<= 20 ms", met=_p(ahead, 99) <= 20),
        Row(f"no place, p50, {size}", _ms(_p(anywhere, 50))),
        Row(f"a week's next starts rolled on, {size}", f"{rolled:.1f} s"),
    ]


def fill_directory(node: LocalNode, chapters: int) -> None:
    """Let the node hold so many chapters, each with three runs, in towns of the world."""
    made = make_chapters(chapters, _RUNS_EACH, START)
    with node.session() as session:
        seq = 0
        while batch := [one for _, one in zip(range(_AT_ONCE), made, strict=False)]:
            with writing(session):
                _put(session, batch, seq)
            seq += len(batch)
    with node.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    # As a job of the node does: a log of the whole database is not what a node reads from.
    checkpoint(node.engine)


def _put(session: Session, batch: list[SignedChapter], seq: int) -> None:
    documents = [read_document(one.document.payload, ChapterDocument) for one in batch]
    session.execute(insert(table_of(HeldDocument)), [_held(one, seq + n + 1) for n, one in enumerate(documents)])
    session.execute(insert(table_of(RegistryChapter)), [_listed(one.chapter) for one in documents])
    rows = [row for one in documents for row in listing_rows.rows_of(one, START)]
    listing_rows.put(session, [one.chapter for one in documents], rows)


def _held(document: ChapterDocument, seq: int) -> dict[str, Any]:
    times = {name: from_instant(getattr(document, name)) for name in ("issued", "fresh_until", "expires")}
    profile = {"name": document.profile.name, "place": document.profile.place, "country": document.profile.country}
    return {"chapter": document.chapter, "version": 1, "envelope": b"held", "pause": "", "seq": seq} | times | profile


def _listed(chapter: str) -> dict[str, Any]:
    return {"chapter": chapter, "root_version": 1, "root_digest": "", "status": "active", "since": START}


def _in_turn(node: LocalNode) -> tuple[list[float], ...]:
    """Milliseconds of each question, five kinds in turn."""
    chance = random.Random(3)
    kinds = (_near, _floor, _ahead, _by_word, _anywhere)
    times: tuple[list[float], ...] = tuple([] for _ in kinds)
    towns = _towns(chance)
    with node.session() as session:
        for _ in range(_ROUNDS):
            asked = [next(towns) for _ in range(_QUERIES)]
            for kind, found in zip(kinds, times, strict=True):
                found.extend(_timed(lambda town, kind=kind: kind(session, town), town) for town in asked)
    return times


def _timed(ask: Callable[[Any], object], town: tuple[int, int, str]) -> float:
    began = time.perf_counter()
    ask(town)
    return (time.perf_counter() - began) * 1e3


def _near(session: Session, town: tuple[int, int, str]) -> object:
    return search.search(session, Query(town[0], town[1]), START)


def _floor(session: Session, town: tuple[int, int, str]) -> object:
    ranges = " OR ".join(f"cell BETWEEN {a:d} AND {b:d}" for a, b in cells_within(town[0], town[1], 50_000))
    begin, end = int(START.timestamp()), int((START + _DAY).timestamp())
    asked = f"SELECT row, next_start, lat_e4, lon_e4 FROM held_listing WHERE next_start BETWEEN {begin} AND {end}"  # noqa: S608 - numbers
    return session.execute(text(f"{asked} AND ({ranges})")).all()


def _ahead(session: Session, town: tuple[int, int, str]) -> object:
    day = START.date() + 35 * _DAY
    return search.search(session, Query(town[0], town[1], start=day, end=day + 2 * _DAY), START)


def _by_word(session: Session, town: tuple[int, int, str]) -> object:
    return search.search(session, Query(text=town[2]), START)


def _anywhere(session: Session, _: tuple[int, int, str]) -> object:
    return search.search(session, Query(), START)


def _rolled(node: LocalNode) -> float:
    """Seconds to move every next start on after a week of standing still."""
    later: datetime = START + 9 * _DAY
    with node.session() as session:
        began = time.perf_counter()
        listing_rows.roll(session, later)
        return time.perf_counter() - began


def _towns(chance: random.Random) -> Iterator[tuple[int, int, str]]:
    """Where people are: towns drawn by their population."""
    with closing(sqlite3.connect(f"{GAZETTEER.as_uri()}?mode=ro&immutable=1", uri=True)) as gazetteer:
        rows = gazetteer.execute(_TOWNS).fetchall()
    weights = [row[3] for row in rows]
    while True:
        yield from ((lat, lon, name) for lat, lon, name, _ in chance.choices(rows, weights, k=500))


def _p(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def _ms(value: float) -> str:
    return f"{value:.2f} ms"
