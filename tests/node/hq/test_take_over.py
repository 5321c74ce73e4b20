"""HQ's folder is put back from a copy, and no suspended chapter comes back (PROTOCOL.md §8.2)."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from federation.documents import Registry
from federation.envelope import Envelope, read, seal
from federation.keys import SigningKey
from federation.payloads import read_document, write_document
from federation.words import Status
from node import jobs
from node.chapter import identity
from node.database import writing
from node.directory import registry
from node.errors import KeyUnreadable
from node.handle import Node
from node.hq import admissions, rotation, take_over, watch
from node.hq.registry import resign_if_due, set_status
from node.keys import load_signing_key
from node.models import HeldRegistry, HeldRoot, RegistryChapter
from node.sync import restored_folder
from node.wire.outbound import Answer

from ...support.federation_makers import HqMaker
from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode
from ...support.web_client import Phone, hidden, words
from ..sync.test_hostile_peers import Lying, copy_database


@pytest.fixture
def london(federation: LocalFederation) -> LocalNode:
    """One of two chapters. HQ's process begins again after they have joined."""
    made = federation.add_chapter(LONDON)
    federation.add_chapter(BRISBANE)
    federation.settle()
    federation.hq.handle.is_registry_answered.clear()
    return made


@contextmanager
def restored(federation: LocalFederation) -> Iterator[None]:
    """The chapters come to know what HQ does in the block. Then HQ's folder is put back, and a new process begins."""
    copy = sqlite3.connect(":memory:")
    copy_database(federation.hq, copy)
    yield
    federation.settle()
    copy_database(federation.hq, copy, back=True)
    federation.hq.handle.is_registry_answered.clear()


def say_status(federation: LocalFederation, chapter: LocalNode, status: Status) -> None:
    with federation.hq.session() as session:
        now = federation.clock.tick(seconds=5)
        set_status(session, federation.hq.settings, chapter.chapter_id, status, now)


def status_at(node: LocalNode, chapter: LocalNode) -> str:
    with node.session() as session:
        return session.get_one(RegistryChapter, chapter.chapter_id).status


def ask(federation: LocalFederation) -> bool:
    with federation.hq.session() as session:
        federation.clock.tick(seconds=5)
        return take_over.ask(session, federation.hq.handle)


def held(node: LocalNode) -> HeldRegistry:
    with node.session() as session:
        return session.get_one(HeldRegistry, 1)


def context_of(federation: LocalFederation) -> Node:
    hq = federation.hq
    with hq.session() as session:
        restored_folder.open_question(session, hq.settings, hq.clock())
    return hq.restarted()


def test_a_restored_hq_suspends_no_less_than_before(federation: LocalFederation, london: LocalNode) -> None:
    with restored(federation):
        say_status(federation, london, "suspended")
    assert status_at(federation.hq, london) == "active"
    federation.clock.tick(hours=21)
    jobs.sign(context_of(federation))
    assert status_at(federation.hq, london) == "suspended"
    federation.settle()
    assert status_at(federation.wire.nodes["http://127.0.0.1:8202"], london) == "suspended"
    assert held(federation.hq).version == held(london).version == int(federation.clock().timestamp())


def test_the_first_tap_after_a_restore_brings_nobody_back(federation: LocalFederation, london: LocalNode) -> None:
    york = federation.add_chapter(PETERBOROUGH)
    federation.settle()
    with restored(federation):
        say_status(federation, london, "suspended")
    phone = Phone(federation.hq).sign_in("Ada")
    federation.clock.tick(seconds=5)
    path = f"/hq/chapters/{york.chapter_id}/pause"
    assert phone.post(path, data=hidden(phone.get(path).text, path)).status_code == 303
    federation.settle()
    assert {status_at(york, london), status_at(federation.hq, london)} == {"suspended"}
    assert status_at(london, york) == "paused"


def test_a_chapter_that_joins_after_a_restore_brings_nobody_back(
    federation: LocalFederation, london: LocalNode
) -> None:
    with restored(federation):
        say_status(federation, london, "suspended")
    federation.clock.tick(seconds=5)
    york = federation.add_chapter(PETERBOROUGH)
    assert {status_at(federation.hq, london), status_at(york, london)} == {"suspended"}


def test_while_nobody_answers_hq_signs_nothing_by_itself(federation: LocalFederation, london: LocalNode) -> None:
    before = held(federation.hq).digest
    federation.wire.down |= set(federation.wire.nodes)
    federation.clock.tick(hours=21)
    jobs.sign(context_of(federation))
    assert held(federation.hq).digest == before
    federation.wire.down.clear()
    jobs.sign(context_of(federation))
    assert held(federation.hq).digest != before


def heard_once(federation: LocalFederation) -> Node:
    """Other nodes have told HQ's process what they hold. After that none answers any more."""
    context = context_of(federation)
    jobs.sign(context)
    assert context.is_answered.is_set()
    federation.wire.down |= set(federation.wire.nodes)
    return context


def test_hq_signs_nothing_by_itself_while_nobody_answers_though_somebody_did_at_its_start(
    federation: LocalFederation, london: LocalNode
) -> None:
    context, before = heard_once(federation), held(federation.hq).digest
    federation.clock.tick(hours=21)
    jobs.sign(context)
    assert held(federation.hq).digest == before
    federation.wire.down.clear()
    jobs.sign(context)
    assert held(federation.hq).digest != before


def test_no_registry_grows_stale_because_nobody_answers(federation: LocalFederation, london: LocalNode) -> None:
    context = heard_once(federation)
    for _ in range(10):
        federation.clock.tick(hours=21)
        jobs.sign(context)
        assert held(federation.hq).fresh_until > federation.clock()


