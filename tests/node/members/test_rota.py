"""Whose turn it is: the order, the nth of the month, days off, and what is said of one date."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from node.chapter import dates
from node.database import writing
from node.errors import InvalidInput
from node.members.leading import promises, rota
from node.members.leading.rota import Rota
from node.models import Duty, Holiday, Person, Run

from ...support.network import LocalNode, a_run

THURSDAYS = [date(2026, 6, 4) + timedelta(weeks=week) for week in range(8)]


@pytest.fixture
def names(london: LocalNode) -> dict[str, Person]:
    return {name: london.add_lead(name) for name in ("Ada", "Ben", "Kim")}


def add(node: LocalNode, run: Run, person: Person, which: str = "turns", duty: str = "lead") -> None:
    with node.session() as session:
        rota.add_rule(session, run.id, duty, person.id, which)


def turns(node: LocalNode, run: Run, duty: str = "lead") -> list[str]:
    """Whose turn each of the coming dates is; a dash for an open one."""
    with node.session() as session:
        found = session.get_one(Run, run.id)
        planned = Rota(session, found)
        people = [planned.on(view).of(duty).person for view in dates.coming(session, found, node.clock())]
        return [person.first_name if person else "-" for person in people]


def test_without_a_rule_every_date_is_open(london: LocalNode, run: Run, names: dict[str, Person]) -> None:
    assert turns(london, run) == ["-"] * 8


def test_turns_go_round_in_the_order_in_which_they_were_added(
    london: LocalNode, run: Run, names: dict[str, Person]
) -> None:
    for name in ("Ada", "Ben", "Kim"):
        add(london, run, names[name])
    found = turns(london, run)
    assert set(found[:3]) == {"Ada", "Ben", "Kim"}
    assert found[3:6] == found[:3]
    order = ["Ada", "Ben", "Kim"]
    assert all(order.index(two) == (order.index(one) + 1) % 3 for one, two in pairwise(found))


@pytest.mark.parametrize("repeats", ["fortnightly", "monthly"])
def test_turns_go_round_whatever_the_rule(london: LocalNode, names: dict[str, Person], repeats: str) -> None:
    run = london.announce(a_run(repeats=repeats))
    add(london, run, names["Ada"])
    add(london, run, names["Ben"])
    found = turns(london, run)
    assert len(found) >= 2
    assert all(one != two for one, two in pairwise(found))


def test_the_first_thursday_is_sams_and_the_last_is_kims(london: LocalNode, run: Run, names: dict[str, Person]) -> None:
    add(london, run, names["Ben"])
    add(london, run, names["Ada"], "1")
    add(london, run, names["Kim"], "-1")
    assert turns(london, run) == ["Ada", "Ben", "Ben", "Kim", "Ada", "Ben", "Ben", "Ben"]


def test_whoever_is_away_is_passed_over_and_the_turn_after_stays(
    london: LocalNode, run: Run, names: dict[str, Person]
) -> None:
    for name in ("Ada", "Ben", "Kim"):
        add(london, run, names[name])
    before = turns(london, run)
    second = next(person for name, person in names.items() if name == before[1])
    with london.session() as session:
        promises.go_on_holiday(
            session, london.settings, second.id, THURSDAYS[1], THURSDAYS[1] + timedelta(days=1), london.clock()
        )
    after = turns(london, run)
    assert after[1] == before[2]
    assert after[:1] + after[2:] == before[:1] + before[2:]


def test_if_everybody_is_away_the_date_is_open(london: LocalNode, run: Run, names: dict[str, Person]) -> None:
    add(london, run, names["Ada"])
    with london.session() as session:
        promises.go_on_holiday(session, london.settings, names["Ada"].id, THURSDAYS[0], THURSDAYS[2], london.clock())
    assert turns(london, run)[:3] == ["-", "-", "Ada"]


def test_who_promises_a_date_in_days_off_is_down_for_it(london: LocalNode, run: Run, names: dict[str, Person]) -> None:
    ada = names["Ada"]
    with london.session() as session:
        promises.go_on_holiday(session, london.settings, ada.id, THURSDAYS[0], THURSDAYS[2], london.clock())
        view = dates.require_date(session, session.get_one(Run, run.id), THURSDAYS[0], london.clock())
        promises.promise(session, london.settings, run.id, THURSDAYS[0], ada.id, london.clock(), saw=view.mark)
    assert turns(london, run)[:2] == ["Ada", "-"]


def test_the_same_rule_twice_is_one(london: LocalNode, run: Run, names: dict[str, Person]) -> None:
    for _ in range(2):
        add(london, run, names["Ada"])
    with london.session() as session:
        assert len(rota.rules_of(session, run.id)) == 1
        rota.everybody_takes_turns(session, run.id)
        assert len(rota.rules_of(session, run.id)) == 3


@pytest.mark.parametrize(
    ("duty", "which", "wrong"), [("cook", "turns", "duty"), ("lead", "6", "dates"), ("lead", "", "dates")]
)
def test_a_rule_that_is_none_is_refused(
    london: LocalNode, run: Run, names: dict[str, Person], duty: str, which: str, wrong: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        add(london, run, names["Ada"], which, duty)
    assert refused.value.problems == {wrong: "not_found"}


def test_a_member_takes_no_turn(london: LocalNode, run: Run) -> None:
    with pytest.raises(InvalidInput):
        add(london, run, london.add_lead("Mo", "member"))


@pytest.mark.parametrize(
    ("since", "back_on", "wrong"),
    [
        (date(2026, 5, 31), date(2026, 6, 9), {"since": "range"}),
        (date(2026, 6, 9), date(2026, 6, 9), {"back_on": "before_start"}),
        (date(2026, 6, 9), date(2028, 6, 9), {"back_on": "range"}),
        (date(2030, 6, 9), date(2030, 6, 10), {"since": "range"}),
    ],
)
def test_days_off_that_cannot_be_are_refused(
    london: LocalNode, names: dict[str, Person], since: date, back_on: date, wrong: dict[str, str]
) -> None:
    with london.session() as session, pytest.raises(InvalidInput) as refused:
        promises.go_on_holiday(session, london.settings, names["Ada"].id, since, back_on, london.clock())
    assert refused.value.problems == wrong


@pytest.fixture
def long_ago(london: LocalNode, run: Run, names: dict[str, Person]) -> None:
    with london.session() as session, writing(session) as transaction:
        transaction.add(Duty(run_id=run.id, day=THURSDAYS[0], duty="lead", person_id=names["Ada"].id, line="ill"))
        day = date(2026, 6, 2)
        transaction.add(Holiday(person_id=names["Ada"].id, first_day=day, last_day=day))


def test_who_did_what_is_deleted_three_weeks_later_and_days_off_when_they_are_over(
    london: LocalNode, long_ago: None
) -> None:
    for days, left in ((20, (1, 0)), (22, (0, 0))):
        now = datetime(2026, 6, 4, tzinfo=UTC) + timedelta(days=days)
        with london.session() as session:
            with writing(session) as transaction:
                rota.sweep(transaction, now)
            assert (session.query(Duty).count(), session.query(Holiday).count()) == left
