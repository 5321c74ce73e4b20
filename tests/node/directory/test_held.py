"""The one road in: roots, rotations, floors."""

import fcntl
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import func, select

from deploy.demo.corpus import make_chapters
from federation.documents import ChapterRoot
from federation.envelope import Envelope, read, seal
from federation.errors import BrokenChain, Malformed, MissingRoot, NotActive, Older, WrongSignature
from federation.keys import SigningKey
from federation.payloads import write_document
from node.chapter import publishing
from node.database import writing
from node.directory import expiry, held, parsed, roots
from node.hq.registry import set_status, sign_registry
from node.keys import load_signing_key
from node.models import Chapter, Evidence, HeldDocument, HeldListing, HeldRegistry
from node.sync import intake

from ...support.federation_makers import NOW, ChapterMaker, listing, point
from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run
from ...web.http.test_page_cache import revision


def rotated(node: LocalNode, signing_keys: list[str] | None = None, version: int = 2) -> Envelope:
    """The next root of `node`'s chapter, signed by its root key: with new signing keys, unless given."""
    with node.session() as session:
        former = roots.chain_of(session, node.chapter_id)[-1].document
    root = ChapterRoot(
        chapter=node.chapter_id,
        version=version,
        root_keys=former.root_keys,
        root_threshold=1,
        signing_keys=signing_keys or [SigningKey.generate().public],
        base_url=former.base_url,
    )
    return seal("chapter-root", write_document(root), [node.root_key])


@pytest.fixture
def hq(federation: LocalFederation) -> LocalNode:
    """HQ, which holds London's document."""
    federation.london = federation.add_chapter(LONDON)
    federation.settle()
    return federation.hq


def take(hq: LocalNode, chapter: str, root: Envelope, version: int = 2) -> None:
    with hq.session() as session:
        intake.receive_root(session, hq.settings, chapter, version, root, hq.clock())


def row(hq: LocalNode, chapter: str) -> HeldDocument | None:
    with hq.session() as session:
        return session.get(HeldDocument, chapter)


def expire(hq: LocalNode) -> None:
    with hq.session() as session:
        now = hq.clock.tick(days=60)
        expiry.sweep(session, now, now - timedelta(days=30))


def test_s5_3_a_document_that_the_new_keys_did_not_sign_goes_with_its_floor(
    federation: LocalFederation, hq: LocalNode
) -> None:
    london = federation.london
    take(hq, london.chapter_id, rotated(london))
    assert row(hq, london.chapter_id) is None


def test_s5_3_a_document_of_a_key_that_stays_is_kept(federation: LocalFederation, hq: LocalNode) -> None:
    london = federation.london
    with hq.session() as session:
        keys = roots.chain_of(session, london.chapter_id)[-1].document.signing_keys
    take(hq, london.chapter_id, rotated(london, keys))
    assert row(hq, london.chapter_id) is not None


def test_s8_2_the_floor_outlives_the_document(federation: LocalFederation, hq: LocalNode) -> None:
    london = federation.london
    version = row(hq, london.chapter_id).version
    expire(hq)
    held = row(hq, london.chapter_id)
    assert (held.envelope, held.version) == (None, version)


def test_s5_3_a_floor_that_only_former_keys_can_have_set_goes(federation: LocalFederation, hq: LocalNode) -> None:
    london = federation.london
    expire(hq)
    take(hq, london.chapter_id, rotated(london))
    assert row(hq, london.chapter_id) is None


def test_s5_3_a_floor_stays_while_one_of_its_keys_signs_on(federation: LocalFederation, hq: LocalNode) -> None:
    london = federation.london
    with hq.session() as session:
        keys = roots.chain_of(session, london.chapter_id)[-1].document.signing_keys
    expire(hq)
    take(hq, london.chapter_id, rotated(london, [*keys, SigningKey.generate().public]))
    assert row(hq, london.chapter_id) is not None


