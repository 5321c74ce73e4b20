"""The steps of the set-up, and which of them are done. What is there says it, so that nothing is asked for twice."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..chapter import identity
from ..config import Settings
from ..database import Writing, writing
from ..models import Hq, Person, Run, SetUp

#: In this order. The key on paper comes right after the chapter, which is founded once that key is seen to be on paper:
#: so it never lies on the server, and nothing is lost with a page that was closed. The other key for paper follows
#: while the pen is at hand. A lead's address needs a letter, so mail comes before it.
STEPS = ("chapter", "root-key", "backup-key", "mail", "you", "run", "hq")
#: What may be left for later.
OPTIONAL = frozenset({"backup-key", "mail", "run", "hq"})


def of(session: Session) -> SetUp | None:
    """The set-up of this node while it is not done; None where there is none, or it is done."""
    found = session.get(SetUp, 1)
    return found if found is not None and found.finished_at is None else None


def open_new(session: Writing) -> None:
    """Open the set-up of an empty folder, unless it is open."""
    if session.get(SetUp, 1) is None:
        session.add(SetUp(row=1))


def undone(session: Session, settings: Settings, setting_up: SetUp) -> list[str]:
    """The steps that are neither done nor left for later, in their order."""
    return [step for step in STEPS if step not in setting_up.left and not is_done(session, settings, setting_up, step)]


def leave(session: Session, step: str) -> None:
    """Leave a step for later."""
    with writing(session, is_private=True) as transaction:
        found = of(transaction)
        if found is not None and step in OPTIONAL and step not in found.left:
            found.left = [*found.left, step]


def finish(session: Session, now: datetime) -> None:
    """The set-up is done: no link opens it any more, and only that it is done is kept of it."""
    with writing(session, is_private=True) as transaction:
        found = of(transaction)
        if found is not None:
            found.finished_at, found.person_id, found.profile, found.left = now, None, {}, []
            found.link_hash, found.link_ends_at = "", None


def has_run(session: Session) -> bool:
    """Whether a run was ever announced."""
    return session.scalar(select(Run.id).limit(1)) is not None


def is_done(session: Session, settings: Settings, setting_up: SetUp, step: str) -> bool:
    """Whether a step is done, left or not."""
    if step == "chapter":
        return bool(setting_up.profile) or identity.is_founded(session)
    if step == "root-key":
        return identity.is_founded(session)
    if step == "backup-key":
        return bool(settings.backup_key)
    if step == "mail":
        return settings.has_mail
    if step == "you":
        person = session.get(Person, setting_up.person_id) if setting_up.person_id else None
        return person is not None and bool(person.first_name)
    return has_run(session) if step == "run" else session.get(Hq, 1) is not None
