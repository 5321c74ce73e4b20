"""federation.urgency: which change of a document is urgent (PROTOCOL.md §13.1)."""

from typing import Any

import pytest

from federation.documents import ChapterDocument
from federation.payloads import read_document
from federation.urgency import is_urgent

from ..support.federation_makers import (
    ChapterMaker,
    listing,
    point,
    said,
    schedule,
    write,
)


def document(**changes: Any) -> ChapterDocument:
    members = ChapterMaker().members(listings=[listing(**changes)])
    return read_document(write(members), ChapterDocument)


def test_s13_1_the_first_document_of_a_chapter_is_not_urgent() -> None:
    assert not is_urgent(None, document(dates=[said("2026-06-04", "cancelled")]))


@pytest.mark.parametrize(
    "changes",
    [
        {"dates": [said("2026-06-04", "cancelled")]},
        {"dates": [said("2026-06-04", "moved", starts="2026-06-04T19:00")]},
        {"dates": []},
        {"schedule": schedule(dtstart="2026-06-04T18:45"), "dates": [said("2026-06-04")]},
        {"meeting_point": point(lat_e4=515102), "dates": [said("2026-06-04")]},
        {"dates": [said("2026-06-04"), said("2026-06-11")]},
    ],
)
def test_s13_1_a_changed_date_time_or_place_is_urgent(changes: dict[str, Any]) -> None:
    assert is_urgent(document(dates=[said("2026-06-04")]), document(**changes))


def test_s13_1_a_withdrawn_listing_is_urgent() -> None:
    bare = read_document(write(ChapterMaker().members(listings=[])), ChapterDocument)
    assert is_urgent(document(), bare)
    assert not is_urgent(bare, document())


@pytest.mark.parametrize("changes", [{"name": "Another name"}, {"bring": "A light"}, {"look_for": "Yellow flag"}])
def test_s13_1_a_changed_word_is_not_urgent(changes: dict[str, Any]) -> None:
    assert not is_urgent(document(), document(**changes))


def test_s13_1_a_date_said_again_is_not_urgent() -> None:
    again = said("2026-06-04", at="2026-06-01T09:00:00Z", note="Bring a light.")
    assert not is_urgent(document(dates=[said("2026-06-04")]), document(dates=[again]))


def test_s13_1_a_date_that_has_passed_is_no_change() -> None:
    assert not is_urgent(document(dates=[said("2026-05-30"), said("2026-05-28")]), document())


def test_s13_1_an_evening_that_is_taken_back_where_it_is_still_utcs_yesterday_is_urgent() -> None:
    assert is_urgent(document(dates=[said("2026-05-31", "moved", starts="2026-05-31T20:00")]), document())


LATER = {"starts": "2026-06-01T19:30"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([said("2026-05-25", "moved", **LATER)], [said("2026-05-25", "cancelled", **LATER)]),
        ([said("2026-05-25", "moved", **LATER)], [said("2026-05-25", **LATER)]),
        ([said("2026-05-25", "moved", **LATER)], [said("2026-05-25", "cancelled")]),
        ([said("2026-05-25", "cancelled")], [said("2026-05-25", "moved", **LATER)]),
        ([said("2026-05-25", "moved", **LATER)], []),
    ],
    ids=["cancelled", "confirmed", "cancelled without its start", "moved", "undone"],
)
def test_s13_1_what_changes_of_a_date_that_was_moved_to_a_later_day_is_urgent_until_that_has_passed(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    assert is_urgent(document(dates=before), document(dates=after))


def test_s13_1_a_moved_date_is_no_change_once_the_later_day_has_passed() -> None:
    assert not is_urgent(document(dates=[said("2026-05-25", "moved", starts="2026-05-30T19:30")]), document())


def test_s13_1_a_cancellation_is_urgent_where_it_is_still_utcs_yesterday() -> None:
    assert is_urgent(document(dates=[said("2026-05-31")]), document(dates=[said("2026-05-31", "cancelled")]))
