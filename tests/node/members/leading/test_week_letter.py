"""Monday's letter with the week's dates comes once, in time."""

from datetime import UTC, date, datetime

import pytest

from node.models import Person, Run

from ....support.leads import look, promise
from ....support.members.letters import text_of
from ....support.network import LocalNode, a_run
from .test_cover import at, mailed, mark


@pytest.fixture(autouse=True)
def after_monday(london: LocalNode) -> None:
    """Monday's letter has a test of its own."""
    at(london, 40)


def test_mondays_letter_comes_once_at_eight_on_the_chapters_clocks(london: LocalNode, run: Run, ben: Person) -> None:
    london.clock.now = datetime(2026, 6, 1, 6, 59, tzinfo=UTC)
    assert look(london) == []
    london.clock.tick(minutes=1)
    assert look(london) == ["week to Ada", "week to Ben"]
    for hours in (1, 20, 100):
        london.clock.tick(hours=hours)
        assert not [one for one in look(london) if "week" in one]


def test_mondays_letter_has_each_date_with_its_tap(london: LocalNode, run: Run, ben: Person) -> None:
    london.clock.now = datetime(2026, 6, 1, 7, tzinfo=UTC)
    confirmed = london.announce(a_run(name="Sunday walk", starts_on=date(2026, 6, 7)))
    promise(london, confirmed, ben, date(2026, 6, 7), saw=mark(london, confirmed, date(2026, 6, 7)))
    look(london)
    adas, bens = (text_of(letter).replace("\n", " ") for letter in mailed(london, "ada", "ben"))
    assert "Thursday 4 June, 18:30: Thursday evening run. Open: no one is down for it." in adas
    assert "Sunday 7 June, 18:30: Sunday walk. Ben will be there." in adas
    assert f"/tap/there/{ben.id}/{run.id}/2026-06-04/" in bens
    assert f"/tap/cannot/{ben.id}/{confirmed.id}/2026-06-07/" in bens
    assert "/tap/cannot/" not in adas


def test_a_node_that_was_down_on_monday_tells_of_the_week_on_tuesday_and_never_later(
    london: LocalNode, run: Run, ada: Person
) -> None:
    london.clock.now = datetime(2026, 6, 2, 20, tzinfo=UTC)
    assert look(london) == ["week to Ada"]
    london.clock.now = datetime(2026, 6, 10, 9, tzinfo=UTC)
    assert not [one for one in look(london) if "week" in one]


def test_a_week_without_a_run_has_no_letter(london: LocalNode, ada: Person) -> None:
    london.clock.now = datetime(2026, 6, 1, 9, tzinfo=UTC)
    assert look(london) == []


def test_whoever_has_no_confirmed_address_gets_no_letter_and_stops_nobody(
    london: LocalNode, run: Run, ada: Person
) -> None:
    london.add_lead("Ben")
    at(london, 24)
    assert look(london) == ["cover to Ada"]
