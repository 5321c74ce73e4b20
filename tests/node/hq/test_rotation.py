"""HQ's next root: which keys may sign it, and how other nodes follow it, over real HTTP."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import select

from federation.acceptance import open_registry
from federation.documents import HqRoot, Registry
from federation.envelope import Envelope, read, seal
from federation.errors import WrongSignature
from federation.keys import SigningKey
from federation.payloads import read_document, write_document
from node.database import writing
from node.directory import registry
from node.errors import KeyUnreadable
from node.hq import online_keys, rotation
from node.hq.registry import resign_if_due
from node.keys import WrongRootKey, load_signing_key
from node.models import HeldRegistry, HeldRoot, HqAct
from node.sync import Report, Sync
from node.wire.outbound import Outbound

from ...support.network import LONDON, Clock, LocalFederation, LocalNode, free_ports, served

Keys = list[SigningKey]


def rotate(federation: LocalFederation, signers: Keys, **options: object) -> int:
    with federation.hq.session() as session:
        named = {f"root-{number}.key": key for number, key in enumerate(signers, 1)}
        now = federation.clock.tick(minutes=5)
        return rotation.sign_next_root(session, federation.hq.settings, named, now, **options)  # type: ignore[arg-type]


def versions(node: LocalNode) -> list[int]:
    with node.session() as session:
        return [root.version for root in registry.chain_of(session)]


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and "-shm" not in path.name}


def new_keys() -> Keys:
    return [SigningKey.generate() for _ in range(3)]


def test_two_of_the_three_root_keys_sign_a_root_for_five_more_years(federation: LocalFederation) -> None:
    before = federation.clock()
    federation.clock.tick(days=1000)
    assert rotate(federation, federation.hq_root_keys[1:]) == 2
    with federation.hq.session() as session:
        root = registry.chain_of(session)[-1].document
        assert registry.root_expiry(session, before.replace(year=2031)) is None
        assert root.registry_keys == registry.chain_of(session)[0].document.registry_keys
        assert [one.act for one in session.scalars(select(HqAct))] == ["root"]


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (lambda keys: keys[:1], "wants 2 different root keys; this is 1"),
        (lambda keys: [keys[0], keys[0]], "wants 2 different root keys; this is 1"),
        (lambda keys: [keys[0], SigningKey.generate()], "root-2.key is none of the root keys that HQ's root 1 names"),
    ],
    ids=["too few", "one twice", "a stranger's"],
)
def test_wrong_root_keys_are_refused_and_nothing_is_changed(
    federation: LocalFederation, chosen: object, said: str
) -> None:
    before = everything(federation.hq.settings.data)
    with pytest.raises(WrongRootKey, match=said):
        rotate(federation, chosen(federation.hq_root_keys), new_online_keys=True)  # type: ignore[operator]
    assert everything(federation.hq.settings.data) == before


def test_the_registry_key_cannot_sign_a_root(federation: LocalFederation) -> None:
    online = load_signing_key(federation.hq.settings)
    with pytest.raises(WrongRootKey):
        rotate(federation, [online, federation.hq_root_keys[0]])


def test_a_lost_registry_key_is_replaced(federation: LocalFederation) -> None:
    settings = federation.hq.settings
    settings.signing_key_file.unlink()
    rotate(federation, federation.hq_root_keys[:2], new_online_keys=True)
    with federation.hq.session() as session:
        root = registry.chain_of(session)[-1]
        assert load_signing_key(settings).public in root.document.registry_keys
        assert open_registry(read(session.get_one(HeldRegistry, 1).envelope), root, federation.clock())
    assert sorted(path.name for path in settings.signing_key_file.parent.iterdir()) == ["bulletin.key", "signing.key"]
    assert settings.signing_key_file.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def cut_off(federation: LocalFederation, monkeypatch: pytest.MonkeyPatch) -> LocalFederation:
    """HQ has signed a root that names new keys, and the command has ended before they were in their place."""
    with monkeypatch.context() as cut:
        cut.setattr(online_keys, "settle", lambda *_: None)
        rotate(federation, federation.hq_root_keys[:2], new_online_keys=True)
    return federation


def resigns(federation: LocalFederation) -> bool:
    """Whether HQ's registry is signed by the key that the newest root names."""
    with federation.hq.session() as session:
        return resign_if_due(session, federation.hq.settings, federation.clock.tick(days=1))


def test_new_keys_that_a_cut_off_command_left_are_found_by_the_next_signature(cut_off: LocalFederation) -> None:
    assert resigns(cut_off)


