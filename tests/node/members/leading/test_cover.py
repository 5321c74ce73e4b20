"""Nobody has promised: the other leads are asked, then all, in time and once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import event

from node.chapter import dates, leads
from node.members.leading import cover, promises
from node.models import Duty, Person, Run

from ....support.full_disk import full_disk
from ....support.leads import add_lead, drop_out, look, promise, told, waiting
from ....support.members.letters import sent, text_of
from ....support.network import LocalNode, a_run
from ....support.taps import THURSDAY, cancel, confirm, undo

#: Thursday at 18:30 in London's summer.
STARTS = datetime(2026, 6, 4, 17, 30, tzinfo=UTC)


@pytest.fixture
def kim(london: LocalNode, ben: Person) -> Person:
    return add_lead(london, "Kim")


def at(node: LocalNode, before: float, minutes: float = 0) -> None:
    """Set the clock to so many hours before the start, and minutes after that."""
    node.clock.now = STARTS - timedelta(hours=before) + timedelta(minutes=minutes)


@pytest.fixture(autouse=True)
def after_monday(london: LocalNode) -> None:
    """Monday's letter has a test of its own."""
    at(london, 40)


def test_nobody_is_asked_until_a_day_before(london: LocalNode, run: Run, ben: Person) -> None:
    at(london, 24, minutes=-1)
    assert look(london) == []
    at(london, 24)
    assert look(london) == ["cover to Ada", "cover to Ben"]


def test_the_whole_search_in_order_and_once_each(london: LocalNode, run: Run, kim: Person) -> None:
    seen: list[tuple[str, str]] = []
    minute = STARTS - timedelta(hours=30)
    while minute < STARTS + timedelta(hours=1):
        london.clock.now = minute
        if minute == STARTS - timedelta(hours=20):
            ada = london_lead(london, "Ada")
            assert promise(london, run, ada, saw=mark(london, run)) == "promised"
        if minute == STARTS - timedelta(hours=5):
            assert drop_out(london, run, ada, "I have a cold")
            queued = told(london, waiting(london))[-2:]
            seen += [(f"{minute:%a %H:%M}", one) for one in queued]
        seen += [(f"{minute:%a %H:%M}", one) for one in look(london)]
        minute += timedelta(minutes=5)
    everybody = ("Ada", "Ben", "Kim")
    assert seen == [
        *(("Wed 17:30", f"cover to {one}") for one in everybody),
        *(("Thu 12:30", f"dropped_out to {one}") for one in ("Ben", "Kim")),
        *(("Thu 13:30", f"alarm to {one}") for one in everybody),
        *(("Thu 15:30", f"alarm to {one}") for one in everybody),
    ]


def mailed(node: LocalNode, *names: str) -> list[EmailMessage]:
    """The letters that go out now, one to each of those leads and to nobody else."""
    found = {str(letter["To"]).partition("@")[0]: letter for letter in sent(node)}
    assert found.keys() == set(names)
    return [found[name] for name in names]


def london_lead(node: LocalNode, name: str) -> Person:
    with node.session() as session:
        found = next(one for one in leads.all_leads(session) if one.first_name == name)
        session.expunge(found)
        return found


def mark(node: LocalNode, run: Run, day: date = THURSDAY) -> str:
    with node.session() as session:
        return dates.require_date(session, session.get_one(Run, run.id), day, node.clock()).mark


def test_whoever_is_asked_reads_what_is_true_when_the_letter_goes_out(london: LocalNode, run: Run, ben: Person) -> None:
    at(london, 24)
    look(london)
    first, second = mailed(london, "ada", "ben")
    assert first["Subject"] == "Can you lead on Thursday 4 June, 18:30?"
    assert "No lead has confirmed yet for Thursday evening run: Thursday 4 June, 18:30, The Monument." in (
        text_of(first).replace("\n", " ")
    )
    assert f"{london.settings.base_url}/tap/there/{ben.id}/{run.id}/2026-06-04/" in text_of(second)


def test_the_line_to_the_others_is_in_their_letter(london: LocalNode, run: Run, ben: Person) -> None:
    promise(london, run, ben, saw=mark(london, run))
    at(london, 6)
    drop_out(london, run, ben, "I have a cold. Ring me on 07700 900123")
    (letter,) = sent(london)
    assert letter["To"] == "ada@example.org"
    assert "Ben can’t make it to Thursday evening run, Thursday 4 June, 18:30." in text_of(letter).replace("\n", " ")
    assert "“I have a cold. Ring me on 07700 900123”" in text_of(letter)


def test_leads_who_are_away_are_not_asked_but_they_are_alarmed(london: LocalNode, run: Run, ben: Person) -> None:
    with london.session() as session:
        promises.go_on_holiday(session, london.settings, ben.id, THURSDAY, date(2026, 6, 20), london.clock())
    at(london, 24)
    assert look(london) == ["cover to Ada"]
    at(london, 2)
    assert look(london) == ["alarm to Ada", "alarm to Ben"]


def test_if_everybody_is_away_everybody_is_asked(london: LocalNode, run: Run, ada: Person) -> None:
    with london.session() as session:
        promises.go_on_holiday(session, london.settings, ada.id, THURSDAY, date(2026, 6, 20), london.clock())
    at(london, 24)
    assert look(london) == ["cover to Ada"]


def test_days_off_open_what_was_promised_and_the_others_are_asked(london: LocalNode, run: Run, ben: Person) -> None:
    promise(london, run, ben, saw=mark(london, run))
    at(london, 12)
    with london.session() as session:
        opened = promises.go_on_holiday(session, london.settings, ben.id, THURSDAY, date(2026, 6, 20), london.clock())
    assert opened == 1
    assert state(london, run) == "unconfirmed"
    assert look(london) == ["cover to Ada"]


