"""What the demo's leads have said of their runs by the time that somebody looks. Each says it by a lead's own act."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from node.chapter import dates, leads, pauses, runs, series
from node.config import Settings
from node.members.leading import promises
from node.models import Run

from .story import Happening

_LATER = timedelta(minutes=30)


def let_happen(session: Session, settings: Settings, run: Run, happening: Happening, now: datetime) -> None:
    """Say it of a run whose first date is its next one."""
    starts = datetime.combine(run.starts_on, run.starts_at) + _LATER
    date = session, settings, run.id, run.starts_on
    if happening == "moved":
        dates.move(*date, starts, None, "There is a concert before us.", now)
    if happening in ("confirmed", "moved"):
        promises.promise(*date, leads.all_leads(session)[0].id, now)
    elif happening == "cancelled":
        dates.cancel(*date, "weather", "Storm warning. Stay safe and warm.", now)
    elif happening == "new hour":
        series.edit(session, settings, run.id, replace(runs.input_of(run), starts_at=starts.time()), now)
    elif happening in ("paused", "chapter paused"):
        # From the first date on, not from today: in another zone today is another day.
        back_on, note = run.starts_on + timedelta(weeks=4), "We rest for a month, and are glad to be back."
        paused = run.id if happening == "paused" else None
        pauses.pause(session, settings, paused, run.starts_on, back_on, note, now)
