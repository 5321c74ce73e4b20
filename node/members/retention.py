"""Deletes what is over. Each table has its time, and the page /privacy names it with this node's own numbers."""

from datetime import datetime

from sqlalchemy.orm import Session

from ..config import Settings
from ..database import Writing
from ..mail import outbox
from ..models import Upkeep
from . import coming, first_time, people, run_day, sign_in
from .accounts import attempts, codes, invitations, passkeys
from .leading import rota


def sweep(session: Writing, settings: Settings, now: datetime) -> None:
    """Delete all of it in the caller's transaction, and note when. Raises CannotUnseal."""
    for module in (sign_in, attempts, codes, passkeys, invitations):
        module.sweep(session, now)
    people.sweep(session, settings, now)
    coming.sweep(session, settings, now)
    first_time.sweep(session, now)
    run_day.sweep(session, settings, now)
    rota.sweep(session, now)
    outbox.sweep(session, now)
    upkeep = session.get(Upkeep, 1) or Upkeep(row=1)
    upkeep.swept_at = now
    session.add(upkeep)


def swept_at(session: Session) -> datetime | None:
    """When that was last done; None for never."""
    upkeep = session.get(Upkeep, 1)
    return upkeep.swept_at if upkeep else None
