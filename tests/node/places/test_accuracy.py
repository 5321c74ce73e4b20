"""How often the search box understands what people type, by the benchmark's table of queries."""

from collections.abc import Callable

import pytest

from node.places import lookup
from node.places.gazetteer import Place

from ...benchmarks.places.queries import Answer, Found, Query, Verdict, judge, read_queries

pytestmark = pytest.mark.usefixtures("gazetteer")

_RIGHT, _RIGHT_OF_A_KIND = 0.97, 0.9
#: Of all queries, those for which the reader is asked without reason, or must be asked and is not.
_NEEDLESS, _GUESSED = 0.01, 0.005


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    return [judge(query, _answer(query)) for query in read_queries()]


def _answer(query: Query) -> Answer:
    resolution = lookup.resolve(query.text, query.home)
    return Answer([_found(one) for one in resolution.every], asked=bool(resolution.choices) and not resolution.place)


def _found(place: Place) -> Found:
    return Found(place.label, place.country, place.lat_e4, place.lon_e4)


def _share(verdicts: list[Verdict], of: Callable[[Verdict], bool]) -> float:
    return sum(map(of, verdicts)) / len(verdicts)


def _named(verdicts: list[Verdict]) -> list[tuple[str, str]]:
    return [(one.query.text, one.query.home) for one in verdicts]


@pytest.mark.parametrize("held_out", [False, True], ids=["tuned against", "held out"])
def test_the_first_place_is_the_one_that_is_meant(verdicts: list[Verdict], held_out: bool) -> None:
    of_these = [one for one in verdicts if one.query.held_out == held_out]
    wrong = _named([one for one in of_these if not one.right])
    assert _share(of_these, lambda one: one.right) >= _RIGHT, wrong


def test_no_kind_of_query_is_left_behind(verdicts: list[Verdict]) -> None:
    for kind in {one.query.kind for one in verdicts}:
        of_kind = [one for one in verdicts if one.query.kind == kind]
        wrong = _named([one for one in of_kind if not one.right])
        assert _share(of_kind, lambda one: one.right) >= _RIGHT_OF_A_KIND, (kind, wrong)


def test_the_reader_is_asked_only_where_two_places_are_likely(verdicts: list[Verdict]) -> None:
    needless = _named([one for one in verdicts if one.needless])
    assert _share(verdicts, lambda one: one.needless) <= _NEEDLESS, needless
    guessed = _named([one for one in verdicts if one.guessed])
    assert _share(verdicts, lambda one: one.guessed) <= _GUESSED, guessed