def test_what_a_person_says_is_signed_though_nobody_answers(federation: LocalFederation, london: LocalNode) -> None:
    federation.wire.down |= set(federation.wire.nodes)
    context = context_of(federation)
    say_status(federation, london, "suspended")
    federation.clock.tick(hours=21)
    before = held(federation.hq).digest
    jobs.sign(context)
    assert held(federation.hq).digest != before


def test_where_nobody_has_anything_newer_nothing_changes(federation: LocalFederation, london: LocalNode) -> None:
    before = held(federation.hq).digest
    assert ask(federation)
    say_status(federation, london, "paused")
    assert ask(federation)  # the others have not heard of it yet: they hold an older one
    assert status_at(federation.hq, london) == "paused"
    assert held(federation.hq).digest != before
    with federation.hq.session() as session:
        assert identity.own(session).taken_over_at is None


def test_hq_without_a_chapter_has_nobody_to_ask(federation: LocalFederation) -> None:
    assert ask(federation)


def newer(federation: LocalFederation, key: SigningKey, ahead: int) -> Envelope:
    found = read_document(read(held(federation.hq).envelope).payload, Registry)
    members = {name: getattr(found, name) for name in Registry.__struct_fields__}
    return seal("registry", write_document(Registry(**members | {"version": found.version + ahead})), [key])


@pytest.mark.parametrize(("is_ours", "ahead"), [(False, 60), (True, 400 * 86_400)], ids=["a stranger's", "to come"])
def test_a_registry_that_is_not_to_be_trusted_is_not_taken(
    federation: LocalFederation, london: LocalNode, is_ours: bool, ahead: int
) -> None:
    key = load_signing_key(federation.hq.settings) if is_ours else SigningKey.generate()
    before, lie = held(federation.hq).digest, newer(federation, key, ahead)
    for node in federation.wire.nodes.values():
        if node is not federation.hq:
            with node.session() as session, writing(session):
                row = session.get_one(HeldRegistry, 1)
                row.envelope, row.digest = lie.to_bytes(), lie.digest
    ask(federation)
    assert held(federation.hq).digest == before


@pytest.mark.parametrize("invented", [True, False], ids=["another HQ's", "the first one again"])
def test_a_node_that_has_a_root_for_every_number_is_left_at_the_first(
    federation: LocalFederation, london: LocalNode, invented: bool
) -> None:
    with federation.hq.session() as session:
        [genesis] = session.scalars(select(HeldRoot).where(HeldRoot.seq.is_(None))).all()
    root = HqMaker().roots[0].to_bytes() if invented else genesis.envelope
    wire = Lying(federation, london.settings.base_url, lambda path, _: Answer(200, root) if "/root/" in path else None)
    with federation.hq.session() as session:
        take_over.ask(session, replace(federation.hq.handle, wire=wire))
    assert wire.asked <= 2


def test_a_copy_from_before_a_new_root_takes_the_root_and_says_that_its_key_is_none(
    federation: LocalFederation, london: LocalNode
) -> None:
    settings = federation.hq.settings
    former = settings.signing_key_file.read_text()
    with restored(federation), federation.hq.session() as session:
        signers = {key.id: key for key in federation.hq_root_keys[:2]}
        now = federation.clock.tick(minutes=1)
        rotation.sign_next_root(session, settings, signers, now, new_online_keys=True)
    settings.signing_key_file.write_text(former)
    assert ask(federation)
    assert held(federation.hq).digest == held(london).digest
    with federation.hq.session() as session:
        assert len(registry.chain_of(session)) == 2
        with pytest.raises(KeyUnreadable, match="no key that HQ's root 2 names"):
            resign_if_due(session, settings, federation.clock.tick(days=1))


def test_who_was_let_in_since_the_copy_waits_no_more(federation: LocalFederation, london: LocalNode) -> None:
    york = federation.add_chapter(PETERBOROUGH, admit=False)
    federation.join(york, needs_a_person=True)
    with restored(federation), federation.hq.session() as session:
        admissions.admit(session, federation.hq.settings, york.chapter_id, federation.clock.tick(seconds=5))
    ask(federation)
    with federation.hq.session() as session:
        assert watch.needs(session, federation.clock()).waiting == []
    assert status_at(federation.hq, york) == "active"


def test_hqs_people_are_asked_to_wait_while_nobody_has_answered(federation: LocalFederation, london: LocalNode) -> None:
    phone = Phone(federation.hq).sign_in("Ada")
    federation.wire.down |= set(federation.wire.nodes)
    jobs.sign(context_of(federation))
    assert "please don’t change anything" in words(phone.get("/hq"))
    federation.wire.down.clear()
    jobs.sign(context_of(federation))
    assert "please don’t change anything" not in words(phone.get("/hq"))


def test_hqs_people_are_told_until_somebody_has_looked(federation: LocalFederation, london: LocalNode) -> None:
    with restored(federation):
        say_status(federation, london, "suspended")
    phone = Phone(federation.hq).sign_in("Ada")
    assert "has found a newer list" not in words(phone.get("/hq"))
    ask(federation)
    page = words(phone.get("/hq"))
    assert "This server has found a newer list of chapters than the one it had" in page
    assert "A newer list of chapters came from another server" in words(phone.get("/hq/history"))
    phone.post("/hq/looked", data=hidden(phone.get("/hq").text, "/hq/looked"))
    assert "has found a newer list" not in words(phone.get("/hq"))
