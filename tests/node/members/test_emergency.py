"""Emergency contacts, and the call of somebody who cannot find the others."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from node.chapter import dates
from node.database import CannotWrite, writing
from node.errors import NotFound
from node.mail import closed, outbox
from node.members import coming, run_day
from node.members.comers import calls, emergency
from node.members.comers.calls import NotNow
from node.members.comers.emergency import MayNotOpen
from node.models import CannotFind, Coming, Duty, EmergencyOpening, Letter, Person, Run
from web.letters import renderer

from ...support.full_disk import full_disk
from ...support.leads import add_lead
from ...support.members.letters import text_of
from ...support.network import LocalNode, a_run
from ...support.taps import THURSDAY, cancel, move
from .test_coming import NEXT, TOWER, comers, say

LONDON_TIME = ZoneInfo("Europe/London")


def promise(node: LocalNode, run: Run, person: Person) -> None:
    with node.session() as session, writing(session) as transaction:
        promised = {"person_id": person.id, "promised_at": node.clock()}
        transaction.merge(Duty(run_id=run.id, day=THURSDAY, duty="lead", **promised))


def at(node: LocalNode, hour: str) -> None:
    """On the day of the run, by the clocks of London."""
    node.clock.now = datetime.fromisoformat(f"2026-06-04T{hour}+01:00").astimezone(UTC)


def opened(node: LocalNode, run: Run, person: Person) -> str:
    with node.session() as session:
        row = session.scalars(select(Coming)).one()
        mine = session.get_one(Run, run.id)
        view = dates.find(session, mine, THURSDAY, node.clock())
        assert view is not None
        return emergency.open_contact(session, node.settings, row.id, mine, view, person, node.clock())


def openings(node: LocalNode) -> list[str]:
    with node.session() as session:
        return [one.first_name for one in session.scalars(select(EmergencyOpening))]


def test_that_days_lead_opens_it_and_its_owner_sees_who(london: LocalNode, run: Run) -> None:
    sam = london.add_lead("Sam")
    promise(london, run, sam)
    say(london, run, emergency="Jo 07700 900123")
    at(london, "18:00")
    assert opened(london, run, sam) == "Jo 07700 900123"
    assert opened(london, run, sam) == "Jo 07700 900123"
    assert openings(london) == ["Sam"]


@pytest.mark.parametrize("hour", ["09:00", "15:29", "22:31", "23:59"])
def test_nobody_opens_it_at_another_hour(london: LocalNode, run: Run, hour: str) -> None:
    sam = london.add_lead("Sam")
    promise(london, run, sam)
    say(london, run, emergency="Jo 07700 900123")
    at(london, hour)
    with pytest.raises(MayNotOpen) as refused:
        opened(london, run, sam)
    assert refused.value.is_lead
    assert openings(london) == []


@pytest.mark.parametrize("hour", ["15:30", "22:30"])
def test_it_opens_from_three_hours_before_until_three_hours_after(london: LocalNode, run: Run, hour: str) -> None:
    sam = london.add_lead("Sam")
    promise(london, run, sam)
    say(london, run, emergency="Jo 07700 900123")
    at(london, hour)
    assert opened(london, run, sam) == "Jo 07700 900123"


def test_no_other_lead_opens_it(london: LocalNode, run: Run) -> None:
    promise(london, run, london.add_lead("Sam"))
    say(london, run, emergency="Jo 07700 900123")
    at(london, "18:00")
    with pytest.raises(MayNotOpen) as refused:
        opened(london, run, london.add_lead("Kim"))
    assert not refused.value.is_lead
    assert openings(london) == []


@pytest.mark.parametrize("hour", ["18:30", "22:30"])
def test_where_nobody_has_promised_whoever_leads_opens_it_once_the_run_has_begun(
    london: LocalNode, run: Run, hour: str
) -> None:
    say(london, run, emergency="Jo 07700 900123")
    at(london, hour)
    assert opened(london, run, london.add_lead("Kim")) == "Jo 07700 900123"
    assert openings(london) == ["Kim"]


@pytest.mark.parametrize("hour", ["18:29", "22:31"])
def test_where_nobody_has_promised_nobody_opens_it_before_or_long_after(london: LocalNode, run: Run, hour: str) -> None:
    say(london, run, emergency="Jo 07700 900123")
    at(london, hour)
    with pytest.raises(MayNotOpen):
        opened(london, run, london.add_lead("Kim"))
    assert openings(london) == []


def test_it_is_not_shown_where_it_cannot_be_noted_who_opened_it(london: LocalNode, run: Run) -> None:
    sam = london.add_lead("Sam")
    promise(london, run, sam)
    say(london, run, emergency="Jo 07700 900123")
    at(london, "18:00")
    with full_disk(london), pytest.raises(CannotWrite):
        opened(london, run, sam)
    assert openings(london) == []


def call(node: LocalNode, token: str) -> None:
    with node.session() as session:
        calls.call(session, node.settings, token, THURSDAY, node.clock())


def test_a_call_is_on_the_leads_list_and_in_one_letter_to_that_days_lead(london: LocalNode, run: Run) -> None:
    sam = add_lead(london, "Sam")
    add_lead(london, "Kim")
    promise(london, run, sam)
    token = say(london, run, name="Ada")
    at(london, "18:25")
    call(london, token)
    call(london, token)
    assert [one.cannot_find for one in comers(london, run)] == [london.clock()]
    with london.session() as session:
        written = session.scalars(select(Letter).where(Letter.kind == "cannot_find")).all()
        assert [(one.person_id, one.facts) for one in written] == [(sam.id, {"run": run.id, "day": "2026-06-04"})]


def mailed(node: LocalNode) -> list[str]:
    """When each letter about a call may go, by the clocks of London."""
    with node.session() as session:
        letters = session.scalars(select(Letter).where(Letter.kind == "cannot_find").order_by(Letter.id)).all()
        return [f"{one.try_at.astimezone(LONDON_TIME):%H:%M}" for one in letters]


def send(node: LocalNode) -> None:
    outbox.send_due(node.handle)


def test_whoever_still_finds_nobody_says_it_again_after_some_minutes(london: LocalNode, run: Run) -> None:
    promise(london, run, add_lead(london, "Sam"))
    token = say(london, run)
    for hour in ("18:25", "18:26", "18:30"):
        at(london, hour)
        call(london, token)
        send(london)
    assert [one.cannot_find for one in comers(london, run)] == [london.clock()]
    assert mailed(london) == ["18:25", "18:30"]


def test_once_the_lead_has_answered_a_call_is_another_one_though_no_letter_goes_so_soon(
    london: LocalNode, run: Run
) -> None:
    sam = add_lead(london, "Sam")
    promise(london, run, sam)
    token = say(london, run)
    at(london, "18:25")
    call(london, token)
    send(london)
    at(london, "18:26")
    with london.session() as session:
        run_day.say(session, london.settings, run.id, THURSDAY, "By the steps", sam.id, london.clock())
    for second in (10, 11):
        at(london, f"18:26:{second}")
        call(london, token)
    assert [f"{one.cannot_find:%M:%S}" for one in comers(london, run) if one.cannot_find] == ["26:10"]
    assert mailed(london) == ["18:25", "18:28"]


def test_a_letter_that_still_waits_tells_of_the_next_call_as_well(london: LocalNode, run: Run) -> None:
    promise(london, run, add_lead(london, "Sam"))
    token = say(london, run)
    for hour in ("18:25", "18:30", "18:40"):
        at(london, hour)
        call(london, token)
    assert mailed(london) == ["18:25"]


def test_whoever_has_found_the_others_calls_no_more(london: LocalNode, run: Run) -> None:
    token = say(london, run)
    at(london, "18:25")
    call(london, token)
    with london.session() as session:
        for _ in range(2):
            calls.end(session, london.settings, token, THURSDAY, london.clock())
    assert [one.cannot_find for one in comers(london, run)] == [None]


def test_where_nobody_has_promised_every_lead_is_called(london: LocalNode, run: Run) -> None:
    people = {london.add_lead("Sam").id, london.add_lead("Kim").id}
    token = say(london, run)
    at(london, "18:25")
    call(london, token)
    with london.session() as session:
        assert {one.person_id for one in session.scalars(select(Letter))} == people


def called(node: LocalNode) -> set[int | None]:
    with node.session() as session:
        return {one.person_id for one in session.scalars(select(Letter).where(Letter.kind == "cannot_find"))}


def test_whose_turn_it_is_has_promised_nothing_so_every_lead_is_called(london: LocalNode, run: Run) -> None:
    sam, kim = add_lead(london, "Sam"), add_lead(london, "Kim")
    with london.session() as session, writing(session) as transaction:
        transaction.add(Duty(run_id=run.id, day=THURSDAY, duty="lead", person_id=sam.id))
    token = say(london, run)
    at(london, "18:25")
    call(london, token)
    assert called(london) == {sam.id, kim.id}


@pytest.mark.parametrize("why", ["no address", "stopped", "bounced"])
def test_where_no_letter_reaches_that_days_lead_every_lead_is_called(london: LocalNode, run: Run, why: str) -> None:
    sam = london.add_lead("Sam") if why == "no address" else add_lead(london, "Sam")
    kim = add_lead(london, "Kim")
    promise(london, run, sam)
    if sam.email_index:
        with london.session() as session, writing(session) as transaction:
            closed.close(transaction, sam.email_index, "stopped" if why == "stopped" else "bounced", london.clock())
    token = say(london, run)
    at(london, "18:25")
    call(london, token)
    assert called(london) == {sam.id, kim.id}


@pytest.mark.parametrize("hour", ["17:29", "19:30"])
def test_nobody_calls_before_or_after_the_run(london: LocalNode, run: Run, hour: str) -> None:
    token = say(london, run)
    at(london, hour)
    with pytest.raises(NotNow):
        call(london, token)


def test_nobody_calls_to_a_cancelled_date_or_one_of_another_link(london: LocalNode, run: Run) -> None:
    token = say(london, run, NEXT)
    at(london, "18:25")
    with pytest.raises(NotNow):
        call(london, token)
    token = say(london, run)
    cancel(london, run)
    with pytest.raises(NotNow):
        call(london, token)


def test_a_comer_who_withdraws_leaves_no_trace_of_the_call(london: LocalNode, run: Run) -> None:
    london.add_lead("Sam")
    token = say(london, run, name="Ada")
    at(london, "18:25")
    call(london, token)
    with london.session() as session:
        coming_id = session.scalars(select(Coming.id)).one()
        coming.withdraw(session, london.settings, token, london.clock())
        assert session.scalars(select(CannotFind)).all() == []
    files = b"".join(path.read_bytes() for path in london.settings.data.iterdir() if path.is_file())
    assert coming_id.encode() not in files


def test_on_a_full_disk_nobody_is_called(london: LocalNode, run: Run) -> None:
    token = say(london, run)
    at(london, "18:25")
    with full_disk(london), pytest.raises(CannotWrite):
        call(london, token)
    assert [one.cannot_find for one in comers(london, run)] == [None]


def test_every_lead_is_called_while_nobody_has_promised_though_it_is_somebodys_turn(
    london: LocalNode, run: Run
) -> None:
    sam, kim = london.add_lead("Sam"), london.add_lead("Kim")
    with london.session() as session, writing(session) as transaction:
        transaction.merge(Duty(run_id=run.id, day=THURSDAY, duty="lead", person_id=sam.id))
    token = say(london, run)
    at(london, "18:40")
    with london.session() as session:
        calls.call(session, london.settings, token, THURSDAY, london.clock())
        written = session.scalars(select(Letter.person_id).where(Letter.kind == "cannot_find")).all()
    assert set(written) == {sam.id, kim.id}


def test_the_letter_of_a_call_names_the_place_that_the_date_was_moved_to(london: LocalNode, run: Run) -> None:
    sam = london.add_lead("Sam")
    move(london, run, "2026-06-04T18:30", point=TOWER)
    promise(london, run, sam)
    token = say(london, run)
    at(london, "18:40")
    call(london, token)
    with london.session() as session:
        letter_id = session.scalars(select(Letter.id)).one()
    written = renderer(london.app)(letter_id, "sam@example.org")
    assert written is not None
    assert "Tower Hill" in text_of(written)


def test_no_contact_is_opened_by_the_hour_of_another_run_of_that_day(london: LocalNode, run: Run) -> None:
    morning = london.announce(a_run(name="Morning run", starts_at=time(7, 0)))
    sam = london.add_lead("Sam")
    promise(london, run, sam)
    say(london, run, emergency="Jo 07700 900123")
    at(london, "07:10")
    with london.session() as session:
        row = session.scalars(select(Coming)).one()
        other = session.get_one(Run, morning.id)
        view = dates.find(session, other, THURSDAY, london.clock())
        assert view is not None
        with pytest.raises(NotFound):
            emergency.open_contact(session, london.settings, row.id, other, view, sam, london.clock())
