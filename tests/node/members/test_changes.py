"""Whoever has said "I'll be there" is told once the date is off, moves, or is on again: no lead stands there alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from node.chapter import runs, series
from node.members.leading import changes, promises
from node.members.leading.rota import DUTIES
from node.models import Person, Run

from ...support.full_disk import full_disk
from ...support.leads import add_lead, drop_out, look, promise, told, waiting
from ...support.members.letters import sent, text_of
from ...support.network import LocalNode
from ...support.taps import THURSDAY, cancel, confirm, move, tap, undo

STARTS = datetime(2026, 6, 4, 17, 30, tzinfo=UTC)
#: So far ahead that nothing is said of the date itself when its series changes.
FAR = date(2026, 7, 9)


@pytest.fixture(autouse=True)
def two_days_before(london: LocalNode) -> None:
    """Nobody is sought yet."""
    london.clock.now = STARTS - timedelta(hours=40)


def queued(node: LocalNode) -> list[str]:
    return told(node, waiting(node))


def edit(node: LocalNode, run: Run, **change: Any) -> None:
    """Change the series."""
    with node.session() as session:
        former = runs.input_of(runs.get(session, run.id))
        series.edit(session, node.settings, run.id, replace(former, **change), node.clock.tick(minutes=1))


def by_reader(letters: list[EmailMessage]) -> dict[str, EmailMessage]:
    return {letter["To"]: letter for letter in letters}


def test_whoever_leads_goes_last_or_welcomes_is_told_of_a_cancellation_before_anybody_else_writes(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    kim = add_lead(london, "Kim")
    add_lead(london, "Jo")
    promise(london, run, ada)
    promise(london, run, ben, duty="back-marker")
    promise(london, run, kim, duty="welcomer")
    cancel(london, run)
    assert sorted(queued(london)) == [f"duty_changed to {one}" for one in ("Ada", "Ben", "Kim")]
    letters = by_reader(sent(london))
    assert letters["ada@example.org"]["Subject"] == "Cancelled: Thursday 4 June, 18:30"
    assert "You don’t need to be there" in text_of(letters["ada@example.org"])
    assert "back-marker" in text_of(letters["ben@example.org"])


@pytest.mark.parametrize("duty", DUTIES)
@pytest.mark.parametrize("change", [{"starts_at": time(19)}, {"point_name": "Tower Hill", "lat_e4": 515098}])
def test_whoever_has_promised_a_date_far_ahead_is_told_once_of_a_change_of_the_series(
    london: LocalNode, run: Run, ada: Person, duty: str, change: dict[str, Any]
) -> None:
    promise(london, run, ada, FAR, duty=duty)
    edit(london, run, **change)
    assert queued(london) == ["duty_changed to Ada"]
    assert look(london) == []
    (letter,) = sent(london)
    assert letter["Subject"] == f"Changed: Thursday 9 July, {'19:00' if 'starts_at' in change else '18:30'}"
    assert change.get("point_name", "The Monument") in text_of(letter)


@pytest.mark.parametrize("duty", DUTIES)
def test_whoever_has_promised_a_date_far_ahead_is_told_that_its_run_has_ended(
    london: LocalNode, run: Run, ada: Person, duty: str
) -> None:
    promise(london, run, ada, FAR, duty=duty)
    tap(london, run, series.withdraw)
    assert queued(london) == ["duty_changed to Ada"]
    (letter,) = sent(london)
    assert letter["Subject"].startswith("Cancelled: Thursday 9 July")


@pytest.mark.parametrize("duty", DUTIES)
def test_whoever_has_handed_a_promise_over_is_told_that_it_is_taken(
    london: LocalNode, run: Run, ada: Person, ben: Person, duty: str
) -> None:
    promise(london, run, ada, duty=duty)
    tap(london, run, promises.hand_over, THURSDAY, duty, ada.id, ben.id)
    promise(london, run, ben, duty=duty)
    (letter,) = [one for one in sent(london) if one["To"] == "ada@example.org"]
    assert letter["Subject"] == "Taken over: Thursday 4 June, 18:30"
    assert "Ben is doing it now." in text_of(letter)


@pytest.mark.parametrize("duty", DUTIES)
def test_whoever_another_lead_takes_off_a_date_is_told(
    london: LocalNode, run: Run, ada: Person, ben: Person, duty: str
) -> None:
    promise(london, run, ada, duty=duty)
    with london.session() as session:
        promises.drop_out(session, london.settings, run.id, THURSDAY, ada.id, ben.id, "", london.clock(), duty=duty)
    (letter,) = [one for one in sent(london) if one["To"] == "ada@example.org"]
    assert letter["Subject"] == "You’re no longer down for it: Thursday 4 June, 18:30"
    assert "Another lead has said that you can’t make it." in text_of(letter)


def test_whoever_drops_out_is_not_told_that_they_have(london: LocalNode, run: Run, ada: Person, ben: Person) -> None:
    promise(london, run, ada, duty="welcomer")
    drop_out(london, run, ada, duty="welcomer")
    assert queued(london) == []


def test_each_thing_is_told_once_however_often_the_job_looks(london: LocalNode, run: Run, ada: Person) -> None:
    promise(london, run, ada, duty="back-marker")
    cancel(london, run)
    assert [look(london) for _ in range(3)] == [[], [], []]


def test_a_lead_is_told_of_a_move_though_another_one_promises_the_new_hour_at_once(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    promise(london, run, ada)
    move(london, run, "2026-06-04T19:00")
    promise(london, run, ben)
    assert queued(london) == ["duty_changed to Ada"]
    (letter,) = sent(london)
    assert letter["Subject"] == "Changed: Thursday 4 June, 19:00"
    assert "it no longer counts" in text_of(letter)


def test_whoever_moves_the_date_and_promises_it_anew_gets_no_letter(london: LocalNode, run: Run, ada: Person) -> None:
    promise(london, run, ada)
    move(london, run, "2026-06-04T19:00")
    promise(london, run, ada)
    assert sent(london) == []


def test_a_back_marker_is_told_that_the_date_is_on_again_and_off_again(
    london: LocalNode, run: Run, ada: Person
) -> None:
    promise(london, run, ada, duty="back-marker")
    seen = []
    for act in (cancel, undo, cancel):
        act(london, run)
        seen += [letter["Subject"] for letter in sent(london)]
    when = "Thursday 4 June, 18:30"
    assert seen == [f"Cancelled: {when}", f"Changed: {when}", f"Cancelled: {when}"]


def test_a_cancellation_that_is_undone_before_the_letter_went_is_not_told(
    london: LocalNode, run: Run, ada: Person
) -> None:
    promise(london, run, ada, duty="welcomer")
    cancel(london, run)
    undo(london, run)
    assert sent(london) == []


def test_a_promise_of_after_the_move_is_for_the_new_hour(london: LocalNode, run: Run, ada: Person) -> None:
    move(london, run, "2026-06-04T19:00")
    london.clock.tick(minutes=1)
    promise(london, run, ada)
    promise(london, run, ada, duty="back-marker")
    assert look(london) == []


def test_whoever_has_dropped_out_or_has_only_their_turn_is_told_nothing(
    london: LocalNode, run: Run, ada: Person
) -> None:
    confirm(london, run)
    cancel(london, run)
    assert (queued(london), look(london)) == ([], [])


def test_what_fails_here_stops_no_cancellation_and_the_job_tells_it(
    london: LocalNode, run: Run, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise(london, run, ada, duty="back-marker")
    with monkeypatch.context() as patched:
        patched.setattr(changes, "_promises", lambda *_: 1 / 0)
        cancel(london, run)
    assert queued(london) == []
    assert look(london) == ["duty_changed to Ada"]


def test_on_a_full_disk_the_job_says_nothing_and_says_it_later(
    london: LocalNode, run: Run, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise(london, run, ada)
    with monkeypatch.context() as patched:
        patched.setattr(changes, "_promises", lambda *_: 1 / 0)
        cancel(london, run)
    with full_disk(london):
        assert look(london) == []
    assert look(london) == ["duty_changed to Ada"]
