"""Letters that are due go out once each, and wait while they cannot."""

from datetime import timedelta

import pytest

from node.mail import letters
from web import letters as kinds
from web.letters.written import Kind, Words, Written

from ...support.letters import sent, text_of
from ...support.network import LocalNode

READER = "robin@example.org"


@pytest.fixture(autouse=True)
def hello(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of letter for these tests alone."""
    written = Written("Thursday at 18:30", (Words("See you at the Monument."),))
    monkeypatch.setitem(kinds.KINDS, "hello", Kind(lambda _: written, lambda: written, "for tests"))


def put(node: LocalNode, key: str = "hello robin", kind: str = "hello") -> None:
    now = node.clock()
    with node.handle.writing() as transaction:
        letters.queue(transaction, node.settings, kind, key, now, not_after=now + timedelta(days=2), address=READER)


def test_a_letter_is_sent_once(london: LocalNode) -> None:
    put(london)
    first = sent(london)
    assert [letter["To"] for letter in first] == [READER]
    assert "See you at the Monument." in text_of(first[0])
    assert sent(london) == []
