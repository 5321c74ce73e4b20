"""federation.documents: the shape of what chapters and HQ say (PROTOCOL.md §2.4, §3.4, §6, §7)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from federation import documents, payloads
from federation.documents import ChapterDocument, Listing, Registry, RegistryBin, Schedule, bounds_of, most_of
from federation.envelope import MAX_PAYLOAD
from federation.errors import FederationError, ForbiddenMember, Malformed, TooLarge
from federation.payloads import read_bin, read_document, write_document
from federation.strict_json import FORBIDDEN_MEMBERS, MAX_DEPTH, MAX_INTEGER

from ..support.federation_makers import (
    ChapterMaker,
    HqMaker,
    listing,
    point,
    registry_bin,
    said,
    schedule,
    without,
    write,
)

LONDON = ChapterMaker()
HQ = HqMaker()
BIN = registry_bin([LONDON.entry()])


#: As a node writes it: read in one go, where any other spelling is read member by member.
OURS = write_document(
    read_document(
        write(
            LONDON.members(
                listings=[
                    listing(dates=[said("2026-06-11")], translations={"cy": {"look_for": "Cap oren"}}),
                    listing(id="saturday"),
                ]
            )
        ),
        ChapterDocument,
    )
)
#: What makes JSON another JSON, or none.
SPLICES = ["", " ", "0", "-", ".0", "1e2", "-0", "9" * 16, "null", "true", "[]", "{}", "[[[[[[[[[", '"', '"a":1,', ","]
SPLICES += ["\\u0061", "\\ud800", "\\b", "\\n", "\x7f", "\u202e", "\u00a0", "\ud800", "\n", '"Pace":1,', '"pace":1,']
SPLICES += ['"version":1,', '"until":null,', '"exdates":[],', "x" * 300]


def read_strictly(payload: str, type_: type[ChapterDocument]) -> ChapterDocument:
    return payloads._strictly(payload, type_, MAX_PAYLOAD)


def outcome(read: Callable[[str, type[ChapterDocument]], ChapterDocument], payload: str) -> object:
    """The document, or why it is refused."""
    try:
        return read(payload, ChapterDocument)
    except FederationError as error:
        return type(error), str(error)


def types_in(type_: inspect.Type, depth: int = 1) -> Iterator[tuple[str, inspect.Type, int]]:
    """(where, type, levels of JSON down to it) of all that a document may hold."""
    if isinstance(type_, inspect.StructType):
        for member in type_.fields:
            for where, inner, levels in types_in(member.type, depth + 1):
                yield f"{member.encode_name} {where}", inner, levels
    elif isinstance(type_, inspect.ListType):
        yield from types_in(type_.item_type, depth + 1)
    elif isinstance(type_, inspect.DictType):
        assert type_.max_length
        yield from types_in(type_.key_type, depth)
        yield from types_in(type_.value_type, depth + 1)
    elif isinstance(type_, inspect.UnionType):
        for one in type_.types:
            yield from types_in(one, depth)
    else:
        yield "", type_, depth - 1


def with_listing(**changes: Any) -> str:
    return write(LONDON.members(listings=[listing(**changes)]))


def test_s7_1_a_document_comes_back_as_it_was_written() -> None:
    document = read_document(write(LONDON.members()), ChapterDocument)
    assert read_document(write_document(document), ChapterDocument) == document


def test_s7_1_no_listing_at_all_is_a_document_too() -> None:
    assert read_document(write(LONDON.members(listings=[])), ChapterDocument).listings == []


def test_s7_1_unknown_members_are_passed_over() -> None:
    assert read_document(with_listing(weather={"wind": 3}), ChapterDocument).listings[0].id == "thursday"


@given(st.integers(0, len(OURS)), st.integers(0, 12), st.sampled_from(SPLICES) | st.text(max_size=3))
def test_s2_1_what_is_read_in_one_go_is_taken_and_refused_as_what_is_read_member_by_member(
    place: int, cut: int, splice: str
) -> None:
    changed = OURS[:place] + splice + OURS[place + cut :]
    assert outcome(read_document, changed) == outcome(read_strictly, changed)


@pytest.mark.parametrize("splice", ['"version":1,', "-0", "1.0", "\\u0061", '"pace":1,', "\x7f", "\u202e", "9" * 17])
def test_s2_1_what_a_lenient_reader_lets_pass_is_found_at_every_place(splice: str) -> None:
    for place in range(len(OURS)):
        changed = OURS[:place] + splice + OURS[place:]
        assert outcome(read_document, changed) == outcome(read_strictly, changed)


@pytest.mark.parametrize("type_", [ChapterDocument, documents.ChapterRoot, documents.HqRoot, Registry, RegistryBin])
def test_s2_1_the_types_alone_keep_the_bounds_of_the_strict_reader(type_: type) -> None:
    for where, inner, levels in types_in(inspect.type_info(type_)):
        assert levels <= MAX_DEPTH, where
        assert not set(where.split()) & FORBIDDEN_MEMBERS, where
        if isinstance(inner, inspect.IntType):
            assert inner.ge is not None, where
            assert inner.le is not None, where
            assert max(-inner.ge, inner.le) <= MAX_INTEGER, where
        elif isinstance(inner, inspect.StrType):
            # A pattern here matches a few characters, and keys are 64 digits each.
            assert inner.max_length or inner.pattern or "_keys" in where, where
        else:
            assert isinstance(inner, inspect.LiteralType | inspect.BoolType | inspect.NoneType), where


@pytest.mark.parametrize("name", list(LONDON.members()))
def test_s7_1_a_document_that_lacks_a_member_is_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        read_document(write(without(LONDON.members(), name)), ChapterDocument)


@pytest.mark.parametrize("where", ["document", "listing", "point"])
@pytest.mark.parametrize("name", ["participants", "Attendance", "gpx"])
def test_s3_4_a_document_with_a_forbidden_member_is_refused_whole(where: str, name: str) -> None:
    members = {
        "document": LONDON.members(**{name: 1}),
        "listing": LONDON.members(listings=[listing(), listing(id="saturday", **{name: 1})]),
        "point": LONDON.members(listings=[listing(meeting_point=point(**{name: 1}))]),
    }
    with pytest.raises(ForbiddenMember):
        read_document(write(members[where]), ChapterDocument)


def test_s2_4_a_document_over_64_kib_is_refused() -> None:
    with pytest.raises(TooLarge):
        read_document(write(LONDON.members(padding="x" * MAX_PAYLOAD)), ChapterDocument)


def test_s2_3_control_and_direction_override_characters_are_refused() -> None:
    for character in "\x00\x0b\x1f\x7f\u202e\u2066":
        with pytest.raises(Malformed):
            read_document(with_listing(name=f"a{character}b"), ChapterDocument)


def test_s2_3_a_new_line_is_text() -> None:
    assert read_document(with_listing(what_happens="one\ntwo"), ChapterDocument)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 0},
        {"version": True},
        {"version": "1"},
        {"chapter": "short"},
        {"chapter": "A" * 24},
        {"issued": "2026-06-31T09:00:00Z"},
        {"profile": {"name": "", "place": "x", "country": "GB"}},
        {"profile": {"name": "x", "place": "x", "country": "gb"}},
        {"listings": [listing()] * 2},
        {"listings": [listing(id=f"aaaaaa{one}{two}") for one in "abcdefgh" for two in "abcdefg"]},
    ],
)
def test_s7_1_a_document_outside_its_bounds_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_document(write(LONDON.members() | changes), ChapterDocument)


@pytest.mark.parametrize(
    "changes",
    [
        {"fresh_until": "2026-06-03T09:00:01Z"},
        {"fresh_until": "2026-06-01T08:59:59Z"},
        {"expires": "2026-06-15T09:00:01Z"},
        {"expires": "2026-06-03T08:59:59Z"},
    ],
)
def test_s8_1_a_document_that_would_live_too_long_is_malformed(changes: dict[str, Any]) -> None:
    assert read_document(write(LONDON.members()), ChapterDocument)
    with pytest.raises(Malformed):
        read_document(write(LONDON.members(**changes)), ChapterDocument)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "Thursday"},
        {"id": "thursda1"},
        {"name": ""},
        {"name": "x" * 81},
        {"kind": "Race!"},
        {"distance_m": -1},
        {"distance_m": 50_001},
        {"look_for": "x" * 201},
        {"what_happens": "x" * 1001},
        {"lead_first_name": "x" * 41},
        {"meeting_point": point(lat_e4=900_001)},
        {"meeting_point": point(lon_e4=-1_800_001)},
        {"meeting_point": point(lat_e4="515101")},
        {"schedule": schedule(timezone="../etc/passwd")},
        {"schedule": schedule(dtstart="2026-06-04T18:30:00")},
        {"schedule": schedule(dtstart="2026-02-30T18:30")},
        {"schedule": schedule(rrule="freq=daily")},
        {"schedule": schedule(duration_minutes=4)},
        {"schedule": schedule(arrive_minutes_before=121)},
        {"schedule": schedule(until="2026-02-30")},
        {"schedule": schedule(exdates=["2026-02-30"])},
        {"schedule": schedule(exdates=["2026-06-11"] * 61)},
    ],
)
def test_s7_3_a_listing_outside_its_bounds_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_document(with_listing(**changes), ChapterDocument)


@pytest.mark.parametrize(
    "dates",
    [
        [said("2026-06-04"), said("2026-06-04", "cancelled")],
        [said("2026-06-04", "Postponed")],
        [said("2026-02-30")],
        [said("2026-06-04", at="2026-02-30T00:00:00Z")],
        [said("2026-06-04", reason="an injury")],
        [said("2026-06-04", note="x" * 301)],
        [said("2026-06-04", "moved", starts="19:00")],
        [said("2026-06-04", "moved", starts="2026-02-30T19:00")],
        [said(f"2026-07-{day:02}") for day in range(1, 22)],
    ],
)
def test_s7_4_what_is_known_of_dates_has_bounds(dates: list[Any]) -> None:
    with pytest.raises(Malformed):
        read_document(with_listing(dates=dates), ChapterDocument)


def test_s7_4_a_date_can_be_cancelled_or_moved() -> None:
    dates = [
        said("2026-06-04", "cancelled", reason="weather", note="Ice on the steps."),
        said("2026-06-11", "moved", starts="2026-06-11T19:00", meeting_point=point(name="Tower Hill")),
    ]
    found = read_document(with_listing(dates=dates), ChapterDocument).listings[0].dates
    assert [state.state for state in found] == ["cancelled", "moved"]


def test_s7_3_there_is_no_member_for_a_person_other_than_a_lead() -> None:
    assert set(Listing.__struct_fields__) == {
        "id", "name", "kind", "schedule", "meeting_point", "distance_m", "look_for", "what_happens", "bring",
        "facilities", "accessibility", "audience", "minimum_age", "younger_accompanied", "languages", "photos",
        "bank_holidays", "free_of_charge", "warming_up", "lead_first_name", "pause",
        "checked_on", "changes_on", "notices", "dates", "text_language", "translations",
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"bins": []},
        {"bins": [{"prefix": "1", "digest": "0" * 64, "count": 0}]},
        {"bins": [{"prefix": "", "digest": "0" * 63, "count": 0}]},
        {"bins": [{"prefix": "", "digest": "0" * 64, "count": -1}]},
        {"fresh_until": "2026-06-01T08:59:59Z"},
        {"profile": {"name": "HQ", "contact": "not an address"}},
    ],
)
def test_s6_1_a_registry_outside_its_bounds_is_malformed(changes: dict[str, Any]) -> None:
    assert read_document(write(HQ.registry_members([BIN])), Registry)
    with pytest.raises(Malformed):
        read_document(write(HQ.registry_members([BIN]) | changes), Registry)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "Banned!"},
        {"root_version": 0},
        {"since": "2026-02-30T00:00:00Z"},
        {"chapter": "x"},
        {"replaces": "x"},
    ],
)
def test_s6_2_a_registry_entry_outside_its_bounds_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_bin(registry_bin([LONDON.entry(**changes)]))


def test_s2_4_a_bin_over_one_mebibyte_is_refused() -> None:
    with pytest.raises(TooLarge):
        read_bin(b" " * (payloads.MAX_BIN + 1))


def test_a_limit_is_told_as_the_type_has_it() -> None:
    limits = [most_of(Listing, name) for name in ("name", "look_for", "lead_first_name", "languages")]
    assert limits == [80, 200, 40, 8]
    assert bounds_of(Schedule, "duration_minutes") == (5, 600)
    assert bounds_of(Listing, "minimum_age") == (0, 99)


@pytest.mark.parametrize("name", sorted(FORBIDDEN_MEMBERS))
def test_s3_4_a_forbidden_member_is_no_language_either(name: str) -> None:
    for spelled in (name, name.upper()):
        with pytest.raises((ForbiddenMember, Malformed)):
            read_document(with_listing(translations={spelled: {"look_for": "x"}}), ChapterDocument)
        with pytest.raises((ForbiddenMember, Malformed)):
            read_document(write_document_with(spelled), ChapterDocument)


def write_document_with(tag: str) -> str:
    """A document with texts in the language `tag`, letter for letter as a node writes it."""
    return OURS.replace('"cy"', f'"{tag}"')


def test_s7_9_the_texts_of_a_moved_dates_point_lie_as_deep_as_a_document_may_go() -> None:
    there = point(text_language="en", translations={"cy": {"directions": "Wrth y golofn."}})
    text = with_listing(dates=[said("2026-06-11", "moved", meeting_point=there)])
    found = read_document(text, ChapterDocument).listings[0].dates[0].meeting_point
    assert found is not None
    assert found.translations["cy"].directions == "Wrth y golofn."
    assert read_strictly(text, ChapterDocument) == read_document(text, ChapterDocument)
