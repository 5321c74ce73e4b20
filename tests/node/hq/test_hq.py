"""HQ: its keys, its registry, invitations and admissions."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import HqRoot
from federation.envelope import read
from federation.errors import NotActive, WrongSignature
from federation.trust import genesis
from node.errors import Busy, InvalidInput, NotFound
from node.hq import admissions, founding, registry
from node.hq.admissions import InvitationRefused, NotServing
from node.models import HeldRegistry, HeldRoot, IssuedInvitation
from node.sync.joining import NotJoined
from node.wire.outbound import Answer

from ...support.network import BRISBANE, LONDON, Clock, LocalFederation, LocalNode, LocalWire


def own_root(node: LocalNode) -> bytes:
    with node.session() as session:
        return session.get_one(HeldRoot, (node.chapter_id, 1)).envelope


def door(federation: LocalFederation) -> admissions.Door:
    """The one that HQ's pages ask at."""
    found: admissions.Door = federation.hq.app.extensions["door"]
    return found


def ask(federation: LocalFederation, secret: str, root: bytes) -> str:
    with federation.hq.session() as session:
        return door(federation).ask(session, secret, root)


def invite(federation: LocalFederation, admits: bool = True) -> str:
    with federation.hq.session() as session:
        return admissions.invite(session, federation.hq.settings, "", admits, federation.clock()).secret


def test_hqs_root_wants_two_of_three_keys(federation: LocalFederation) -> None:
    with federation.hq.session() as session:
        root = genesis(read(session.scalars(select(HeldRoot.envelope)).one()), HqRoot)
    assert (len(root.document.root_keys), root.document.root_threshold) == (3, 2)


def test_hqs_root_keys_are_nowhere_in_its_folder(federation: LocalFederation) -> None:
    files = [path for path in federation.hq.settings.data.rglob("*") if path.is_file()]
    for key in federation.hq_root_keys:
        assert not any(key.seed_hex().encode() in path.read_bytes() for path in files)


@pytest.mark.parametrize("contact", ["", "nobody", "a b@example.org", "x@y\n.org"])
def test_hq_needs_an_address_that_people_can_write_to(tmp_path: Path, clock: Clock, contact: str) -> None:
    node = LocalNode(tmp_path / "hq", clock, 8100, role="hq")
    with node.session() as session, pytest.raises(InvalidInput):
        founding.create_hq(session, node.settings, founding.HqInput("HQ", contact), clock())
    node.close()


def test_an_invitation_works_once(federation: LocalFederation) -> None:
    london, brisbane = (federation.add_chapter(profile, admit=False) for profile in (LONDON, BRISBANE))
    secret = invite(federation)
    assert ask(federation, secret, own_root(london)) == "admitted"
    with pytest.raises(InvitationRefused):
        ask(federation, secret, own_root(brisbane))


