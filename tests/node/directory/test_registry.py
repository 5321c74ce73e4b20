"""HQ's registry as a node holds it: a stolen registry key can be outlived (PROTOCOL.md §6.4)."""

import pytest

from federation.documents import HqRoot
from federation.encodings import from_instant, network_id
from federation.envelope import Envelope, seal
from federation.errors import BrokenChain, FederationError, Older, WrongSignature
from federation.keys import SigningKey
from federation.payloads import write_document
from node.database import writing
from node.directory import chapters, registry
from node.hq.registry import entries, resign_if_due
from node.keys import write_key
from node.models import HeldRegistry

from ...support.federation_makers import (
    DAY,
    HOUR,
    NOW,
    ChapterMaker,
    HqMaker,
    Members,
    key,
    registry_bin,
    sealed,
    sha256,
)
from ...support.network import LocalFederation, LocalNode

LARGEST = 2**53 - 1


@pytest.fixture
def hq(london: LocalNode) -> HqMaker:
    """An HQ that London's node has joined."""
    maker = HqMaker()
    pin(london, maker)
    return maker


def pin(node: LocalNode, hq: HqMaker) -> None:
    with node.session() as session, writing(session):
        registry.pin(session, "http://127.0.0.1:8100", hq.roots, hq.id, hq.roots[0].digest)


def adopt(node: LocalNode, hq: HqMaker, entries: list[Members], **changes: object) -> Envelope:
    content = registry_bin(entries)
    envelope = hq.registry([content], node.clock(), **changes)
    take(node, envelope, content)
    return envelope


def take(node: LocalNode, envelope: Envelope, content: bytes) -> None:
    with node.session() as session, writing(session):
        checked = registry.check(session, envelope, {sha256(content): content}, node.clock())
        registry.adopt(session, checked, node.clock(), from_hq=True)


def receive_root(node: LocalNode, envelope: Envelope) -> bool:
    with node.session() as session, writing(session):
        return registry.receive_root(session, envelope)


def held_version(node: LocalNode) -> int:
    with node.session() as session:
        return session.get_one(HeldRegistry, 1).version


def replace_registry_key(hq: HqMaker) -> Envelope:
    hq.registry_key = key("hq registry 2")
    return hq.rotate()


def test_s6_4_a_stolen_registry_key_cannot_lock_hq_out(london: LocalNode, hq: HqMaker) -> None:
    adopt(london, hq, [ChapterMaker("thief").entry()], version=LARGEST)
    receive_root(london, replace_registry_key(hq))
    adopt(london, hq, [ChapterMaker().entry()])
    assert held_version(london) == int(NOW.timestamp())
    with london.session() as session:
        assert list(entries(session)) == [ChapterMaker().id]


def test_s6_4_a_new_root_met_while_joining_again_counts_too(london: LocalNode, hq: HqMaker) -> None:
    adopt(london, hq, [], version=LARGEST)
    replace_registry_key(hq)
    pin(london, hq)
    adopt(london, hq, [])
    assert held_version(london) == int(NOW.timestamp())


def test_s6_4_the_thiefs_registry_is_not_taken_again(london: LocalNode, hq: HqMaker) -> None:
    stolen = adopt(london, hq, [], version=LARGEST)
    receive_root(london, replace_registry_key(hq))
    with pytest.raises(WrongSignature):
        take(london, stolen, registry_bin([]))


def test_s6_4_what_was_adopted_stays_in_use_until_the_next_registry(london: LocalNode, hq: HqMaker) -> None:
    leeds = ChapterMaker("leeds")
    adopt(london, hq, [leeds.entry()], version=LARGEST)
    receive_root(london, replace_registry_key(hq))
    with london.session() as session:
        assert leeds.id in chapters.ids(session)


def test_s6_4_the_floor_stays_while_its_key_does(london: LocalNode, hq: HqMaker) -> None:
    adopt(london, hq, [])
    receive_root(london, hq.rotate())
    with pytest.raises(Older):
        adopt(london, hq, [], version=int((NOW - HOUR).timestamp()))


def test_s6_4_the_floor_stays_if_the_new_root_keeps_the_key_beside_another(london: LocalNode, hq: HqMaker) -> None:
    adopt(london, hq, [])
    receive_root(london, hq.rotate(registry_keys=[key("hq registry 2").public, hq.registry_key.public]))
    assert held_version(london) == int(NOW.timestamp())


def test_s6_4_hq_signs_at_once_after_its_own_rotation(federation: LocalFederation) -> None:
    new_key, hq = SigningKey.generate(), federation.hq
    receive_root(hq, next_root(federation, new_key))
    hq.settings.signing_key_file.unlink()
    write_key(hq.settings.signing_key_file, new_key)
    with hq.session() as session:
        assert resign_if_due(session, hq.settings, federation.clock.tick(minutes=1))
        assert session.get_one(HeldRegistry, 1).version == int(federation.clock().timestamp())


def next_root(federation: LocalFederation, registry_key: SigningKey) -> Envelope:
    with federation.hq.session() as session:
        former = registry.chain_of(session)[-1]
    members = {name: getattr(former.document, name) for name in HqRoot.__struct_fields__}
    changed = HqRoot(**members | {"version": 2, "hq": former.id, "registry_keys": [registry_key.public]})
    return seal("hq-root", write_document(changed), federation.hq_root_keys[:2])


def test_another_second_root_than_the_held_one_is_refused_while_joining_again(london: LocalNode, hq: HqMaker) -> None:
    receive_root(london, hq.rotate())
    hq.roots.pop()
    replace_registry_key(hq)
    with pytest.raises(FederationError):
        pin(london, hq)


def test_joining_again_at_a_node_that_is_behind_takes_nothing_back(london: LocalNode, hq: HqMaker) -> None:
    receive_root(london, hq.rotate())
    hq.roots.pop()
    pin(london, hq)
    with london.session() as session:
        assert len(registry.chain_of(session)) == 2


def test_another_hq_is_refused(london: LocalNode, hq: HqMaker) -> None:
    other = HqMaker()
    other.roots = [sealed("hq-root", other.root_members(expires="2032-06-01T09:00:00Z"), *other.root_keys[:2])]
    other.id = network_id(other.roots[0].digest)
    with pytest.raises(BrokenChain, match="another HQ"):
        pin(london, other)


@pytest.mark.parametrize(
    ("days_left", "warning"),
    [
        (61, None),
        (60, "HQ's root expires on 2031-06-01: HQ must sign a new one"),
        (0, "HQ's root expired on 2031-06-01: HQ must sign a new one"),
    ],
)
def test_the_end_of_hqs_root_is_said_from_60_days_before(
    london: LocalNode, hq: HqMaker, days_left: int, warning: str | None
) -> None:
    expires = from_instant(hq.root.document.expires)
    with london.session() as session:
        assert registry.root_warning(session, expires - days_left * DAY) == warning


def test_of_hqs_roots_the_newest_counts(london: LocalNode, hq: HqMaker) -> None:
    receive_root(london, hq.rotate(expires="2035-06-01T09:00:00Z"))
    with london.session() as session:
        assert registry.root_warning(session, from_instant("2031-06-01T09:00:00Z")) is None


def test_a_node_without_an_hq_is_warned_of_no_root(london: LocalNode) -> None:
    with london.session() as session:
        assert registry.root_warning(session, NOW) is None
