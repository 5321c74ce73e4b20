"""federation.documents: the shape of what chapters and HQ say (PROTOCOL.md §2.4, §3.4, §6, §7)."""

from typing import Any

import pytest

from federation import documents
from federation.documents import ChapterDocument, Listing, Registry, read_bin, read_document, write_document
from federation.envelope import MAX_PAYLOAD
from federation.errors import ForbiddenMember, Malformed, TooLarge

from .federation_makers import ChapterMaker, HqMaker, listing, point, registry_bin, said, schedule, without, write

LONDON = ChapterMaker()
HQ = HqMaker()
BIN = registry_bin([LONDON.entry()])


def with_listing(**changes: Any) -> str:
    return write(LONDON.members(listings=[listing(**changes)]))


def test_s7_1_a_document_comes_back_as_it_was_written() -> None:
    document = read_document(write(LONDON.members()), ChapterDocument)
    assert read_document(write_document(document), ChapterDocument) == document


def test_s7_1_no_listing_at_all_is_a_document_too() -> None:
    assert read_document(write(LONDON.members(listings=[])), ChapterDocument).listings == []


def test_s7_1_unknown_members_are_passed_over() -> None:
    assert read_document(with_listing(weather={"wind": 3}), ChapterDocument).listings[0].id == "thursday"


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
        {"kind": "race"},
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
        {"schedule": schedule(rrule="FREQ=DAILY;INTERVAL=1;BYDAY=TH")},
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
        [said("2026-06-04", "postponed")],
        [said("2026-02-30")],
        [said("2026-06-04", at="2026-02-30T00:00:00Z")],
        [said("2026-06-04", reason="injury")],
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
        "bank_holidays", "free_of_charge", "warming_up", "lead_first_name", "pause", "dates",
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
    [{"status": "banned"}, {"root_version": 0}, {"since": "2026-02-30T00:00:00Z"}, {"chapter": "x"}, {"replaces": "x"}],
)
def test_s6_2_a_registry_entry_outside_its_bounds_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_bin(registry_bin([LONDON.entry(**changes)]))


def test_s2_4_a_bin_over_one_mebibyte_is_refused() -> None:
    with pytest.raises(TooLarge):
        read_bin(b" " * (documents.MAX_BIN + 1))
