"""What another node's answer says, and what a proxy's page of the same status does not (PROTOCOL.md §12)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from node.models import HeldDocument
from node.sync.own_document import Inquiry
from node.wire.client import Peer, PeerRefused
from node.wire.outbound import Answer

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ..sync.test_hostile_peers import Lying, problem

PROXY_S = b"404 page not found\n"
CHAPTER = "a" * 24
DIGEST = "0" * 64


class Saying:
    """A wire on which everybody gives one answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def send(self, *_: object, **__: object) -> Answer:
        return self.answer


def node(answer: Answer) -> Peer:
    return Peer(Saying(answer), "https://other.example.org")


QUESTIONS: dict[str, Callable[[Peer], Any]] = {
    "document": lambda other: other.document(CHAPTER),
    "root": lambda other: other.chapter_root(CHAPTER, 1),
    "HQ's root": lambda other: other.hq_root(CHAPTER, 1),
    "changes": lambda other: other.changes("abcdefgh.1"),
    "registry": lambda other: other.registry(CHAPTER, DIGEST),
}
STRANGERS = {
    "proxy's 403": Answer(403, b"<h1>Forbidden</h1>", media_type="text/html"),
    "proxy's 404": Answer(404, PROXY_S, media_type="text/plain"),
    "proxy's 410": Answer(410, b"{}", media_type="application/json"),
    "another's problem": Answer(404, b'{"status": 404, "title": "x"}', media_type="application/problem+json"),
    "not that status": Answer(404, b'{"status": 403, "code": "not-active"}', media_type="application/problem+json"),
    "our words on a page": Answer(404, b'{"status": 404, "code": "not-found"}', media_type="text/html"),
    "304 to nobody's question": Answer(304, b""),
    "304 of something else": Answer(304, b"", "1" * 64),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_strangers_page_is_no_answer_whatever_its_status(question: str, stranger: str) -> None:
    with pytest.raises(PeerRefused):
        QUESTIONS[question](node(STRANGERS[stranger]))


@pytest.mark.parametrize("code", ["not-found", "unknown-chapter", "not-active"])
def test_a_problem_document_of_ours_says_that_there_is_none(code: str) -> None:
    status = 403 if code == "not-active" else 404
    assert node(problem(status, code)).document(CHAPTER) is None


def test_the_registry_is_unchanged_where_the_answer_names_it() -> None:
    assert node(Answer(304, b"", DIGEST)).registry(CHAPTER, DIGEST) is None


@pytest.fixture
def pair(federation: LocalFederation) -> tuple[LocalNode, LocalNode]:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    federation.settle()
    return london, brisbane


Pair = tuple[LocalNode, LocalNode]


def envelope_of(holder: LocalNode, chapter: str) -> bytes:
    with holder.session() as session:
        return session.get_one(HeldDocument, chapter).envelope or b""


@pytest.mark.parametrize("status", [200, 201, 204, 409])
def test_a_server_that_says_yes_to_everything_has_not_been_told(pair: Pair, status: int) -> None:
    london, _ = pair
    said = node(Answer(status, b"<h1>Welcome</h1>", "abc", "text/html"))
    handed = said.put_document(london.chapter_id, envelope_of(london, london.chapter_id), [])
    assert not handed.acknowledged


def test_a_node_that_takes_a_document_or_has_a_newer_one_has_been_told(federation: LocalFederation, pair: Pair) -> None:
    london, brisbane = pair
    other = Peer(federation.wire, brisbane.settings.base_url)
    before = envelope_of(london, london.chapter_id)
    federation.clock.tick(seconds=5)
    london.announce(a_run())
    newer = envelope_of(london, london.chapter_id)
    assert other.put_document(london.chapter_id, newer, []).acknowledged
    assert other.put_document(london.chapter_id, newer, []).acknowledged
    refused = other.put_document(london.chapter_id, before, [])
    assert (refused.acknowledged, refused.held) == (True, newer)


@pytest.mark.parametrize(
    "answer",
    [STRANGERS["proxy's 404"], STRANGERS["proxy's 403"], Answer(200, b"<h1>Welcome</h1>", media_type="text/html")],
    ids=["404", "403", "200"],
)
def test_s8_2_a_restored_node_hears_nothing_from_a_proxy(
    federation: LocalFederation, pair: Pair, answer: Answer
) -> None:
    london, brisbane = pair
    federation.wire.down.add(federation.hq.settings.base_url)
    lying = Lying(federation, brisbane.settings.base_url, lambda path, _: answer)
    assert not Inquiry(replace(london.handle, wire=lying)).ask()


def test_s8_2_a_restored_node_hears_nothing_from_who_gives_another_chapters_document(
    federation: LocalFederation, pair: Pair
) -> None:
    london, brisbane = pair
    federation.wire.down.add(federation.hq.settings.base_url)
    strange = Answer(200, envelope_of(brisbane, brisbane.chapter_id), media_type="application/json")
    lying = Lying(federation, brisbane.settings.base_url, lambda path, _: strange)
    assert not Inquiry(replace(london.handle, wire=lying)).ask()


def test_s8_2_a_seed_that_has_nothing_of_us_has_answered(federation: LocalFederation, pair: Pair) -> None:
    london, brisbane = pair
    federation.wire.down.add(brisbane.settings.base_url)
    lying = Lying(federation, federation.hq.settings.base_url, lambda path, _: problem(404, "not-found"))
    assert Inquiry(replace(london.handle, wire=lying)).ask()


@pytest.mark.parametrize("code", ["unknown-chapter", "not-active"])
def test_s8_2_who_does_not_list_us_says_nothing_of_what_we_signed(
    federation: LocalFederation, pair: Pair, code: str
) -> None:
    london, _ = pair
    refusal = problem(403 if code == "not-active" else 404, code)
    lying = Lying(federation, federation.hq.settings.base_url, lambda path, _: refusal)
    assert not Inquiry(replace(london.handle, wire=lying)).ask()


def test_s8_2_a_chapter_that_hq_never_let_in_asks_no_further(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON, admit=False)
    federation.join(london, needs_a_person=True)
    assert Inquiry(london.handle).ask()
