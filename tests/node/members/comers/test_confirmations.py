"""An address gets nothing but one question until its owner has said yes."""

import pytest
from sqlalchemy import select

from node.members import coming
from node.members.comers import addresses
from node.models import Coming, Letter, Run

from ....support.network import LocalNode
from ....support.taps import move
from ....support.web_client import Phone, words
from .test_news import body, mails, minute, say, subjects


def test_a_strangers_address_gets_one_letter_however_often_it_is_typed(london: LocalNode, run: Run) -> None:
    for _ in range(5):
        token = say(london, run, email="stranger@example.org", is_confirmed=False)
        minute(london)
        with london.session() as session:
            coming.withdraw(session, london.settings, token, london.clock())
    say(london, run, email="STRANGER@example.org", is_confirmed=False)
    minute(london)
    assert [one["To"] for one in mails(london)] == ["stranger@example.org"]


def test_the_letter_that_asks_can_be_stopped_and_has_no_private_link_and_no_name(london: LocalNode, run: Run) -> None:
    token = say(london, run, is_confirmed=False, name="Canaria")
    minute(london)
    (asked,) = mails(london)
    assert token not in asked.as_string()
    assert "Canaria" not in asked.as_string()
    assert "List-Unsubscribe" in asked


def test_whoever_withdraws_before_the_letter_went_leaves_no_address(london: LocalNode, run: Run) -> None:
    token = say(london, run, is_confirmed=False)
    with london.session() as session:
        coming.withdraw(session, london.settings, token, london.clock())
        assert session.scalars(select(Letter)).all() == []
    minute(london)
    assert mails(london) == []


def confirm_path(node: LocalNode) -> str:
    with node.session() as session:
        row = session.scalars(select(Coming)).first()
        assert row is not None
        assert row.email_index is not None
        return f"/confirm/{row.email_index}/{addresses.token(node.settings, row.email_index)}"


@pytest.fixture
def confirmations(london: LocalNode, run: Run) -> str:
    say(london, run, is_confirmed=False)
    return confirm_path(london)


def test_only_a_tap_says_yes_and_a_second_one_changes_nothing(london: LocalNode, confirmations: str) -> None:
    phone = Phone(london)
    minute(london)
    assert confirmations in body(mails(london)[0])
    assert "Thursday evening run, Thursday 4 June" in words(phone.get(confirmations))
    with london.session() as session:
        assert session.scalars(select(Coming)).one().email_confirmed_at is None
    for _ in range(2):
        assert phone.post(confirmations).status_code == 303
    with london.session() as session:
        assert session.scalars(select(Coming)).one().email_confirmed_at == london.clock()
    assert phone.get(f"{confirmations}?done=confirmed").status_code == 200


def test_a_forged_yes_and_one_that_nothing_waits_for_get_one_answer(london: LocalNode, confirmations: str) -> None:
    phone, forged = Phone(london), confirmations[:-1] + ("A" if confirmations[-1] != "A" else "B")
    assert phone.post(forged).status_code == 303
    with london.session() as session:
        assert session.scalars(select(Coming)).one().email_confirmed_at is None
    assert phone.get(forged).status_code == 404
    phone.post(confirmations)
    assert phone.get(confirmations).data == phone.get(forged).data


def test_a_date_that_moved_before_the_yes_is_told_after_it(london: LocalNode, run: Run, confirmations: str) -> None:
    move(london, run, "2026-06-04T19:15")
    Phone(london).post(confirmations)
    minute(london)
    assert subjects(london) == ["Moved: Thursday 4 June, 19:15"]


def test_an_address_whose_owner_has_said_yes_is_asked_for_the_next_run_in_the_same_week(
    london: LocalNode, run: Run
) -> None:
    say(london, run, is_confirmed=False)
    minute(london)
    assert Phone(london).post(confirm_path(london)).status_code == 303
    for name in ("Ada", "Ada again"):
        say(london, run, is_confirmed=False, name=name)
        minute(london)
    assert [one["To"] for one in mails(london)] == ["ada@example.org"] * 2
