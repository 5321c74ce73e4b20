"""HQ's pages show what needs a hand. Every act on them is seen over HTTP and on other nodes."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args
from urllib.parse import unquote

import click
import pytest
import segno
from sqlalchemy import select
from werkzeug.test import TestResponse

from deploy.commands import hq as commands
from federation.invitation import read_invitation
from node import jobs
from node.chapter import identity, leads
from node.database import writing
from node.directory.serving import SOFTWARE
from node.hq import admissions, history
from node.hq.history import Act
from node.models import HqAct, IssuedInvitation, KnownPeer, RegistryChapter
from node.sync import joining
from node.wire.outbound import Answer, Unreachable
from web.hq import chapters as pages
from web.words import hq as hq_words

from ...support.many_chapters import list_many
from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, hidden, words


@pytest.fixture
def london(federation: LocalFederation) -> LocalNode:
    made = federation.add_chapter(LONDON)
    made.announce(a_run())
    federation.settle()
    return made


@pytest.fixture
def ada(federation: LocalFederation) -> Phone:
    return Phone(federation.hq).sign_in("Ada")


@pytest.fixture
def sam(federation: LocalFederation, ada: Phone) -> Phone:
    return Phone(federation.hq).sign_in("Sam")


@pytest.fixture
def waiting(federation: LocalFederation) -> Iterator[LocalNode]:
    node = federation.add_chapter(PETERBOROUGH, admit=False)
    assert federation.join(node, needs_a_person=True) == "waiting"
    return node


def act(phone: Phone, chapter: LocalNode, name: str, **data: str) -> TestResponse:
    path = f"/hq/chapters/{chapter.chapter_id}/{name}"
    response = phone.post(path, data=hidden(phone.get(path).text, path) | data)
    return phone.get(response.headers["Location"]) if response.status_code == 303 else response


def status(federation: LocalFederation, chapter: LocalNode) -> str:
    with federation.hq.session() as session:
        return session.get_one(RegistryChapter, chapter.chapter_id).status


def acts(federation: LocalFederation) -> list[tuple[str, str, str]]:
    with federation.hq.session() as session:
        return [(one.by, one.act, one.reason) for one in session.scalars(select(HqAct).order_by(HqAct.id))]


def test_every_act_of_the_command_has_a_page_and_the_other_way_round() -> None:
    assert isinstance(commands.command, click.Group)
    on_pages = {*pages.ACTIONS, "invite", "revoke"}
    # How HQ reaches a chapter is written on its page alone: a command's line would stay in the shell's history.
    assert set(commands.command.commands) - {"init", "list", "root"} == on_pages == set(get_args(Act)) - {"contact"}


def test_every_status_offers_only_what_has_a_page() -> None:
    assert {act for offered in pages.OFFERED.values() for act in offered} == set(pages.ACTIONS)
    assert set(pages.STATUSES) < set(pages.OFFERED)


def test_somebody_who_signs_in_at_hq_sees_what_needs_a_hand(federation: LocalFederation) -> None:
    person = federation.hq.add_lead("Ada")
    phone = Phone(federation.hq)
    response = phone.post(f"/signin/{phone.link(person.id)}")
    assert response.headers["Location"] == "/hq?done=signed-in"
    assert "What needs attention today" in words(phone.get("/hq"))


def test_one_person_alone_is_asked_to_find_a_second(ada: Phone, federation: LocalFederation) -> None:
    assert "No one should carry this alone" in words(ada.get("/hq"))
    ada.post("/hq/people", data={"first_name": "Sam"})
    assert "No one should carry this alone" not in words(ada.get("/hq"))


def test_nothing_waits_is_said_only_where_that_is_so(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    promise(london)
    federation.settle()
    assert "Nothing needs you today" not in words(ada.get("/hq"))
    ada.post("/hq/people", data={"first_name": "Sam"})
    assert "Nothing needs you today" in words(ada.get("/hq"))


def test_a_chapter_that_waits_is_let_in_and_then_listed(
    federation: LocalFederation, ada: Phone, waiting: LocalNode
) -> None:
    assert "Waiting for approval" in words(ada.get("/hq"))
    assert "Ada approved it" in words(act(ada, waiting, "admit"))
    assert status(federation, waiting) == "active"


def test_a_chapter_that_was_turned_down_cannot_ask_again_with_that_invitation(
    federation: LocalFederation, ada: Phone, waiting: LocalNode
) -> None:
    assert "Ada declined it" in words(act(ada, waiting, "turn-down", reason="No answer to our letters: 020 7946 0000"))
    assert "Waiting for approval" not in words(ada.get("/hq"))
    with federation.hq.session() as session:
        assert session.scalars(select(IssuedInvitation)).all() == []


def test_before_it_suspends_a_chapter_hq_reads_which_runs_people_might_set_off_for(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    page = words(ada.get(f"/hq/chapters/{london.chapter_id}/suspend"))
    assert page.index("Runs people might set off for") < page.index("Thursday 4 June, 18:30")
    assert "Runs people might set off for" not in words(ada.get(f"/hq/chapters/{london.chapter_id}/pause"))


def test_a_country_is_found_by_its_name(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    for text in ("kingdom", "United Kingdom", "uk", "GB"):
        assert "No chapters found" not in words(ada.get(f"/hq/chapters?text={text}"))
    assert "No chapters found" in words(ada.get("/hq/chapters?text=Ireland"))


def test_the_list_of_chapters_has_the_next_run_of_each(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    federation.add_chapter(PETERBOROUGH)
    federation.settle()
    page = words(ada.get("/hq/chapters"))
    assert re.search(r"London GB Thursday 4 June, 18:30 London time ○ Not confirmed yet", page)
    assert re.search(r"Peterborough GB none in two weeks", page)


def test_public_pages_have_a_way_back_for_hq_alone(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    back = f'href="/hq/chapters/{london.chapter_id}"'
    board = ada.get("/hq").text
    pages = [*re.findall(r'href="(/runs/[^"?]+)', board), f"/chapters/{london.chapter_id}"]
    assert len(pages) > 1
    for page in pages:
        assert back in ada.get(page).text
        assert back not in Phone(federation.hq).get(page).text
        assert back not in Phone(london).sign_in().get(page).text


def test_a_suspended_chapter_goes_from_another_node(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    other = federation.add_chapter(PETERBOROUGH)
    federation.settle()
    page = f"/chapters/{london.chapter_id}"
    assert Phone(other).get(page).status_code == 200
    act(ada, london, "suspend", reason="Somebody was hurt.")
    federation.settle()
    assert Phone(other).get(page).status_code == 404


def test_a_suspension_without_a_reason_is_not_made(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    response = act(ada, london, "suspend", reason="  ")
    assert (response.status_code, status(federation, london)) == (422, "active")
    assert "Please say why" in words(response)


def test_a_reason_is_kept_for_hq_and_stands_in_no_registry(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    reason = "Ring Kim on 020 7946 0000 first"
    assert reason in words(act(ada, london, "suspend", reason=reason))
    assert acts(federation)[-1] == ("Ada", "suspend", reason)
    sent = "".join(federation.hq.app.test_client().get(path, base_url=federation.hq.settings.base_url).text
                   for path in registry_paths(federation))  # fmt: skip
    assert "suspended" in sent
    assert "Kim" not in sent


def registry_paths(federation: LocalFederation) -> list[str]:
    from node.models import HeldBin, Hq

    with federation.hq.session() as session:
        base = f"/fed/v1/hq/{session.get_one(Hq, 1).id}"
        return [f"{base}/registry", *(f"{base}/bins/{one.digest}" for one in session.scalars(select(HeldBin)))]


@pytest.mark.parametrize(
    ("name", "then"), [("pause", "paused"), ("suspend", "suspended"), ("left", "left"), ("reactivate", "active")]
)
def test_each_act_changes_the_status(
    federation: LocalFederation, ada: Phone, london: LocalNode, name: str, then: str
) -> None:
    if name == "reactivate":
        act(ada, london, "pause")
    act(ada, london, name, reason="So it is.")
    assert status(federation, london) == then


def test_a_double_tap_does_it_once(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    old = asked(ada, london, "pause")
    act(ada, london, "pause", **old)
    page = act(ada, london, "pause", **old)
    assert "It was already set" in words(page)
    assert [name for _, name, _ in acts(federation)].count("pause") == 1


def test_who_was_slower_is_told_who_has_done_what(
    federation: LocalFederation, ada: Phone, sam: Phone, london: LocalNode
) -> None:
    old = asked(sam, london, "pause")
    act(ada, london, "suspend", reason="Somebody was hurt.")
    response = act(sam, london, "pause", reason="They asked us to.", **old)
    assert response.status_code == 409
    page = words(response)
    assert "Someone else got there first" in page
    assert "This is how it looks now: Suspended" in page
    assert "Ada suspended it" in page
    assert "Somebody was hurt." in page
    assert "They asked us to." in page
    assert status(federation, london) == "suspended"


def test_of_two_who_answer_a_waiting_chapter_the_second_is_told(
    federation: LocalFederation, ada: Phone, sam: Phone, waiting: LocalNode
) -> None:
    old = asked(sam, waiting, "turn-down")
    act(ada, waiting, "admit")
    page = words(act(sam, waiting, "turn-down", **old))
    assert "Someone else got there first" in page
    assert status(federation, waiting) == "active"


def test_a_chapter_turned_down_meanwhile_is_not_let_in(
    federation: LocalFederation, ada: Phone, sam: Phone, waiting: LocalNode
) -> None:
    old = asked(sam, waiting, "admit")
    act(ada, waiting, "turn-down")
    response = act(sam, waiting, "admit", reason="We know them well.", **old)
    assert "Someone else got there first" in words(response)
    assert "We know them well." in response.text
    assert "Approve</button>" not in response.text
    assert acts(federation)[-1][1] == "turn-down"


def test_what_was_typed_on_the_old_page_can_be_sent_again(
    federation: LocalFederation, ada: Phone, sam: Phone, london: LocalNode
) -> None:
    old = asked(sam, london, "suspend")
    act(ada, london, "pause")
    again = act(sam, london, "suspend", reason="Somebody was hurt.", **old)
    assert status(federation, london) == "paused"
    act(sam, london, "suspend", reason="Somebody was hurt.", **hidden(again.text, again.request.path))
    assert status(federation, london) == "suspended"


def test_who_pauses_and_lets_in_again_leaves_no_old_page_that_acts(
    federation: LocalFederation, ada: Phone, sam: Phone, london: LocalNode
) -> None:
    old = asked(sam, london, "left")
    act(ada, london, "pause")
    federation.clock.tick(minutes=1)
    act(ada, london, "reactivate")
    assert act(sam, london, "left", **old).status_code == 409
    assert status(federation, london) == "active"


def test_another_reason_for_what_is_so_already_is_not_lost(ada: Phone, sam: Phone, london: LocalNode) -> None:
    old = asked(sam, london, "suspend")
    act(ada, london, "suspend", reason="Somebody was hurt.")
    response = act(sam, london, "suspend", reason="Their lead rang me.", **old)
    assert response.status_code == 409
    assert "Their lead rang me." in response.text
    assert "Ada suspended it" in words(response)


def test_a_double_tap_with_a_reason_says_so_once(ada: Phone, london: LocalNode) -> None:
    old = asked(ada, london, "suspend")
    for _ in range(2):
        response = act(ada, london, "suspend", reason="Somebody was hurt.", **old)
        assert response.status_code == 200
    assert "It was already set" in words(response)


def test_an_old_page_names_no_other_former_id_over_somebody_elses(
    federation: LocalFederation, ada: Phone, sam: Phone, london: LocalNode
) -> None:
    new, other = federation.add_chapter(PETERBOROUGH), federation.add_chapter(BRISBANE)
    old = asked(sam, new, "replaces")
    act(ada, new, "replaces", former=london.chapter_id)
    response = act(sam, new, "replaces", former=other.chapter_id, reason="They told us.", **old)
    assert response.status_code == 409
    assert f"Its old id {london.chapter_id}" in words(response)
    assert f'value="{other.chapter_id}"' in response.text
    assert "They told us." in response.text
    assert f"Its old id {london.chapter_id}" in words(ada.get(f"/hq/chapters/{new.chapter_id}"))


def test_a_chapter_with_a_new_id_goes_on_as_the_old_one(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    new = federation.add_chapter(PETERBOROUGH)
    page = act(ada, new, "replaces", former=london.chapter_id)
    assert f"Its old id {london.chapter_id}" in words(page)


@pytest.mark.parametrize(
    ("former", "said"), [("a" * 24, "HQ doesn’t know a chapter"), ("", "HQ doesn’t know a chapter")]
)
def test_a_former_id_that_is_none_stays_on_the_page(
    federation: LocalFederation, ada: Phone, london: LocalNode, former: str, said: str
) -> None:
    response = act(ada, london, "replaces", former=former, reason="They told us.")
    assert response.status_code == 422
    assert said in words(response)
    assert "They told us." in response.text


def asked(phone: Phone, chapter: LocalNode, name: str) -> dict[str, str]:
    """The mark in the form of an act, if the page is opened now."""
    path = f"/hq/chapters/{chapter.chapter_id}/{name}"
    return hidden(phone.get(path).text, path)


def test_a_reason_is_there_to_copy_after_the_sign_in_was_over(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    ada.post("/hq/sign-out")
    response = act(ada, london, "suspend", reason="Somebody was hurt.")
    assert response.status_code == 401
    assert "Somebody was hurt." in response.text


def test_a_forged_act_is_refused(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    path = f"/hq/chapters/{london.chapter_id}/suspend"
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert ada.post(path, data={"reason": "x"}, headers=headers).status_code == 403
    assert status(federation, london) == "active"


def test_an_unknown_act_or_chapter_is_no_page(ada: Phone, london: LocalNode) -> None:
    for path in (f"/hq/chapters/{london.chapter_id}/destroy", "/hq/chapters/nobody", "/hq/chapters/nobody/pause"):
        assert ada.get(path).status_code == 404
    assert ada.post("/hq/chapters/nobody/pause").status_code == 404


def invite(phone: Phone, note: str = "Leeds, asked in May", **data: str) -> TestResponse:
    secret = re.search(r'name="secret"[^>]*value="([0-9a-f]{64})"', phone.get("/hq/invitations/new").text)
    assert secret
    return phone.post("/hq/invitations/new", data={"note": note, "secret": secret[1], **data})


def shown(page: TestResponse, field: str) -> str:
    found = re.search(rf'<textarea id="{field}"[^>]*>([^<]*)<', page.text)
    assert found
    return html.unescape(found[1])


def codes(page: TestResponse) -> list[str]:
    return [html.unescape(uri) for uri in re.findall(r'<img class="qr" src="(data:image/svg[^"]+)"', page.text)]


def test_an_invitation_is_shown_once_with_a_code_and_a_letter(federation: LocalFederation, ada: Phone) -> None:
    page = invite(ada)
    text = shown(page, "invitation")
    assert read_invitation(text).hq_url == federation.hq.settings.base_url
    assert f"rtr join {text}" in shown(page, "letter")
    assert text not in ada.get("/hq/invitations").text
    assert "Leeds, asked in May" in words(ada.get("/hq/invitations"))


def test_the_code_on_the_page_is_that_of_the_invitation(federation: LocalFederation, ada: Phone) -> None:
    page = invite(ada)
    [uri] = codes(page)
    made = segno.make(shown(page, "invitation"), micro=False, error="m")
    assert unquote(uri) == unquote(made.svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))


def test_a_double_tap_makes_one_invitation(federation: LocalFederation, ada: Phone) -> None:
    data = {"note": "Leeds", "secret": "ab" * 32}
    first, second = (ada.post("/hq/invitations/new", data=data) for _ in range(2))
    assert shown(first, "invitation") == shown(second, "invitation")
    assert [name for _, name, _ in acts(federation)] == ["invite"]


def test_a_secret_that_is_none_is_replaced_by_a_good_one(federation: LocalFederation, ada: Phone) -> None:
    page = ada.post("/hq/invitations/new", data={"note": "", "secret": "1234"})
    assert len(read_invitation(shown(page, "invitation")).secret) == 64
    assert read_invitation(shown(page, "invitation")).secret != "1234"


def test_a_note_that_is_too_long_stays_on_the_page(federation: LocalFederation, ada: Phone) -> None:
    response = invite(ada, "x" * 201)
    assert response.status_code == 422
    assert "x" * 201 in response.text
    assert acts(federation) == []


@pytest.mark.parametrize(("asks", "answer"), [({}, "admitted"), ({"asks": "y"}, "waiting")])
def test_an_invitation_admits_at_once_or_waits_for_a_person(
    federation: LocalFederation, ada: Phone, asks: dict[str, str], answer: str
) -> None:
    from node.sync import joining

    invitation = read_invitation(shown(invite(ada, **asks), "invitation"))
    node = federation.add_chapter(LONDON, admit=False)
    assert joining.join(node.handle, invitation) == answer


def test_an_invitation_that_was_taken_back_lets_nobody_in(federation: LocalFederation, ada: Phone) -> None:
    from node.sync import joining

    invitation = read_invitation(shown(invite(ada), "invitation"))
    path = re.search(r'action="(/hq/invitations/\w+/revoke)"', ada.get("/hq/invitations").text)
    assert path
    for _ in range(2):
        assert ada.get(ada.post(path[1]).headers["Location"]).status_code == 200
    node = federation.add_chapter(LONDON, admit=False)
    with pytest.raises(joining.NotJoined):
        joining.join(node.handle, invitation)
    assert [name for _, name, _ in acts(federation)] == ["invite", "revoke"]


def test_a_used_invitation_is_not_taken_back(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    with federation.hq.session() as session:
        [used] = session.scalars(select(IssuedInvitation.secret_hash))
    response = ada.post(f"/hq/invitations/{used}/revoke")
    assert "Someone has just used that invitation" in words(ada.get(response.headers["Location"]))


def test_somebody_new_signs_in_with_the_link_that_is_shown(federation: LocalFederation, ada: Phone) -> None:
    ada.post("/hq/people", data={"first_name": "Kim"})
    with federation.hq.session() as session:
        kim = leads.all_leads(session)[-1]
    page = ada.post(f"/hq/people/{kim.id}/link")
    link = shown(page, "link")
    made = segno.make(link, micro=False, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
    assert [unquote(uri) for uri in codes(page)] == [unquote(made)]
    phone = Phone(federation.hq)
    assert phone.post(link.removeprefix(federation.hq.settings.base_url)).status_code == 303
    assert phone.get("/hq").status_code == 200


def test_a_second_person_of_one_name_is_asked_for_another(federation: LocalFederation, ada: Phone) -> None:
    response = ada.post("/hq/people", data={"first_name": "ada"})
    assert response.status_code == 422
    assert "There’s already someone with that name" in words(response)
    assert acts(federation) == []


def test_who_is_removed_is_signed_out_at_once(federation: LocalFederation, ada: Phone, sam: Phone) -> None:
    assert sam.get("/hq").status_code == 200
    ada.post(f"/hq/people/{sam.lead.id}/remove")
    assert sam.get("/hq").status_code == 303
    assert acts(federation)[-1] == ("Ada", "remove-person", "Sam")


def test_the_last_person_is_not_removed(federation: LocalFederation, ada: Phone) -> None:
    response = ada.post(f"/hq/people/{ada.lead.id}/remove")
    assert response.status_code == 422
    assert "there has to be someone" in words(response)
    assert ada.get("/hq").status_code == 200


def test_the_board_shows_runs_of_this_week_that_no_lead_has_promised(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    page = words(ada.get("/hq"))
    assert "No lead has confirmed yet" in page
    assert "Thursday evening run" in page
    promise(london)
    federation.settle()
    assert "Thursday evening run" not in words(ada.get("/hq"))


def promise(london: LocalNode) -> None:
    from node.chapter import runs

    with london.session() as session:
        run = runs.all_runs(session)[0]
    phone, tap = Phone(london).sign_in(), f"/lead/runs/{run.id}/dates/2026-06-04/confirm"
    assert phone.post(tap, data=hidden(phone.get("/lead").text, tap)).status_code == 303


def test_a_chapters_page_says_which_software_its_node_runs(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    path = f"/hq/chapters/{london.chapter_id}"
    with federation.hq.session() as session, writing(session):
        session.merge(KnownPeer(base_url=london.settings.base_url, software=""))
    assert "Software not known yet" in words(ada.get(path))
    with federation.hq.session() as session, writing(session):
        session.merge(KnownPeer(base_url=london.settings.base_url, software="runtalkrun 9.9"))
    assert "Software runtalkrun 9.9" in words(ada.get(path))
    assert "runtalkrun 9.9" in words(ada.get("/hq/chapters"))
    with federation.hq.session() as session, writing(session):
        session.merge(KnownPeer(base_url=london.settings.base_url, software=SOFTWARE))
    assert "runtalkrun" not in words(ada.get("/hq/chapters")), "what most of them run is not said of each"


def test_a_silent_chapter_comes_up_on_the_board(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    assert "gone silent" not in words(ada.get("/hq"))
    federation.clock.tick(days=9)
    page = words(ada.get("/hq"))
    assert "Chapters that have gone silent" in page
    assert "last heard from on Monday 1 June" in page


def test_all_that_have_gone_silent_are_one_list(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    assert "No chapters found" in words(ada.get("/hq/chapters?status=silent"))
    list_many(federation.hq, 25)
    federation.clock.tick(days=9)
    board = ada.get("/hq")
    assert "the 20 that have been silent longest, out of 26" in words(board)
    assert 'href="/hq/chapters?status=silent"' in board.text
    assert "London" in words(ada.get("/hq/chapters?status=silent"))


def test_paused_and_suspended_chapters_stay_on_the_board(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    assert "Paused or suspended" not in words(ada.get("/hq"))
    for name, said in {"pause": "Paused since Monday 1 June", "suspend": "Suspended since Monday 1 June"}.items():
        act(ada, london, name, reason="So it is.")
        assert said in words(ada.get("/hq"))
    act(ada, london, "left")
    assert "Paused or suspended" not in words(ada.get("/hq"))


def test_a_registry_that_is_not_signed_anew_is_said(federation: LocalFederation, ada: Phone) -> None:
    assert "hasn’t been signed" not in words(ada.get("/hq"))
    federation.clock.tick(days=5, hours=1)
    assert "hasn’t been signed for days" in words(ada.get("/hq"))


def test_a_root_that_is_nearly_over_is_said(federation: LocalFederation, ada: Phone) -> None:
    federation.clock.tick(days=80)
    ada.get("/hq")
    assert "have to sign a new root" not in words(ada.get("/hq"))
    for _ in range(22):
        federation.clock.tick(days=80)
        ada.get("/hq")
    assert "have to sign a new root" in words(ada.get("/hq"))


def test_chapters_are_found_by_name_place_country_and_status(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    federation.add_chapter(PETERBOROUGH).announce(a_run())
    federation.settle()
    act(ada, london, "pause")
    for query, found in {
        "text=lond": "London",
        "status=paused": "London",
        "text=gb&status=active": "Peterborough",
    }.items():
        page = ada.get(f"/hq/chapters?{query}").text
        other = {"London": "Peterborough", "Peterborough": "London"}[found]
        assert f">{found}</a>" in page, query
        assert f">{other}</a>" not in page, query


def test_pages_of_chapters_follow_each_other_without_a_gap(
    federation: LocalFederation, ada: Phone, london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    from node.hq import chapters

    federation.add_chapter(PETERBOROUGH)
    federation.settle()
    monkeypatch.setattr(chapters, "PAGE", 1)
    seen, path = [], "/hq/chapters"
    while path:
        page = ada.get(path).text
        seen += re.findall(r'<th scope="row"><a href="/hq/chapters/(\w+)"', page)
        following = re.search(r'href="(/hq/chapters\?[^"]*after=[^"]+)"', page)
        path = html.unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen)) == 2


def test_acts_are_kept_two_years_and_then_go(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    act(ada, london, "pause")
    hq = federation.hq
    for days, left in ((history.KEPT.days, ["pause"]), (1, [])):
        federation.clock.tick(days=days)
        vouch(federation, london)
        jobs.tidy(hq.restarted())
        assert [name for _, name, _ in acts(federation) if name == "pause"] == left


def vouch(federation: LocalFederation, other: LocalNode) -> None:
    """Let another node say what the time is. A node removes nothing by a clock that nobody vouches for."""
    with federation.hq.session() as session, writing(session):
        peer = session.get(KnownPeer, other.settings.base_url) or KnownPeer(base_url=other.settings.base_url)
        peer.status_at, peer.clock_off_seconds = federation.clock(), 0
        session.add(peer)


def test_an_invitation_that_is_over_is_not_kept(federation: LocalFederation, ada: Phone) -> None:
    invite(ada)
    hq = federation.hq
    federation.clock.now += admissions.INVITATION_LIFE + timedelta(seconds=1)
    jobs.tidy(hq.restarted())
    with hq.session() as session:
        assert session.scalars(select(IssuedInvitation)).all() == []


def test_what_was_done_is_in_the_history_also_from_the_command_line(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    act(ada, london, "pause", reason="They asked for a rest.")
    page = words(ada.get("/hq/history"))
    assert "London : Ada paused it" in page
    assert "They asked for a rest." in page
    assert "Someone at the command line created an invitation" in page


def test_hq_says_on_its_privacy_page_what_it_keeps(federation: LocalFederation, london: LocalNode) -> None:
    assert "for two years" in words(Phone(federation.hq).get("/privacy"))
    assert "for two years" not in words(Phone(london).get("/privacy"))


def test_who_waits_is_let_in_under_its_own_name_and_hqs_note(federation: LocalFederation, ada: Phone) -> None:
    node = federation.add_chapter(PETERBOROUGH, admit=False)
    with federation.hq.session() as session:
        invitation = admissions.invite(session, federation.hq.settings, "York, asked in May", False, federation.clock())
    joining.join(node.handle, invitation)
    for page in ("", f"/chapters/{node.chapter_id}", f"/chapters/{node.chapter_id}/admit"):
        text = ada.get("/hq" + page).text
        assert "York, asked in May" in text, page
        assert "Peterborough" in text, page
    assert "<title>Approve: Peterborough" in ada.get(f"/hq/chapters/{node.chapter_id}/admit").text


def test_a_chapter_that_was_let_in_has_its_name_before_it_is_heard(
    federation: LocalFederation, ada: Phone, waiting: LocalNode
) -> None:
    act(ada, waiting, "admit")
    assert "Peterborough" in words(ada.get("/hq/chapters"))
    assert waiting.chapter_id not in words(ada.get("/hq/chapters"))
    assert "Peterborough : Ada approved it" in words(ada.get("/hq/history"))


def test_a_chapter_whose_document_cannot_be_read_is_called_by_the_note(
    federation: LocalFederation, ada: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = federation.add_chapter(PETERBOROUGH, admit=False)
    send = federation.wire.send

    def without_documents(method: str, base_url: str, path: str, **rest: Any) -> Answer:
        if path.startswith("/fed/v1/documents/") and method == "GET":
            raise Unreachable("cut off")
        return send(method, base_url, path, **rest)

    monkeypatch.setattr(federation.wire, "send", without_documents)
    with federation.hq.session() as session:
        invitation = admissions.invite(session, federation.hq.settings, "York, asked in May", False, federation.clock())
    assert joining.join(node.handle, invitation) == "waiting"
    asked = ada.get(f"/hq/chapters/{node.chapter_id}/admit").text
    assert "<title>Approve: York, asked in May" in asked
    act(ada, node, "admit")
    assert "York, asked in May" in words(ada.get("/hq/chapters"))


def test_a_document_that_is_over_when_its_chapter_is_let_in_keeps_it_not_out(
    federation: LocalFederation, ada: Phone, waiting: LocalNode
) -> None:
    federation.clock.tick(days=20)
    act(ada, waiting, "admit")
    assert status(federation, waiting) == "active"


def test_a_sign_in_link_that_one_makes_for_another_is_in_the_history(
    federation: LocalFederation, ada: Phone, sam: Phone
) -> None:
    ada.post(f"/hq/people/{sam.lead.id}/link")
    page = ada.get("/hq/history").text
    assert acts(federation)[-1] == ("Ada", "link", "Sam")
    assert "Ada made a sign-in link" in page
    assert "/signin/" not in page


def test_that_somebody_has_looked_through_a_list_that_was_taken_over_is_in_the_history(
    federation: LocalFederation, ada: Phone
) -> None:
    take_over(federation)
    old = hidden(ada.get("/hq").text, "/hq/looked")
    for _ in range(2):
        ada.post("/hq/looked", data=old)
    assert [one[1] for one in acts(federation)].count("looked") == 1


def test_having_looked_puts_away_only_the_list_that_the_page_told_of(federation: LocalFederation, ada: Phone) -> None:
    take_over(federation)
    old = hidden(ada.get("/hq").text, "/hq/looked")
    federation.clock.tick(minutes=5)
    take_over(federation)
    ada.post("/hq/looked", data=old)
    assert "has found a newer list" in words(ada.get("/hq"))
    ada.post("/hq/looked", data=hidden(ada.get("/hq").text, "/hq/looked"))
    assert "has found a newer list" not in words(ada.get("/hq"))


def take_over(federation: LocalFederation) -> None:
    with federation.hq.session() as session, writing(session):
        identity.own(session).taken_over_at = federation.clock()


def test_every_act_that_is_noted_has_words(federation: LocalFederation) -> None:
    noted = {*get_args(Act), *get_args(history.PeopleAct), *get_args(history.OwnAct)}
    with federation.hq.app.test_request_context():
        told = {one: hq_words.act_words(HqAct(act=one, by="Ada")) for one in noted}
    assert [one for one, text in told.items() if text == one] == []
