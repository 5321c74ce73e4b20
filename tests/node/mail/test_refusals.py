"""A mail server refuses, hangs up or is silent: what is tried again, and which address is closed."""

from datetime import timedelta
from typing import Any

import pytest

from node import jobs
from node.mail import closed
from node.models import Letter, Person
from web import letters as kinds
from web.letters.written import Kind, Written

from ...support.members.mail_server import Mailbox, impostor
from ...support.network import Clock, LocalNode
from .conftest import WRITTEN
from .test_outbox import READER, _sweep, a_person, by, closed_ones, one, put, rounds

pytestmark = pytest.mark.usefixtures("few_kinds")


def why_closed(node: LocalNode, address: str = READER) -> str | None:
    with node.session() as session:
        return closed.why(session, closed.index_of(node.settings, address))


def test_a_server_that_hangs_up_before_its_reply_gets_the_same_letter_twice_at_most(
    london: LocalNode, clock: Clock, box: Mailbox
) -> None:
    box.say("DATA", "hang up")
    put(london)
    rounds(london, box.port, clock, every=5, hours=3)
    assert len(box.taken) == 2
    assert len({letter["Message-ID"] for letter in box.taken}) == 1
    assert one(london).given_up == "unsure"


def test_a_server_that_hangs_up_before_it_has_the_letter_is_tried_again(
    london: LocalNode, clock: Clock, box: Mailbox
) -> None:
    box.say("RCPT", "hang up")
    put(london)
    rounds(london, box.port, clock, hours=1)
    assert box.taken == []
    box.answers.clear()
    rounds(london, box.port, clock, minutes=20)
    assert len(box.taken) == 1


def test_a_greylisting_server_takes_the_letter_after_its_five_minutes(
    london: LocalNode, clock: Clock, box: Mailbox
) -> None:
    until = clock.now + timedelta(minutes=5)
    box.answers["RCPT"] = lambda: "250 Yes" if clock.now >= until else "450 4.2.0 Greylisted"
    put(london)
    rounds(london, box.port, clock, minutes=10)
    assert len(box.taken) == 1


def test_a_letter_that_is_put_off_holds_up_no_other(london: LocalNode, box: Mailbox) -> None:
    answers = iter(["450 4.2.0 Later", "250 Yes"])
    box.answers["RCPT"] = lambda: next(answers)
    put(london, "first")
    put(london, "second", address="sam@example.org")
    jobs.mail(by(london, box.port))
    assert box.readers == ["sam@example.org"]


def test_an_address_that_is_none_is_closed_and_gets_no_further_letter(london: LocalNode, box: Mailbox) -> None:
    box.say("RCPT", "550 5.1.1 No such user")
    put(london)
    jobs.mail(by(london, box.port))
    assert one(london).given_up == "bounced"
    assert why_closed(london) == "bounced"
    box.answers.clear()
    put(london, "another", "cancelled")
    jobs.mail(by(london, box.port))
    assert box.taken == []
    assert one(london, "another").given_up == "closed"


def test_a_refusal_that_is_not_about_the_address_closes_none(london: LocalNode, box: Mailbox) -> None:
    box.say("DATA", "550 5.7.1 We do not like it")
    put(london)
    jobs.mail(by(london, box.port))
    assert one(london).given_up == "refused"
    assert why_closed(london) is None


def test_a_letter_about_tonight_is_tried_again_after_a_refusal(london: LocalNode, clock: Clock, box: Mailbox) -> None:
    box.say("MAIL", "550 5.4.5 Daily quota exceeded")
    put(london, kind="cancelled")
    rounds(london, box.port, clock, minutes=10)
    box.answers.clear()
    rounds(london, box.port, clock, minutes=30)
    assert len(box.taken) == 1


@pytest.mark.parametrize("kind", ["code", "confirm_address"])
def test_what_somebody_waits_for_goes_to_an_address_that_bounced_and_opens_it(
    london: LocalNode, box: Mailbox, kind: str
) -> None:
    with london.handle.writing() as transaction:
        closed.close(transaction, closed.index_of(london.settings, READER), "bounced", london.clock())
    put(london, kind=kind)
    jobs.mail(by(london, box.port))
    assert len(box.taken) == 1
    assert why_closed(london) is None


def test_a_stop_holds_against_somebody_who_types_the_address_of_another(london: LocalNode, box: Mailbox) -> None:
    with london.session() as session:
        closed.stop(session, closed.index_of(london.settings, READER), london.clock())
    put(london, kind="confirm_address")
    jobs.mail(by(london, box.port))
    assert box.taken == []
    assert one(london).given_up == "closed"


def test_a_sign_in_code_goes_to_a_stopped_address_and_leaves_it_stopped(london: LocalNode, box: Mailbox) -> None:
    with london.session() as session:
        closed.stop(session, closed.index_of(london.settings, READER), london.clock())
    put(london, kind="code")
    jobs.mail(by(london, box.port))
    assert len(box.taken) == 1
    assert why_closed(london) == "stopped"


@pytest.mark.parametrize(
    "address", ["no address", "röbin@example.org", "a@b\r\nBcc: c@example.org", "@", "a@" + "x" * 70]
)
def test_an_address_that_no_letter_can_go_to_holds_up_no_other(london: LocalNode, box: Mailbox, address: str) -> None:
    put(london, "bad", address=address)
    put(london)
    jobs.mail(by(london, box.port))
    assert box.readers == [READER]
    assert one(london, "bad").given_up == "no-address"


def test_a_letter_that_cannot_be_written_holds_up_no_other(
    london: LocalNode, box: Mailbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Letter) -> Written:
        raise LookupError("a fault of ours")

    monkeypatch.setitem(kinds.KINDS, "hello", Kind(broken, lambda: WRITTEN, "for tests"))
    put(london)
    put(london, "off", "cancelled")
    jobs.mail(by(london, box.port))
    assert len(box.taken) == 1
    assert one(london).given_up is None
    assert "a fault of ours" in caplog.text


def test_whoever_stopped_letters_and_is_still_known_here_stays_stopped(london: LocalNode, clock: Clock) -> None:
    person_id = a_person(london, confirmed=True)
    index = closed.index_of(london.settings, "sam@example.org")
    with london.handle.writing() as transaction:
        transaction.get_one(Person, person_id).email_index = index
        closed.close(transaction, index, "stopped", clock())
    clock.tick(days=1000)
    _sweep(london)
    assert closed_ones(london) == [index]


def test_a_silent_server_holds_no_lock_while_it_is_waited_for(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    from node.wire import deadlines

    monkeypatch.setattr(deadlines, "MAIL", 2.0)
    written: list[bool] = []

    def write_meanwhile(connection: object) -> None:
        put(london, "meanwhile")
        written.append(True)
        connection.close()

    put(london)
    with impostor(write_meanwhile) as port:
        jobs.mail(by(london, port))
    assert written == [True]


def test_a_letter_for_which_the_server_ends_the_connection_each_time_keeps_no_other_from_going(
    london: LocalNode, clock: Clock, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = box.handle_RCPT

    async def answer(server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        return "421 4.7.0 Not now" if address == READER else await usual(server, session, envelope, address, options)

    monkeypatch.setattr(box, "handle_RCPT", answer)
    put(london, "first", "cancelled")
    put(london, "second", "cancelled", address="sam@example.org")
    rounds(london, box.port, clock, minutes=5)
    assert box.readers == ["sam@example.org"]
