"""Whether letters reach a comer: the private page never says "we write to you" where nothing would come."""

import re
from dataclasses import replace

import pytest

from node.mail import closed
from node.models import Run

from ...support.members.letters import sent, text_of
from ...support.network import LocalNode
from ...support.web_client import Phone, words
from .test_coming import say

READER = "robin@example.org"
REACHED, NOT_REACHED = "We’ll email you if something changes", "We can’t reach you"


@pytest.fixture
def page(london: LocalNode, run: Run) -> str:
    """The path of the private link of a comer who has confirmed READER."""
    phone = Phone(london)
    path = say(phone, run, email=READER, agreed="y")
    (letter,) = sent(london)
    found = re.search(rf"{london.settings.base_url}(/\S+)", text_of(letter))
    assert found is not None
    assert phone.post(found[1]).status_code in (200, 303)
    return path


def test_a_comer_who_has_confirmed_the_address_reads_that_letters_come(london: LocalNode, page: str) -> None:
    assert REACHED in words(Phone(london).get(page))


def test_a_comer_who_has_stopped_letters_reads_that_none_come(london: LocalNode, page: str) -> None:
    with london.session() as session:
        closed.stop(session, closed.index_of(london.settings, READER), london.clock())
    shown = words(Phone(london).get(page))
    assert NOT_REACHED in shown
    assert "stopped by the link" in shown
    assert REACHED not in shown


def test_a_comer_whose_letters_come_back_reads_that_none_come(london: LocalNode, page: str) -> None:
    with london.handle.writing() as transaction:
        closed.close(transaction, closed.index_of(london.settings, READER), "bounced", london.clock())
    shown = words(Phone(london).get(page))
    assert NOT_REACHED in shown
    assert "bounce" in shown


def test_a_comer_reads_that_no_letters_come_once_the_site_sends_none(london: LocalNode, page: str) -> None:
    kept = london.app.config["NODE"]
    london.app.config["NODE"] = replace(kept, settings=replace(kept.settings, mail=""))
    shown = words(Phone(london).get(page))
    assert NOT_REACHED in shown
    assert "This site doesn’t send emails" in shown


def test_nobody_learns_whether_an_address_that_is_not_confirmed_has_stopped_letters(
    london: LocalNode, run: Run
) -> None:
    with london.session() as session:
        closed.stop(session, closed.index_of(london.settings, READER), london.clock())
    phone = Phone(london)
    stopped = words(phone.get(say(phone, run, email=READER, agreed="y")))
    other = words(phone.get(say(phone, run, email="sam@example.org", agreed="y")))
    assert stopped == other
    assert NOT_REACHED in stopped
