"""How many may say "I'm coming" to one run, so that a program that makes comers up locks no runner out.

A program asks from one network, or leaves addresses that nobody confirms, or none. So comers without an address and
those whose address waits for a yes take room from their own kind alone, and a confirmed address takes none. Once half
of the room is gone, one network gets a small share of the rest: whoever asks from another one still gets in. How often
a network has asked is known to web.http.limits, in memory; no address is stored.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ...input.validation import refuse
from ...models import Coming

#: Comers of one run and one kind: without an address, or with one that nobody has confirmed.
MOST = 1000
#: So many of a kind from one network, once half of the room is gone.
SHARE = 10
#: Comers of one run with the same address. One confirmed mailbox must not make room for a thousand.
SAME_ADDRESS = 20


def require(session: Session, run_id: str, email_index: str | None, from_here: int) -> None:
    """Raise InvalidInput where there is no room for one comer more.

    `from_here`: how many this visitor's network has already made for the run within a day.
    """
    here = select(func.count()).select_from(Coming).where(Coming.run_id == run_id, Coming.cleared_at.is_(None))
    of_kind = Coming.email_index.is_(None) if email_index is None else Coming.email_index.is_not(None)
    count = session.scalar(here.where(of_kind, Coming.email_confirmed_at.is_(None))) or 0
    is_full = count >= MOST or (count >= MOST // 2 and from_here >= SHARE)
    if email_index is not None:
        is_full |= (session.scalar(here.where(Coming.email_index == email_index)) or 0) >= SAME_ADDRESS
    refuse({"name": "too_many"} if is_full else {})
