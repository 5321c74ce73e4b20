"""Mail servers on loopback: a real one that does as a test says, and sockets that are none."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server

from ..network import free_ports

#: What the server answers to a step ("RCPT", "DATA"); "hang up" closes the connection in place of an answer.
Answer = Callable[[], str]


@dataclass
class Mailbox:
    """What a mail server has taken. `answers`: what it says to a step in place of yes, as long as that stands here."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    tried: int = 0
    senders: list[str] = field(default_factory=list)
    readers: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)

    def say(self, step: str, words: str) -> None:
        """Answer `step` with these words from now on."""
        self.answers[step] = lambda: words

    async def handle_EHLO(self, server: Server, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        """A client greets."""
        self.tried += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Server, session: Any, envelope: Any, address: str, options: Any) -> str:
        """A letter begins."""
        envelope.mail_from = address
        return self._answer(server, "MAIL")

    async def handle_RCPT(self, server: Server, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Whom it is for."""
        answer = self._answer(server, "RCPT")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Server, session: Any, envelope: Any) -> str:
        """A whole letter is here. One that is answered by hanging up was taken all the same."""
        answer = self._answer(server, "DATA")
        if answer.startswith(("250", "hang up")):
            self.senders.append(envelope.mail_from)
            self.readers += envelope.rcpt_tos
            self.taken.append(message_from_bytes(envelope.original_content, policy=SMTP))  # type: ignore[arg-type]
        return answer

    def _answer(self, server: Server, step: str) -> str:
        answer = self.answers.get(step, lambda: "250 2.0.0 Yes")()
        if answer == "hang up":
            assert server.transport is not None
            server.transport.abort()
        return answer


class _Server(Server):
    """aiosmtpd's server, whose connections can be closed: its controller leaves them open when it stops."""

    connections: "list[tuple[asyncio.BaseTransport, socket.socket]]"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the connection."""
        self.connections.append((transport, transport.get_extra_info("socket")))
        super().connection_made(transport)


class _Controller(Controller):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.connections: list[tuple[asyncio.BaseTransport, socket.socket]] = []

    def factory(self) -> Server:
        """A server for one connection."""
        made = _Server(self.handler, **self.SMTP_kwargs)
        made.connections = self.connections
        return made

    def stop(self, no_assert: bool = False) -> None:
        """Close each connection, then stop."""
        asyncio.run_coroutine_threadsafe(self._close_all(), self.loop).result(10)
        super().stop(no_assert)

    async def _close_all(self) -> None:
        for transport, _ in self.connections:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        while any(one.fileno() >= 0 for _, one in self.connections):
            await asyncio.sleep(0)


@contextmanager
def mail_server(port: int | None = None, **options: Any) -> Iterator[Mailbox]:
    """A mail server while the block runs. `options`: of aiosmtpd."""
    box = Mailbox(port or free_ports(1)[0])
    controller = _Controller(box, hostname="127.0.0.1", port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@contextmanager
def impostor(act: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of something that is no mail server: it does `act` with each connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            open_ones.append(connection)
            with suppress(OSError):
                act(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for one in open_ones:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        thread.join(10)
