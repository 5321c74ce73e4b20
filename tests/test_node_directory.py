"""The one road in: roots, rotations, floors."""

from datetime import timedelta

import pytest

from federation.documents import ChapterRoot, write_document
from federation.envelope import Envelope, seal
from federation.errors import BrokenChain
from federation.keys import SigningKey
from node import directory
from node.database import writing
from node.models import HeldDocument

from .network import LONDON, LocalFederation, LocalNode


def rotated(node: LocalNode, signing_keys: list[str] | None = None, version: int = 2) -> Envelope:
    """The next root of `node`'s chapter, signed by its root key: with new signing keys, unless given."""
    with node.session() as session:
        former = directory.chain_of(session, node.chapter_id)[-1].document
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


def take(hq: LocalNode, chapter: str, root: Envelope, version: int | None = None) -> None:
    with hq.session() as session, writing(session):
        directory.receive_root(session, hq.settings, chapter, root, version)


def row(hq: LocalNode, chapter: str) -> HeldDocument | None:
    with hq.session() as session:
        return session.get(HeldDocument, chapter)


def expire(hq: LocalNode) -> None:
    with hq.session() as session, writing(session):
        now = hq.clock.tick(days=60)
        directory.sweep(session, now, now - timedelta(days=30))


def test_s5_3_a_document_that_the_new_keys_did_not_sign_goes_with_its_floor(
    federation: LocalFederation, hq: LocalNode
) -> None:
    london = federation.london
    take(hq, london.chapter_id, rotated(london))
    assert row(hq, london.chapter_id) is None


def test_s5_3_a_document_of_a_key_that_stays_is_kept(federation: LocalFederation, hq: LocalNode) -> None:
    london = federation.london
    with hq.session() as session:
        keys = directory.chain_of(session, london.chapter_id)[-1].document.signing_keys
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
        keys = directory.chain_of(session, london.chapter_id)[-1].document.signing_keys
    expire(hq)
    take(hq, london.chapter_id, rotated(london, [*keys, SigningKey.generate().public]))
    assert row(hq, london.chapter_id) is not None


def test_a_root_under_another_number_than_its_own_is_refused(federation: LocalFederation, hq: LocalNode) -> None:
    london = federation.london
    with pytest.raises(BrokenChain, match="root 2 where root 3 belongs"):
        take(hq, london.chapter_id, rotated(london), 3)


def test_a_version_that_skips_one_is_refused(federation: LocalFederation, hq: LocalNode) -> None:
    london = federation.london
    with pytest.raises(BrokenChain):
        take(hq, london.chapter_id, rotated(london, version=3))
