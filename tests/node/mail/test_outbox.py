"""Letters that are due go out, once each, and wait while they cannot. The mail server is a real one on loopback."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from node import jobs
from node.database import CannotWrite, writing
from node.handle import Node
from node.mail import closed, letters, outbox
from node.models import ClosedAddress, Letter, Person
from web import letters as kinds
from web.letters.written import Kind

from ...support.full_disk import full_disk
from ...support.members.letters import sent, text_of
from ...support.members.mail_server import Mailbox, mail_server
from ...support.network import Clock, LocalNode, free_ports
from .conftest import WRITTEN

pytestmark = pytest.mark.usefixtures("few_kinds")

READER = "robin@example.org"


def by(node: LocalNode, port: int, **changes: object) -> Node:
    """The node as it sends through the mail server on `port`."""
    settings = replace(node.settings, mail=f"smtp://127.0.0.1:{port}", mail_from="letters@example.org", **changes)
    return replace(node.handle, settings=settings)


def put(
    node: LocalNode, key: str = "hello robin", kind: str = "hello", address: str = READER, **changes: object
) -> None:
    now = node.clock()
    options = {"not_after": now + timedelta(days=2), "address": address} | changes
    with node.handle.writing() as transaction:
        letters.queue(transaction, node.settings, kind, key, now, **options)


def one(node: LocalNode, key: str = "hello robin") -> Letter:
    """The letter's row."""
    with node.session() as session:
        found = session.scalars(select(Letter).where(Letter.key == key)).one()
        session.expunge(found)
        return found


def rounds(node: LocalNode, port: int, clock: Clock, every: int = 1, **how_long: float) -> None:
    """Let the job run each minute, or every so many, for so long."""
    ends = clock.now + timedelta(**how_long)
    while clock.now < ends:
        jobs.mail(by(node, port))
        clock.tick(minutes=every)


def test_a_letter_goes_to_its_reader_from_the_chapter(london: LocalNode, box: Mailbox) -> None:
    put(london)
    jobs.mail(by(london, box.port))
    (letter,) = box.taken
    assert letter["To"] == READER
    assert letter["From"] == "Run Talk Run London <letters@localhost>"
    assert letter["Subject"] == "Thursday at 18:30"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "See you at the Monument." in text_of(letter)


def test_a_letter_is_sent_once(london: LocalNode, box: Mailbox) -> None:
    put(london)
    put(london)
    for _ in range(3):
        jobs.mail(by(london, box.port))
    assert len(box.taken) == 1
    assert one(london).sent_at == london.clock()


def test_a_letter_that_was_sent_says_no_more_whom_it_was_for(london: LocalNode, box: Mailbox) -> None:
    put(london)
    jobs.mail(by(london, box.port))
    assert one(london).address is None


def test_the_folder_gets_a_file_for_each_letter_that_its_owner_alone_reads(london: LocalNode) -> None:
    put(london)
    jobs.mail(london.handle)
    (file,) = london.letters_folder(london.settings.data).iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [letter["To"] for letter in sent(london)] == [READER]


def test_letters_wait_a_day_for_a_mail_server_and_then_go_once_each(london: LocalNode, clock: Clock) -> None:
    port = free_ports(1)[0]
    for number in range(3):
        put(london, f"hello {number}")
    rounds(london, port, clock, every=10, days=1)
    assert sum(one(london, f"hello {number}").tries for number in range(3)) < 200
    with mail_server(port) as box:
        rounds(london, port, clock, minutes=20)
        assert len(box.taken) == 3
        assert len({letter["Message-ID"] for letter in box.taken}) == 3


def test_a_new_letter_is_tried_at_once_while_older_ones_wait(london: LocalNode, clock: Clock) -> None:
    port = free_ports(1)[0]
    put(london)
    rounds(london, port, clock, every=5, hours=3)
    with mail_server(port) as box:
        put(london, "another", "cancelled")
        jobs.mail(by(london, port))
        assert len(box.taken) == 1


