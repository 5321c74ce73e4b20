"""The chapter's next root: who may sign it, what a thief of the former key can do after it, and a cut at every step."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import func, select

from federation.encodings import to_instant
from federation.envelope import Envelope, read, seal
from federation.errors import WrongSignature
from federation.keys import SigningKey
from federation.payloads import write_document
from node import config, keys
from node.chapter import dates, publishing, rivals
from node.chapter.home import rotation, signing_key
from node.chapter.home.rotation import Changes
from node.config import Settings
from node.database import writing
from node.directory import held, parsed, roots
from node.errors import InvalidInput, KeyUnreadable
from node.keys import WrongRootKey, load_signing_key
from node.models import Chapter, HeldDocument, Passkey, PersonSession, SignInLink
from node.sync import intake

from ....support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run, held_digests

FIRST = date(2026, 6, 4)
NEW = "http://127.0.0.1:8999"


def rotate(node: LocalNode, changes: Changes, key: SigningKey | None = None) -> int:
    with node.session() as session:
        signers = {"this key": key or node.root_key}
        return rotation.sign_next_root(session, node.settings, signers, changes, node.clock.tick(minutes=5))


def newest(node: LocalNode, chapter: str) -> tuple[int, list[str], str]:
    with node.session() as session:
        root = roots.chain_of(session, chapter)[-1].document
        return root.version, root.signing_keys, root.base_url


def state(node: LocalNode, run: str, day: date = FIRST) -> str:
    """What the document that a node holds says of a date."""
    with node.session() as session:
        row = session.scalars(select(HeldDocument).where(HeldDocument.chapter == run.partition("/")[0])).one()
        document = parsed.read_uncached(row.envelope)
    assert document
    listing = next(one for one in document.listings if one.id == run.partition("/")[2])
    return next((one.state for one in listing.dates if one.date == day.isoformat()), "")


class World:
    """HQ, London and Brisbane, and a thief with a copy of London's signing key."""

    def __init__(self, federation: LocalFederation) -> None:
        self.federation, self.clock = federation, federation.clock
        self.london, self.brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
        found = self.london.settings
        config.write(found.data, {"BASE_URL": found.base_url, "NETWORK": "loopback", "PORT": str(found.port)})
        self.run = f"{self.london.chapter_id}/{self.london.announce(a_run()).id}"
        federation.settle()
        self.stolen = load_signing_key(self.london.settings)

    def cancel(self) -> None:
        with self.london.session() as session:
            run = self.run.partition("/")[2]
            dates.cancel(session, self.london.settings, run, FIRST, "lead", "", self.clock.tick(minutes=1))

    def forged(self, version: int | None = None) -> Envelope:
        """London's document as the thief signs it: nothing is cancelled in it. A day old at the next rotation."""
        with self.london.session() as session:
            row = session.get_one(HeldDocument, self.london.chapter_id)
            document = parsed.read_uncached(row.envelope)
        assert document
        listings = [
            type(one)(**{name: getattr(one, name) for name in one.__struct_fields__} | {"dates": []})
            for one in document.listings
        ]
        now = self.clock.tick(minutes=1)
        times = {"issued": now, "fresh_until": now + timedelta(hours=48), "expires": now + timedelta(days=14)}
        members = {name: getattr(document, name) for name in document.__struct_fields__}
        members |= {name: to_instant(at) for name, at in times.items()}
        members |= {"version": version or document.version + 3600, "listings": listings, "root_version": 1}
        return seal("chapter", write_document(type(document)(**members)), [self.stolen])

    def hand_in(self, node: LocalNode, envelope: Envelope) -> str:
        """What a node says to the thief's document."""
        with node.session() as session:
            try:
                return intake.put_document(
                    session, node.settings, self.london.chapter_id, envelope.to_bytes(), self.clock()
                ).outcome
            except WrongSignature as error:
                return error.code


@pytest.fixture
def world(federation: LocalFederation) -> World:
    return World(federation)


