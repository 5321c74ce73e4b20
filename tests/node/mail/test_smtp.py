"""The way to a mail server: over TLS, in time and in bounds, whatever the server does (RFC 5321, 3207)."""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from node.config import Settings
from node.mail import carriers
from node.mail.message import compose
from node.mail.smtp import MailServer, ServerAddress, address_of
from node.wire import deadlines

from ...support.members.mail_server import impostor, mail_server
from ...support.network import START

SETTINGS = Settings(
    data=Path("/nowhere"), base_url="https://london.example.org", mail_from="letters@london.example.org"
)


def a_letter(**changes: str) -> EmailMessage:
    words = {"name": "Run Talk Run London", "reader": "robin@example.org", "subject": "Thursday", "text": "Hello\n"}
    return compose(SETTINGS, START, message_id="abc", **words | changes)


def at(port: int, **changes: object) -> ServerAddress:
    plain = ServerAddress("127.0.0.1", port, "none", SETTINGS.mail_sender, "london.example.org")
    return replace(plain, **changes)


def send(address: ServerAddress, *messages: EmailMessage) -> None:
    with MailServer(address, threading.Event()) as server:
        for message in messages or (a_letter(),):
            server.send(message, lambda: None)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 with its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_a_letter_arrives_as_it_was_written() -> None:
    with mail_server() as box:
        send(at(box.port), a_letter(text="Hällo\n.\n..dots\n" + "x" * 2000 + "\n", subject="Lauf fällt aus"))
    (letter,) = box.taken
    assert letter.get_content().replace("\r\n", "\n") == "Hällo\n.\n..dots\n" + "x" * 2000 + "\n"
    assert letter["Subject"] == "Lauf fällt aus"
    assert box.senders == ["letters@london.example.org"]
    assert box.readers == ["robin@example.org"]


def test_one_connection_takes_several_letters() -> None:
    with mail_server() as box:
        send(at(box.port), a_letter(), a_letter(reader="sam@example.org"))
        assert box.readers == ["robin@example.org", "sam@example.org"]
        assert box.tried == 1


