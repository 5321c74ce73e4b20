"""Who at HQ has done what, when and why: so that two people need not ask each other. Never in the registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.text import tidy

from ..database import Writing
from ..models import HqAct

#: As the privacy page says it.
KEPT = timedelta(days=2 * 365)

#: What is done about a chapter or an invitation; each is a command of `rtr hq` and a form on HQ's pages.
Act = Literal["invite", "revoke", "admit", "turn-down", "pause", "suspend", "reactivate", "left", "replaces"]
#: What is done about HQ's own people.
PeopleAct = Literal["add-person", "link", "remove-person"]
#: What is done about HQ's own keys and list.
OwnAct = Literal["root", "take-over", "looked", "goes-on"]


@dataclass(frozen=True)
class Said:
    """Who acts, by first name (empty: on the server's command line), and what they note for HQ's own eyes."""

    by: str = ""
    reason: str = ""


COMMAND_LINE = Said()


def record(session: Writing, act: Act | PeopleAct | OwnAct, said: Said, chapter_id: str | None, now: datetime) -> None:
    """Note an act, inside the writing that does it."""
    session.add(HqAct(at=now, act=act, by=said.by, chapter=chapter_id, reason=tidy(said.reason)))


def of_chapter(session: Session, chapter_id: str) -> Sequence[HqAct]:
    """What was done about one chapter, the newest first; at most a hundred."""
    query = select(HqAct).where(HqAct.chapter == chapter_id).order_by(HqAct.id.desc()).limit(100)
    return session.scalars(query).all()


def newest(session: Session) -> Sequence[HqAct]:
    """The last hundred acts, about whom it may be."""
    return session.scalars(select(HqAct).order_by(HqAct.id.desc()).limit(100)).all()


def sweep(session: Writing, now: datetime) -> None:
    """Drop what is older than KEPT."""
    session.execute(delete(HqAct).where(HqAct.at < now - KEPT))