def test_a_new_signing_key_signs_from_then_on_and_others_follow(world: World) -> None:
    assert rotate(world.london, Changes(new_signing_key=True)) == 2
    key = load_signing_key(world.london.settings)
    assert key.public != world.stolen.public
    world.federation.settle()
    for node in (world.federation.hq, world.brisbane):
        assert newest(node, world.london.chapter_id)[:2] == (2, [key.public])
        assert held_digests(node) == held_digests(world.london)


def test_s5_3_what_the_thief_signed_goes_everywhere_and_what_he_signs_later_is_refused(world: World) -> None:
    world.cancel()
    world.federation.settle()
    london, others = world.london, (world.federation.hq, world.brisbane)
    for node in others:
        assert world.hand_in(node, world.forged()) == "stored"
        assert state(node, world.run) == ""
    rotate(london, Changes(new_signing_key=True, is_theft=True))
    world.federation.settle()
    for node in (london, *others):
        assert state(node, world.run) == "cancelled"
        assert world.hand_in(node, world.forged()) == "wrong-signature"
        assert state(node, world.run) == "cancelled"


def test_s5_3_the_highest_version_there_is_locks_nobody_out(world: World) -> None:
    world.cancel()
    lifted = world.forged(2**53 - 1)
    for node in (world.federation.hq, world.brisbane, world.london):
        assert world.hand_in(node, lifted) == "stored"
    rotate(world.london, Changes(new_signing_key=True, is_theft=True))
    world.federation.settle()
    assert held_digests(world.brisbane) == held_digests(world.london)
    world.cancel()
    world.federation.settle()
    assert state(world.brisbane, world.run) == "cancelled"


def test_a_node_that_was_down_and_a_fresh_one_refuse_the_thief_too(world: World) -> None:
    world.cancel()
    world.federation.wire.down.add(world.brisbane.settings.base_url)
    world.federation.relay(world.london)
    rotate(world.london, Changes(new_signing_key=True, is_theft=True))
    world.federation.settle()
    world.federation.wire.down.clear()
    assert world.hand_in(world.brisbane, world.forged()) in ("stored", "wrong-signature")
    fresh = world.federation.add_chapter(replace(BRISBANE, name="Cairns", place="Cairns"))
    for node in (world.brisbane, fresh):
        world.federation.poll(node, only=world.federation.hq)
        assert state(node, world.run) == "cancelled"
        assert world.hand_in(node, world.forged()) == "wrong-signature"


def test_after_a_theft_everybody_is_signed_out(world: World) -> None:
    lead = world.london.add_lead("Ada")
    with world.london.session() as session, writing(session) as transaction:
        now = world.clock()
        transaction.add(SignInLink(token_hash="x", person_id=lead.id, expires_at=now))
        transaction.add(PersonSession(token_hash="y", person_id=lead.id, started_at=now, seen_at=now))
        transaction.add(Passkey(credential_id=b"z", person_id=lead.id, public_key=b"", sign_count=0, added_at=now))
    rotate(world.london, Changes(new_signing_key=True))
    assert ways_in(world.london) == 3
    rotate(world.london, Changes(new_signing_key=True, is_theft=True))
    assert ways_in(world.london) == 0


def ways_in(node: LocalNode) -> int:
    with node.session() as session:
        return sum(
            session.scalar(select(func.count()).select_from(kept)) or 0 for kept in (SignInLink, PersonSession, Passkey)
        )


def test_a_second_server_with_the_former_key_is_none_any_more(world: World) -> None:
    with world.london.session() as session, writing(session) as transaction:
        transaction.get_one(Chapter, 1).rival_since = world.clock()
    rotate(world.london, Changes(new_signing_key=True))
    with world.london.session() as session:
        assert not rivals.has_rival(session)


