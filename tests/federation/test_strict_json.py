"""federation.strict_json: what other parsers let pass (PROTOCOL.md §2, §3.4)."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from federation.errors import FederationError, ForbiddenMember, Malformed, TooLarge
from federation.strict_json import (
    FORBIDDEN_MEMBERS,
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_TEXT,
    may_have_forbidden_members,
    parse,
    refuse_forbidden_members,
)

CAP = 65_536

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MEMBERS = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def depth(value: object) -> int:
    if not isinstance(value, dict | list):
        return 0
    return 1 + max((depth(each) for each in (value.values() if isinstance(value, dict) else value)), default=0)


def nested(levels: int) -> str:
    return '{"a":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


@given(st.binary(max_size=300))
def test_s2_1_arbitrary_bytes_raise_nothing_but_refusals(data: bytes) -> None:
    try:
        parse(data, cap=CAP)
    except FederationError:
        return


@given(st.text(alphabet='{}[]":,0123456789-+eE.\\u trufalsn\ud800', max_size=80))
def test_s2_1_text_that_is_nearly_json_raises_nothing_but_refusals(text: str) -> None:
    try:
        parse(text, cap=CAP)
    except FederationError:
        return


@given(MEMBERS)
def test_s2_1_what_the_protocol_allows_is_read_as_it_was_written(members: dict[str, object]) -> None:
    assume(depth(members) <= MAX_DEPTH)
    assert parse(json.dumps(members), cap=CAP) == members


@pytest.mark.parametrize("text", ["", "[1]", '"a"', "null", "1", "{", '{"a":1}x', "\ufeff{}", "{'a':1}", '{"a":01}'])
def test_s2_1_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text, cap=CAP)


def test_s2_1_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(Malformed):
        parse(b'{"a":"\xff"}', cap=CAP)


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', '{"a":1,"\\u0061":2}'])
def test_s2_1_a_member_that_stands_twice_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="twice"):
        parse(text, cap=CAP)


@pytest.mark.parametrize("number", ["1.0", "1e3", "-0.5", "1E400", "NaN", "Infinity", "-Infinity"])
def test_s2_2_floats_and_what_is_no_number_are_refused(number: str) -> None:
    with pytest.raises(Malformed):
        parse(f'{{"a":{number}}}', cap=CAP)


@pytest.mark.parametrize("number", [MAX_INTEGER + 1, -MAX_INTEGER - 1, 10**400])
def test_s2_2_integers_beyond_2_to_the_53_are_refused(number: int) -> None:
    with pytest.raises(Malformed):
        parse(f'{{"a":{number}}}', cap=CAP)


def test_s2_2_the_largest_integers_are_read() -> None:
    assert parse(f'{{"a":[{MAX_INTEGER},{-MAX_INTEGER}]}}', cap=CAP) == {"a": [MAX_INTEGER, -MAX_INTEGER]}


def test_s2_2_minus_zero_is_refused() -> None:
    with pytest.raises(Malformed):
        parse('{"a":-0}', cap=CAP)


@pytest.mark.parametrize("text", ['{"a":"\\ud800"}', '{"\\udfff":1}', '{"a":["\\ud83d"]}'])
def test_s2_3_lone_surrogates_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text, cap=CAP)


def test_s2_3_a_pair_of_surrogates_is_one_character() -> None:
    assert parse('{"a":"\\ud83c\\udfc3"}', cap=CAP) == {"a": "\U0001f3c3"}


def test_s2_4_bytes_over_the_cap_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(TooLarge):
        parse('{"a":' + "x" * 10, cap=10)


def test_s2_4_the_cap_counts_bytes_and_not_characters() -> None:
    with pytest.raises(TooLarge):
        parse('{"a":"ééé"}', cap=11)


def test_s2_4_text_over_the_limit_is_refused() -> None:
    assert parse(f'{{"a":"{"x" * MAX_TEXT}"}}', cap=CAP)
    with pytest.raises(Malformed, match="text over"):
        parse(f'{{"a":"{"x" * (MAX_TEXT + 1)}"}}', cap=CAP)


def test_s2_4_nesting_deeper_than_eight_is_refused() -> None:
    assert parse(nested(MAX_DEPTH), cap=CAP)
    with pytest.raises(Malformed, match="deeper"):
        parse(nested(MAX_DEPTH + 1), cap=CAP)


def test_s2_4_absurd_nesting_is_a_refusal_and_not_a_crash() -> None:
    with pytest.raises(Malformed):
        parse(nested(30_000), cap=CAP)


@pytest.mark.parametrize("name", sorted(FORBIDDEN_MEMBERS))
def test_s3_4_a_member_that_would_measure_a_person_is_refused(name: str) -> None:
    with pytest.raises(ForbiddenMember):
        refuse_forbidden_members({name: 1})


@pytest.mark.parametrize("name", ["Pace", "GPX", "Finish_Time"])
def test_s3_4_letter_case_hides_no_forbidden_member(name: str) -> None:
    with pytest.raises(ForbiddenMember):
        refuse_forbidden_members({"a": [{"b": {name: None}}]})


@pytest.mark.parametrize("name", ["pace_note", "place", "tracks", "my rank"])
def test_s3_4_names_that_only_resemble_a_forbidden_one_pass(name: str) -> None:
    refuse_forbidden_members({name: {"text": "pace"}})


@pytest.mark.parametrize("spelled", ['"\\u0070ace"', '"Pace"', '"trac\u212a"', '"TRAC\\u212a"', '"ran\\u006b"'])
def test_s3_4_no_spelling_hides_a_forbidden_member_from_the_quick_look(spelled: str) -> None:
    text = f'{{"a": [{{{spelled}: 1}}]}}'
    assert may_have_forbidden_members(text)
    with pytest.raises(ForbiddenMember):
        refuse_forbidden_members(parse(text, cap=1000))


def test_s3_4_a_forbidden_word_inside_a_text_needs_no_second_look() -> None:
    assert not may_have_forbidden_members('{"note": "going at your own pace, past the track"}')
