"""A change for a day more than eight weeks ahead waits on the chapter's own site, and is announced in good time."""

from datetime import date, time, timedelta

import pytest

from node import jobs
from node.chapter import runs
from node.facts import later_changes
from node.models import Run
from node.schedule.recurrence import WEEKS_AHEAD

from ...support.network import LocalNode
from ...support.web_client import Phone, words
from ..leads.test_runs import TYPED

#: The clock of the tests begins on Monday 1 June 2026; 1 October is a Thursday.
LATER = TYPED | {
    "starts_at": "18:00",
    "address": "Fish Street Hill, London EC3R",
    "directions": "At the foot of the column, by the steps.",
    "later_day": "1 October",
}
#: The first day on which pages have the date of 1 October.
NEAR = date(2026, 10, 1) - WEEKS_AHEAD


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def kept(node: LocalNode, run: Run) -> Run:
    with node.session() as session:
        found = runs.get(session, run.id)
        session.expunge(found)
        return found


def enter(phone: Phone, run: Run, **typed: str) -> str:
    return words(phone.tap(f"/lead/runs/{run.id}/edit", data=LATER | typed, follow_redirects=True))


def let_pass(node: LocalNode, until: date) -> None:
    node.clock.now += until - node.clock.now.date()
    jobs.sign(node.handle)


def test_it_waits_and_only_leads_see_it(london: LocalNode, run: Run, phone: Phone) -> None:
    board = enter(phone, run)
    assert "We’ll announce this change eight weeks before its day." in board
    assert "Planned from Thursday 1 October. Only leads can see this so far." in board
    assert "Start: 18:00" in board
    assert kept(london, run).starts_at == time(18, 30)
    assert "1 October" not in words(Phone(london).get("/"))


def test_eight_weeks_before_its_day_it_is_announced_as_any_change_ahead(
    london: LocalNode, run: Run, phone: Phone
) -> None:
    enter(phone, run)
    let_pass(london, NEAR - timedelta(days=1))
    assert kept(london, run).starts_at == time(18, 30)
    let_pass(london, NEAR)
    now = kept(london, run)
    assert (now.starts_at, now.changes_on, now.later_change) == (time(18, 0), date(2026, 10, 1), None)
    board = words(phone.get("/lead"))
    assert "From Thursday 1 October: 18:00" in board
    assert "Thursday 24 September, 18:30" in board
    assert "Planned from" not in board


def test_what_leads_have_changed_since_then_stays(london: LocalNode, run: Run, phone: Phone) -> None:
    enter(phone, run)
    at_once = {"later_day": "", "starts_at": "18:30", "accessibility": "Kerbs."}
    phone.tap(f"/lead/runs/{run.id}/edit", data=LATER | at_once)
    let_pass(london, NEAR)
    now = kept(london, run)
    assert (now.accessibility, now.starts_at) == ("Kerbs.", time(18, 0))


def test_a_lead_takes_it_back(london: LocalNode, run: Run, phone: Phone) -> None:
    enter(phone, run)
    board = words(phone.post(f"/lead/runs/{run.id}/drop-later-change", follow_redirects=True))
    assert "That change is taken back." in board
    assert "Planned from" not in board
    let_pass(london, NEAR)
    assert kept(london, run).starts_at == time(18, 30)


def test_another_one_takes_its_place(london: LocalNode, run: Run, phone: Phone) -> None:
    enter(phone, run)
    enter(phone, run, starts_at="17:00", later_day="2026-10-08")
    let_pass(london, NEAR + timedelta(weeks=1))
    now = kept(london, run)
    assert (now.starts_at, now.changes_on) == (time(17, 0), date(2026, 10, 8))


def test_one_that_cannot_be_made_any_more_stays_on_the_board(london: LocalNode, run: Run, phone: Phone) -> None:
    enter(phone, run, repeats="once", starts_on="2026-10-01")
    let_pass(london, date(2026, 10, 20))
    assert kept(london, run).starts_at == time(18, 30)
    board = words(Phone(london).sign_in().get("/lead"))
    assert "This change couldn’t be made on Thursday 1 October. Please enter it again." in board


def test_a_node_that_was_off_on_the_day_makes_it_when_it_is_back(london: LocalNode, run: Run, phone: Phone) -> None:
    enter(phone, run)
    let_pass(london, date(2026, 10, 20))
    assert (kept(london, run).starts_at, kept(london, run).later_change) == (time(18, 0), None)


@pytest.mark.parametrize(
    ("typed", "say"), [("2020-01-01", "within the next two years"), ("2029-01-01", "within the next two years")]
)
def test_a_day_that_is_none_is_said_and_everything_typed_stays(
    london: LocalNode, run: Run, phone: Phone, typed: str, say: str
) -> None:
    response = phone.tap(f"/lead/runs/{run.id}/edit", data=LATER | {"later_day": typed})
    assert response.status_code == 422
    assert say in words(response)
    assert typed in response.text
    assert later_changes.of(kept(london, run)) is None


def test_a_day_within_eight_weeks_is_announced_at_once(london: LocalNode, run: Run, phone: Phone) -> None:
    assert "Planned from" not in enter(phone, run, later_day="2026-06-18")
    assert kept(london, run).changes_on == date(2026, 6, 18)
