"""A chapter joins an HQ, and pins no other."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from federation.errors import BrokenChain
from federation.invitation import Invitation
from node.directory import chapters
from node.hq import admissions
from node.models import Hq
from node.sync import joining
from node.sync.joining import NotJoined
from node.wire.outbound import Answer, NotPermitted

from ...support.network import LONDON, LocalFederation, LocalNode, LocalWire


def test_at_home_where_the_own_name_leads_into_the_house_hq_looks_from_outside(
    federation: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    lead_home(federation, london, monkeypatch)
    assert federation.join(london) == "admitted"


def test_where_hq_does_not_get_in_either_a_house_is_told_of_its_router(
    federation: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    lead_home(federation, london, monkeypatch)
    federation.hq.app.extensions["door"] = admissions.Door(replace(federation.hq.handle, wire=LocalWire()))
    with pytest.raises(NotJoined) as caught:
        federation.join(london)
    said = str(caught.value)
    assert f"HQ at {federation.hq.settings.base_url} did not let us in" in said
    assert f"From here {london.settings.base_url} leads to 192.168.1.20, an address inside a house" in said
    assert "the router pass port 443 on" in said
    assert "rtr serve" not in said


def lead_home(federation: LocalFederation, node: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside its own network the node's name leads to a private address. Elsewhere it leads to the node."""
    url, send, asked = node.settings.base_url, federation.wire.send, []

    def from_inside(method: str, base_url: str, path: str, **options: Any) -> Answer:
        if base_url == url and not asked:
            asked.append(path)
            raise NotPermitted(url, ["192.168.1.20"])
        return send(method, base_url, path, **options)

    monkeypatch.setattr(federation.wire, "send", from_inside)


def test_something_else_at_the_own_address_is_not_called_nothing(
    federation: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    monkeypatch.setattr(federation.wire, "send", lambda *_, **__: Answer(502, b"Bad gateway"))
    with pytest.raises(NotJoined, match=r"is not this node: start `rtr serve`, and let the web server in front"):
        federation.join(london)


def test_an_hq_other_than_the_invitations_is_refused(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    with federation.hq.session() as session:
        invitation = admissions.invite(session, federation.hq.settings, "", True, federation.clock())
    forged = msgspec.structs.replace(invitation, root_digest="0" * 64)
    with pytest.raises(NotJoined, match="not the one that the invitation names"):
        joining.join(london.handle, forged)
    with london.session() as session:
        assert chapters.entry_of(session, london.chapter_id) is None


def test_a_chapter_joins_one_hq_only(federation: LocalFederation, tmp_path: Path) -> None:
    london = federation.add_chapter(LONDON)
    other = LocalFederation(tmp_path / "other", federation.clock)
    with other.hq.session() as session:
        invitation = admissions.invite(session, other.hq.settings, "", True, federation.clock())
    other.wire.nodes[london.settings.base_url] = london
    with pytest.raises((NotJoined, BrokenChain)):
        joining.join(replace(london.handle, wire=other.wire), invitation)
    other.wire.nodes.pop(london.settings.base_url)
    other.close()


def an_invitation(federation: LocalFederation) -> Invitation:
    with federation.hq.session() as session:
        return admissions.invite(session, federation.hq.settings, "", True, federation.clock())


def join(federation: LocalFederation, node: LocalNode, invitation: Invitation, new_address: bool = False) -> str:
    return joining.join(replace(node.handle, wire=federation.wire), invitation, new_address=new_address)


def pinned_url(node: LocalNode) -> str | None:
    with node.session() as session:
        pinned = session.get(Hq, 1)
        return pinned.url if pinned else None


def test_a_node_that_hq_refused_has_pinned_nothing(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    unknown = msgspec.structs.replace(an_invitation(federation), secret="0" * 64)
    with pytest.raises(NotJoined, match="unknown, used or over"):
        join(federation, london, unknown)
    assert pinned_url(london) is None


def test_a_node_that_waits_has_pinned_hq(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    federation.join(london, needs_a_person=True)
    assert pinned_url(london) == federation.hq.settings.base_url


def test_an_hq_that_is_not_the_invitations_is_not_asked(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    with pytest.raises(NotJoined):
        join(federation, london, msgspec.structs.replace(an_invitation(federation), root_digest="0" * 64))
    assert not any(method == "POST" for method, _ in federation.wire.sent)


ELSEWHERE = "http://127.0.0.1:8299"


class Moved(LocalWire):
    """HQ answers at ELSEWHERE, too."""

    def __init__(self, federation: LocalFederation) -> None:
        super().__init__()
        self.nodes = federation.wire.nodes
        self.wire, self.hq_url = federation.wire, federation.hq.settings.base_url

    def send(self, method: str, base_url: str, path: str, **kwargs: Any) -> Answer:
        return self.wire.send(method, self.hq_url if base_url == ELSEWHERE else base_url, path, **kwargs)


def moved_invitation(federation: LocalFederation) -> Invitation:
    invitation = an_invitation(federation)
    federation.wire = Moved(federation)
    return msgspec.structs.replace(invitation, hq_url=ELSEWHERE)


def test_an_invitation_does_not_move_hq_by_itself(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    with pytest.raises(NotJoined, match=f"address changed from .* to {ELSEWHERE}: .* --new-address"):
        join(federation, london, moved_invitation(federation))
    assert pinned_url(london) == federation.hq.settings.base_url


def test_hqs_new_address_is_taken_once_it_is_confirmed(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    assert join(federation, london, moved_invitation(federation), new_address=True) == "admitted"
    assert pinned_url(london) == ELSEWHERE
