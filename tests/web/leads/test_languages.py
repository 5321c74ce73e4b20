"""A lead writes a run, the chapter's profile and a notice in several languages, without JavaScript."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from node.chapter import identity, runs
from node.models import Run
from web.words.languages import names

from ...support.network import LocalNode, a_run
from ...support.web_client import Phone, hidden, words
from .test_runs import TYPED, announced

WELSH = {"shown": "cy", "look_for-cy": "Cap oren", "directions-cy": "Wrth droed y golofn.", "text_language": "en"}


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def kept(node: LocalNode) -> Run:
    (run,) = announced(node)
    return run


def test_a_lead_with_one_language_sees_one_quiet_line(phone: Phone) -> None:
    page = phone.get("/lead/runs/new").text
    assert '<details class="more" id="other-languages">' in page
    assert "<summary>Add another language</summary>" in page
    assert 'name="shown"' not in page


def test_the_button_brings_everything_back_with_the_fields_of_the_language(london: LocalNode, phone: Phone) -> None:
    answer = phone.post("/lead/runs/new", data=TYPED | {"add": "1", "new_language": "cy", "text_language": "en"})
    assert answer.status_code == 200
    assert '<details class="more" id="other-languages" open>' in answer.text
    assert '<legend lang="cy">Cymraeg</legend>' in answer.text
    assert '<input type="hidden" name="shown" value="cy">' in answer.text
    assert 'id="directions-cy" lang="cy"' in answer.text
    assert 'value="Thursday evening run"' in answer.text
    assert announced(london) == []


def test_what_was_written_is_kept_and_comes_back_in_the_form(london: LocalNode, phone: Phone) -> None:
    assert phone.post("/lead/runs/new", data=TYPED | WELSH).status_code == 303
    run = kept(london)
    assert run.text_language == "en"
    assert run.translations == {"cy": {"look_for": "Cap oren", "directions": "Wrth droed y golofn."}}
    page = phone.get(f"/lead/runs/{run.id}/edit").text
    assert "Wrth droed y golofn.</textarea>" in page
    assert '<option selected value="en">English</option>' in page


@pytest.mark.parametrize(
    ("changes", "say"),
    [
        ({"text_language": ""}, "Choose the language of the texts above."),
        ({"text_language": "cy"}, "It can’t be one of those below."),
        ({"text_language": "Klingon"}, "Choose one from the list."),
        ({"look_for-cy": "x" * 201}, "Who to look for (Cymraeg): This is too long. It can be up to 200 characters."),
        ({"bring-cy": "Ffoniwch 07700 900123"}, "“07700 900123” looks like a phone number."),
        ({"add": "1", "new_language": ""}, "Choose one from the list."),
        ({"add": "1", "new_language": "tlh"}, "Choose one from the list."),
        ({"new_language": "cy"}, "That language is here already."),
        ({"new_language": "en"}, "That language is here already."),
    ],
)
def test_what_is_wrong_is_said_and_everything_stays(
    london: LocalNode, phone: Phone, changes: dict[str, str], say: str
) -> None:
    answer = phone.post("/lead/runs/new", data=TYPED | WELSH | changes)
    assert answer.status_code == 422
    assert say in words(answer)
    assert "Wrth droed y golofn." in answer.text
    assert announced(london) == []


def test_fifty_languages_are_too_many(london: LocalNode, phone: Phone) -> None:
    tags = list(names.NAMES)[:50]
    sent = MultiDict([*(TYPED | {"text_language": "en"}).items(), *(("shown", tag) for tag in tags if tag != "en")])
    texts = {f"look_for-{tag}": "x" for tag in tags}
    answer = phone.post("/lead/runs/new", data=MultiDict([*sent.items(multi=True), *texts.items()]))
    assert answer.status_code == 422
    assert "You can add up to 8 languages." in words(answer)


def test_a_language_that_nobody_offered_is_not_kept(london: LocalNode, phone: Phone) -> None:
    evil = {"shown": '"><script>', 'look_for-"><script>': "x"}
    assert phone.post("/lead/runs/new", data=TYPED | evil).status_code == 303
    assert kept(london).translations == {}


def test_all_languages_together_have_an_end(phone: Phone) -> None:
    tags = ("cy", "fr", "nl", "de", "pl")
    sent = MultiDict([*(TYPED | {"text_language": "en"}).items(), *(("shown", tag) for tag in tags)])
    long = {f"{name}-{tag}": "x" * 1000 for tag in tags for name in ("directions", "what_happens")}
    answer = phone.post("/lead/runs/new", data=MultiDict([*sent.items(multi=True), *long.items()]))
    assert answer.status_code == 422
    assert "All the added languages together can have up to 8000 characters." in words(answer)


def edited(london: LocalNode, phone: Phone, changes: dict[str, str]) -> Any:
    phone.post("/lead/runs/new", data=TYPED | WELSH)
    run = kept(london)
    seen = hidden(phone.get(f"/lead/runs/{run.id}/edit").text, "")["seen"]
    return phone.post(f"/lead/runs/{run.id}/edit", data=TYPED | WELSH | {"seen": seen} | changes)


def test_a_lead_who_changes_one_language_alone_is_asked_about_the_others(london: LocalNode, phone: Phone) -> None:
    changes = {"directions": "At the north gate."}
    answer = edited(london, phone, changes)
    assert answer.status_code == 422
    assert "You’ve changed “How to find it, in words”, but not in Cymraeg." in words(answer)
    assert kept(london).directions == "At the foot of the column."


@pytest.mark.parametrize("changes", [{"still_fits": "y"}, {"directions-cy": "Wrth y giât."}, {"without-cy": "y"}])
def test_a_lead_who_has_seen_to_the_others_is_not_asked(
    london: LocalNode, phone: Phone, changes: dict[str, str]
) -> None:
    assert edited(london, phone, {"directions": "At the north gate."} | changes).status_code == 303
    assert kept(london).directions == "At the north gate."


def test_a_new_place_with_the_old_way_to_it_in_another_language_is_refused(london: LocalNode, phone: Phone) -> None:
    moved = {"point_name": "Tower Hill", "address": "Trinity Square", "point": "51.5098, -0.0766"}
    answer = edited(london, phone, moved | {"directions": "By the sundial.", "still_fits": "y"})
    assert answer.status_code == 422
    assert "Still the same as for the old meeting point: the other languages." in words(answer)


def test_a_language_is_left_out_by_a_tick(london: LocalNode, phone: Phone) -> None:
    assert edited(london, phone, {"without-cy": "y"}).status_code == 303
    assert kept(london).translations == {}


def test_a_lead_who_is_slower_loses_no_language_that_another_has_added(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED)
    run = kept(london)
    seen = hidden(phone.get(f"/lead/runs/{run.id}/edit").text, "")
    phone.post(f"/lead/runs/{run.id}/edit", data=TYPED | WELSH | seen)
    slow = phone.post(f"/lead/runs/{run.id}/edit", data=TYPED | {"bring": "Tea", "text_language": "en"} | seen)
    assert slow.status_code == 409
    again = TYPED | {"bring": "Tea", "text_language": "en", "look_for-cy": "Cap oren"} | hidden(slow.text, "")
    assert phone.post(f"/lead/runs/{run.id}/edit", data=again).status_code == 303
    assert (kept(london).bring, kept(london).translations["cy"]["look_for"]) == ("Tea", "Cap oren")


def test_a_lead_who_is_slower_reads_which_language_is_gone(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | WELSH)
    run = kept(london)
    seen = hidden(phone.get(f"/lead/runs/{run.id}/edit").text, "")
    phone.post(f"/lead/runs/{run.id}/edit", data=TYPED | WELSH | {"without-cy": "y"} | seen)
    slow = phone.post(f"/lead/runs/{run.id}/edit", data=TYPED | WELSH | {"bring": "Tea"} | seen)
    assert slow.status_code == 409
    assert "Who to look for (Cymraeg)</a>: nothing" in slow.text


def test_the_chapters_profile_and_its_runs_begin_in_its_language(london: LocalNode, phone: Phone) -> None:
    with london.session() as session:
        own = identity.own(session)
        typed = {name: getattr(own, name) for name in ("name", "place", "country", "timezone")}
    typed |= {"about": "Come.", "text_language": "en", "shown": "cy", "about-cy": "Dewch."}
    seen = hidden(phone.get("/lead/profile").text, "")["seen"]
    assert phone.post("/lead/profile", data=typed | {"seen": seen}).status_code == 303
    assert '<p class="own" lang="cy" dir="auto">Dewch.</p>' in phone.get("/", headers={"Accept-Language": "cy"}).text
    assert "Dewch.</textarea>" in phone.get("/lead/profile").text
    for path in ("/lead/runs/new", "/lead/notices"):
        assert '<option selected value="en">English</option>' in phone.get(path).text


def test_a_notice_is_published_in_two_languages(london: LocalNode, phone: Phone) -> None:
    run = london.announce(a_run())
    typed = {"text": "The gate is shut.", "since": "2026-06-01", "until": "2026-06-05", "about": run.id}
    added = phone.post("/lead/notices", data=typed | {"add": "1", "new_language": "cy", "text_language": "en"})
    assert (added.status_code, 'name="text-cy"' in added.text) == (200, True)
    welsh = {"shown": "cy", "text-cy": "Mae'r giât ar gau.", "text_language": "en"}
    assert phone.post("/lead/notices", data=typed | welsh).status_code == 303
    with london.session() as session:
        (notice,) = runs.get(session, run.id).notices
    assert notice["translations"] == {"cy": {"text": "Mae'r giât ar gau."}}


def test_the_check_of_everything_that_a_run_says_shows_each_language(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | WELSH)
    page = words(phone.get(f"/lead/runs/{kept(london).id}/check"))
    assert "Cap oren" in page
    assert "an orange cap" in page


def test_a_text_in_another_language_is_not_lost_on_an_errors_page(london: LocalNode, phone: Phone) -> None:
    answer = phone.post("/lead/runs/gone2222/edit", data=TYPED | WELSH)
    assert answer.status_code == 404
    assert "Wrth droed y golofn." in answer.text
    assert "How to find it, in words (Cymraeg)" in words(answer)


def test_a_date_that_is_moved_within_its_place_keeps_what_still_holds(london: LocalNode, phone: Phone) -> None:
    phone.post("/lead/runs/new", data=TYPED | WELSH | {"parking-cy": "Rac beics."})
    run = kept(london)
    base = f"/lead/runs/{run.id}/dates/2026-06-04/move"
    page = phone.get(base)
    typed = {
        "starts_on": "2026-06-04",
        "starts_at": "19:00",
        "point_name": "The Monument",
        "address": "Fish Street Hill",
    }
    typed |= {"directions": "By the café.", "point": "51.5101, -0.0860", **hidden(page.text, "")}
    assert phone.post(base, data=typed).status_code == 303
    shown = phone.get(f"/runs/{london.chapter_id}/{run.id}", headers={"Accept-Language": "cy"}).text
    assert "By the café." in shown
    assert "Wrth droed y golofn." not in shown.split('id="its-about"')[0]
