"""Fills the tables of those who come: somebody each week, somebody who stands and finds nobody, and what they read."""

import io
from datetime import timedelta

from PIL import Image
from sqlalchemy import select

from node.chapter import dates
from node.inbox import answers, messages
from node.members import coming, first_time
from node.members.comers import calls, emergency
from node.members.coming import Given
from node.members.leading import promises
from node.models import Coming, Message, Run

from ..support.network import LocalNode, a_run


def fill(node: LocalNode) -> None:
    """By what comers and leads do around a run that begins in half an hour."""
    settings, now = node.settings, node.clock.tick(seconds=1)
    starts = (now + timedelta(minutes=90)).replace(second=0)  # 30 minutes ahead by the clocks of London
    run = node.announce(a_run(name="Lunch walk", starts_on=starts.date(), starts_at=starts.time().replace(tzinfo=None)))
    lead = node.add_lead("Sam")
    given = Given(
        name="Ada", message="I walk slowly", emergency="Jo 07700 900123", email="ada@example.org", first_time=True,
        every_week=True, agreed={"reminders": "We write only to remind you."},
    )  # fmt: skip
    with node.session() as session:
        token = coming.say(session, settings, run.id, starts.date(), given, now, "f" * 22)
        coming.stay_away(session, settings, token, starts.date() + timedelta(days=7), now)
        coming.come_after_all(session, settings, token, starts.date(), now)
        calls.call(session, settings, token, starts.date(), now)
        promises.promise(session, settings, run.id, starts.date(), lead.id, now)
        row = session.get_one(Run, run.id)
        view = dates.find(session, row, starts.date(), now)
        assert view is not None
        emergency.open_contact(session, settings, session.scalars(select(Coming.id)).one(), row, view, lead, now)
        first_time.write(session, run.id, "From the station turn left.", now)
        first_time.add_photo(session, run.id, _photo(), "The steps", now)
        report = messages.Written("report", "The café has closed.", "robin@example.org", run.id)
        messages.send(session, settings, report, now, "m" * 22)
        answers.answer(session, settings, session.scalars(select(Message.id)).one(), lead.id, "", "mended", now)


def _photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(made, "JPEG")
    return made.getvalue()
