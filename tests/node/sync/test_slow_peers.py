"""Peers that drip: each gets its time of a round and no more, whatever it is asked."""

import time
from dataclasses import dataclass, field, replace

import pytest

from federation.documents import ChapterRoot
from federation.envelope import seal
from federation.keys import SigningKey
from federation.payloads import write_document
from node.database import writing
from node.directory import roots
from node.models import HeldDocument
from node.sync import Sync
from node.wire import client, deadlines
from node.wire.outbound import Answer

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode

SECONDS_AN_ANSWER = 9.0


@dataclass
class Dripping:
    """A wire on which the node at `base_url` takes nine seconds for each answer; the time passes here alone."""

    federation: LocalFederation
    base_url: str
    chapter: str
    roots: list[bytes]
    passed: float = field(default_factory=time.monotonic)
    asked: list[str] = field(default_factory=list)

    def __call__(self) -> float:
        return self.passed

    def send(self, method: str, base_url: str, path: str, **options: object) -> Answer:
        if base_url != self.base_url:
            return self.federation.wire.send(method, base_url, path, **options)  # type: ignore[arg-type]
        self.passed += SECONDS_AN_ANSWER
        self.asked.append(path)
        root, _, version = path.rpartition("/")
        if root.endswith(f"/{self.chapter}/root"):
            return Answer(200, self.roots[int(version) - 1])
        return self.federation.wire.send(method, base_url, path, **options)  # type: ignore[arg-type]


def chain(node: LocalNode, length: int) -> list[bytes]:
    """Roots of the chapter of `node`, each of them true."""
    with node.session() as session:
        first = roots.chain_of(session, node.chapter_id)[0].document
        chain = roots.envelopes_of(session, node.chapter_id)
    for version in range(2, length + 1):
        root = ChapterRoot(
            chapter=node.chapter_id,
            version=version,
            root_keys=first.root_keys,
            root_threshold=1,
            signing_keys=[SigningKey.generate().public],
            base_url=first.base_url,
        )
        chain.append(seal("chapter-root", write_document(root), [node.root_key]).to_bytes())
    return chain


@pytest.fixture
def dripping(federation: LocalFederation, monkeypatch: pytest.MonkeyPatch) -> Dripping:
    """London drips 255 roots; Brisbane lacks its document, and asks for it by name."""
    federation.london = federation.add_chapter(LONDON)
    brisbane = federation.add_chapter(BRISBANE)
    federation.settle()
    wire = Dripping(
        federation, federation.london.settings.base_url, federation.london.chapter_id, chain(federation.london, 255)
    )
    with brisbane.session() as session, writing(session):
        session.delete(session.get_one(HeldDocument, federation.london.chapter_id))
    monkeypatch.setattr(client, "monotonic", wire)
    return wire


def test_one_that_drips_roots_has_its_two_minutes_of_a_round(federation: LocalFederation, dripping: Dripping) -> None:
    brisbane = next(node for node in federation.wire.nodes.values() if "brisbane" in str(node.settings.data))
    Sync(replace(brisbane.handle, wire=dripping)).round(only=dripping.base_url)
    assert 1 < len(dripping.asked) <= deadlines.PEER / SECONDS_AN_ANSWER + 1
    with brisbane.session() as session:
        assert len(roots.chain_of(session, dripping.chapter)) > 1
