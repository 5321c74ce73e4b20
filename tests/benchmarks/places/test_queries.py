"""What counts as a right answer to a query; and the table of queries itself."""

from collections import Counter
from dataclasses import replace

import pytest

from .queries import Answer, Found, Meaning, Query, judge, read_queries

LEEDS, YORK = Found("Leeds", "GB", 537_970, -15_480), Found("York", "GB", 539_600, -10_820)
MEANING = Meaning("Leeds", "GB", 538_000, -15_500, 5_000)
QUERY = Query("town", "Leeds", "GB", "no", held_out=False, meanings=[MEANING])
#: What the issue asks for by name.
ASKED_FOR = (
    *("Edinbrugh", "Perth", "Headingley", "Lewes, East Sussex", "near Leeds", "leeds city centre", "Muenchen", "Hull"),
    *("Fransisco", "Hackney", "Surrey"),
)


def test_the_first_place_has_to_be_the_one_that_is_meant() -> None:
    assert judge(QUERY, Answer([LEEDS, YORK], asked=False)).right
    assert not judge(QUERY, Answer([YORK, LEEDS], asked=False)).right
    assert not judge(QUERY, Answer([], asked=False)).right


def test_a_place_too_far_away_or_in_another_country_is_another_one() -> None:
    assert not judge(QUERY, Answer([replace(LEEDS, lat_e4=538_600)], asked=False)).right
    assert not judge(QUERY, Answer([replace(LEEDS, country="US")], asked=False)).right


def test_where_nothing_is_meant_nothing_has_to_be_found() -> None:
    nonsense = replace(QUERY, meanings=[])
    assert judge(nonsense, Answer([], asked=False)).right
    assert not judge(nonsense, Answer([LEEDS], asked=True)).right


@pytest.mark.parametrize(
    ("question", "asked", "needless", "guessed"),
    [
        ("no", True, True, False),
        ("may", True, False, False),
        ("may", False, False, False),
        ("must", True, False, False),
        ("must", False, False, True),
    ],
)
def test_a_question_is_fair_only_where_two_are_likely(
    question: str, asked: bool, needless: bool, guessed: bool
) -> None:
    verdict = judge(replace(QUERY, question=question), Answer([LEEDS, YORK], asked))
    assert (verdict.needless, verdict.guessed) == (needless, guessed)


def test_every_place_that_must_be_asked_about_must_be_offered() -> None:
    york = replace(MEANING, name="York", lat_e4=539_600, lon_e4=-10_820)
    query = replace(QUERY, question="must", meanings=[MEANING, york])
    assert judge(query, Answer([YORK], asked=True)).missing == ["Leeds"]
    assert judge(query, Answer([YORK, LEEDS], asked=True)).missing == []


def test_the_table_has_enough_of_every_kind_and_all_that_was_asked_for() -> None:
    queries = read_queries()
    kinds = Counter(one.kind for one in queries)
    assert sum(kinds.values()) >= 300
    assert set(ASKED_FOR) <= {one.text for one in queries}
    assert all(
        kinds[kind] >= 30 for kind in ("town", "district", "postcode", "typo", "accent", "language", "qualifier")
    )


def test_no_query_is_in_the_table_twice() -> None:
    assert [key for key, count in Counter((one.text, one.home) for one in read_queries()).items() if count > 1] == []


def test_three_to_five_of_ten_queries_are_held_out() -> None:
    queries = read_queries()
    assert 0.3 <= sum(one.held_out for one in queries) / len(queries) <= 0.5


def test_every_place_of_the_table_is_on_the_globe_and_has_a_tolerance() -> None:
    for query in read_queries():
        assert query.question in {"no", "may", "must"}, query
        for meaning in query.meanings:
            assert abs(meaning.lat_e4) <= 900_000, query
            assert abs(meaning.lon_e4) <= 1_800_000, query
            assert meaning.within_m > 0, query