def test_a_letter_that_comes_too_late_is_not_sent(london: LocalNode, clock: Clock, box: Mailbox) -> None:
    put(london)
    clock.tick(days=2)
    jobs.mail(by(london, box.port))
    assert box.taken == []
    assert one(london).given_up == "too-late"


def test_a_letter_that_would_no_longer_be_true_is_not_sent(
    london: LocalNode, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kinds.KINDS, "hello", Kind(lambda _: None, lambda: WRITTEN, "for tests"))
    put(london)
    jobs.mail(by(london, box.port))
    assert box.tried == 0
    assert one(london).given_up == "outdated"


def a_person(node: LocalNode, *, confirmed: bool) -> int:
    lead, key = node.add_lead("Sam"), letters.sealed_fields.load(node.settings)
    with node.handle.writing() as transaction:
        person = transaction.get_one(Person, lead.id)
        person.email = key.seal("person.email", person.id, "sam@example.org")
        person.email_confirmed_at = node.clock() if confirmed else None
        return person.id


def test_a_letter_to_a_person_goes_to_the_address_that_they_have_confirmed(london: LocalNode, box: Mailbox) -> None:
    put(london, person_id=a_person(london, confirmed=True), address="")
    jobs.mail(by(london, box.port))
    assert box.readers == ["sam@example.org"]


def test_nobody_gets_a_letter_at_an_address_that_is_not_confirmed(london: LocalNode, box: Mailbox) -> None:
    put(london, person_id=a_person(london, confirmed=False), address="")
    jobs.mail(by(london, box.port))
    assert box.taken == []
    assert one(london).given_up == "unconfirmed"


def test_somebody_who_is_erased_while_the_server_is_asked_gets_no_letter(london: LocalNode, box: Mailbox) -> None:
    def erase() -> str:
        box.answers.clear()
        with london.handle.writing() as transaction:
            transaction.delete(transaction.scalars(select(Letter).where(Letter.key == "hello robin")).one())
        return "250 Yes"

    put(london)
    put(london, "another", address="sam@example.org")
    box.answers["RCPT"] = erase
    jobs.mail(by(london, box.port))
    assert box.readers == ["sam@example.org"]


def test_somebody_who_was_erased_gets_no_letter(london: LocalNode, box: Mailbox) -> None:
    person_id = a_person(london, confirmed=True)
    put(london, person_id=person_id, address="")
    with london.session() as session, writing(session) as transaction:
        transaction.delete(transaction.get_one(Person, person_id))
    jobs.mail(by(london, box.port))
    assert box.taken == []


def test_letters_wait_while_the_members_key_is_gone(london: LocalNode, clock: Clock, box: Mailbox) -> None:
    put(london)
    away = london.settings.members_key_file.with_suffix(".away")
    london.settings.members_key_file.rename(away)
    rounds(london, box.port, clock, minutes=5)
    assert box.taken == []
    away.rename(london.settings.members_key_file)
    rounds(london, box.port, clock, minutes=20)
    assert len(box.taken) == 1


def test_a_full_disk_sends_nothing_rather_than_twice(london: LocalNode, box: Mailbox) -> None:
    put(london)
    with full_disk(london), pytest.raises(CannotWrite):
        jobs.mail(by(london, box.port))
    assert box.taken == []
    jobs.mail(by(london, box.port))
    assert len(box.taken) == 1


class Killed(BaseException):
    """The process ends here, as by kill -9: nothing after it runs."""