def test_starttls_is_begun_before_anything_is_said(server_tls: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    with mail_server(tls_context=server_tls, require_starttls=True) as box:
        send(at(box.port, tls="starttls", context=trust))
        assert len(box.taken) == 1


def test_a_server_without_starttls_gets_no_letter_and_no_password() -> None:
    said: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        connection.sendall(b"220 hello\r\n")
        said.append(connection.recv(1000))
        connection.sendall(b"250-here\r\n250 AUTH PLAIN\r\n")
        said.append(connection.recv(1000))

    with impostor(listen) as port, pytest.raises(carriers.NoServer, match="STARTTLS"):
        send(at(port, tls="starttls", user="us", password="secret"))
    assert b"secret" not in b"".join(said)
    assert b"MAIL" not in b"".join(said)


def test_a_server_that_cannot_prove_its_name_gets_nothing(server_tls: ssl.SSLContext) -> None:
    with mail_server(tls_context=server_tls) as box:
        with pytest.raises(carriers.NoServer, match="STARTTLS failed"):
            send(at(box.port, tls="starttls"))
        assert box.taken == []


def test_tls_from_the_start(server_tls: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    with mail_server(ssl_context=server_tls) as box:
        send(at(box.port, tls="from the start", context=trust))
        assert len(box.taken) == 1


def test_a_name_and_a_password_are_told_over_tls(server_tls: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    seen: list[LoginPassword] = []

    def check(server: object, session: object, envelope: object, mechanism: str, data: LoginPassword) -> AuthResult:
        seen.append(data)
        return AuthResult(success=data.password == b"right", handled=False)

    options = {"tls_context": server_tls, "authenticator": check, "auth_required": True}
    with mail_server(**options) as box:
        secure = at(box.port, tls="starttls", context=trust, user="us@example.org", password="right")
        send(secure)
        assert seen == [LoginPassword(b"us@example.org", b"right")]
        with pytest.raises(carriers.NoServer, match=r"signing in failed \(535\)"):
            send(replace(secure, password="wrong"))
        assert len(box.taken) == 1


@pytest.mark.parametrize(
    ("step", "answer", "expected"),
    [
        ("RCPT", "450 4.2.0 Greylisted, come back", carriers.Later),
        ("DATA", "451 4.3.0 Try again", carriers.Later),
        ("MAIL", "421 4.7.0 Too busy", carriers.NoServer),
        ("RCPT", "550 5.1.1 No such user", carriers.NoSuchAddress),
        ("RCPT", "550 No such user", carriers.NoSuchAddress),
        ("RCPT", "550 5.7.1 Relaying denied", carriers.Refused),
        ("RCPT", "552 5.2.2 Mailbox full", carriers.Refused),
        ("MAIL", "550 5.1.1 We know no such sender", carriers.Refused),
        ("DATA", "550 5.4.5 Daily quota exceeded", carriers.Refused),
        ("DATA", "hang up", carriers.Unanswered),
        ("MAIL", "hang up", carriers.NoServer),
    ],
)
def test_what_the_server_answers_says_what_becomes_of_the_letter(
    step: str, answer: str, expected: type[carriers.NotTaken]
) -> None:
    with mail_server() as box:
        box.say(step, answer)
        with pytest.raises(carriers.NotTaken) as caught:
            send(at(box.port))
    assert type(caught.value) is expected


def test_what_a_server_says_is_not_in_the_reason_for_the_log() -> None:
    with mail_server() as box:
        box.say("RCPT", "550 5.1.1 <robin@example.org> unknown")
        with pytest.raises(carriers.NoSuchAddress) as caught:
            send(at(box.port))
    assert "robin" not in str(caught.value)
    assert "robin" in caught.value.words


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(carriers.NoServer, match="connecting failed"):
        send(at(port))


def _endless_banner(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"220-welcome\r\n" * 1000)


def _endless_line(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"2" * 65_536)


def _drip(connection: socket.socket) -> None:
    connection.settimeout(0.02)
    while True:
        connection.sendall(b"2")
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            continue


def _silence(connection: socket.socket) -> None:
    connection.recv(1)


def _noise(connection: socket.socket) -> None:
    connection.sendall(b"\xff\x00 HTTP/1.1 nonsense\r\n\x1b[31m\r\n")


def _at_once(connection: socket.socket) -> None:
    connection.close()


@pytest.mark.parametrize("act", [_endless_banner, _endless_line, _drip, _silence, _noise, _at_once])
def test_a_hostile_server_ends_in_time_and_in_bounds(
    act: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "MAIL", 0.5)
    began = time.monotonic()
    with impostor(act) as port, pytest.raises(carriers.NoServer) as caught:
        send(at(port))
    assert time.monotonic() - began < 5
    assert caught.value.words.isprintable()
    assert len(caught.value.words) <= 300


def test_a_node_that_stops_waits_for_no_mail_server() -> None:
    stopping, began = threading.Event(), time.monotonic()

    def stop(connection: socket.socket) -> None:
        stopping.set()
        connection.recv(1)

    with impostor(stop) as port, MailServer(at(port), stopping) as server, pytest.raises(carriers.NoServer):
        server.send(a_letter(), lambda: None)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("setting", "host", "port", "tls", "user"),
    [
        ("smtps://us@example.org@smtp.example.org", "smtp.example.org", 465, "from the start", "us@example.org"),
        ("smtp://us%40example.org@smtp.example.org:2525", "smtp.example.org", 2525, "starttls", "us@example.org"),
        ("smtp://localhost", "localhost", 587, "none", ""),
        ("smtp://[::1]:25", "::1", 25, "none", ""),
    ],
)
def test_the_setting_says_where_the_server_is(setting: str, host: str, port: int, tls: str, user: str) -> None:
    found = address_of(replace(SETTINGS, mail=setting, mail_password="secret"))
    assert (found.host, found.port, found.tls, found.user) == (host, port, tls, user)
    assert found.name == "london.example.org"
    assert "secret" not in repr(found)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Each connection's watch ends with it."""
    yield
    for thread in threading.enumerate():
        if thread.name == "mail-watch":
            thread.join(5)
            assert not thread.is_alive()