def test_new_keys_that_a_cut_off_command_left_are_not_thrown_away_by_the_next_root(
    cut_off: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(rotation.keys, "seal_root", _cut_off)
        with pytest.raises(OSError, match="cut off"):
            rotate(cut_off, cut_off.hq_root_keys[:2], new_online_keys=True)
    assert resigns(cut_off)


def _cut_off(*_: object) -> NoReturn:
    raise OSError("cut off")


def test_a_key_that_the_newest_root_does_not_name_signs_nothing(federation: LocalFederation) -> None:
    settings = federation.hq.settings
    former = settings.signing_key_file.read_text()
    rotate(federation, federation.hq_root_keys[:2], new_online_keys=True)
    settings.signing_key_file.write_text(former)
    with federation.hq.session() as session, pytest.raises(KeyUnreadable, match="no key that HQ's root 2 names"):
        resign_if_due(session, settings, federation.clock.tick(days=1))


def test_after_new_root_keys_the_former_ones_sign_nothing(federation: LocalFederation) -> None:
    made = new_keys()
    rotate(federation, federation.hq_root_keys[:2], new_root_keys=made)
    with pytest.raises(WrongRootKey):
        rotate(federation, federation.hq_root_keys[:2])
    assert rotate(federation, made[1:]) == 3


class Followed:
    """HQ and London's node, each behind its own port; London reads HQ over HTTP."""

    def __init__(self, federation: LocalFederation) -> None:
        self.federation, self.hq, self.clock = federation, federation.hq, federation.clock
        self.london = federation.add_chapter(LONDON)

    def read(self) -> Report:
        """Let London read HQ once more."""
        later = replace(self.london.handle, wire=Outbound("loopback"), clock=lambda: self.clock.tick(seconds=1))
        return Sync(later).round(only=self.hq.settings.base_url)

    def held(self) -> HeldRegistry:
        with self.london.session() as session:
            return session.get_one(HeldRegistry, 1)

    def serve_instead(self, envelope: Envelope) -> None:
        """Answer as a thief at HQ's address would."""
        with self.hq.session() as session, writing(session):
            row = session.get_one(HeldRegistry, 1)
            row.envelope, row.digest = envelope.to_bytes(), envelope.digest


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Followed]:
    federation = LocalFederation(tmp_path, Clock(), iter(free_ports(2)))
    made = Followed(federation)
    with ExitStack() as ports:
        for node in (made.hq, made.london):
            ports.enter_context(served(node))
        yield made
    federation.close()


def newer(followed: Followed, key: SigningKey) -> Envelope:
    """HQ's registry, issued an hour later and signed by `key`."""
    with followed.hq.session() as session:
        held = read_document(read(session.get_one(HeldRegistry, 1).envelope).payload, Registry)
    members = {name: getattr(held, name) for name in Registry.__struct_fields__} | {"version": held.version + 3600}
    return seal("registry", write_document(Registry(**members)), [key])


def test_s6_4_followers_take_the_new_keys_registry_and_refuse_the_old_ones(followed: Followed) -> None:
    stolen = load_signing_key(followed.hq.settings)
    followed.read()
    rotate(followed.federation, followed.federation.hq_root_keys[:2], new_online_keys=True)
    assert followed.read().troubles == []
    assert versions(followed.london) == [1, 2]
    good = followed.held()
    followed.serve_instead(newer(followed, stolen))
    (trouble,) = followed.read().troubles
    assert "not signed by 1 of the 1 keys" in trouble
    assert followed.held().digest == good.digest
    followed.serve_instead(newer(followed, load_signing_key(followed.hq.settings)))
    assert followed.read().troubles == []
    assert followed.held().version > good.version


def test_s6_4_a_thief_who_lifted_the_version_is_outlived(followed: Followed) -> None:
    followed.serve_instead(newer(followed, load_signing_key(followed.hq.settings)))
    followed.read()
    lifted = followed.held().version
    rotate(followed.federation, followed.federation.hq_root_keys[:2], new_online_keys=True)
    followed.read()
    assert followed.held().version < lifted


@pytest.mark.parametrize("again", [1, 2])
def test_s5_2_an_older_root_played_again_as_the_next_is_refused(followed: Followed, again: int) -> None:
    rotate(followed.federation, followed.federation.hq_root_keys[:2])
    followed.read()
    with followed.hq.session() as session, writing(session):
        old = session.scalars(select(HeldRoot).where(HeldRoot.seq.is_(None), HeldRoot.version == again)).one()
        session.add(HeldRoot(author=old.author, version=3, digest=old.digest, envelope=old.envelope, seq=None))
    followed.read()
    assert versions(followed.london) == [1, 2]


def next_root(node: LocalNode, signers: Keys) -> Envelope:
    """A root as a thief of former root keys would write it."""
    with node.session() as session:
        last = registry.chain_of(session)[-1]
    members = {name: getattr(last.document, name) for name in HqRoot.__struct_fields__}
    keys = {"root_keys": [key.public for key in signers], "version": last.version + 1, "hq": last.id}
    return seal("hq-root", write_document(HqRoot(**members | keys)), signers)


def test_new_root_keys_are_followed_and_then_the_former_ones_make_no_root(followed: Followed) -> None:
    made, former = new_keys(), followed.federation.hq_root_keys
    rotate(followed.federation, former[:2], new_root_keys=made)
    followed.read()
    assert versions(followed.london) == [1, 2]
    third = next_root(followed.london, former[:2])
    with followed.london.session() as session, pytest.raises(WrongSignature), writing(session):
        registry.receive_root(session, third)
    rotate(followed.federation, made[:2])
    followed.read()
    assert versions(followed.london) == [1, 2, 3]
