"""The outbox: letters that are due go out, one after the other, each once.

Just before a letter's words go out, the database notes that it may be out (`in_doubt`); afterwards, what became of it.
A letter whose end nobody knows, since the server fell silent or this process died, is handed over a second time with
the same Message-ID, and never a third time. No transaction is open while a mail server is waited for.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from .. import sealed_fields
from ..config import Settings
from ..database import Writing
from ..errors import CannotUnseal
from ..handle import Node, Render
from ..models import Coming, Letter, Person
from . import carriers, closed
from .carriers import Carrier, NoServer, NoSuchAddress, NotTaken, Refused, Unanswered
from .letters import AWAITED, NEEDED, PRESSING, TYPED
from .message import BadAddress

if TYPE_CHECKING:
    from email.message import EmailMessage

log = logging.getLogger(__name__)

#: Minutes until a letter is tried again, by how often it was tried; then the last one each time. Servers that put
#: strangers off (greylisting) take a letter after five minutes or so.
_AGAIN = (1, 2, 5, 10, 15)
#: Until a letter about tonight is tried again that was refused for no fault of its address, such as a used-up quota.
_REFUSED_AGAIN = timedelta(minutes=30)
#: How often one letter is handed over without an answer.
_MOST_DOUBTS = 2
#: How long a letter's key is remembered, and at least until it would come too late.
_KEPT = timedelta(days=30)
_DAY = timedelta(days=1)
#: The part of the day's budget that letters which are not PRESSING leave to those that are.
_SPARED = 5
#: The part of it that letters of TYPED kinds take at most.
_STRANGERS = 4
#: What `given_up` says of letters that should have got through.
_LOST = ("bounced", "no-address", "refused", "too-late", "unsure")
#: Letters that are looked up at a time: one that comes meanwhile and is about tonight goes before the others.
_MOST = 50


class Tally(NamedTuple):
    """How the outbox is doing: for a page of leads."""

    waiting: int
    sent_today: int
    failed: int


class _Unsendable(Exception):
    """A letter is never sent. The message is one word, for `Letter.given_up`."""


class _NotNow(Exception):
    """A letter waits for a reason that is this node's own."""


def send_due(node: Node) -> None:
    """Send the letters that are due. It ends at the first one for which there is no way to the mail server."""
    due = _due(node)
    if not due or node.render is None:
        return
    with carriers.opened(node.settings, node.stopping) as carrier:
        while due:
            for letter_id in due:
                if node.stopping.is_set() or not _send(node, node.render, carrier, letter_id):
                    return
            due = _due(node)


def tally(session: Session, now: datetime) -> Tally:
    """The letters that wait, that went within 24 hours, and that did not get through within a week."""

    def count(which: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(Letter).where(which)) or 0

    return Tally(
        waiting=count(_is_waiting() & (Letter.not_after > now)),
        sent_today=count(Letter.sent_at > now - _DAY),
        failed=count(Letter.given_up.in_(_LOST) & (Letter.made_at > now - 7 * _DAY)),
    )


def sweep(session: Writing, now: datetime) -> None:
    """Delete letters whose key no cause can give any more, and closed addresses that may be tried again."""
    session.execute(delete(Letter).where(Letter.made_at < now - _KEPT, Letter.not_after < now))
    closed.sweep(session, now)


def _is_waiting() -> ColumnElement[bool]:
    return and_(Letter.sent_at.is_(None), Letter.given_up.is_(None))


def _due(node: Node) -> Sequence[int]:
    """The next letters: about tonight first, then what somebody waits for; of these, the least tried and the oldest.

    A letter at which the server ends the connection each time would otherwise be the first one for ever.
    """
    now = node.clock()
    order = case((Letter.kind.in_(PRESSING), 0), (Letter.kind.in_(AWAITED), 1), else_=2)
    # No pause is an hour long: a time further ahead was noted while this node's clock was wrong.
    is_due = or_(Letter.try_at <= now, Letter.try_at > now + timedelta(hours=1))
    query = select(Letter.id).where(_is_waiting(), is_due).order_by(order, Letter.tries, Letter.try_at, Letter.id)
    with node.sessions() as session:
        return session.scalars(query.limit(_MOST)).all()


def _send(node: Node, render: Render, carrier: Carrier, letter_id: int) -> bool:
    """Send one letter, or note why not. False if the mail server takes no letters now."""
    try:
        message = _written(node, render, letter_id)
    except _Unsendable as reason:
        _note(node, letter_id, partial(_give_up, str(reason)))
        return True
    except (_NotNow, CannotUnseal) as reason:
        log.warning("letters wait: %s", reason)
        _note(node, letter_id, _put_off)
        return True
    except Exception:
        log.exception("a letter cannot be written")
        _note(node, letter_id, _put_off)
        return True
    return _hand_over(node, carrier, letter_id, message)


def _written(node: Node, render: Render, letter_id: int) -> "EmailMessage":
    """The letter as it is true now. Raises _Unsendable, _NotNow, CannotUnseal."""
    now = node.clock()
    with node.sessions() as session:
        letter = session.get(Letter, letter_id)
        if letter is None:
            raise _Unsendable("erased")
        if letter.not_after <= now:
            raise _Unsendable("too-late")
        if letter.in_doubt >= _MOST_DOUBTS:
            raise _Unsendable("unsure")
        address = _address_of(session, node.settings, letter)
        _require_open(session, node.settings, letter.kind, address)
        _require_budget(session, node.settings, letter.kind, now)
    try:
        message = render(letter_id, address)
    except BadAddress as error:
        raise _Unsendable("no-address") from error
    if message is None:
        raise _Unsendable("outdated")
    return message


