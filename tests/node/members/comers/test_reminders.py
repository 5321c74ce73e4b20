"""Reminders and alarms of a date come in time, once, and only while they are true."""

from datetime import UTC, date, datetime

from sqlalchemy import select

from node import jobs
from node.database import writing
from node.members import coming
from node.members.coming import Given
from node.models import Coming, Run

from ....support.network import LONDON, LocalFederation, LocalNode, a_run
from ....support.taps import THURSDAY, cancel, confirm, move, undo
from .test_news import at, kinds, minute, say, subjects


def test_each_thing_is_told_once_however_often_the_job_runs(london: LocalNode, run: Run) -> None:
    say(london, run)
    for _ in range(3):
        minute(london)
    cancel(london, run)
    for _ in range(3):
        minute(london)
    undo(london, run)
    for _ in range(3):
        minute(london)
    cancel(london, run)
    for _ in range(3):
        minute(london)
    assert [one.partition(":")[0] for one in subjects(london)] == ["Cancelled", "On after all", "Cancelled"]


def test_a_moved_date_is_reminded_of_only_after_a_new_yes(london: LocalNode, run: Run) -> None:
    token = say(london, run)
    move(london, run, "2026-06-04T19:15")
    at(london, "2026-06-03T19:00")
    assert subjects(london) == ["Moved: Thursday 4 June, 19:15"]
    with london.session() as session:
        coming.come_after_all(session, london.settings, token, THURSDAY, london.clock())
    minute(london)
    assert subjects(london)[1:] == ["Thursday 4 June, 19:15"]


def test_a_reminder_comes_a_day_before_and_once(london: LocalNode, run: Run) -> None:
    say(london, run)
    at(london, "2026-06-03T17:00")
    assert subjects(london) == []
    at(london, "2026-06-03T17:31")
    at(london, "2026-06-03T18:31")
    assert subjects(london) == ["Thursday 4 June, 18:30"]


def test_a_restart_in_the_doubled_hour_reminds_nobody_twice(london: LocalNode) -> None:
    """The clocks go back on 25 October: 01:30 comes twice."""
    run = london.announce(a_run(starts_on=date(2026, 10, 26)))
    london.clock.now = datetime(2026, 10, 20, tzinfo=UTC)
    with london.session() as session:
        coming.say(session, london.settings, run.id, date(2026, 10, 26), Given(email="ada@example.org"), london.clock())
    with london.session() as session, writing(session):
        session.scalars(select(Coming)).one().email_confirmed_at = london.clock()
    for text in ("2026-10-25T18:29", "2026-10-25T18:31", "2026-10-25T18:31"):
        at(london, text)
        london.restarted()
    assert subjects(london) == ["Monday 26 October, 18:30"]


def test_no_reminder_of_a_date_that_was_cancelled_after_it_was_planned(london: LocalNode, run: Run) -> None:
    say(london, run)
    london.clock.now = datetime(2026, 6, 3, 17, 31, tzinfo=UTC)
    jobs.tell(london.handle)
    assert kinds(london) == ["reminder"]
    cancel(london, run)
    minute(london)
    assert subjects(london) == ["Cancelled: Thursday 4 June, 18:30"]


def test_no_reminder_of_a_date_that_moved_after_it_was_planned(london: LocalNode, run: Run) -> None:
    say(london, run)
    london.clock.now = datetime(2026, 6, 3, 17, 31, tzinfo=UTC)
    jobs.tell(london.handle)
    move(london, run, "2026-06-04T20:15")
    minute(london)
    assert subjects(london) == ["Moved: Thursday 4 June, 20:15"]


def test_whoever_comes_is_told_two_hours_before_that_nobody_has_promised(london: LocalNode, run: Run) -> None:
    say(london, run)
    at(london, "2026-06-04T15:29")
    at(london, "2026-06-04T15:31")
    minute(london)
    assert subjects(london) == ["Thursday 4 June, 18:30", "Not confirmed: Thursday 4 June, 18:30"]
    confirm(london, run)
    minute(london)
    assert subjects(london)[2:] == ["On after all: Thursday 4 June, 18:30"]
    minute(london)
    assert len(subjects(london)) == 3


def test_nobody_is_alarmed_of_a_date_that_a_lead_has_promised(london: LocalNode, run: Run) -> None:
    say(london, run)
    confirm(london, run)
    at(london, "2026-06-04T15:31")
    at(london, "2026-06-04T17:45")
    assert subjects(london) == ["Thursday 4 June, 18:30"]


def test_a_pause_by_hq_is_told_by_the_job(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    say(london, run)
    federation.set_status(london, "paused")
    federation.settle()
    minute(london)
    assert subjects(london) == ["Cancelled: Thursday 4 June, 18:30"]
    federation.set_status(london, "active")
    federation.settle()
    minute(london)
    assert subjects(london)[1:] == ["On after all: Thursday 4 June, 18:30"]