def test_the_same_question_again_gets_the_same_answer_and_changes_nothing(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    secret = invite(federation)
    ask(federation, secret, own_root(london))
    before = registry_version(federation)
    assert ask(federation, secret, own_root(london)) == "admitted"
    assert registry_version(federation) == before


def registry_version(federation: LocalFederation) -> int:
    with federation.hq.session() as session:
        return session.get_one(HeldRegistry, 1).version


def test_an_invitation_is_over_after_14_days(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    secret = invite(federation)
    federation.clock.tick(days=14)
    with pytest.raises(InvitationRefused):
        ask(federation, secret, own_root(london))


def test_an_invitations_secret_is_not_in_hqs_database(federation: LocalFederation) -> None:
    secret = invite(federation)
    with federation.hq.session() as session:
        kept = session.execute(select(IssuedInvitation.__table__)).all()
    assert kept
    assert secret not in str(kept)


def test_a_wrong_secret_makes_hq_fetch_nothing(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    federation.wire.sent.clear()
    with pytest.raises(InvitationRefused):
        ask(federation, "0" * 64, own_root(london))
    assert federation.wire.sent == []


def test_a_chapter_whose_address_does_not_serve_its_root_is_not_let_in(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    secret = invite(federation)
    federation.wire.down.add(london.settings.base_url)
    with pytest.raises(NotServing):
        ask(federation, secret, own_root(london))


def test_a_refused_question_leaves_the_invitation_good(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    secret = invite(federation)
    federation.wire.down.add(london.settings.base_url)
    with pytest.raises(NotServing):
        ask(federation, secret, own_root(london))
    federation.wire.down.clear()
    assert ask(federation, secret, own_root(london)) == "admitted"


class Meanwhile:
    """A wire that lets something happen while HQ waits for a root, and then for a document."""

    def __init__(self, wire: LocalWire, happens: Callable[[], object]) -> None:
        self.wire, self.happens = wire, happens
        self.deadlines: list[float] = []
        self.is_happening = False

    def send(self, *args: Any, **kwargs: Any) -> Answer:
        if not self.is_happening:
            self.is_happening = True
            self.deadlines.append(kwargs["deadline"])
            self.happens()
            self.is_happening = False
        return self.wire.send(*args, **kwargs)


def ask_while(federation: LocalFederation, secret: str, root: bytes, happens: Callable[[Session], object]) -> Meanwhile:
    with federation.hq.session() as session:
        wire = Meanwhile(federation.wire, lambda: happens(session))
        federation.hq.app.extensions["door"] = admissions.Door(replace(federation.hq.handle, wire=wire))
        door(federation).ask(session, secret, root)
    return wire


def test_hq_holds_no_transaction_while_it_waits_for_an_answer(federation: LocalFederation) -> None:
    london, held = federation.add_chapter(LONDON, admit=False), []
    ask_while(federation, invite(federation), own_root(london), lambda session: held.append(session.in_transaction()))
    assert held == [False, False]


def test_a_second_question_with_one_invitation_does_not_wait_for_the_first(federation: LocalFederation) -> None:
    london, secret, refusals = federation.add_chapter(LONDON, admit=False), invite(federation), []

    def again(_: Session) -> None:
        with pytest.raises(Busy) as caught:
            ask(federation, secret, own_root(london))
        refusals.append(caught.value.code)

    ask_while(federation, secret, own_root(london), again)
    assert refusals == ["busy", "busy"]


def test_another_invitation_is_answered_meanwhile(federation: LocalFederation) -> None:
    london, brisbane = (federation.add_chapter(profile, admit=False) for profile in (LONDON, BRISBANE))
    answers: list[str] = []
    secret, other = invite(federation), invite(federation)
    ask_while(
        federation, secret, own_root(london), lambda _: answers.append(ask(federation, other, own_root(brisbane)))
    )
    assert answers == ["admitted", "admitted"]


def test_a_question_that_failed_does_not_keep_the_invitation_busy(federation: LocalFederation) -> None:
    london, secret = federation.add_chapter(LONDON, admit=False), invite(federation)
    federation.wire.down.add(london.settings.base_url)
    for _ in range(2):
        with pytest.raises(NotServing):
            ask(federation, secret, own_root(london))


def test_hq_waits_four_seconds_at_most_for_root_and_document_together(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    wire = ask_while(federation, invite(federation), own_root(london), lambda _: None)
    first, second = wire.deadlines
    assert first == 4.0
    assert 0 < second < 4.0


def test_a_root_that_nobody_signed_is_refused(federation: LocalFederation) -> None:
    london, brisbane = (federation.add_chapter(profile, admit=False) for profile in (LONDON, BRISBANE))
    envelope = json.loads(own_root(london)) | {"signatures": json.loads(own_root(brisbane))["signatures"]}
    with pytest.raises(WrongSignature):
        ask(federation, invite(federation), json.dumps(envelope).encode())


def test_who_waits_is_admitted_by_a_person(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    assert federation.join(london, needs_a_person=True) == "waiting"
    with federation.hq.session() as session:
        assert [asked.chapter for asked in admissions.waiting(session)] == [london.chapter_id]
        admissions.admit(session, federation.hq.settings, london.chapter_id, federation.clock())
        assert registry.entries(session)[london.chapter_id].status == "active"
        assert admissions.waiting(session) == []


@pytest.fixture
def suspended(federation: LocalFederation) -> LocalNode:
    """London, which has joined and was then suspended."""
    london = federation.add_chapter(LONDON)
    federation.set_status(london, "suspended")
    return london


def test_a_suspended_chapter_is_not_let_in_by_a_new_invitation(
    federation: LocalFederation, suspended: LocalNode
) -> None:
    with pytest.raises(NotActive):
        ask(federation, invite(federation), own_root(suspended))
    with federation.hq.session() as session:
        assert registry.entries(session)[suspended.chapter_id].status == "suspended"


def test_a_suspended_chapter_uses_no_invitation_up(federation: LocalFederation, suspended: LocalNode) -> None:
    brisbane = federation.add_chapter(BRISBANE, admit=False)
    secret = invite(federation)
    with pytest.raises(NotActive):
        ask(federation, secret, own_root(suspended))
    assert ask(federation, secret, own_root(brisbane)) == "admitted"


def test_a_paused_chapter_is_in(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    federation.set_status(london, "paused")
    assert ask(federation, invite(federation), own_root(london)) == "admitted"


def test_nobody_is_admitted_who_did_not_ask(federation: LocalFederation) -> None:
    with federation.hq.session() as session, pytest.raises(NotFound):
        admissions.admit(session, federation.hq.settings, "a" * 24, federation.clock())


def test_the_registry_is_signed_again_daily_and_not_before(federation: LocalFederation) -> None:
    with federation.hq.session() as session:
        assert not registry.resign_if_due(session, federation.hq.settings, federation.clock.tick(hours=19))
        assert registry.resign_if_due(session, federation.hq.settings, federation.clock.tick(hours=2))
        assert session.get_one(HeldRegistry, 1).fresh_until == federation.clock() + timedelta(days=7)


def test_a_node_that_does_not_serve_yet_is_told_to(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    federation.wire.down.add(london.settings.base_url)
    with pytest.raises(NotJoined, match="rtr serve"):
        federation.join(london)
