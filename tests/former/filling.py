"""Fills every table there is, by the project's own code: a chapter's database and HQ's."""

from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

from sqlalchemy import func, inspect, select, table
from sqlalchemy.orm import Session

from federation.documents import MeetingPoint
from node import models
from node.chapter import dates, leads, pauses, runs, series
from node.database import checkpoint, writing
from node.hq import admissions, contacts, people, registry
from node.hq.contacts import Contact
from node.hq.history import Actor
from node.mail import closed, letters
from node.members import run_day, sign_in
from node.members.leading import promises, rota
from node.setup import links as set_up_links
from node.setup import steps
from node.sync import restored_folder
from node.upkeep import watch

from ..support.network import BRISBANE, LONDON, PETERBOROUGH, Clock, LocalFederation, LocalNode, a_run
from . import accounts, comers

THIRD, FOURTH, FIFTH = date(2026, 6, 18), date(2026, 6, 25), date(2026, 7, 2)
#: Naive, in the run's zone.
LATER = datetime.fromisoformat("2026-06-18T19:30")
TOWER = MeetingPoint(name="Tower Hill", address="Trinity Square, London", directions="", lat_e4=515098, lon_e4=-766)


def fill(folder: Path) -> dict[str, Path]:
    """The databases of London's node and of HQ's, each as it lies on the disk: `chapter` and `hq`."""
    federation = LocalFederation(folder, Clock())
    london = federation.add_chapter(LONDON)
    peterborough = federation.add_chapter(PETERBOROUGH)
    federation.join(federation.add_chapter(BRISBANE, admit=False), needs_a_person=True)
    peterborough.announce(a_run(name="By the river"))
    federation.clock.tick(minutes=1)
    federation.settle(1)
    _sign_twice(folder, london, peterborough)
    _let_leads_act(london)
    _queue_letters(london)
    accounts.fill(london)
    _set_up(london)
    _take_turns(london)
    _hold_a_run(london)
    _let_hq_act(federation, peterborough)
    federation.clock.tick(minutes=1)
    federation.settle(1)
    _leave_something_on_its_way(london, federation)
    comers.fill(london)
    watch.look(london.handle)
    for node in (london, federation.hq):
        checkpoint(node.engine)
    federation.close()
    return {"chapter": london.settings.database, "hq": federation.hq.settings.database}


def empty_tables(node_sessions: list[Session]) -> set[str]:
    """The tables that have a row in none of the databases."""
    empty = []
    for session in node_sessions:
        names = inspect(session.get_bind()).get_table_names()
        empty.append({name for name in names if not session.scalar(select(func.count()).select_from(table(name)))})
    return set.intersection(*empty)


def _sign_twice(folder: Path, london: LocalNode, peterborough: LocalNode) -> None:
    """Two copies of Peterborough's folder sign at the same second, and London hears both: evidence."""
    checkpoint(peterborough.engine)
    copytree(peterborough.settings.data, folder / "copy")
    copytree(peterborough.settings.members_key_file.parent, folder / "copy-keys")
    copy = LocalNode(folder / "copy", peterborough.clock, peterborough.settings.port)
    for node, name in ((peterborough, "In the park"), (copy, "On the hill")):
        node.announce(a_run(name=name))
        with node.session() as session:
            own = session.get_one(models.HeldDocument, peterborough.chapter_id)
            envelope = own.envelope
        path = f"/fed/v1/documents/{peterborough.chapter_id}"
        london.app.test_client().put(
            path, data=envelope, base_url=london.settings.base_url, content_type="application/json"
        )
    copy.close()


def _let_leads_act(london: LocalNode) -> None:
    ada, priya = london.add_lead("Ada"), london.add_lead("Priya")
    evening = london.announce(a_run(lead_id=ada.id, **_everything_said()))
    sunday = london.announce(a_run(name="Sunday walk", starts_on=date(2026, 6, 7)))
    gone = london.announce(a_run(name="Lunch run", starts_on=date(2026, 6, 3)))
    settings, now = london.settings, london.clock.tick(seconds=1)
    with london.session() as session:
        leads.set_public_name(session, settings, ada.id, True, now)
        for lead in (ada, priya):
            sign_in.use_link(session, sign_in.make_link(session, lead.id, now), "Firefox on Android", now)
            sign_in.make_link(session, lead.id, now)
        dates.confirm(session, settings, evening.id, date(2026, 6, 4), now)
        dates.cancel(session, settings, evening.id, date(2026, 6, 11), "weather", "Storm", now)
        dates.move(session, settings, evening.id, THIRD, LATER, TOWER, "The gym is shut", now)
        dates.confirm(session, settings, sunday.id, date(2026, 6, 14), now)
        dates.cancel(session, settings, sunday.id, date(2026, 6, 14), "lead", "", now)
        series.edit(session, settings, sunday.id, a_run(name="Sunday stroll", starts_on=date(2026, 6, 7)), now)
        series.withdraw(session, settings, gone.id, now)
        pauses.pause(session, settings, sunday.id, FOURTH, FIFTH, "We are at the fair", now)
        pauses.pause(session, settings, None, date(2026, 8, 1), date(2026, 8, 31), "Summer", now)


