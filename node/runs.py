"""A run's definition: announced once, held weekly."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.encodings import new_listing_id

from . import publishing
from .config import Settings
from .database import writing
from .errors import InvalidInput, NotFound
from .models import Lead, Run, RunDate
from .recurrence import occurrences
from .validation import check_texts, check_zone, refuse

LIMITS = {
    "name": 80,
    "point_name": 80,
    "address": 200,
    "directions": 1000,
    "look_for": 200,
    "what_happens": 1000,
    "bring": 200,
}
RANGES = {
    "duration_minutes": (5, 600),
    "arrive_minutes_before": (0, 120),
    "distance_m": (0, 50_000),
    "lat_e4": (-900_000, 900_000),
    "lon_e4": (-1_800_000, 1_800_000),
}
KINDS = ("run", "run-walk", "walk")
MAX_RUNS = 50


@dataclass(frozen=True)
class RunInput:
    """What a lead says of a run. `starts_on` is the first date and so the weekday; `starts_at` wall-clock time in
    `timezone`; `lat_e4`, `lon_e4` degrees times 10,000; `distance_m` metres or None.
    """

    name: str
    kind: str
    timezone: str
    starts_on: date
    starts_at: time
    point_name: str
    lat_e4: int
    lon_e4: int
    address: str = ""
    directions: str = ""
    duration_minutes: int = 60
    arrive_minutes_before: int = 10
    distance_m: int | None = None
    look_for: str = ""
    what_happens: str = ""
    bring: str = ""
    lead_id: int | None = None

    def columns(self) -> dict[str, Any]:
        """As the table has them, line ends made one."""
        return {
            name: value.replace("\r\n", "\n").strip() if isinstance(value, str) else value
            for name, value in asdict(self).items()
        }


def all_runs(session: Session) -> list[Run]:
    """Runs that are not withdrawn, in the order of their first dates."""
    return list(session.scalars(select(Run).where(Run.withdrawn_at.is_(None)).order_by(Run.starts_on, Run.id)))


def get(session: Session, run_id: str) -> Run:
    """A run that is not withdrawn; raises NotFound."""
    run = session.get(Run, run_id)
    if run is None or run.withdrawn_at is not None:
        raise NotFound("no such run")
    return run


def announce(session: Session, settings: Settings, run: RunInput, form_id: str | None, now: datetime) -> Run:
    """A new weekly run, signed at once. The same form with the same content again gives the run it made before."""
    form_id = _act(form_id, run) if form_id else None
    with writing(session):
        made = session.scalars(select(Run).where(Run.form_id == form_id)).first() if form_id else None
        if made is not None:
            return made
        _check(session, run)
        if len(all_runs(session)) >= MAX_RUNS:
            raise InvalidInput({"name": "too_many"})
        row = Run(id=new_listing_id(), form_id=form_id, **run.columns())
        session.add(row)
        publishing.require_room(session, now)
        publishing.publish(session, settings, now, urgent=False)
    return row


def edit(session: Session, settings: Settings, run_id: str, run: RunInput, now: datetime) -> bool:
    """Change a run. A new time or place reaches every node at once, like a cancellation: then True.

    Confirmations go then, too: whoever promised to be there promised another hour, or another place.
    """
    with writing(session):
        row = get(session, run_id)
        _check(session, run)
        moves = _moves(row, run)
        for name, value in run.columns().items():
            setattr(row, name, value)
        _forget_other_days(session, row)
        if moves:
            _take_confirmations_back(session, row)
        publishing.require_room(session, now)
        publishing.publish(session, settings, now, urgent=moves)
    return moves


def withdraw(session: Session, settings: Settings, run_id: str, now: datetime) -> None:
    """Take a run out of the directory for good. Every node hears of it at once. Again: nothing happens."""
    with writing(session):
        run = session.get(Run, run_id)
        if run is None:
            raise NotFound("no such run")
        if run.withdrawn_at is not None:
            return
        run.withdrawn_at = now
        publishing.publish(session, settings, now, urgent=True)


def _forget_other_days(session: Session, run: Run) -> None:
    """A run that went from Thursdays to Fridays says no more of Thursdays: a document has room for twenty dates."""
    schedule = publishing.schedule_of(run)
    for said in session.scalars(select(RunDate).where(RunDate.run_id == run.id)):
        if not occurrences(schedule, said.day, said.day):
            session.delete(said)


def _take_confirmations_back(session: Session, run: Run) -> None:
    session.execute(delete(RunDate).where(RunDate.run_id == run.id, RunDate.state == "confirmed"))


def _act(form_id: str, run: RunInput) -> str:
    """One act of one form. A lead who goes back and types another run has not tapped twice."""
    return hashlib.sha256(f"{form_id}\n{run!r}".encode()).hexdigest()


def _moves(row: Run, run: RunInput) -> bool:
    names = ("starts_on", "starts_at", "timezone", "lat_e4", "lon_e4", "point_name", "address")
    columns = run.columns()  # as they will be kept: a space at the end moves nobody
    return any(getattr(row, name) != columns[name] for name in names)


def _check(session: Session, run: RunInput) -> None:
    columns = run.columns()
    problems = check_texts({n: columns[n] for n in LIMITS}, LIMITS, frozenset({"name", "point_name"}))
    problems |= {name: "range" for name, bounds in RANGES.items() if not _inside(columns[name], bounds)}
    if run.kind not in KINDS:
        problems["kind"] = "required"
    if run.lead_id is not None and session.get(Lead, run.lead_id) is None:
        problems["lead_id"] = "not_found"
    refuse(problems | check_zone(run.timezone))


def _inside(value: int | None, bounds: Sequence[int]) -> bool:
    return value is None or bounds[0] <= value <= bounds[1]
