"""Whatever takes letters: a mail server, or a folder that keeps them on this machine."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event
from typing import TYPE_CHECKING, Protocol

from ..config import Settings
from ..errors import NodeError
from .capture import Folder

if TYPE_CHECKING:
    from email.message import EmailMessage


class NotTaken(NodeError):
    """The mail server took no letter. `words`: what it said, which may name an address and is for no log. `step`: where
    it ended, as in "signing in"; empty where the way was open and a letter was not taken.
    """

    def __init__(self, reason: str, words: str = "", step: str = "") -> None:
        super().__init__(reason)
        self.words, self.step = words, step


class NoServer(NotTaken):
    """There is no way to the mail server now: for no letter at all."""


class Unanswered(NoServer):
    """The mail server has the whole letter and did not say whether it took it."""


class Later(NotTaken):
    """The mail server will perhaps take this letter later."""


class Refused(NotTaken):
    """The mail server does not take this letter, for a reason that has to do with this node."""


class NoSuchAddress(NotTaken):
    """The mail server says that nobody reads mail at this address."""


class Carrier(Protocol):
    """Takes letters, one after the other."""

    def send(self, message: "EmailMessage", before: Callable[[], None]) -> None:
        """Hand the letter over to the one address that it names. Raises NotTaken, in one of its kinds.

        It calls `before` once the way is open and nothing of the letter's words is out. What that raises ends it.
        """


def opened(settings: Settings, stopping: Event) -> AbstractContextManager[Carrier]:
    """The way that RTR_MAIL names. No connection is made before the first letter. Once `stopping` is set, it is cut."""
    if settings.mail.startswith("folder:"):
        return Folder(settings.data / settings.mail.removeprefix("folder:"))
    from .smtp import MailServer, address_of

    return MailServer(address_of(settings), stopping)
