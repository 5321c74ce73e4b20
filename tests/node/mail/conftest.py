"""What tests of letters on their way share: kinds of letters with short words, and a mail server."""

from collections.abc import Iterator

import pytest

from web import letters as kinds
from web.letters.written import Kind, Words, Written

from ...support.members.mail_server import Mailbox, mail_server

WRITTEN = Written("Thursday at 18:30", (Words("See you at the Monument."),))


@pytest.fixture
def few_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that can wait, one about tonight, and two that somebody asked for."""
    for name in ("hello", "cancelled", "code", "confirm_address"):
        monkeypatch.setitem(kinds.KINDS, name, Kind(lambda _: WRITTEN, lambda: WRITTEN, "for tests"))


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found
