"""How many letters go in a day, and which go first."""

import pytest

from node import jobs

from ...support.members.mail_server import Mailbox
from ...support.network import Clock, LocalNode
from .test_outbox import READER, by, put

pytestmark = pytest.mark.usefixtures("few_kinds")


def test_the_budget_holds_back_all_but_letters_about_tonight(london: LocalNode, clock: Clock, box: Mailbox) -> None:
    node = by(london, box.port, mail_a_day=10)
    for number in range(12):
        put(london, f"hello {number}")
    jobs.mail(node)
    assert len(box.taken) == 8
    for number in range(5):
        put(london, f"off {number}", "cancelled")
    jobs.mail(node)
    assert len(box.taken) == 13
    clock.tick(days=1, minutes=1)
    jobs.mail(node)
    assert len(box.taken) == 17


def test_letters_about_tonight_go_first_and_then_what_somebody_waits_for(london: LocalNode, box: Mailbox) -> None:
    for key, kind in (("a", "hello"), ("b", "code"), ("c", "cancelled")):
        put(london, key, kind, address=f"{key}@example.org")
    jobs.mail(by(london, box.port))
    assert box.readers == ["c@example.org", "b@example.org", "a@example.org"]


def test_a_flood_of_typed_addresses_leaves_the_days_budget_to_those_who_are_known(
    london: LocalNode, clock: Clock, box: Mailbox
) -> None:
    node = by(london, box.port, mail_a_day=20)
    for number in range(20):
        put(london, f"ask {number}", "confirm_address", address=f"stranger{number}@example.org")
    jobs.mail(node)
    assert len(box.taken) == 5
    put(london, "sign in", "code")
    put(london, "reminder", "hello")
    jobs.mail(node)
    assert box.readers[5:] == [READER, READER]
    clock.tick(days=1, minutes=1)
    jobs.mail(node)
    assert len(box.taken) == 12
