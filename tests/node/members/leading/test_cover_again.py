"""A date that changes, or whose lead drops out, is searched for anew."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from node.chapter import dates, pauses, series
from node.members.leading import rota
from node.models import Person, Run

from ....support.leads import add_lead, drop_out, look, promise, told, waiting
from ....support.members.letters import sent
from ....support.network import LocalNode
from ....support.taps import THURSDAY, cancel, move, undo
from .test_cover import at, mark


@pytest.fixture
def kim(london: LocalNode, ben: Person) -> Person:
    return add_lead(london, "Kim")


@pytest.fixture(autouse=True)
def after_monday(london: LocalNode) -> None:
    """Monday's letter has a test of its own."""
    at(london, 40)


@pytest.mark.parametrize(
    "otherwise",
    [
        lambda node, run, lead: promise(node, run, lead),
        lambda node, run, _: cancel(node, run),
        lambda node, run, _: pause(node, run),
        lambda node, run, _: withdraw(node, run),
    ],
    ids=["promised", "cancelled", "paused", "withdrawn"],
)
def test_a_letter_that_is_no_longer_true_is_not_sent(
    london: LocalNode, run: Run, ben: Person, otherwise: Callable[[LocalNode, Run, Person], object]
) -> None:
    at(london, 24)
    assert len(look(london)) == 2
    otherwise(london, run, ben)
    assert sent(london) == []


def pause(node: LocalNode, run: Run) -> None:
    with node.session() as session:
        pauses.pause(session, node.settings, run.id, THURSDAY - timedelta(days=1), None, "", node.clock())


def withdraw(node: LocalNode, run: Run) -> None:
    with node.session() as session:
        series.withdraw(session, node.settings, run.id, node.clock())


@pytest.mark.parametrize("otherwise", [cancel, pause, withdraw])
def test_a_date_that_is_off_asks_nobody_any_more(
    london: LocalNode, run: Run, ben: Person, otherwise: Callable[[LocalNode, Run], None]
) -> None:
    at(london, 24)
    look(london)
    otherwise(london, run)
    for hours in (20, 2, 1):
        at(london, hours)
        assert look(london) == []


def test_a_date_that_is_on_again_after_it_was_off_is_searched_for_anew(
    london: LocalNode, run: Run, ben: Person
) -> None:
    at(london, 24)
    assert look(london) == ["cover to Ada", "cover to Ben"]
    cancel(london, run)
    at(london, 20)
    assert look(london) == []
    undo(london, run)
    assert look(london) == ["cover to Ada", "cover to Ben"]
    assert look(london) == []


def test_whoever_was_to_lead_is_still_to_lead_once_the_date_is_on_again(
    london: LocalNode, run: Run, ben: Person
) -> None:
    with london.session() as session:
        rota.add_rule(session, run.id, "lead", ben.id, "turns")
    at(london, 24)
    cancel(london, run)
    look(london)
    undo(london, run)
    look(london)
    with london.session() as session:
        found = rota.Rota(session, session.get_one(Run, run.id))
        view = dates.require_date(session, session.get_one(Run, run.id), THURSDAY, london.clock())
        assert found.on(view).lead.person is not None
        assert found.on(view).lead.person.id == ben.id


def test_a_promise_that_ends_by_a_move_lets_everybody_be_asked_for_the_new_hour(
    london: LocalNode, run: Run, ben: Person
) -> None:
    promise(london, run, ben, saw=mark(london, run))
    at(london, 10)
    assert look(london) == []
    move(london, run, "2026-06-04T19:30")
    assert look(london) == ["cover to Ada", "cover to Ben"]
    letter = next(one for one in sent(london) if one["Subject"].startswith("Can"))
    assert letter["Subject"] == "Can you lead on Thursday 4 June, 19:30?"


def test_a_date_that_was_asked_for_and_then_moved_by_days_is_asked_for_again(
    london: LocalNode, run: Run, ben: Person
) -> None:
    at(london, 24)
    assert len(look(london)) == 2
    move(london, run, "2026-06-08T18:30")
    assert look(london) == []
    london.clock.now = datetime(2026, 6, 7, 17, 30, tzinfo=UTC)
    assert look(london) == ["cover to Ada", "cover to Ben"]


def test_an_undone_promise_lets_everybody_be_asked_within_a_minute_and_alarmed_within_the_hour(
    london: LocalNode, run: Run, ben: Person
) -> None:
    promise(london, run, ben, saw=mark(london, run))
    at(london, 6)
    undo(london, run)
    assert look(london) == ["cover to Ada", "cover to Ben"]
    london.clock.tick(minutes=59)
    assert look(london) == []
    london.clock.tick(minutes=1)
    assert look(london) == ["alarm to Ada", "alarm to Ben"]


def test_who_drops_out_in_the_last_hour_leaves_no_hour_to_the_alarm(london: LocalNode, run: Run, kim: Person) -> None:
    promise(london, run, kim, saw=mark(london, run))
    at(london, 0, minutes=-40)
    drop_out(london, run, kim, "My train stands still")
    assert told(london, waiting(london)) == ["dropped_out to Ada", "dropped_out to Ben"]
    assert look(london) == []
    at(london, 0, minutes=-20)
    assert look(london) == ["alarm to Ada", "alarm to Ben", "alarm to Kim"]


def test_who_drops_out_early_lets_the_others_be_asked_in_good_time(london: LocalNode, run: Run, kim: Person) -> None:
    promise(london, run, kim, saw=mark(london, run))
    at(london, 30)
    drop_out(london, run, kim)
    assert look(london) == []
    at(london, 24)
    assert look(london) == ["cover to Ada", "cover to Ben"]


def test_a_lead_who_took_over_and_drops_out_again_lets_everybody_be_asked_again(
    london: LocalNode, run: Run, kim: Person, ben: Person
) -> None:
    for hours, lead, others in ((10, kim, ["Ada", "Ben"]), (8, ben, ["Ada", "Kim"])):
        at(london, hours)
        look(london)
        promise(london, run, lead, saw=mark(london, run))
        london.clock.tick(minutes=1)
        drop_out(london, run, lead)
        assert told(london, waiting(london))[-2:] == [f"dropped_out to {one}" for one in others]
