"""What leads write in further languages: checked, in the signed document, left out first, found by a search (§7.9)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from federation.documents import ListingTexts, PointTexts, ProfileTexts
from federation.payloads import write_document
from node.chapter import dates, fitting, listing, profile, publishing, runs, series
from node.chapter.profile import ProfileInput
from node.directory import listing_words, listings, parsed
from node.errors import InvalidInput
from node.facts.later_changes import LaterChange
from node.models import HeldDocument, Run

from ...support.network import LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run

WELSH = {"directions": "Wrth droed y golofn.", "look_for": "Cap oren", "what_happens": "Sgwrsio a loncian."}
MOST = {tag: {"what_happens": "\u0e01" * 1000} for tag in ("cy", "fr", "nl", "de", "th", "pl", "it", "es")}
IN_WELSH = {"text_language": "en", "translations": {"cy": WELSH}}


def refused(node: LocalNode, **changes: Any) -> dict[str, str]:
    with node.session() as session, pytest.raises(InvalidInput) as error:
        runs.announce(session, node.settings, a_run(**changes), None, node.clock())
    return error.value.problems


def test_the_texts_of_a_run_go_where_their_own_texts_are(london: LocalNode) -> None:
    run = london.announce(a_run(**IN_WELSH))
    with london.session() as session:
        found = publishing.build(session, london.clock()).listings[0]
        assert listing.run_of(found, None).translations == {"cy": WELSH}
    assert (found.text_language, found.meeting_point.text_language) == ("en", "en")
    assert found.translations == {"cy": ListingTexts(look_for="Cap oren", what_happens="Sgwrsio a loncian.")}
    assert found.meeting_point.translations == {"cy": PointTexts(directions="Wrth droed y golofn.")}
    assert run.directions == found.meeting_point.directions


def test_a_run_in_one_language_has_the_document_that_it_always_had(london: LocalNode) -> None:
    london.announce(a_run())
    with london.session() as session:
        payload = write_document(publishing.build(session, london.clock()))
    assert "text_language" not in payload
    assert "translations" not in payload


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"text_language": None}, {"text_language": "required"}),
        ({"text_language": "cy"}, {"text_language": "twice"}),
        ({"text_language": "Welsh"}, {"translations": "not_found"}),
        ({"translations": {"<b>": WELSH}}, {"translations": "not_found"}),
        ({"translations": {"cy": {"name": "Rhedeg"}}}, {"translations": "not_found"}),
        ({"translations": {f"{a}{b}": WELSH for a in "abcde" for b in "abcdefghij"}}, {"translations": "too_many"}),
        ({"translations": {"cy": {"look_for": "x" * 201}}}, {"look_for-cy": "too_long"}),
        ({"translations": {"cy": {"bring": "Ffoniwch 07700 900123"}}}, {"bring-cy": "personal"}),
        ({"translations": MOST | {"cy": MOST["cy"] | {"bring": "y"}}}, {"translations": "too_long"}),
    ],
)
def test_what_cannot_be_listed_is_refused_by_its_field(
    london: LocalNode, changes: dict[str, Any], problems: dict[str, str]
) -> None:
    assert refused(london, **IN_WELSH | changes) == problems


def test_a_language_without_a_text_is_not_kept(london: LocalNode) -> None:
    run = london.announce(a_run(text_language="en", translations={"cy": {"bring": " \u200b"}, "fr": {}}))
    assert run.translations == {}


def test_a_date_that_stays_where_it_was_keeps_its_texts_and_one_that_moves_has_none(london: LocalNode) -> None:
    run = london.announce(a_run(**IN_WELSH))
    with london.session() as session:
        there = replace(runs.input_of(session.get_one(Run, run.id)), point_name="Tower Hill", address="", lat_e4=515098)
        series.edit(session, london.settings, run.id, there, london.clock(), from_day=date(2026, 6, 11))
        found = publishing.build(session, london.clock()).listings[0]
        kept = next(one for one in found.dates if one.date == "2026-06-04").meeting_point
        assert kept is not None
        assert kept.translations["cy"].directions == "Wrth droed y golofn."


def test_the_chapters_own_words_are_in_its_profile(london: LocalNode) -> None:
    given = ProfileInput("Caerdydd", "Cardiff", "GB", "Europe/London", "Come.", "en", {"cy": {"about": "Dewch."}})
    with london.session() as session:
        profile.edit_profile(session, london.settings, given, london.clock())
        found = publishing.build(session, london.clock()).profile
    assert (found.text_language, found.translations) == ("en", {"cy": ProfileTexts(about="Dewch.")})
    with london.session() as session, pytest.raises(InvalidInput) as error:
        profile.edit_profile(session, london.settings, replace(given, text_language=None), london.clock())
    assert error.value.problems == {"text_language": "required"}


def test_a_full_list_says_that_its_languages_are_too_much(london: LocalNode) -> None:
    full = {"text_language": "en", "translations": {tag: {"what_happens": "é" * 1000} for tag in ("cy", "fr", "nl")}}
    for number in range(7):
        london.announce(a_run(name=f"Run {number}", **full))
    assert refused(london, name="One more", **full) == {"translations": "full"}


def test_further_languages_are_left_out_before_anything_else(london: LocalNode) -> None:
    run = london.announce(a_run(**IN_WELSH, what_happens="We run."))
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, date(2026, 6, 4), "weather", "Ice", london.clock())
        document = fitting.without_languages(publishing.build(session, london.clock()))
    assert next(iter(fitting.STEPS)) == "languages"
    (found,) = document.listings
    assert (found.translations, found.meeting_point.translations) == ({}, {})
    assert (found.what_happens, found.dates[0].note) == ("We run.", "Ice")


def test_a_cancellation_passes_beside_as_many_languages_as_there_may_be(london: LocalNode) -> None:
    run = london.announce(a_run(text_language="en", translations=MOST))
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, date(2026, 6, 4), "lead", "", london.clock())
        held = parsed.document_of(session.get_one(HeldDocument, london.chapter_id))
    assert held is not None
    found = next(one for one in held.listings if one.id == run.id)
    assert [one.state for one in found.dates if one.date == "2026-06-04"] == ["cancelled"]


def test_a_change_of_words_alone_can_be_undone(london: LocalNode) -> None:
    run = london.announce(a_run())
    with london.session() as session:
        series.edit(session, london.settings, run.id, a_run(**IN_WELSH), london.clock.tick(minutes=1))
        assert session.get_one(Run, run.id).translations == {"cy": WELSH}
        series.undo_edit(session, london.settings, run.id, london.clock.tick(minutes=1))
        assert session.get_one(Run, run.id).translations == {}


def test_other_nodes_hold_the_texts_and_find_the_run_by_them(federation: LocalFederation) -> None:
    london, peterborough = federation.add_chapter(LONDON), federation.add_chapter(PETERBOROUGH)
    run = london.announce(a_run(**IN_WELSH))
    federation.settle(2)
    with peterborough.session() as session:
        found = listings.listing(session, london.chapter_id, run.id, federation.clock())
        assert found.listing.translations["cy"].look_for == "Cap oren"
        assert listing_words.count(session, "loncian", 9) == 1


def test_a_change_for_later_leaves_no_way_to_the_former_place_that_was_written_meanwhile() -> None:
    former, there = a_run(), {"point_name": "Tower Hill", "lat_e4": 515098}
    change = LaterChange(date(2026, 10, 1), former, a_run(**there))
    made = change.made_to(a_run(**IN_WELSH))
    assert (made.point_name, made.translations["cy"]) == (
        "Tower Hill",
        {"look_for": WELSH["look_for"], "what_happens": WELSH["what_happens"]},
    )
    knew = LaterChange(date(2026, 10, 1), a_run(**IN_WELSH), a_run(**IN_WELSH | there))
    assert knew.made_to(a_run(**IN_WELSH)).translations == {"cy": WELSH}
