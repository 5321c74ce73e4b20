"""The way to a mail server (RFC 5321), over TLS. Whatever the server does, each letter ends in time and in bounds.

Only `outbox` and `rtr mail test` import this module, when there is a letter: smtplib takes memory.
"""

import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from ..config import Settings
from ..wire import deadlines
from ..wire.connecting import connect
from .carriers import Later, NoServer, NoSuchAddress, NotTaken, Refused, Unanswered

if TYPE_CHECKING:
    from email.message import EmailMessage

Tls = Literal["from the start", "starttls", "none"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: Seconds between two looks at whether the deadline has passed or the node stops.
_LOOK_EVERY = 0.1
#: Lines of one reply. A server that never ends its reply would fill the memory.
_MOST_LINES = 100
_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
#: RFC 3463: what says that nobody reads mail there. A full mailbox is none of them.
_NOBODY = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
#: The same by servers that have no such codes (RFC 5321 §4.2.3).
_NOBODY_BY_CODE = (550, 551, 553)


@dataclass(frozen=True)
class ServerAddress:
    """Where the mail server is, and who this node is there. `name`: what this node calls itself (EHLO).

    `context`: whose certificates count; None: those that this machine trusts.
    """

    host: str
    port: int
    tls: Tls
    sender: str
    name: str
    user: str = ""
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None


def address_of(settings: Settings) -> ServerAddress:
    """What RTR_MAIL says. Beyond this machine everything goes over TLS, since a letter says who comes to a run."""
    parts = urlsplit(settings.mail)
    host = parts.hostname or ""
    is_secure = parts.scheme == "smtps"
    return ServerAddress(
        host=host,
        port=parts.port or (465 if is_secure else 587),
        tls="from the start" if is_secure else "none" if host in _LOOPBACK else "starttls",
        sender=settings.mail_sender,
        name=urlsplit(settings.base_url).hostname or "localhost",
        user=unquote(parts.username or ""),
        password=settings.mail_password,
    )


class MailServer:
    """A connection to a mail server, from the first letter on. One that broke is made anew for the next letter."""

    def __init__(self, at: ServerAddress, stopping: threading.Event) -> None:
        self._at, self._stopping = at, stopping
        self._connection: _Connection | None = None

    def __enter__(self) -> "MailServer":
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._connection.quit()
            self._drop()

    def send(self, message: "EmailMessage", before: Callable[[], None]) -> None:
        """Hand one letter over. Raises NotTaken."""
        connection = self._connected()
        connection.renew_deadline()
        try:
            self._hand_over(connection, message, before)
        except NotTaken as error:
            if isinstance(error, NoServer):
                self._drop()
            raise
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self._drop()
            raise NoServer(f"{self._at.host}: the connection broke ({type(error).__name__})") from error
        except BaseException:
            # Amid a letter, no other can be begun.
            self._drop()
            raise

    def sign_in(self) -> None:
        """Connect and sign in, and send nothing. Raises NoServer."""
        self._connected()

    def _hand_over(self, connection: "_Connection", message: "EmailMessage", before: Callable[[], None]) -> None:
        connection.rset()
        self._require(*connection.mail(self._at.sender), "the sender")
        code, words = connection.rcpt(message["To"].addresses[0].addr_spec)
        if _is_nobody(code, words):
            raise NoSuchAddress(f"{self._at.host}: no such address ({code})", _printable(words))
        self._require(code, words, "an address")
        code, words = connection.docmd("DATA")
        if code != 354:
            self._require(code, words, "a letter")
        before()
        connection.send(_stuffed(message.as_bytes()))
        try:
            code, words = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Unanswered(f"{self._at.host} did not say whether it took a letter") from error
        self._require(code, words, "a letter")

    def _require(self, code: int, words: bytes, what: str) -> None:
        """Raise NotTaken unless the server said yes. 421: it closes the connection (RFC 5321 §3.8)."""
        if 200 <= code < 300:
            return
        kind = NoServer if code == 421 or not 400 <= code < 600 else Later if code < 500 else Refused
        said = f"{code} {_enhanced(words)}".strip()
        raise kind(f"{self._at.host} does not take {what} ({said})", _printable(words))

    def _connected(self) -> "_Connection":
        if self._connection is None:
            made = _Connection(self._at, self._stopping)
            try:
                made.open()
            except (OSError, smtplib.SMTPException, ValueError) as error:
                made.close()
                code = getattr(error, "smtp_code", "") or type(error).__name__
                words = getattr(error, "smtp_error", b"") or str(error)
                reason = f"{self._at.host}:{self._at.port}: {made.step} failed ({code})"
                raise NoServer(reason, _printable(words), made.step) from error
            self._connection = made
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Connection(smtplib.SMTP):
    """smtplib's, with a deadline for each letter as a whole, bounded replies, and cut as soon as the node stops."""

    def __init__(self, at: ServerAddress, stopping: threading.Event) -> None:
        super().__init__(local_hostname=at.name, timeout=deadlines.MAIL)
        self._host = at.host  # whose certificate STARTTLS asks for
        self._at, self._stopping = at, stopping
        self._ends = time.monotonic() + deadlines.MAIL
        self._over = threading.Event()
        #: What was being done, for the log.
        self.step = "connecting"

    def open(self) -> None:
        """Connect, begin TLS, sign in. Raises OSError, SMTPException."""
        code, words = self.connect(self._at.host, self._at.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        if self._at.tls == "starttls":
            self.step = "STARTTLS"
            self.starttls(context=self._trust())
        if self._at.user:
            self.step = "signing in"
            self.login(self._at.user, self._at.password)
        self.ehlo_or_helo_if_needed()

    def renew_deadline(self) -> None:
        """Begin the deadline of another letter."""
        self._ends = time.monotonic() + deadlines.MAIL

    def close(self) -> None:
        """Close the connection, and end its watch."""
        self._over.set()
        super().close()

    def getreply(self) -> tuple[int, bytes]:
        """One reply, bounded."""
        if self.file is None and self.sock is not None:
            self.file = self.sock.makefile("rb")
        self.file = self.file and _Reply(self.file)
        try:
            return super().getreply()
        finally:
            if isinstance(self.file, _Reply):
                self.file = self.file.file

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = connect(host, port, deadlines.CONNECT, lambda _: True)
        made.settimeout(timeout)
        # TLS takes the socket object away, but shutdown on a copy of the descriptor reaches the connection.
        threading.Thread(target=self._watch, args=(made.dup(),), name="mail-watch", daemon=True).start()
        if self._at.tls == "from the start":
            self.step = "TLS"
            return self._trust().wrap_socket(made, server_hostname=host)
        return made

    def _trust(self) -> ssl.SSLContext:
        return self._at.context or ssl.create_default_context()

    def _watch(self, handle: socket.socket) -> None:
        """Cut the connection when a letter takes too long, or the node stops: smtplib's timeout is for each byte."""
        with handle:
            while not self._over.wait(_LOOK_EVERY):
                if self._stopping.is_set() or time.monotonic() > self._ends:
                    with suppress(OSError):
                        handle.shutdown(socket.SHUT_RDWR)
                    return


class _Reply:
    """The lines of one reply, of which there are not too many."""

    def __init__(self, file: Any) -> None:
        self.file, self._lines = file, 0

    def readline(self, most: int) -> bytes:
        """The next line. Raises OSError beyond _MOST_LINES."""
        self._lines += 1
        if self._lines > _MOST_LINES:
            raise OSError("the reply does not end")
        line: bytes = self.file.readline(most)
        return line

    def close(self) -> None:
        """Close the connection's file."""
        self.file.close()


def _stuffed(content: bytes) -> bytes:
    """The letter as DATA takes it: a line that begins with a dot gets another one (RFC 5321 §4.5.2)."""
    return re.sub(rb"(?m)^\.", b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _is_nobody(code: int, words: bytes) -> bool:
    said = _enhanced(words)
    return code >= 500 and (said in _NOBODY if said else code in _NOBODY_BY_CODE)


def _enhanced(words: bytes) -> str:
    found = _ENHANCED.match(words)
    return found[1].decode() if found else ""


def _printable(words: bytes | str) -> str:
    """What somebody else's server says, for a terminal. smtplib's own words are no bytes."""
    words = words if isinstance(words, str) else words.decode("utf-8", "replace")
    return "".join(one if one.isprintable() else " " for one in words)[:300]
