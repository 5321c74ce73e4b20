"""Whoever says "I'm coming": as little as they like, by a link that only they have, and gone when they say so."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from federation.documents import MeetingPoint
from node.chapter import dates, series
from node.database import CannotWrite, RevisionReader, writing
from node.errors import InvalidInput, NotFound
from node.input.stale_pages import StalePage
from node.members import coming
from node.members.comers import room
from node.members.coming import Comer, Given, NotOn
from node.models import Coming, DayOff, Run

from ...support.full_disk import full_disk
from ...support.network import PETERBOROUGH, Clock, LocalNode, a_run
from ...support.taps import THURSDAY, cancel, confirm, move

FORM = "f" * 22
NEXT = date(2026, 6, 11)
TOWER = MeetingPoint(name="Tower Hill", address="Trinity Square, London", directions="", lat_e4=515098, lon_e4=-766)


def say(node: LocalNode, run: Run, day: date = THURSDAY, form_id: str = "", **given: Any) -> str:
    with node.session() as session:
        return coming.say(session, node.settings, run.id, day, Given(**given), node.clock(), form_id)


def act(node: LocalNode, what: Any, token: str, *rest: Any) -> Any:
    with node.session() as session:
        return what(session, node.settings, token, *rest, node.clock())


def change(node: LocalNode, token: str, **given: Any) -> None:
    with node.session() as session:
        coming.change(session, node.settings, token, Given(**given), node.clock())


def comers(node: LocalNode, run: Run, day: date = THURSDAY) -> list[Comer]:
    with node.session() as session:
        row = session.get_one(Run, run.id)
        view = dates.find(session, row, day, node.clock())
        assert view is not None
        return coming.who_comes(session, node.settings, row, view)


def count(node: LocalNode) -> int:
    with node.session() as session:
        return session.scalar(select(func.count()).select_from(Coming)) or 0


def sweep(node: LocalNode) -> None:
    with node.session() as session, writing(session) as transaction:
        coming.sweep(transaction, node.settings, node.clock())


def test_somebody_comes_without_giving_anything(london: LocalNode, run: Run) -> None:
    say(london, run)
    (one,) = comers(london, run)
    assert (one.name, one.message, one.has_emergency, one.first_time) == ("", "", False, False)


def test_the_database_has_neither_the_link_nor_a_word_in_clear(london: LocalNode, run: Run) -> None:
    token = say(london, run, name="Canaria", message="a canary sings", emergency="Jo 07700", email="canary@example.org")
    files = b"".join(path.read_bytes() for path in london.settings.data.iterdir() if path.is_file())
    for secret in (token, "Canaria", "a canary sings", "Jo 07700", "canary@example.org"):
        assert secret.encode() not in files


def test_first_timers_come_first_and_what_they_gave_is_there(london: LocalNode, run: Run) -> None:
    say(london, run, name="Zoe")
    say(london, run, name="Ada", first_time=True, message="I walk slowly", emergency="Jo 07700 900123")
    first, second = comers(london, run)
    assert (first.name, first.message, first.has_emergency, second.name) == ("Ada", "I walk slowly", True, "Zoe")


def test_a_double_tap_is_one_comer_and_another_name_on_the_same_page_is_another(london: LocalNode, run: Run) -> None:
    assert say(london, run, form_id=FORM) == say(london, run, form_id=FORM)
    assert say(london, run, form_id=FORM, name="Kim") != say(london, run, form_id=FORM)
    assert count(london) == 2


def test_a_short_form_id_gives_nobody_another_ones_link(london: LocalNode, run: Run) -> None:
    assert say(london, run, form_id="1") != say(london, run, form_id="1")


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "../lead", "ÿ"])
def test_a_made_up_link_opens_nothing(london: LocalNode, run: Run, token: str) -> None:
    say(london, run)
    with pytest.raises(NotFound):
        act(london, coming.find, token)


def test_a_link_is_no_link_of_another_node(london: LocalNode, run: Run, tmp_path: Path, clock: Clock) -> None:
    other = LocalNode(tmp_path / "other", clock, 8109)
    other.found_chapter(PETERBOROUGH)
    token = say(other, other.announce(a_run()))
    say(london, run)
    with pytest.raises(NotFound):
        act(london, coming.find, token)
    other.close()


def test_nobody_says_it_to_a_date_that_is_off_over_or_none(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    for day in (THURSDAY, date(2026, 6, 5), date(2026, 5, 28), date(2027, 6, 3)):
        with pytest.raises(NotOn):
            say(london, run, day)
    assert count(london) == 0


def test_a_date_that_moved_since_the_page_was_drawn_is_refused(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        row = session.get_one(Run, run.id)
        view = dates.find(session, row, THURSDAY, london.clock())
        assert view is not None
        mark = coming.mark_of(row, view)
    move(london, run, "2026-06-04T19:15")
    with london.session() as session, pytest.raises(StalePage):
        coming.say(session, london.settings, run.id, THURSDAY, Given(), london.clock(), FORM, mark)


def test_what_is_too_long_or_no_address_is_refused_and_nothing_is_kept(london: LocalNode, run: Run) -> None:
    with pytest.raises(InvalidInput) as refused:
        say(london, run, name="x" * 41, message="x" * 301, email="sam at example", emergency="x" * 201)
    assert refused.value.problems == {
        "name": "too_long", "message": "too_long", "emergency": "too_long", "email": "email",
    }  # fmt: skip
    assert count(london) == 0


def test_a_run_takes_so_many_comers_and_no_more(london: LocalNode, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 2)
    say(london, run)
    say(london, run)
    with pytest.raises(InvalidInput):
        say(london, run)


def test_whoever_comes_each_week_comes_to_each_date_but_their_days_off(london: LocalNode, run: Run) -> None:
    token = say(london, run, every_week=True)
    assert len(comers(london, run)) == len(comers(london, run, NEXT)) == 1
    act(london, coming.stay_away, token, NEXT)
    assert (len(comers(london, run)), len(comers(london, run, NEXT))) == (1, 0)
    act(london, coming.come_after_all, token, NEXT)
    assert len(comers(london, run, NEXT)) == 1


def test_a_comer_is_asked_again_after_a_move_and_says_yes(london: LocalNode, run: Run) -> None:
    token, weekly = say(london, run, name="One"), say(london, run, name="Weekly", every_week=True)
    assert [one.is_asked for one in comers(london, run)] == [False, False]
    move(london, run, "2026-06-04T19:15")
    assert [one.is_asked for one in comers(london, run)] == [True, True]
    act(london, coming.come_after_all, token, THURSDAY)
    act(london, coming.come_after_all, weekly, THURSDAY)
    assert [one.is_asked for one in comers(london, run)] == [False, False]
    assert [one.is_asked for one in comers(london, run, NEXT)] == [False]


def test_a_comer_is_asked_again_when_only_the_place_moves(london: LocalNode, run: Run) -> None:
    say(london, run)
    with london.session() as session:
        dates.move(session, london.settings, run.id, THURSDAY, None, TOWER, "", london.clock())
    assert [one.is_asked for one in comers(london, run)] == [True]


def test_a_weekly_comer_is_asked_again_when_the_series_moves(london: LocalNode, run: Run) -> None:
    say(london, run, every_week=True)
    with london.session() as session:
        series.edit(session, london.settings, run.id, a_run(starts_at=time(19, 0)), london.clock())
    assert [one.is_asked for one in comers(london, run, NEXT)] == [True]


def test_a_confirmation_asks_nobody_again(london: LocalNode, run: Run) -> None:
    say(london, run)
    confirm(london, run)
    assert [one.is_asked for one in comers(london, run)] == [False]


def test_whoever_withdraws_is_gone_from_every_byte(london: LocalNode, run: Run) -> None:
    token = say(london, run, name="Canaria", email="canary@example.org", every_week=True)
    act(london, coming.stay_away, token, NEXT)
    with london.session() as session:
        row = session.scalars(select(Coming)).one()
        traces = [row.id, row.token_hash, row.email_index, row.name, row.email]
    act(london, coming.withdraw, token)
    files = b"".join(path.read_bytes() for path in london.settings.data.iterdir() if path.is_file())
    for trace in traces:
        assert trace is not None
        assert (trace if isinstance(trace, bytes) else trace.encode()) not in files
    with pytest.raises(NotFound):
        act(london, coming.find, token)


def test_an_address_and_a_contact_are_erased_alone(london: LocalNode, run: Run) -> None:
    token = say(london, run, email="canary@example.org", emergency="Jo 07700 900123", agreed={"reminders": "Words"})
    act(london, coming.forget, token, "email")
    act(london, coming.forget, token, "emergency")
    with london.session() as session:
        row = session.scalars(select(Coming)).one()
        assert (row.email, row.email_index, row.emergency) == (None, None, None)


def test_a_change_keeps_the_contact_unless_another_is_given(london: LocalNode, run: Run) -> None:
    token = say(london, run, name="Ada", emergency="Jo 07700 900123")
    change(london, token, name="Adah")
    (one,) = comers(london, run)
    assert (one.name, one.has_emergency) == ("Adah", True)


def test_a_contact_is_for_one_run_alone(london: LocalNode, run: Run) -> None:
    token = say(london, run, emergency="Jo 07700 900123", every_week=True)
    assert [one.has_emergency for one in comers(london, run, NEXT)] == [False]
    london.clock.tick(days=4)
    change(london, token, name="Ada", every_week=True)
    assert [one.has_emergency for one in comers(london, run, NEXT)] == [False]


def test_all_that_is_over_is_deleted_in_its_turn(london: LocalNode, run: Run) -> None:
    say(london, run, message="Hello", emergency="Jo 07700 900123")
    over = london.clock.now.replace(day=4, hour=18, minute=30)  # 19:30 in London
    kept = []
    for after in (timedelta(hours=23), timedelta(hours=25), timedelta(days=6, hours=23), timedelta(days=7, hours=1)):
        london.clock.now = over + after
        sweep(london)
        with london.session() as session:
            row = session.scalars(select(Coming)).first()
            kept.append(None if row is None else (row.emergency is not None, row.message is not None))
    assert kept == [(True, True), (False, True), (False, True), None]


def test_a_link_is_over_before_the_sweep_comes(london: LocalNode, run: Run) -> None:
    token = say(london, run)
    london.clock.tick(days=12)
    with pytest.raises(NotFound):
        act(london, coming.find, token)


def test_a_weekly_comer_who_is_never_heard_of_ends_after_a_year(london: LocalNode, run: Run) -> None:
    token = say(london, run, every_week=True)
    london.clock.tick(days=364)
    act(london, coming.find, token)
    london.clock.tick(days=2)
    sweep(london)
    assert count(london) == 0


def test_no_act_of_a_comer_raises_the_revision_or_publishes(london: LocalNode, run: Run) -> None:
    revision = RevisionReader(london.engine)
    before = revision()
    token = say(london, run, every_week=True)
    change(london, token, name="Ada", every_week=True)
    act(london, coming.stay_away, token, NEXT)
    act(london, coming.withdraw, token)
    assert revision() == before
    revision.close()


def test_on_a_full_disk_nothing_is_noted_and_nothing_is_lost(london: LocalNode, run: Run) -> None:
    token = say(london, run, name="Ada", every_week=True)
    with full_disk(london):
        for attempt in (
            lambda: say(london, run, name="x" * 40, message="y" * 300),
            lambda: change(london, token, name="z" * 40),
            lambda: act(london, coming.stay_away, token, NEXT),
            lambda: act(london, coming.withdraw, token),
        ):
            with pytest.raises(CannotWrite):
                attempt()
    assert [one.name for one in comers(london, run, NEXT)] == ["Ada"]


def test_a_weekly_comer_who_then_comes_once_is_asked_nothing(london: LocalNode, run: Run) -> None:
    token = say(london, run, every_week=True)
    london.clock.now = datetime(2026, 6, 6, 9, tzinfo=UTC)
    change(london, token, every_week=False)
    (one,) = comers(london, run, NEXT)
    assert not one.is_asked


def test_a_weekly_comer_who_comes_once_comes_on_the_next_date_that_is_on_and_not_a_day_off(
    london: LocalNode, run: Run
) -> None:
    token = say(london, run, every_week=True)
    act(london, coming.stay_away, token, THURSDAY)
    change(london, token, every_week=False)
    assert [len(comers(london, run, day)) for day in (THURSDAY, NEXT)] == [0, 1]


def test_who_comes_each_week_and_says_so_on_a_moved_date_is_not_asked_for_the_usual_ones(
    london: LocalNode, run: Run
) -> None:
    move(london, run, "2026-06-05T19:15")
    once = say(london, run)
    say(london, run, every_week=True)
    change(london, once, every_week=True)
    assert [one.is_asked for day in (THURSDAY, NEXT) for one in comers(london, run, day)] == [False] * 4


def test_what_was_said_of_a_date_is_kept_until_the_day_it_was_moved_to_is_over(london: LocalNode, run: Run) -> None:
    once, weekly = say(london, run), say(london, run, every_week=True)
    move(london, run, "2026-06-16T19:15")
    act(london, coming.come_after_all, once, THURSDAY)
    act(london, coming.stay_away, weekly, THURSDAY)
    london.clock.now = datetime(2026, 6, 15, 9, tzinfo=UTC)
    sweep(london)
    assert [(one.every_week, one.is_asked) for one in comers(london, run)] == [(False, False)]
    london.clock.now = datetime(2026, 6, 25, 9, tzinfo=UTC)
    sweep(london)
    with london.session() as session:
        assert session.scalar(select(func.count()).select_from(DayOff)) == 0
