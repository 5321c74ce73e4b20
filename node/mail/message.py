"""A letter as an e-mail (RFC 5322), with one-click stopping (RFC 8058)."""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..config import Settings
from ..errors import NodeError

if TYPE_CHECKING:
    from email.message import EmailMessage

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


class BadAddress(NodeError):
    """No letter can be sent to an address like this one."""


def compose(
    settings: Settings,
    now: datetime,
    *,
    name: str,
    reader: str,
    subject: str,
    text: str,
    html: str = "",
    message_id: str,
    stop_url: str = "",
    export: bytes = b"",
) -> "EmailMessage":
    """An e-mail from `name` to the address `reader`. Raises BadAddress. `export`: goes along as a file.

    `message_id`: its part before the @, always the same for one letter, so that whoever gets it twice sees it once.
    """
    from email.headerregistry import Address
    from email.message import EmailMessage

    message = EmailMessage(policy=_policy())
    message["From"] = Address(_line(name), addr_spec=settings.mail_sender)
    message["To"] = _reader(reader)
    message["Subject"] = _line(subject)
    message["Date"] = now
    message["Message-ID"] = f"<{message_id}@{_host(settings)}>"
    # RFC 3834: no program answers that somebody is on holiday.
    message["Auto-Submitted"] = "auto-generated"
    if stop_url:
        message["List-Unsubscribe"] = f"<{stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # Seven bits, since not every server takes eight.
    message.set_content(text, cte="quoted-printable")
    if html:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    if export:
        message.add_attachment(export, maintype="application", subtype="json", filename="what-is-kept-of-me.json")
    return message


def _reader(address: str) -> Any:
    """The address as every mail server takes it: the host's name as xn--. Raises BadAddress."""
    from email.errors import MessageError
    from email.headerregistry import Address

    local, _, host = address.rpartition("@")
    try:
        return Address(addr_spec=f"{local.encode('ascii').decode()}@{host.encode('idna').decode()}")
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddress("that is no address for a letter") from error


def _line(text: str) -> str:
    """One line: a run's name with a line break in it would otherwise be a header of its own."""
    return _UNPRINTABLE.sub(" ", text).strip()


def _host(settings: Settings) -> str:
    host = urlsplit(settings.base_url).hostname or ""
    return "localhost" if host[-1:].isdigit() else host


def _policy() -> Any:
    """Folds only what is not ASCII. Folded at 78, a long List-Unsubscribe would become encoded words, which no mail
    program reads; not folded, a subject would be one encoded word of more than the 75 letters of RFC 2047.
    """
    from email.policy import SMTP, EmailPolicy

    class Policy(EmailPolicy):
        def fold_binary(self, name: str, value: Any) -> bytes:
            return super().fold_binary(name, value) if str(value).isascii() else SMTP.fold_binary(name, value)

    return Policy(linesep="\r\n", max_line_length=998)
