"""A program that makes comers up locks nobody out, and leads take them off the list; nobody real is left believing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from node.database import writing
from node.errors import InvalidInput, NotFound
from node.members import coming, export
from node.members.comers import calls, clearing, room
from node.members.coming import Given
from node.models import Coming, Run

from ...support.network import LocalNode, a_run
from ...support.taps import THURSDAY, cancel
from .comers.test_news import at, kinds
from .test_coming import comers


@pytest.fixture(autouse=True)
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 8)
    monkeypatch.setattr(room, "SHARE", 2)
    monkeypatch.setattr(room, "SAME_ADDRESS", 3)


def say(node: LocalNode, run: Run, from_here: int = 0, **given: Any) -> str:
    with node.session() as session:
        wanted = Given(**given)
        return coming.say(session, node.settings, run.id, THURSDAY, wanted, node.clock(), from_here=from_here)


def flood(node: LocalNode, run: Run, most: int = 20, **given: Any) -> list[str]:
    """One network says it until it may not any more. The private links."""
    made: list[str] = []
    for number in range(most):
        try:
            made.append(say(node, run, number, **{name: text.format(number) for name, text in given.items()}))
        except InvalidInput:
            break
    return made


def confirm_all(node: LocalNode) -> None:
    with node.session() as session, writing(session):
        session.execute(update(Coming).where(Coming.email.is_not(None)).values(email_confirmed_at=node.clock()))


def cleared(node: LocalNode, token: str) -> bool:
    with node.session() as session:
        return coming.find(session, node.settings, token, node.clock()).cleared_at is not None


def clear(node: LocalNode, run: Run, span: timedelta = timedelta(hours=1)) -> None:
    with node.session() as session:
        clearing.clear(session, run.id, node.clock() - span, node.clock(), node.clock())


def remove(node: LocalNode, run: Run) -> None:
    with node.session() as session:
        clearing.remove(session, run.id, session.scalars(select(Coming.id)).one(), node.clock())


def say_again(node: LocalNode, token: str, from_here: int = 0) -> None:
    with node.session() as session:
        clearing.say_again(session, node.settings, token, node.clock(), from_here)


def test_a_flood_from_one_network_leaves_room_for_the_others(london: LocalNode, run: Run) -> None:
    assert len(flood(london, run)) == 4
    say(london, run, from_here=0)
    say(london, run, from_here=1)
    with pytest.raises(InvalidInput):
        say(london, run, from_here=2)


def test_a_flood_without_addresses_from_many_networks_leaves_room_for_whoever_leaves_one(
    london: LocalNode, run: Run
) -> None:
    for _ in range(8):
        say(london, run)
    with pytest.raises(InvalidInput):
        say(london, run)
    say(london, run, email="ada@example.org")


def test_a_confirmed_address_takes_no_room(london: LocalNode, run: Run) -> None:
    for number in range(8):
        say(london, run, email=f"{number}@example.org")
    with pytest.raises(InvalidInput):
        say(london, run, email="ada@example.org")
    confirm_all(london)
    say(london, run, email="ada@example.org")


def test_one_confirmed_mailbox_makes_no_room_for_a_flood(london: LocalNode, run: Run) -> None:
    for _ in range(3):
        say(london, run, email="ada@example.org")
        confirm_all(london)
    with pytest.raises(InvalidInput):
        say(london, run, email="ada@example.org")


def test_whoever_left_nothing_within_the_window_is_off_the_list_and_makes_room(london: LocalNode, run: Run) -> None:
    before = say(london, run)
    london.clock.tick(hours=2)
    given: list[dict[str, Any]] = [{"name": "Ada"}, {"message": "Hello"}, {"emergency": "Jo"}]
    left = [say(london, run, **one) for one in given]
    made_up = flood(london, run, 3, email="{}@example.org")
    clear(london, run)
    assert [cleared(london, one) for one in (before, *left)] == 4 * [False]
    assert [cleared(london, one) for one in made_up] == 3 * [True]
    assert len(comers(london, run)) == 4


def test_whoever_says_so_after_the_page_was_drawn_stays(london: LocalNode, run: Run) -> None:
    until = london.clock()
    london.clock.tick(minutes=1)
    late = say(london, run)
    with london.session() as session:
        clearing.clear(session, run.id, until - timedelta(hours=1), until, london.clock())
    assert not cleared(london, late)


def test_a_confirmed_address_and_another_run_are_not_cleared(london: LocalNode, run: Run) -> None:
    other = london.announce(a_run(name="By the river"))
    tokens = [say(london, run, email="ada@example.org"), say(london, other)]
    confirm_all(london)
    clear(london, run)
    assert [cleared(london, one) for one in tokens] == [False, False]


def test_the_windows_that_a_lead_can_choose_grow(london: LocalNode, run: Run) -> None:
    say(london, run)
    first = london.clock()
    london.clock.tick(hours=3)
    flood(london, run, 3)
    with london.session() as session:
        found = clearing.windows(session, run.id, london.clock())
    assert [(one.since, one.count) for one in found] == [(london.clock(), 3), (first, 4)]


def test_one_comer_is_taken_off_and_says_again_that_they_come(london: LocalNode, run: Run) -> None:
    token = say(london, run, name="Ada")
    remove(london, run)
    assert (comers(london, run), cleared(london, token)) == ([], True)
    say_again(london, token)
    assert [one.name for one in comers(london, run)] == ["Ada"]


def test_the_links_of_a_cleared_flood_fill_the_list_no_further_than_its_forms(london: LocalNode, run: Run) -> None:
    made = flood(london, run)
    clear(london, run)
    for _ in range(4):
        say(london, run)
    with pytest.raises(InvalidInput):
        say_again(london, made[0], from_here=4)
    say_again(london, made[0], from_here=0)


def test_nobody_is_taken_off_another_runs_list(london: LocalNode, run: Run) -> None:
    say(london, run)
    other = london.announce(a_run(name="By the river"))
    with pytest.raises(NotFound):
        remove(london, other)


def test_whoever_was_cleared_and_stands_at_the_meeting_point_is_on_the_list_again(london: LocalNode, run: Run) -> None:
    token = say(london, run)
    clear(london, run)
    at(london, "2026-06-04 17:20")
    with london.session() as session:
        calls.call(session, london.settings, token, THURSDAY, london.clock())
    assert [one.cannot_find is not None for one in comers(london, run)] == [True]


def test_whoever_was_taken_off_by_mistake_still_hears_of_a_cancellation(london: LocalNode, run: Run) -> None:
    say(london, run, email="ada@example.org")
    confirm_all(london)
    remove(london, run)
    cancel(london, run)
    assert kinds(london) == ["cancelled"]


def test_a_weekly_comer_who_was_cleared_is_deleted_after_four_weeks(london: LocalNode, run: Run) -> None:
    token = say(london, run, every_week=True)
    clear(london, run)
    london.clock.tick(days=27)
    assert cleared(london, token)
    london.clock.tick(days=2)
    with london.session() as session, writing(session) as transaction:
        coming.sweep(transaction, london.settings, london.clock())
        assert session.scalars(select(Coming)).all() == []


def test_the_export_says_when_they_were_taken_off(london: LocalNode, run: Run) -> None:
    token = say(london, run)
    clear(london, run)
    with london.session() as session:
        found = export.of_coming(session, london.settings, coming.find(session, london.settings, token, london.clock()))
    assert found["taken_off_the_list"] == london.clock().isoformat()
