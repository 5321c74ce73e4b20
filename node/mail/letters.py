"""Letters are queued here, in the transaction of their cause or in the next one. Their words are written when they go.

A letter names its kind, whom it is for, and which run and day it is about. Its words come from web.letters, from what
is true when it is sent: no letter reminds of a date that was cancelled meanwhile.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import sealed_fields
from ..config import Settings
from ..database import Writing
from ..models import Letter

#: Kinds without which nobody gets in. They go to an address whose owner has stopped letters, too.
NEEDED = frozenset({"code"})
#: Kinds that nothing follows: the chapter has closed, and with it the page that stops letters.
LAST = frozenset({"farewell"})
#: Kinds without a link that stops letters.
UNSTOPPABLE = NEEDED | LAST
#: Kinds that somebody waits for. They go to an address that bounced, too: once one is taken, all others go there again.
AWAITED = NEEDED | {"confirm_address"}
#: Kinds to addresses that anybody may have typed. A flood of them has its own part of the day's budget, and no more.
TYPED = frozenset({"confirm_address"})
#: Kinds about tonight: the last part of the day's budget is for them alone, and they go before all others.
PRESSING = frozenset(
    {"alarm", "back_on", "cancelled", "cannot_find", "cover", "dropped_out", "duty_changed", "duty_over", "moved"}
    | {"uncovered"}
)


def is_known(session: Session, key: str) -> bool:
    """Whether a letter with this key was ever queued, as far as the outbox remembers."""
    return session.scalar(select(Letter.id).where(Letter.key == key)) is not None


class Draft(NamedTuple):
    """One letter to somebody who comes, for `queue_all`. The fields are those of `queue`."""

    kind: str
    key: str
    coming_id: str
    facts: dict[str, Any]
    not_after: datetime


def queue_all(session: Writing, settings: Settings, drafts: Sequence[Draft], now: datetime) -> None:
    """Queue letters as `queue` does: to hundreds of people in a tenth of the time, while the write lock is held."""
    if not settings.has_mail or not drafts:
        return
    members_key = sealed_fields.load(settings)
    known = set(session.scalars(select(Letter.key).where(Letter.key.in_([one.key for one in drafts]))))
    session.add_all(
        Letter(**one._asdict(), message_id=members_key.token("message", one.key), made_at=now, try_at=now)
        for one in drafts
        if one.key not in known
    )
    session.flush()


def queue(
    session: Writing,
    settings: Settings,
    kind: str,
    key: str,
    now: datetime,
    *,
    not_after: datetime,
    not_before: datetime | None = None,
    person_id: int | None = None,
    coming_id: str | None = None,
    address: str = "",
    facts: dict[str, Any] | None = None,
) -> bool:
    """Queue a letter of `kind` to one person, to one who comes, or to an `address` that is nobody's yet.

    `key` says what the letter is about and for whom: a second letter with one key is never queued, whatever happened
    to the first. Before `not_before` it waits, and after `not_after` it is not sent any more. False where the key is
    known, or the node sends no mail. Raises CannotUnseal.
    """
    if not settings.has_mail or is_known(session, key):
        return False
    sealed = sealed_fields.load(settings).seal("letter.address", key, address) if address else None
    session.add(
        Letter(
            key=key,
            kind=kind,
            facts=facts or {},
            person_id=person_id,
            coming_id=coming_id,
            address=sealed,
            message_id=sealed_fields.load(settings).token("message", key),
            made_at=now,
            try_at=max(now, not_before or now),
            not_after=not_after,
        )
    )
    session.flush()
    return True