def _set_up(london: LocalNode) -> None:
    """A set-up that goes on in a folder of `rtr init`: somebody has left a step for later, and has a new link."""
    now = london.clock.tick(seconds=1)
    with london.session() as session:
        set_up_links.use(session, set_up_links.make(session, now), "Firefox on Android", now)
        steps.leave(session, "mail")
        set_up_links.make(session, now)


def _take_turns(london: LocalNode) -> None:
    """Who usually leads, who has promised, who has handed over, who has dropped out, and who is away."""
    settings, now = london.settings, london.clock.tick(seconds=1)
    with london.session() as session:
        run_id = runs.all_runs(session)[0].id
        ada, priya = leads.all_leads(session)[:2]
        rota.everybody_takes_turns(session, run_id)
        saw = dates.require_date(session, session.get_one(models.Run, run_id), THIRD, now).mark
        promises.promise(session, settings, run_id, THIRD, ada.id, now, saw=saw)
        promises.hand_over(session, settings, run_id, THIRD, "lead", ada.id, priya.id, now)
        promises.promise(session, settings, run_id, THIRD, priya.id, now, duty="welcomer")
        promises.drop_out(session, settings, run_id, THIRD, priya.id, priya.id, "A cold", now, duty="welcomer")
        promises.go_on_holiday(session, settings, priya.id, date(2026, 9, 1), date(2026, 9, 8), now)


def _hold_a_run(london: LocalNode) -> None:
    """What a lead notes of a run, and of themselves after it."""
    settings, now = london.settings, london.clock.tick(seconds=1)
    with london.session() as session:
        run_id, lead = runs.all_runs(session)[0].id, leads.all_leads(session)[0].id
        run_day.count_heads(session, settings, run_id, THIRD, 7, 7, now)
        run_day.say(session, settings, run_id, THIRD, "We stand by the sundial", lead, now)
        run_day.check_in(session, settings, lead, run_id, THIRD, "It was good to listen", now)


def _queue_letters(london: LocalNode) -> None:
    """A letter that waits for an address, and an address that takes none."""
    settings, now = london.settings, london.clock()
    with london.session() as session, writing(session) as transaction:
        letters.queue(
            transaction,
            settings,
            "cancelled",
            "a letter",
            now,
            not_after=now + timedelta(days=1),
            address="a@example.org",
        )
        closed.close(transaction, closed.index_of(settings, "b@example.org"), "stopped", now)


def _everything_said() -> dict[str, Any]:
    return {
        "facilities": ("toilets", "water"),
        "accessibility": "Step-free from the lift",
        "audience": "women",
        "minimum_age": 16,
        "younger_accompanied": True,
        "languages": ("en", "cy"),
        "photos": "ask-first",
        "bank_holidays": "ask",
        "exdates": (date(2026, 7, 9),),
        "until": date(2026, 12, 31),
        "look_for": "an orange cap",
        "bring": "Water",
        "what_happens": "We talk.",
        "public_transport": "Bank station",
        "parking": "Bike racks",
        "landmark": "Monument station",
        "landmark_distance_m": 240,
        "landmark_direction": "south",
        "text_language": "en",
        "translations": {"cy": {"look_for": "Cap oren", "directions": "Wrth droed y golofn."}},
    }


def _let_hq_act(federation: LocalFederation, peterborough: LocalNode) -> None:
    settings, now = federation.hq.settings, federation.clock()
    with federation.hq.session() as session:
        mara = people.add(session, "Mara", Actor(), now)
        people.add(session, "Sam", Actor("Mara"), now)
        sign_in.use_link(session, sign_in.make_link(session, mara.id, now), "Safari on iPhone", now)
        sign_in.make_link(session, mara.id, now)
        admissions.invite(session, settings, "Leeds, asked in May", True, now)
        reason = Actor("Mara", reason="Their lead is ill")
        registry.set_status(session, settings, peterborough.chapter_id, "paused", now, reason)
        reached = Contact("Priya", "priya@example.org", "07700 900123")
        contacts.change(session, settings, peterborough.chapter_id, reached, reason, now, Contact().mark)


def _leave_something_on_its_way(london: LocalNode, federation: LocalFederation) -> None:
    """A cancellation that one node has and one has not, a chapter that is asked for again, and a start that nobody has
    answered.
    """
    federation.wire.down.add(federation.hq.settings.base_url)
    settings, clock = london.settings, federation.clock
    with london.session() as session:
        run_id = runs.all_runs(session)[0].id
        dates.cancel(session, settings, run_id, FIFTH, "other", "", clock.tick(minutes=1))
        with writing(session):
            session.merge(models.Retry(chapter="a" * 24, since=clock()))
    federation.relay(london)
    with london.session() as session:
        restored_folder.open_question(session, settings, clock())
        dates.confirm(session, settings, run_id, date(2026, 7, 16), clock.tick(minutes=1))
