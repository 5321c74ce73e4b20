"""One letter now, past the outbox, to try the way to a mail server."""

import secrets
from datetime import datetime
from threading import Event

from ..config import Settings
from . import carriers
from .message import compose


def send(
    settings: Settings, now: datetime, stopping: Event, *, name: str, reader: str, subject: str, text: str
) -> None:
    """Send a letter from `name` to the address `reader`, by the mail server of `settings`, which need not be kept.

    Raises NotTaken, BadAddress. Once `stopping` is set, the connection is cut.
    """
    letter = compose(
        settings, now, name=name, reader=reader, subject=subject, text=text, message_id=secrets.token_urlsafe(32)
    )
    with carriers.opened(settings, stopping) as carrier:
        carrier.send(letter, lambda: None)
