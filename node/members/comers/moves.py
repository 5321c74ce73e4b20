"""Whether a date is still held when and where a comer has said yes to, and what was said of it since."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...chapter import dates, listing
from ...chapter.dates import DateView
from ...database import Writing
from ...input import stale_pages
from ...models import Coming, ComingDate, DayOff, Run
from ...schedule.recurrence import local_to_instant, zone

_LOCAL = "%Y-%m-%dT%H:%M"


def where(run: Run, view: DateView) -> str:
    """When and where a date is held, as a comer has said yes to it: the start, and a mark of the meeting point."""
    point = view.point or listing.point_of(run)
    place = stale_pages.mark(point.name, point.address, point.lat_e4, point.lon_e4)[:8]
    return f"{view.starts.strftime(_LOCAL)} {place}"


def place_mark(said_for: str) -> str:
    """The mark of the meeting point in what `where` has written."""
    return said_for.partition(" ")[2]


def start_of(said_for: str, run: Run) -> datetime:
    """The start in what `where` has written, aware."""
    local = datetime.strptime(said_for[:16], _LOCAL)  # noqa: DTZ007 - by the clock of the run, as `where` writes it
    tz = zone(run.timezone) or zone("UTC")
    assert tz is not None  # noqa: S101 - UTC is known everywhere
    return local_to_instant(local, tz)


def say_yes(session: Writing, row: Coming, run: Run, view: DateView) -> None:
    """Note when and where a comer says yes to.

    Of one who comes each week it is the hour and place of the rule, or those before a change that is to come. What a
    date has of its own is noted for that date alone, or else all other dates would seem moved.
    """
    here = where(run, view)
    row.said_for = here if row.day is not None else _by_rule(run, view)
    if row.said_for != here:
        date_of(session, row, view.day).said_for = here


def _by_rule(run: Run, view: DateView) -> str:
    if view.off_rule or view.as_announced:
        return where(run, view)
    starts = datetime.combine(view.day, run.starts_at)
    return where(run, replace(view, starts=starts, point=None))


def is_off(view: DateView) -> bool:
    """Whether there is no run on that date."""
    return view.is_closed or view.state == "cancelled" or view.paused


def is_gone(session: Session, row: Coming, run: Run, said: ComingDate | None, now: datetime) -> bool:
    """Whether the run has a comer's one date no more, though the hour of their yes is still to come.

    `said`: what the comer has said of that date since.
    """
    if row.day is None or start_of((said and said.said_for) or row.said_for, run) <= now:
        return False
    return dates.find(session, run, row.day, now) is None


def is_asked(row: Coming, said: ComingDate | None, now_at: str, view: DateView) -> bool:
    """Whether a date is held at another hour or place than the comer said yes to. `now_at`: `where` it is held."""
    return not is_same((said and said.said_for) or row.said_for, now_at, row, view)


def is_same(said_for: str, now_at: str, row: Coming, view: DateView) -> bool:
    """Whether two answers of `where` agree. Of a weekly comer's usual dates weekday, hour and place count."""
    if row.day is None and said_for == row.said_for:
        usual = datetime.strptime(said_for[:16], _LOCAL)  # noqa: DTZ007 - by the clock of the run, as `where` writes it
        return usual.weekday() == view.starts.weekday() and said_for[11:] == now_at[11:]
    return said_for == now_at


def said_again(session: Session, run_id: str) -> dict[tuple[str, date], ComingDate]:
    """What the comers of a run have said and were told of single dates, by comer and day."""
    query = select(ComingDate).join(Coming, Coming.id == ComingDate.coming_id).where(Coming.run_id == run_id)
    return {(one.coming_id, one.day): one for one in session.scalars(query)}


def all_days_off(session: Session, run_id: str) -> dict[str, set[date]]:
    """The days on which weekly comers of a run do not come, by comer."""
    found: dict[str, set[date]] = {}
    for one in session.scalars(
        select(DayOff).join(Coming, Coming.id == DayOff.coming_id).where(Coming.run_id == run_id)
    ):
        found.setdefault(one.coming_id, set()).add(one.day)
    return found


def date_of(session: Writing, row: Coming, day: date) -> ComingDate:
    """The row of one date of a comer, made if there is none."""
    found = session.get(ComingDate, (row.id, day))
    if found is None:
        found = ComingDate(coming_id=row.id, day=day, letters=0)
        session.add(found)
    return found
