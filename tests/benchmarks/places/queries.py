"""Queries as people type them, with the place that each means, and what is right about an answer.

The table `queries.csv` was written by hand from what is known of geography, not from the gazetteer. Several rows of one
query and one home are several places that the query may mean. `home` is the country of the reader's chapter. `question`
is whether the page asks "which one?": `no`, `may` where a question is fair, `must` where an answer without one is a
guess. A query without a place means nothing. `held_out` rows are not for tuning the search.
"""

import csv
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from node.places.geometry import distance_m

TABLE = Path(__file__).with_name("queries.csv")


@dataclass(frozen=True)
class Found:
    """A place of an answer; angles in degrees times 10,000."""

    label: str
    country: str
    lat_e4: int
    lon_e4: int


@dataclass(frozen=True)
class Answer:
    """The places that were found, the first one first; `asked`: the reader has to choose among them."""

    found: list[Found]
    asked: bool


@dataclass(frozen=True)
class Meaning:
    """A place that a query may mean, and how far from its middle an answer may lie."""

    name: str
    country: str
    lat_e4: int
    lon_e4: int
    within_m: int

    def is_met_by(self, place: Found) -> bool:
        """Whether `place` is that place."""
        away = distance_m(self.lat_e4, self.lon_e4, place.lat_e4, place.lon_e4)
        return place.country == self.country and away <= self.within_m


@dataclass(frozen=True)
class Query:
    """What a reader at `home` types, and the places that it may mean."""

    kind: str
    text: str
    home: str
    question: str
    held_out: bool
    meanings: list[Meaning]


@dataclass(frozen=True)
class Verdict:
    """What is right about the answer to a query.

    `right`: the first place is meant, or nothing is found where nothing is meant. `needless`: the reader was asked
    without reason. `guessed`: the reader had to be asked, and was not. `missing`: places that must be offered, and
    were not.
    """

    query: Query
    answer: Answer
    right: bool
    needless: bool
    guessed: bool
    missing: list[str]


def read_queries() -> list[Query]:
    """Every query of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [_query(list(group)) for _, group in groupby(rows, key=lambda row: (row["kind"], row["query"], row["home"]))]


def _query(rows: list[dict[str, str]]) -> Query:
    first = rows[0]
    return Query(
        kind=first["kind"],
        text=first["query"],
        home=first["home"],
        question="must" if any(row["question"] == "must" for row in rows) else first["question"],
        held_out=first["held_out"] == "yes",
        meanings=[_meaning(row) for row in rows if row["name"]],
    )


def _meaning(row: dict[str, str]) -> Meaning:
    return Meaning(
        name=row["name"],
        country=row["country"],
        lat_e4=round(float(row["lat"]) * 10_000),
        lon_e4=round(float(row["lon"]) * 10_000),
        within_m=round(float(row["within_km"]) * 1000),
    )


def judge(query: Query, answer: Answer) -> Verdict:
    """What is right about `answer`."""
    first = answer.found[:1]
    is_met = any(one.is_met_by(place) for one in query.meanings for place in first)
    offered = [one for one in query.meanings if any(one.is_met_by(place) for place in answer.found)]
    return Verdict(
        query=query,
        answer=answer,
        right=is_met if query.meanings else not first,
        needless=answer.asked and query.question == "no",
        guessed=not answer.asked and query.question == "must",
        missing=[one.name for one in query.meanings if one not in offered] if query.question == "must" else [],
    )
