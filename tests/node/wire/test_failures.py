"""What was wrong when another node did not answer, in a word: against real servers on loopback, with real TLS."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from node.wire.looks import look_at
from node.wire.outbound import Outbound, Unreachable

from ...support.tls import Authority, serving

NAME = "london.example.org"
URL = f"https://{NAME}"
CHAPTER = "a" * 24
STATUS = (
    f'{{"chapter":"{CHAPTER}","clock":"2026-06-01T09:00:00Z","software":"x",'
    '"counts":{"chapters":0,"documents":0,"listings":0}}'
).encode()
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """One that requests trusts."""
    made = Authority(tmp_path)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(made.file))
    return made


@pytest.fixture
def led_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the name lead to a port on loopback, as if that were 443 of a public address."""

    def lead(port: int) -> None:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr("node.wire.connecting.socket.getaddrinfo", lambda *_, **__: found)
        monkeypatch.setattr("node.wire.outbound.is_permitted", lambda *_: True)
        monkeypatch.setattr("node.wire.outbound._HTTPS_PORT", port)

    return lead


def kind_of_failure(deadline: float = 5) -> str:
    with pytest.raises(Unreachable) as caught:
        Outbound("internet").send("GET", URL, "/", cap=100, deadline=deadline)
    return caught.value.kind


@contextmanager
def shut_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_the_end_of_a_good_certificate_comes_with_the_answer(
    authority: Authority, led_to: Callable[[int], None]
) -> None:
    with serving(authority.context(NAME, NOW - DAY, NOW + 30 * DAY), STATUS) as port:
        led_to(port)
        answer = Outbound("internet").send("GET", URL, "/", cap=1000)
    assert (answer.status, answer.certificate_until) == (200, NOW + 30 * DAY)


def test_a_look_tells_the_end_of_the_certificate(authority: Authority, led_to: Callable[[int], None]) -> None:
    with serving(authority.context(NAME, NOW - DAY, NOW + 30 * DAY), STATUS) as port:
        led_to(port)
        found = look_at(Outbound("internet"), CHAPTER, URL, False, NOW)
    assert (found.seen, found.certificate_ends) == ("answers", NOW + 30 * DAY)


def test_an_expired_certificate_has_a_word_of_its_own(authority: Authority, led_to: Callable[[int], None]) -> None:
    with serving(authority.context(NAME, NOW - 90 * DAY, NOW - DAY), STATUS) as port:
        led_to(port)
        assert kind_of_failure() == "certificate-expired"
        assert look_at(Outbound("internet"), CHAPTER, URL, False, NOW).seen == "certificate-expired"


def test_a_certificate_of_another_name_is_wrong(authority: Authority, led_to: Callable[[int], None]) -> None:
    with serving(authority.context("elsewhere.example.org", NOW - DAY, NOW + DAY), STATUS) as port:
        led_to(port)
        assert kind_of_failure() == "certificate"


def test_a_certificate_of_an_unknown_authority_is_wrong(tmp_path: Path, led_to: Callable[[int], None]) -> None:
    with serving(Authority(tmp_path).context(NAME, NOW - DAY, NOW + DAY), STATUS) as port:
        led_to(port)
        assert kind_of_failure() == "certificate"


def test_nothing_that_listens_is_refused(led_to: Callable[[int], None]) -> None:
    with shut_port() as port:
        led_to(port)
        assert kind_of_failure() == "refused"


def test_a_name_that_leads_nowhere_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("node.wire.connecting.socket.getaddrinfo", nobody)
    assert kind_of_failure() == "no-address"


def test_a_name_that_leads_into_a_house_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.1.20", 443))]
    monkeypatch.setattr("node.wire.connecting.socket.getaddrinfo", lambda *_, **__: found)
    assert kind_of_failure() == "private-address"


def test_a_host_that_says_nothing_is_too_slow(led_to: Callable[[int], None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        led_to(silent.getsockname()[1])
        assert kind_of_failure(deadline=0.3) == "too-slow"
