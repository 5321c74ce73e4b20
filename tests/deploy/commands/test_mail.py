"""`rtr mail`, with a real mail server on loopback."""

from pathlib import Path

import pytest

from deploy.commands.folder import opened
from node import sealed_fields
from node.mail import closed

from ...support.members.mail_server import mail_server
from .test_commands import data, rtr

__all__ = ["data"]


@pytest.fixture
def made(data: Path) -> Path:
    """A folder whose node has served once."""
    with opened(data, {}) as node, node.writing() as transaction:
        sealed_fields.make_if_new(transaction, node.settings)
    return data


def set_mail(data: Path, mail: str) -> None:
    with (data / "settings.env").open("a") as file:
        file.write(f"RTR_MAIL={mail}\nRTR_MAIL_FROM=letters@london.example.org\n")


def test_a_letter_to_try_it_arrives(data: Path) -> None:
    with mail_server() as box:
        set_mail(data, f"smtp://127.0.0.1:{box.port}")
        result = rtr(data, "mail", "test", "sam@example.org")
        assert result.exit_code == 0, result.output
        assert "the mail server took the letter to sam@example.org" in result.output
    (letter,) = box.taken
    assert letter["From"] == "London <letters@london.example.org>"
    assert letter["To"] == "sam@example.org"


def test_what_the_mail_server_says_is_said_in_one_line(data: Path) -> None:
    with mail_server() as box:
        set_mail(data, f"smtp://127.0.0.1:{box.port}")
        box.say("MAIL", "550 5.7.1 You may not send as \x1b[31m this")
        result = rtr(data, "mail", "test", "sam@example.org")
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "does not take the sender (550 5.7.1)" in result.output
    assert "You may not send as" in result.output
    assert "\x1b" not in result.output


def test_a_mail_server_that_is_not_there_is_said(data: Path) -> None:
    with mail_server() as box:
        port = box.port
    set_mail(data, f"smtp://127.0.0.1:{port}")
    result = rtr(data, "mail", "test", "sam@example.org")
    assert result.exit_code == 1
    assert f"127.0.0.1:{port}: connecting failed" in result.output


def test_a_folder_that_captures_letters_has_it(data: Path) -> None:
    set_mail(data, "folder:letters")
    result = rtr(data, "mail", "test", "sam@example.org")
    assert str(data / "letters") in result.output
    assert len(list((data / "letters").glob("*.eml"))) == 1


def test_without_mail_the_command_says_what_to_set(data: Path) -> None:
    result = rtr(data, "mail", "test", "sam@example.org")
    assert result.exit_code == 1
    assert "set RTR_MAIL" in result.output


def test_an_address_that_is_none_is_said(data: Path) -> None:
    set_mail(data, "folder:letters")
    result = rtr(data, "mail", "test", "nonsense")
    assert result.exit_code == 1
    assert "no address" in result.output


def test_an_address_whose_letters_came_back_is_closed_and_opened(made: Path) -> None:
    assert rtr(made, "mail", "bounced", "Sam@example.org").exit_code == 0
    assert why(made) == "bounced"
    assert rtr(made, "mail", "reopen", "sam@example.org").exit_code == 0
    assert why(made) is None


def test_nobody_else_starts_letters_that_their_reader_has_stopped(made: Path) -> None:
    with opened(made, {}) as node, node.sessions() as session:
        closed.stop(session, closed.index_of(node.settings, "sam@example.org"), node.clock())
    result = rtr(made, "mail", "reopen", "sam@example.org")
    assert result.exit_code == 1
    assert "only its owner" in result.output
    assert why(made) == "stopped"


def why(data: Path) -> str | None:
    with opened(data, {}) as node, node.sessions() as session:
        return closed.why(session, closed.index_of(node.settings, "sam@example.org"))
