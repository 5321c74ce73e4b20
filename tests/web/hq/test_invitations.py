"""HQ invites chapters: a code that is shown once, and what becomes of it."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
import segno
from sqlalchemy import select
from werkzeug.test import TestResponse

from federation.invitation import read_invitation
from node import jobs
from node.hq import admissions
from node.models import IssuedInvitation
from node.sync import joining

from ...support.network import LONDON, LocalFederation, LocalNode
from ...support.web_client import Phone, words
from .test_acts import acts
from .test_hq import act
from .test_people import codes, shown


def test_a_chapter_that_was_turned_down_cannot_ask_again_with_that_invitation(
    federation: LocalFederation, ada: Phone, waiting: LocalNode
) -> None:
    assert "Ada declined it" in words(act(ada, waiting, "turn-down", reason="No answer to our letters: 020 7946 0000"))
    assert "Waiting for approval" not in words(ada.get("/hq"))
    with federation.hq.session() as session:
        assert session.scalars(select(IssuedInvitation)).all() == []


def invite(phone: Phone, note: str = "Leeds, asked in May", **data: str) -> TestResponse:
    secret = re.search(r'name="secret"[^>]*value="([0-9a-f]{64})"', phone.get("/hq/invitations/new").text)
    assert secret
    return phone.post("/hq/invitations/new", data={"note": note, "secret": secret[1], **data})


def test_an_invitation_is_shown_once_with_a_code_and_a_letter(federation: LocalFederation, ada: Phone) -> None:
    page = invite(ada)
    text = shown(page, "invitation")
    assert read_invitation(text).hq_url == federation.hq.settings.base_url
    assert f"\n{text}\n" in shown(page, "letter")
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

    invitation = read_invitation(shown(invite(ada, **asks), "invitation"))
    node = federation.add_chapter(LONDON, admit=False)
    assert joining.join(node.handle, invitation) == answer


def test_an_invitation_that_was_taken_back_lets_nobody_in(federation: LocalFederation, ada: Phone) -> None:

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


def test_an_invitation_that_is_over_is_not_kept(federation: LocalFederation, ada: Phone) -> None:
    invite(ada)
    hq = federation.hq
    federation.clock.now += admissions.INVITATION_LIFE + timedelta(seconds=1)
    jobs.tidy(hq.restarted())
    with hq.session() as session:
        assert session.scalars(select(IssuedInvitation)).all() == []
