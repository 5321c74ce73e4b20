"""The hourly look of a serving node at itself: what it found is kept, a sample is taken, and leads are written to once.

Nothing here is about a person. A lead reads the findings on the page of the server.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ..chapter import leads
from ..clocks import is_within
from ..database import Writing
from ..directory import chapters
from ..errors import NodeError
from ..handle import Node
from ..mail import letters, outbox
from ..models import CheckResult, HeldDocument, HeldRegistry, KnownPeer, Sample
from . import doctor
from .backups import backup_notes
from .doctor import Check

log = logging.getLogger(__name__)

KEPT = timedelta(days=14)
#: A look asks other nodes and the mail server. Whoever taps again within this time is shown the same.
SOONEST = timedelta(seconds=20)
#: Of a trouble that stays leads are told again after so long.
TOLD_AGAIN = timedelta(days=7)
_LETTER_LIFE = timedelta(days=2)


def look(node: Node) -> None:
    """Look at everything, note it, and tell the leads of what they do not know yet."""
    now = _look(node)
    try:
        _tell(node, now)
    except NodeError:
        log.exception("the leads could not be told what needs a hand on the server")


def look_again(node: Node) -> None:
    """Look for a lead who has mended something, unless a look was taken a moment ago. Nobody is written to."""
    with node.sessions() as session:
        last = looked_at(session)
    if not is_within(last, SOONEST, node.clock()):
        _look(node)


def _look(node: Node) -> datetime:
    found, now = doctor.examine_node(node), node.clock()
    with node.writing(is_private=True) as session:
        _note(session, found, now)
        session.merge(_sample(node, session, now))
        session.execute(delete(Sample).where(Sample.at < now - KEPT))
    return now


def looked_at(session: Session) -> datetime | None:
    """When the last look was taken."""
    return session.scalar(select(func.max(CheckResult.at)))


def results(session: Session) -> list[CheckResult]:
    """What the last look found, in the order of the checks."""
    order = {name: place for place, name in enumerate(doctor.NAMES)}
    return sorted(session.scalars(select(CheckResult)), key=lambda row: order.get(row.name, len(order)))


def samples(session: Session, now: datetime) -> Sequence[Sample]:
    """The samples of the last fourteen days, the oldest first."""
    return session.scalars(select(Sample).where(Sample.at > now - KEPT, Sample.at <= now).order_by(Sample.at)).all()


def troubles(session: Session) -> list[CheckResult]:
    """What the last look found broken."""
    return [row for row in results(session) if row.state == "broken"]


def lasting_troubles(session: Session) -> list[CheckResult]:
    """What two looks in a row found broken: a single one may have met a bad moment."""
    return [row for row in troubles(session) if row.at > row.since]


def _note(session: Writing, found: list[Check], now: datetime) -> None:
    held = {row.name: row for row in session.scalars(select(CheckResult))}
    for check in found:
        _note_one(session, held, check, now)
    for name in held.keys() - {check.name for check in found}:
        session.delete(held[name])


def _note_one(session: Writing, held: Mapping[str, CheckResult], check: Check, now: datetime) -> None:
    state, row = check.found.state, held.get(check.name)
    if row is None:
        row = CheckResult(name=check.name, state=state, since=now)
        session.add(row)
    if row.state != state:
        row.state, row.since = state, now
    if state in ("well", "look"):
        row.told_at = None
    row.says, row.fix, row.at = check.found.says, check.found.fix, now


def _tell(node: Node, now: datetime) -> None:
    """Queue one letter to each lead who can be reached, about all troubles that two looks in a row have found."""
    with node.writing(is_private=True) as session:
        new = [row for row in lasting_troubles(session) if not is_within(row.told_at, TOLD_AGAIN, now)]
        people = [one for one in leads.all_leads(session) if one.email_confirmed_at]
        if not new or not people or not node.settings.has_mail:
            return
        for one in people:
            key = f"the server needs a hand at {now:%Y-%m-%dT%H:%M} to {one.id}"
            facts = {"checks": [row.name for row in new]}
            life = now + _LETTER_LIFE
            letters.queue(session, node.settings, "server", key, now, not_after=life, person_id=one.id, facts=facts)
        for row in new:
            row.told_at = now


def last_answer(session: Session, now: datetime) -> datetime | None:
    """When another node last answered as it should."""
    return session.scalar(
        select(func.max(KnownPeer.asked_at)).where(KnownPeer.failures == 0, KnownPeer.asked_at <= now)
    )


def fresh_until(node: Node, session: Session) -> datetime | None:
    """Until when what this node has signed is fresh: its list of runs, or HQ's list of chapters."""
    if node.settings.is_hq:
        return session.scalar(select(HeldRegistry.fresh_until))
    return session.scalar(select(HeldDocument.fresh_until).where(HeldDocument.chapter == chapters.own_id(session)))


def _sample(node: Node, session: Session, now: datetime) -> Sample:
    last = backup_notes.last_backup(node.settings)
    return Sample(
        at=now,
        fresh_hours=_units(fresh_until(node, session), now, hours=1),
        heard_minutes=_units(now, last_answer(session, now), minutes=1),
        letters_waiting=outbox.tally(session, now).waiting,
        memory_mb=memory_mb(),
        backup_hours=_units(now, last.made_at if last else None, hours=1),
    )


def _units(later: datetime | None, earlier: datetime | None, **unit: int) -> int | None:
    return None if later is None or earlier is None else max((later - earlier) // timedelta(**unit), 0)


def memory_mb() -> int | None:
    """The memory of this process. None where the system does not say it."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20