def state(node: LocalNode, run: Run, day: date = THURSDAY) -> str:
    with node.session() as session:
        return dates.require_date(session, session.get_one(Run, run.id), day, node.clock()).state


def test_a_lead_who_is_gone_by_whatever_way_promises_nothing(london: LocalNode, run: Run, ben: Person) -> None:
    promise(london, run, ben, saw=mark(london, run))
    at(london, 12)
    with london.session() as session:
        session.delete(session.get_one(Person, ben.id))
        session.commit()
    assert look(london) == ["cover to Ada"]
    assert state(london, run) == "unconfirmed"


def test_a_lead_who_is_a_member_now_promises_nothing(london: LocalNode, run: Run, ben: Person) -> None:
    promise(london, run, ben, saw=mark(london, run))
    at(london, 12)
    with london.session() as session:
        session.get_one(Person, ben.id).role = "member"
        session.commit()
    assert look(london) == ["cover to Ada"]
    assert state(london, run) == "unconfirmed"


def test_each_run_has_its_own_hours(london: LocalNode, ben: Person) -> None:
    run = london.announce(a_run(cover_hours=48, warn_hours=6))
    london.clock.now = STARTS - timedelta(hours=48)
    assert [one for one in look(london) if "week" not in one] == ["cover to Ada", "cover to Ben"]
    at(london, 6, minutes=-1)
    assert look(london) == []
    at(london, 6)
    assert look(london) == ["alarm to Ada", "alarm to Ben"]
    assert run.cover_hours == 48


def test_a_node_that_was_down_sends_only_what_is_still_of_use(london: LocalNode, run: Run, ada: Person) -> None:
    at(london, 1)
    assert look(london) == ["alarm to Ada"]
    at(london, -1)
    assert look(london) == []


def test_nobody_is_asked_once_it_has_begun(london: LocalNode, run: Run, ada: Person) -> None:
    at(london, 0)
    assert look(london) == []


def test_a_node_without_mail_asks_nobody_and_keeps_what_it_knows(london: LocalNode, run: Run, ada: Person) -> None:
    promise(london, run, ada, saw=mark(london, run))
    at(london, 12)
    undo(london, run)
    with london.session() as session:
        cover.look(session, replace(london.settings, mail=""), london.clock())
    assert waiting(london) == []
    with london.session() as session:
        assert session.get_one(Duty, (run.id, THURSDAY, "lead")).promised_at is None


@contextmanager
def failing_after(node: LocalNode, commits: int) -> Iterator[None]:
    """As if the process were killed: after so many commits no more is written."""
    left = [commits]

    def refuse(_: object) -> None:
        if left[0] == 0:
            raise Killed
        left[0] -= 1

    event.listen(node.engine, "commit", refuse)
    try:
        yield
    finally:
        event.remove(node.engine, "commit", refuse)


class Killed(BaseException):
    """The process ends here."""


def test_killed_after_any_step_and_started_again_it_does_what_is_left_and_nothing_twice(
    london: LocalNode, run: Run, kim: Person
) -> None:
    """Each look does one step more before it is killed, until one has nothing left to do."""
    other = london.announce(a_run(name="By the river", cover_hours=30))
    promise(london, run, kim, saw=mark(london, run))
    at(london, 5)
    undo(london, run)
    cancel(london, other)
    steps = 0
    for commits in range(20):
        try:
            with failing_after(london, commits):
                look(london)
            break
        except Killed:
            steps += 1
            london.clock.tick(seconds=20)
    assert steps >= 2
    assert look(london) == []
    assert sorted(told(london, waiting(london))) == ["cover to Ada", "cover to Ben", "cover to Kim"]


def test_on_a_full_disk_nothing_is_said_and_the_next_look_says_it(london: LocalNode, run: Run, ada: Person) -> None:
    at(london, 24)
    with full_disk(london):
        look(london)
    assert waiting(london) == []
    assert look(london) == ["cover to Ada"]


def test_a_night_with_one_hour_twice_asks_once(london: LocalNode, ada: Person) -> None:
    """On 25 October the hour from one to two comes twice in London."""
    london.clock.now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    london.announce(a_run(starts_on=date(2026, 10, 26), starts_at=time(1, 30), cover_hours=24))
    seen = []
    for _ in range(80):
        seen += [(london.clock().isoformat()[5:16], one) for one in look(london) if "week" not in one]
        london.clock.tick(minutes=30)
    assert seen == [("10-25T01:30", "cover to Ada"), ("10-25T23:30", "alarm to Ada")]


def test_a_run_in_the_hour_that_comes_twice_is_counted_from_its_instant(london: LocalNode, ada: Person) -> None:
    london.clock.now = datetime(2026, 10, 23, 12, tzinfo=UTC)
    london.announce(a_run(starts_on=date(2026, 10, 25), starts_at=time(2, 30)))
    seen = []
    for _ in range(96):
        seen += [(london.clock().isoformat()[5:16], one) for one in look(london)]
        london.clock.tick(minutes=30)
    assert seen == [("10-24T02:30", "cover to Ada"), ("10-25T00:30", "alarm to Ada")]


def test_a_promise_that_this_node_does_not_know_the_lead_of_is_a_promise(
    london: LocalNode, run: Run, ada: Person
) -> None:
    confirm(london, run)
    at(london, 10)
    assert look(london) == []
