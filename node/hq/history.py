"""Who at HQ has done what, when and why, so that two people need not ask each other. It is never in the registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.text import tidy

from ..database import Writing
from ..models import HqAct

#: The privacy page says the same.
KEPT = timedelta(days=2 * 365)

#: Acts about a chapter or an invitation. Each is a command of `rtr hq` and a form on HQ's pages.
Act = Literal["invite", "revoke", "admit", "turn-down", "pause", "suspend", "reactivate", "left", "replaces", "contact"]
#: Acts about HQ's own people.
PeopleAct = Literal["add-person", "link", "remove-person"]
#: Acts about HQ's own keys and list.
OwnAct = Literal["root", "take-over", "looked", "goes-on"]


@dataclass(frozen=True)
class Actor:
    """A person at HQ who acts (without a name: on the server's command line), and their reason, for HQ's eyes alone."""

    first_name: str = ""
    reason: str = ""


COMMAND_LINE = Actor()


def record(
    session: Writing, act: Act | PeopleAct | OwnAct, actor: Actor, chapter_id: str | None, now: datetime
) -> None:
    """Note an act, inside the writing that does it. `chapter_id`: None where the act is about no chapter."""
    session.add(HqAct(at=now, act=act, by=actor.first_name, chapter=chapter_id, reason=tidy(actor.reason)))


def of_chapter(session: Session, chapter_id: str) -> Sequence[HqAct]:
    """At most a hundred acts about one chapter, the newest first."""
    query = select(HqAct).where(HqAct.chapter == chapter_id).order_by(HqAct.id.desc()).limit(100)
    return session.scalars(query).all()


def newest(session: Session) -> Sequence[HqAct]:
    """The last hundred acts of all."""
    return session.scalars(select(HqAct).order_by(HqAct.id.desc()).limit(100)).all()


def sweep(session: Writing, now: datetime) -> None:
    """Delete acts that are older than KEPT."""
    session.execute(delete(HqAct).where(HqAct.at < now - KEPT))