def test_a_root_under_another_number_than_its_own_is_refused(federation: LocalFederation, hq: LocalNode) -> None:
    london = federation.london
    with pytest.raises(BrokenChain, match="root 2 where root 3 belongs"):
        take(hq, london.chapter_id, rotated(london), 3)


def test_a_version_that_skips_one_is_refused(federation: LocalFederation, hq: LocalNode) -> None:
    london = federation.london
    with pytest.raises(BrokenChain, match="version 3 of"):
        take(hq, london.chapter_id, rotated(london, version=3), 3)


def test_expired_documents_go_a_few_to_a_hold_of_the_write_lock(
    federation: LocalFederation, hq: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [federation.add_chapter(profile) for profile in (PETERBOROUGH, BRISBANE)]
    federation.settle()
    monkeypatch.setattr(expiry, "_SWEPT_AT_ONCE", 1)
    before = revision(hq)
    expire(hq)
    assert revision(hq) - before >= 3
    held = [row(hq, node.chapter_id) for node in (federation.london, *others)]
    assert [one is not None and one.envelope is None and one.version > 0 for one in held] == [True] * 3


def newer(node: LocalNode) -> Envelope:
    """The next document of `node`'s chapter, which nobody else has yet."""
    with node.session() as session:
        with writing(session):
            publishing.publish(session, node.settings, node.clock.tick(seconds=5), urgent=False)
        return read(session.get_one(HeldDocument, node.chapter_id).envelope or b"")


def test_what_was_prepared_is_judged_against_what_has_come_meanwhile(
    federation: LocalFederation, hq: LocalNode
) -> None:
    older, newest = newer(federation.london), newer(federation.london)
    with hq.session() as session:
        prepared = held.prepare(session, hq.settings, [older], hq.clock())
        intake.receive(session, hq.settings, newest, hq.clock())
        [result] = intake.take(session, hq.settings, prepared, hq.clock())
    assert isinstance(result, Older)


def test_what_was_verified_under_a_root_that_is_replaced_meanwhile_is_verified_again(
    federation: LocalFederation, hq: LocalNode
) -> None:
    document = newer(federation.london)
    with hq.session() as session:
        prepared = held.prepare(session, hq.settings, [document], hq.clock())
        take(hq, federation.london.chapter_id, rotated(federation.london))
        [result] = intake.take(session, hq.settings, prepared, hq.clock())
    assert isinstance(result, WrongSignature)


def block(node: LocalNode, hq: LocalNode, *envelopes: Envelope) -> list[held.Result]:
    """What becomes of envelopes that come to `hq` in one block."""
    with hq.session() as session:
        prepared = held.prepare(session, hq.settings, envelopes, node.clock())
        return intake.take(session, hq.settings, prepared, node.clock())


def test_what_hq_suspends_meanwhile_is_refused_though_it_was_verified(
    federation: LocalFederation, hq: LocalNode
) -> None:
    document = newer(federation.london)
    with hq.session() as session:
        prepared = held.prepare(session, hq.settings, [document], hq.clock())
        set_status(session, hq.settings, federation.london.chapter_id, "suspended", hq.clock.tick(seconds=5))
        [result] = intake.take(session, hq.settings, prepared, hq.clock())
    assert isinstance(result, NotActive)


def test_one_that_is_forged_keeps_none_of_its_block_out(federation: LocalFederation, hq: LocalNode) -> None:
    peterborough = federation.add_chapter(PETERBOROUGH)
    federation.settle()
    true, other = newer(federation.london), newer(peterborough)
    forged = seal("chapter", other.payload, [SigningKey.generate()])
    results = block(hq, hq, forged, true)
    assert [type(one) for one in results] == [WrongSignature, held.Received]
    assert row(hq, federation.london.chapter_id).digest == true.digest


def test_a_root_that_a_stranger_signed_is_refused_beside_the_true_one(
    federation: LocalFederation, hq: LocalNode
) -> None:
    true = rotated(federation.london)
    forged = seal("chapter-root", true.payload + " ", [SigningKey.generate()])
    results = block(hq, hq, forged, true)
    assert [type(one) for one in results] == [WrongSignature, held.Received]


def test_s4_5_hqs_registry_is_no_root_of_a_chapter(federation: LocalFederation, hq: LocalNode) -> None:
    with hq.session() as session:
        registry = read(session.scalars(select(HeldRegistry.envelope)).one())
        for chapter in (None, federation.london.chapter_id):
            [found] = held.prepare(session, hq.settings, [registry], hq.clock(), chapter)
            assert isinstance(found.result, Malformed)


def test_of_two_documents_of_a_chapter_in_one_block_the_newer_one_is_held(
    federation: LocalFederation, hq: LocalNode
) -> None:
    london = federation.london
    london.announce(a_run())
    older, newest = newer(london), newer(london)
    results = block(hq, hq, newest, older)
    assert results[0] == held.Received("stored", london.chapter_id, newest.digest)
    assert isinstance(results[1], Older)
    assert row(hq, london.chapter_id).digest == newest.digest
    with hq.session() as session:
        assert session.scalar(select(func.count()).where(HeldListing.chapter == london.chapter_id)) == 1


def test_of_two_documents_in_their_order_the_last_has_its_listings_once(
    federation: LocalFederation, hq: LocalNode
) -> None:
    london = federation.london
    london.announce(a_run())
    documents = newer(london), newer(london)
    results = block(hq, hq, *documents)
    assert [one.outcome for one in results if isinstance(one, held.Received)] == ["stored", "stored"]
    assert row(hq, london.chapter_id).digest == documents[-1].digest
    with hq.session() as session:
        assert session.scalar(select(func.count()).where(HeldListing.chapter == london.chapter_id)) == 1


def test_s5_3_a_rotation_lets_the_document_beside_it_in_under_a_floor_that_a_thief_lifted(
    federation: LocalFederation, hq: LocalNode
) -> None:
    london, new_key = federation.london, SigningKey.generate()
    document, thief = parsed.document_of(row(hq, london.chapter_id)), load_signing_key(london.settings)
    lifted = msgspec.structs.replace(document, version=document.version + 10**9)
    [result] = block(hq, hq, seal("chapter", write_document(lifted), [thief]))
    assert held.received(result).outcome == "stored"
    true = seal("chapter", write_document(msgspec.structs.replace(document, root_version=2)), [new_key])
    results = block(hq, hq, true, rotated(london, [new_key.public]))
    assert [held.received(one).outcome for one in results] == ["stored", "stored"]
    assert row(hq, london.chapter_id).digest == true.digest


def test_a_document_is_verified_under_a_root_of_the_block_before_that_is_not_stored_yet(
    federation: LocalFederation, hq: LocalNode
) -> None:
    one = next(make_chapters(1, 2, federation.clock(), at=lambda _: "http://127.0.0.1:8190"))
    with hq.session() as session:
        with writing(session) as transaction:
            sign_registry(
                transaction, hq.settings, {one.id: one.entry(federation.clock())}, federation.clock.tick(seconds=5)
            )
        before = held.prepare(session, hq.settings, [one.root], hq.clock())
        coming = [prepared.root for prepared in before if prepared.root]
        found = held.prepare(session, hq.settings, [one.document], hq.clock(), coming=coming)
        assert found[0].document is not None
        # Whoever stores asks again: that root never came.
        [result] = intake.take(session, hq.settings, found, hq.clock())
        assert isinstance(result, MissingRoot)
        results = intake.take(session, hq.settings, [*found, *before], hq.clock())
    assert [held.received(one).outcome for one in results] == ["stored", "stored"]


@pytest.mark.parametrize("what", ["forged", "held already"])
def test_what_changes_nothing_waits_for_no_lock(federation: LocalFederation, hq: LocalNode, what: str) -> None:
    chapter, document = federation.london.chapter_id, newer(federation.london)
    with hq.session() as session:
        if what == "held already":
            intake.receive(session, hq.settings, document, hq.clock())
        else:
            document = seal("chapter", document.payload, [SigningKey.generate()])
        with (hq.settings.data / "node.sqlite.lock").open("rb") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            try:
                outcome = intake.receive(session, hq.settings, document, hq.clock(), chapter).outcome
            except WrongSignature:
                outcome = "refused"  # type: ignore[assignment]
    assert outcome == {"forged": "refused", "held already": "same"}[what]


def test_documents_that_were_read_are_kept_up_to_so_many_bytes() -> None:
    parsed.document_in.cache.clear()
    chapter = ChapterMaker()
    runs = [
        listing(id=f"evenin{a}{b}", meeting_point=point(directions="x" * 400)) for a in "abcde" for b in "abcdefghij"
    ]
    envelopes = [chapter.document(NOW + timedelta(seconds=n), listings=runs).to_bytes() for n in range(64)]
    assert len(envelopes[0]) * len(envelopes) * parsed._PARSED_TO_SEALED > parsed.MAX_PARSED
    for envelope in envelopes:
        assert parsed.document_in(envelope)
    kept = parsed.document_in.cache
    assert parsed.MAX_PARSED * 0.9 < kept.currsize <= parsed.MAX_PARSED
    assert len(kept) < len(envelopes)
    kept.clear()


def twin(hq: LocalNode, london: LocalNode, *, wins: bool) -> Envelope:
    """Another document of London's under the version of the one that HQ holds; `wins`: everybody prefers it."""
    held = row(hq, london.chapter_id)
    document, signing = parsed.document_of(held), load_signing_key(london.settings)
    assert document is not None
    assert held is not None
    assert held.digest
    # Each digest wins by chance: of a thousand documents signed with random keys one has a digest below all others.
    for number in range(50_000):
        profile = msgspec.structs.replace(document.profile, about=str(number))
        other = seal("chapter", write_document(msgspec.structs.replace(document, profile=profile)), [signing])
        if (other.digest < held.digest) is wins:
            return other
    raise AssertionError("all digests on one side")


def hand_in(hq: LocalNode, london: LocalNode, envelope: Envelope) -> str:
    with hq.session() as session:
        return intake.put_document(session, hq.settings, london.chapter_id, envelope.to_bytes(), hq.clock()).outcome


@pytest.mark.parametrize("wins", [True, False])
def test_s8_3_an_alert_is_raised_whichever_of_two_documents_comes_first(
    federation: LocalFederation, hq: LocalNode, caplog: pytest.LogCaptureFixture, wins: bool
) -> None:
    assert hand_in(hq, federation.london, twin(hq, federation.london, wins=wins)) == ("stored" if wins else "tied")
    assert caplog.text.count("signed two documents under") == 1


def test_s8_3_the_loser_of_a_tie_changes_nothing_when_it_comes_again(
    federation: LocalFederation, hq: LocalNode, caplog: pytest.LogCaptureFixture
) -> None:
    london = federation.london
    loser = twin(hq, london, wins=False)
    hand_in(hq, london, loser)
    before, first_seen = revision(hq), federation.clock()
    federation.clock.tick(days=2)
    assert [hand_in(hq, london, loser) for _ in range(3)] == ["tied"] * 3
    assert revision(hq) == before
    assert caplog.text.count("signed two documents under") == 1
    with hq.session() as session:
        assert session.get_one(Evidence, loser.digest).seen_at == first_seen


def test_s8_3_a_server_that_signs_nothing_takes_the_loser_of_a_tie_over_once(
    federation: LocalFederation, hq: LocalNode
) -> None:
    london = federation.london
    loser = twin(hq, london, wins=False)
    with london.session() as session, writing(session):
        session.get_one(Chapter, 1).rival_since = federation.clock()
    assert hand_in(london, london, loser) == "tied"
    taken_over_at = federation.clock()
    federation.clock.tick(minutes=1)
    assert [hand_in(london, london, loser) for _ in range(2)] == ["tied"] * 2
    with london.session() as session:
        assert session.get_one(Chapter, 1).met_at == taken_over_at