def _require_open(session: Session, settings: Settings, kind: str, address: str) -> None:
    """Raise _Unsendable for an address that gets no letters of this kind."""
    reason = closed.why(session, closed.index_of(settings, address))
    if reason is not None and kind not in (AWAITED if reason == "bounced" else NEEDED):
        raise _Unsendable("closed")


def _address_of(session: Session, settings: Settings, letter: Letter) -> str:
    """Where the letter goes: to its own address, or to the one that its reader has confirmed. Raises _Unsendable."""
    key = sealed_fields.load(settings)
    if letter.address is not None:
        return key.open("letter.address", letter.key, letter.address)
    reader: Person | Coming | None = None
    if letter.coming_id is not None:
        reader = session.get(Coming, letter.coming_id)
    elif letter.person_id is not None:
        reader = session.get(Person, letter.person_id)
    if reader is None or reader.email is None:
        raise _Unsendable("no-address")
    if reader.email_confirmed_at is None and letter.kind not in AWAITED:
        raise _Unsendable("unconfirmed")
    return key.open(f"{reader.__tablename__}.email", reader.id, reader.email)


def _require_budget(session: Session, settings: Settings, kind: str, now: datetime) -> None:
    """Raise _NotNow once the day's budget is used up. Letters about tonight go on: the server may still take them."""
    if kind in PRESSING:
        return
    by_kind = select(Letter.kind, func.count()).where(Letter.sent_at > now - _DAY).group_by(Letter.kind)
    sent: dict[str, int] = {row[0]: row[1] for row in session.execute(by_kind)}
    if sum(sent.values()) >= settings.mail_a_day - settings.mail_a_day // _SPARED:
        raise _NotNow("the budget of RTR_MAIL_A_DAY is used up but for letters about tonight")
    if kind in TYPED and sum(sent.get(one, 0) for one in TYPED) >= max(settings.mail_a_day // _STRANGERS, 1):
        raise _NotNow("the part of RTR_MAIL_A_DAY is used up for addresses that somebody has just typed")


def _hand_over(node: Node, carrier: Carrier, letter_id: int, message: "EmailMessage") -> bool:
    """Hand the letter over, and note what became of it. False if the mail server takes no letters now."""
    doubts = 0

    def doubt() -> None:
        nonlocal doubts
        if not _note(node, letter_id, _doubt):
            raise _Unsendable("erased")
        doubts = 1

    try:
        carrier.send(message, doubt)
    except _Unsendable:
        return True
    except NotTaken as error:
        log.warning("a letter was not sent: %s", error)
        settled = 0 if isinstance(error, Unanswered) else doubts
        _note(node, letter_id, partial(_not_taken, node.settings, error, settled))
        return not isinstance(error, NoServer)
    _note(node, letter_id, partial(_sent, node.settings))
    return True


def _note(node: Node, letter_id: int, change: Callable[[Writing, Letter, datetime], object]) -> bool:
    """Change the letter's row in a transaction of its own. False if the letter is gone or has come to its end."""
    # Private: whoever sees that a public page was drawn anew would know that a letter about this evening went out.
    with node.writing(is_private=True) as session:
        letter = session.get(Letter, letter_id)
        if letter is None or letter.sent_at is not None or letter.given_up is not None:
            return False
        change(session, letter, node.clock())
        return True


def _doubt(_: Writing, letter: Letter, __: datetime) -> None:
    letter.in_doubt += 1


def _sent(settings: Settings, session: Writing, letter: Letter, now: datetime) -> None:
    if letter.kind in AWAITED:
        with suppress(CannotUnseal, _Unsendable):
            index = closed.index_of(settings, _address_of(session, settings, letter))
            closed.open_again(session, index, only="bounced")
    letter.sent_at, letter.in_doubt, letter.address = now, 0, None


def _give_up(reason: str, _: Writing, letter: Letter, __: datetime) -> None:
    """Try it no more. Nothing says any more whom it was for, but for the person's own row."""
    letter.given_up, letter.address = reason, None


def _not_taken(
    settings: Settings, error: NotTaken, settled: int, session: Writing, letter: Letter, now: datetime
) -> None:
    """Note when the letter is tried again, if ever. `settled`: doubts of this try that the server has ended."""
    letter.in_doubt -= settled
    if isinstance(error, NoSuchAddress):
        with suppress(CannotUnseal, _Unsendable):
            closed.close(session, closed.index_of(settings, _address_of(session, settings, letter)), "bounced", now)
        _give_up("bounced", session, letter, now)
    elif isinstance(error, Refused):
        _after_refusal(session, letter, now)
    else:
        _put_off(session, letter, now)
        if isinstance(error, NoServer):
            # The others would only meet the same. A letter that comes meanwhile is one more try.
            session.execute(update(Letter).where(_is_waiting(), Letter.try_at <= now).values(try_at=letter.try_at))


def _after_refusal(session: Writing, letter: Letter, now: datetime) -> None:
    if letter.kind in PRESSING:
        letter.try_at = now + _REFUSED_AGAIN
    else:
        _give_up("refused", session, letter, now)


def _put_off(_: Writing, letter: Letter, now: datetime) -> None:
    letter.try_at = now + timedelta(minutes=_AGAIN[min(letter.tries, len(_AGAIN) - 1)])
    letter.tries += 1