def test_a_lost_signing_key_is_replaced(world: World) -> None:
    file = world.london.settings.signing_key_file
    file.unlink()
    rotate(world.london, Changes(new_signing_key=True))
    assert [path.name for path in file.parent.iterdir()] == ["signing.key"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_after_a_new_root_key_the_former_one_signs_nothing(world: World) -> None:
    new = SigningKey.generate()
    rotate(world.london, Changes(new_root_key=new))
    assert load_signing_key(world.london.settings).public == world.stolen.public
    with pytest.raises(WrongRootKey, match="none of the root keys that the chapter's root 2 names"):
        rotate(world.london, Changes(new_signing_key=True))
    assert rotate(world.london, Changes(new_signing_key=True), new) == 3
    world.federation.settle()
    assert newest(world.brisbane, world.london.chapter_id)[0] == 3


def test_a_new_address_is_in_the_root_and_in_the_settings(world: World) -> None:
    rotate(world.london, Changes(address=NEW, new_signing_key=True))
    settings = config.load(world.london.settings.data, {})
    assert (settings.base_url, settings.port) == (NEW, 8999)
    world.federation.settle()
    assert newest(world.brisbane, world.london.chapter_id)[2] == NEW


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (Changes(address="https://London.example.org"), "no_address"),
        (Changes(address="http://127.0.0.1:8999/path"), "no_address"),
    ],
)
def test_an_address_that_no_root_can_name_is_refused(world: World, changes: Changes, problem: str) -> None:
    before = everything(world.london.settings.data)
    with pytest.raises(InvalidInput, match=problem):
        rotate(world.london, changes)
    with pytest.raises(InvalidInput, match="same"):
        rotate(world.london, Changes(address=world.london.settings.base_url))
    assert everything(world.london.settings.data) == before


def test_a_strangers_key_changes_nothing(world: World) -> None:
    before = everything(world.london.settings.data)
    for key in (SigningKey.generate(), world.stolen):
        with pytest.raises(WrongRootKey):
            rotate(world.london, Changes(address=NEW, new_signing_key=True), key)
    assert everything(world.london.settings.data) == before


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and "-shm" not in path.name}


def test_a_key_that_the_newest_root_does_not_name_signs_nothing(world: World) -> None:
    rotate(world.london, Changes(new_signing_key=True))
    world.london.settings.signing_key_file.write_text(world.stolen.seed_hex())
    with pytest.raises(KeyUnreadable, match="no key that the chapter's root 2 names"):
        world.cancel()


def _cut_off(*_: object, **__: object) -> NoReturn:
    raise OSError("cut off")


@pytest.mark.parametrize(
    ("where", "name", "is_signed"),
    [
        (keys, "make_next", False),
        (signing_key, "wait_for_root", False),
        (keys, "seal_root", False),
        (held, "receive", False),
        (publishing, "publish", False),
        (signing_key, "_settle_address", True),
        (keys, "settle", True),
    ],
)
def test_a_cut_at_any_step_leaves_the_old_or_the_new_state_whole(
    world: World, monkeypatch: pytest.MonkeyPatch, where: object, name: str, is_signed: bool
) -> None:
    changes = Changes(address=NEW, new_signing_key=True)
    with monkeypatch.context() as cut:
        cut.setattr(where, name, _cut_off)
        with pytest.raises(OSError, match="cut off"):
            rotate(world.london, changes)
    settings = started(world.london)
    version, named, address = newest(world.london, world.london.chapter_id)
    assert version == (2 if is_signed else 1)
    assert (load_signing_key(settings).public in named, settings.base_url) == (True, address)
    # The same command again, or the next one, finds its way from there.
    again = replace(changes, address="http://127.0.0.1:8998")
    assert rotate(world.london, again) == version + 1
    assert newest(world.london, world.london.chapter_id)[2] == started(world.london).base_url


def started(node: LocalNode) -> Settings:
    """The settings that the next `rtr serve` has."""
    with node.session() as session:
        signing_key.settle(session, replace(config.load(node.settings.data, {})))
    return config.load(node.settings.data, {})


def test_what_a_cut_off_command_signed_is_read_by_the_very_next_signature(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(keys, "settle", _cut_off)
        with pytest.raises(OSError, match="cut off"):
            rotate(world.london, Changes(new_signing_key=True))
    world.cancel()
    with world.london.session() as session:
        row = session.get_one(HeldDocument, world.london.chapter_id)
        assert held.opened(session, read(row.envelope or b""), world.clock(), world.london.chapter_id)
