"""The mail settings, with a letter that goes before they are kept."""

from collections.abc import Iterator

import pytest
from werkzeug.datastructures import MultiDict

from node.config import Settings
from web.forms.mail import mail_form

from ...support.full_disk import full_disk
from ...support.members.mail_server import Mailbox, mail_server
from ...support.network import LocalNode
from ...support.set_up import Founder
from ...support.web_client import words

pytestmark = pytest.mark.usefixtures("gazetteer")


@pytest.fixture
def founder(node: LocalNode) -> Founder:
    phone = Founder(node).begin()
    phone.found()
    return phone


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def typed(mailbox: Mailbox, **changes: str) -> dict[str, str]:
    return {
        "host": "127.0.0.1",
        "security": "smtp",
        "port": str(mailbox.port),
        "user": "",
        "password": "",
        "sender": "letters@leeds.example.org",
        "a_day": "150",
        "reader": "ada@example.org",
        **changes,
    }


def settings_of(node: LocalNode) -> Settings:
    found: Settings = node.app.config["NODE"].settings
    return found


def test_settings_are_kept_and_count_at_once_when_the_server_has_taken_a_letter(
    node: LocalNode, founder: Founder, mailbox: Mailbox
) -> None:
    answer = founder.post("/setup/mail", typed(mailbox), follow_redirects=True)
    assert "The mail server has taken the test email" in words(answer)
    assert mailbox.readers == ["ada@example.org"]
    kept, url = settings_of(node), f"smtp://127.0.0.1:{mailbox.port}"
    assert (kept.mail, kept.mail_from, kept.mail_a_day) == (url, "letters@leeds.example.org", 150)
    file = node.settings.data / "settings.env"
    assert (file.stat().st_mode & 0o777, f"RTR_MAIL={url}" in file.read_text()) == (0o600, True)
    assert "Add this address" in founder.post("/setup/you", {"first_name": "Ada"}, follow_redirects=True).text


@pytest.mark.parametrize(("step", "said"), [("MAIL", "550 5.7.1 Who are you?"), ("RCPT", "550 5.1.1 Nobody here")])
def test_what_the_server_says_against_it_is_shown_and_nothing_is_kept_or_lost(
    node: LocalNode, founder: Founder, mailbox: Mailbox, step: str, said: str
) -> None:
    mailbox.say(step, said)
    answer = founder.post("/setup/mail", typed(mailbox, password='p&ss w"rd'))
    assert answer.status_code == 422
    assert said[4:] in words(answer)
    assert 'value="p&amp;ss w&#34;rd"' in answer.text
    assert 'value="letters@leeds.example.org"' in answer.text
    assert not settings_of(node).has_mail


def test_a_server_that_cannot_be_reached_is_told_at_its_field(founder: Founder, mailbox: Mailbox) -> None:
    answer = founder.post("/setup/mail", typed(mailbox, port="1"))
    assert "We couldn’t reach this server" in words(answer)


def test_a_server_has_the_name_and_the_user_that_a_provider_gives(node: LocalNode, mailbox: Mailbox) -> None:
    given = typed(mailbox, host="smtp.gmail.com", security="smtps", port="", user="ada@gmail.com")
    with node.app.test_request_context("/setup/mail", method="POST", data=given):
        form = mail_form(MultiDict(given), settings_of(node))
        assert form.validate(), form.errors
        assert form.values()["MAIL"] == "smtps://ada%40gmail.com@smtp.gmail.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", ""), ("host", "a b"), ("host", "http://x"), ("host", "x" * 300), ("security", "none"), ("port", "0"),
        ("port", "x"), ("sender", "ada"), ("sender", ""), ("reader", ""), ("reader", "ada@"), ("a_day", "0"),
        ("password", "two\nlines"),
    ],
)  # fmt: skip
def test_bad_input_is_told_and_nothing_is_sent(
    node: LocalNode, founder: Founder, mailbox: Mailbox, name: str, value: str
) -> None:
    answer = founder.post("/setup/mail", typed(mailbox, **{name: value}))
    assert answer.status_code == 422
    assert 'class="wrong"' in answer.text
    assert not mailbox.taken
    assert not settings_of(node).has_mail


def test_the_kept_password_is_never_shown_and_goes_to_the_server_that_it_is_for_alone(
    node: LocalNode, founder: Founder, mailbox: Mailbox
) -> None:
    founder.post("/setup/mail", typed(mailbox, password="se-cret"))
    assert settings_of(node).mail_password == "se-cret"
    assert "se-cret" not in founder.get("/setup/mail").text
    founder.post("/setup/mail", typed(mailbox, a_day="99"))
    assert (settings_of(node).mail_password, settings_of(node).mail_a_day) == ("se-cret", 99)
    founder.post("/setup/mail", typed(mailbox, host="localhost"))
    assert settings_of(node).mail_password == ""


def test_what_the_environment_sets_cannot_be_changed_here(
    node: LocalNode, founder: Founder, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTR_MAIL", "smtp://127.0.0.1:25")
    assert "RTR_MAIL" in words(founder.get("/setup/mail"))
    assert founder.post("/setup/mail", typed(mailbox)).status_code == 422
    assert not mailbox.taken


def test_leads_change_the_settings_after_the_set_up_too(node: LocalNode, founder: Founder, mailbox: Mailbox) -> None:
    founder.post("/setup/you", {"first_name": "Ada"})
    founder.leave("backup-key", "mail", "run", "hq")
    founder.post("/setup/done")
    assert "/setup/mail" in founder.get("/lead/letters").text
    assert "Set-up, step" not in words(founder.get("/setup/mail"))
    assert founder.post("/setup/mail", typed(mailbox)).status_code == 303
    assert settings_of(node).has_mail


def test_a_full_disk_keeps_the_settings_as_they_were(node: LocalNode, founder: Founder, mailbox: Mailbox) -> None:
    file = node.settings.data / "settings.env"
    file.write_text("# long\n" * 800)
    before = file.read_bytes()
    with full_disk(node):
        answer = founder.post("/setup/mail", typed(mailbox))
    assert (answer.status_code, file.read_bytes()) == (503, before)
    assert not settings_of(node).has_mail
