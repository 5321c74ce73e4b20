"""How many messages may wait, so that a program that makes messages up fills no database and locks nobody out.

Only messages without an answer take room: each that of its kind, a report that of its run as well. Once half of either
is gone, one network gets a small share of the rest: whoever writes from another one still gets in. How often a network
has written is known to web.http.limits, in memory; no address is stored.
"""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..input.validation import refuse
from ..models import Message

#: Messages of one kind that wait.
MOST: Mapping[str, int] = {"question": 200, "report": 200, "wish": 2000}
#: Reports about one run that wait: the leads of that run know by then.
MOST_OF_RUN = 20
#: So many of a kind from one network, once half of the room is gone.
SHARE = 5


def require(session: Session, kind: str, run_id: str | None, from_here: int) -> None:
    """Raise InvalidInput where there is no room for one message more.

    `from_here`: how many of this kind the visitor's network has sent within a day.
    """
    waiting = select(func.count()).select_from(Message).where(Message.kind == kind, Message.answered_at.is_(None))
    count = session.scalar(waiting) or 0
    is_full = _is_full(count, MOST[kind], from_here)
    if run_id is not None:
        of_run = session.scalar(waiting.where(Message.run_id == run_id)) or 0
        is_full |= _is_full(of_run, MOST_OF_RUN, from_here)
    refuse({"words": "too_many"} if is_full else {})


def _is_full(count: int, most: int, from_here: int) -> bool:
    return count >= most or (count >= most // 2 and from_here >= SHARE)