@pytest.mark.parametrize("step", range(4))
def test_a_process_that_dies_after_any_step_sends_a_letter_twice_at_most(
    london: LocalNode, clock: Clock, box: Mailbox, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Steps: before the server is asked, after the doubt is noted, after the letter is out, after that is noted."""
    put(london)
    done = 0

    def dies_after(act: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object) -> object:
            nonlocal done
            if done == step:
                raise Killed
            found = act(*args)
            done += 1
            if done == step:
                raise Killed
            return found

        return wrapped

    with monkeypatch.context() as dying:
        dying.setattr(outbox, "_note", dies_after(outbox._note))
        dying.setattr("node.mail.smtp.MailServer.send", dies_after(_sends()))
        with pytest.raises(Killed):
            jobs.mail(by(london, box.port))
    assert len(box.taken) == (1 if step >= 2 else 0)
    rounds(london, box.port, clock, hours=1)
    assert len(box.taken) == (2 if step == 2 else 1)
    assert len({letter["Message-ID"] for letter in box.taken}) == 1


def _sends() -> Callable[..., object]:
    from node.mail.smtp import MailServer

    return MailServer.send


def test_a_process_that_dies_each_time_before_it_notes_the_answer_stops_after_the_second_letter(
    london: LocalNode, clock: Clock, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(london)
    send = _sends()

    def dies(self: object, message: EmailMessage, before: Callable[[], None]) -> None:
        send(self, message, before)
        raise Killed

    monkeypatch.setattr("node.mail.smtp.MailServer.send", dies)
    for _ in range(5):
        try:
            jobs.mail(by(london, box.port))
        except Killed:
            clock.tick(minutes=30)
    assert len(box.taken) == 2
    assert one(london).given_up == "unsure"


def test_a_letter_that_a_wrong_clock_put_off_for_years_goes_now(london: LocalNode, box: Mailbox) -> None:
    put(london)
    with london.handle.writing() as transaction:
        letter = transaction.scalars(select(Letter)).one()
        letter.try_at = london.clock() + timedelta(days=900)
    jobs.mail(by(london, box.port))
    assert len(box.taken) == 1


def test_a_node_that_stops_begins_no_further_letter(london: LocalNode, box: Mailbox) -> None:
    put(london)
    node = by(london, box.port)
    node.stopping.set()
    try:
        jobs.mail(node)
    finally:
        node.stopping.clear()
    assert box.taken == []


def test_no_address_and_no_word_of_a_letter_is_in_the_log(
    london: LocalNode, clock: Clock, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    put(london)
    for answer in ("450 4.2.0 <robin@example.org> later", "hang up", "550 5.1.1 <robin@example.org> unknown"):
        box.say("RCPT", answer)
        rounds(london, box.port, clock, minutes=5)
    assert "a letter was not sent" in caplog.text
    # aiosmtpd, the other side of this test, logs what it hears.
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.")]
    assert not any("robin" in line or "Monument" in line for line in ours)


def test_letters_that_cannot_go_are_counted_for_leads(london: LocalNode, box: Mailbox) -> None:
    put(london)
    put(london, "gone", "cancelled", address="gone@example.org")
    answers = iter(["550 5.1.1 No", "250 Yes"])
    box.answers["RCPT"] = lambda: next(answers)
    jobs.mail(by(london, box.port))
    put(london, "next")
    with london.session() as session:
        assert outbox.tally(session, london.clock()) == (1, 1, 1)


def test_letters_and_closed_addresses_end(london: LocalNode, clock: Clock, box: Mailbox) -> None:
    put(london)
    jobs.mail(by(london, box.port))
    with london.handle.writing() as transaction:
        closed.close(transaction, "bounced one", "bounced", clock())
        closed.close(transaction, "stopped one", "stopped", clock())
    for days, kept in ((30, 1), (1, 0)):
        clock.tick(days=days)
        _sweep(london)
        with london.session() as session:
            assert len(session.scalars(select(Letter)).all()) == kept
    assert closed_ones(london) == ["bounced one", "stopped one"]
    clock.tick(days=60)
    _sweep(london)
    assert closed_ones(london) == ["stopped one"]
    clock.tick(days=300)
    _sweep(london)
    assert closed_ones(london) == []


def _sweep(node: LocalNode) -> None:
    with node.handle.writing() as transaction:
        outbox.sweep(transaction, node.clock())


def closed_ones(node: LocalNode) -> list[str]:
    with node.session() as session:
        return sorted(session.scalars(select(ClosedAddress.email_index)))
