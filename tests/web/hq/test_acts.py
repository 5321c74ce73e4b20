"""Acts of HQ: each once, with its reason, and never from an old page."""

import re
from typing import get_args

import click
import pytest
from sqlalchemy import select

from deploy.commands import hq as commands
from node import jobs
from node.database import writing
from node.hq import history
from node.hq.history import Act
from node.models import HqAct, KnownPeer
from web.hq import chapters as pages
from web.words import hq as hq_words

from ...support.network import BRISBANE, PETERBOROUGH, LocalFederation, LocalNode
from ...support.web_client import Phone, hidden, words
from .test_hq import act, asked, status


def acts(federation: LocalFederation) -> list[tuple[str, str, str]]:
    with federation.hq.session() as session:
        return [(one.by, one.act, one.reason) for one in session.scalars(select(HqAct).order_by(HqAct.id))]


def test_every_act_of_the_command_has_a_page_and_the_other_way_round() -> None:
    assert isinstance(commands.command, click.Group)
    on_pages = {*pages.ACTIONS, "invite", "revoke"}
    # How HQ reaches a chapter is written on its page alone: a command's line would stay in the shell's history.
    assert set(commands.command.commands) - {"init", "list", "root"} == on_pages == set(get_args(Act)) - {"contact"}


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


def test_what_was_done_is_in_the_history_also_from_the_command_line(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    act(ada, london, "pause", reason="They asked for a rest.")
    page = words(ada.get("/hq/history"))
    assert "London : Ada paused it" in page
    assert "They asked for a rest." in page
    assert "Someone at the command line created an invitation" in page


def test_the_page_of_each_act_asks_a_question(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    for name in pages.ACTIONS:
        page = ada.get(f"/hq/chapters/{london.chapter_id}/{name}").text
        assert re.search(r"<h1>[^<]*London[^<]*\?</h1>", page), name


def test_every_act_that_is_noted_has_words(federation: LocalFederation) -> None:
    noted = {*get_args(Act), *get_args(history.PeopleAct), *get_args(history.OwnAct)}
    with federation.hq.app.test_request_context():
        told = {one: hq_words.act_words(HqAct(act=one, by="Ada")) for one in noted}
    assert [one for one, text in told.items() if text == one] == []
