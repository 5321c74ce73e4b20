"""Signing in by mail: six digits to type, and in the same mail a link. An address that is new makes a member's account.

Whatever address is typed, the answer and the work are the same: a row, and a letter in the outbox. Where no letter may
go, since somebody would be flooded, the letter is put aside as it is queued.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from ... import sealed_fields
from ...config import Settings
from ...database import Writing, writing
from ...errors import InvalidInput, NodeError
from ...input.email import check_email
from ...mail import closed, letters
from ...models import Letter, Person, SignInCode
from ...sealed_fields import MembersKey
from .. import consent, sign_in
from .attempts import Budget

CODE_LIFE = timedelta(minutes=15)
_DAY = timedelta(days=1)
_ID = 22
#: Letters to somebody who has an account.
_TO_KNOWN = (Budget("codes", 4, timedelta(hours=1)), Budget("codes of a day", 12, _DAY))
#: Letters to an address that has none: one, then silence, whoever types it again. Not more a day in all, either: a node
#: is no machine that mails strangers.
_TO_NEW = (Budget("codes to strangers", 1, timedelta(days=7)),)
_TO_ALL_NEW = Budget("codes to all strangers", 50, _DAY)
#: Letters by which somebody who is signed in adds an address: to that address, and by that person.
_TO_ADDED, _BY_PERSON = Budget("codes to added", 2, _DAY), Budget("added", 5, _DAY)
#: Wrong codes for one address, or one person. A million codes and 20 tries a day: 0.002 %.
_WRONG = (Budget("wrong codes", 5, CODE_LIFE), Budget("wrong codes of a day", 20, _DAY))
#: Wrong codes for all addresses together. The link in the mail is not on this budget, and signs in all the same.
_ALL_WRONG = Budget("all wrong codes", 200, _DAY)


class WrongCode(NodeError):
    """The code is not that of the address, is used, or is over."""

    code = "wrong-code"


class TooManyTries(NodeError):
    """So many wrong codes were typed that none counts for a while. The link in the mail does."""

    code = "too-many-tries"


@dataclass(frozen=True)
class Arrival:
    """Whoever signs in: the phone in words, the locale, and the words that a new member agrees to."""

    device: str
    language: str
    wording: str


def ask(session: Session, settings: Settings, email: str, form_id: str, language: str, now: datetime) -> None:
    """Mail a code and a link to `email`. The same form sent twice mails one.

    Raises InvalidInput {"email": ...} for what is no address, and CannotUnseal.
    """
    email = _checked(email)
    key, index = sealed_fields.load(settings), closed.index_of(settings, email)
    with writing(session, is_private=True) as transaction:
        person = _person_of(transaction, index)
        row = SignInCode(id=key.token("sign-in code", form_id, index)[:_ID], person_id=person.id if person else None)
        if _is_new(transaction, row.id):
            may_go = _may_go(transaction, key, index, person, now)
            row.email = None if person else key.seal("sign_in_code.email", row.id, email)
            _enter(transaction, key, row, index, now)
            facts = {"code": row.id, "language": language}
            _queue(transaction, settings, row, facts, email if person is None else "", may_go, now)


def ask_to_add(session: Session, settings: Settings, person_id: int, email: str, form_id: str, now: datetime) -> None:
    """Mail a code to an address that somebody who is signed in wants to have letters at. Raises as `ask` does."""
    email = _checked(email)
    key, index = sealed_fields.load(settings), closed.index_of(settings, email)
    with writing(session, is_private=True) as transaction:
        person = transaction.get_one(Person, person_id)
        row = SignInCode(id=key.token("added address", form_id, index)[:_ID], person_id=person_id)
        if _is_new(transaction, row.id):
            may_go = _BY_PERSON.take(transaction, key, str(person_id), now)
            may_go = _TO_ADDED.take(transaction, key, index, now) and may_go
            row.email = key.seal("sign_in_code.email", row.id, email)
            _enter(transaction, key, row, index, now)
            _queue(transaction, settings, row, {"code": row.id, "language": person.language}, email, may_go, now)


def digits(settings: Settings, code_id: str) -> str:
    """The six digits of a code, for its letter. They are made from the key: the database has their hash alone."""
    return _digits_of(sealed_fields.load(settings), code_id)


def link_token(settings: Settings, code_id: str) -> str:
    """The token of the link in the same letter."""
    return code_id + sealed_fields.load(settings).token("link of code", code_id)


def peek(session: Session, settings: Settings, token: str, now: datetime) -> SignInCode | None:
    """The row of a link that is still good. Looking uses nothing up: mail scanners look, too."""
    # Also for a token that nobody made: the work is the same.
    is_ours = hmac.compare_digest(link_token(settings, token[:_ID]).encode(), token.encode())
    row = session.get(SignInCode, token[:_ID])
    return row if row is not None and is_ours and _is_good(row, now) and not _is_of_added(row) else None


def address_of(session: Session, settings: Settings, row: SignInCode) -> str:
    """The address that a code was mailed to, for whoever has the letter: they see whose account it opens."""
    key = sealed_fields.load(settings)
    if row.email is not None or row.person_id is None:
        return key.open_if("sign_in_code.email", row.id, row.email)
    person = session.get_one(Person, row.person_id)
    return key.open_if("person.email", person.id, person.email)


def use_link(session: Session, settings: Settings, token: str, arrival: Arrival, now: datetime) -> str | None:
    """Use a link up and begin a session. The session's token; None if the link is used or over."""
    if peek(session, settings, token, now) is None:
        return None
    with writing(session, is_private=True) as transaction:
        row = peek(transaction, settings, token, now)
        return _arrive(transaction, settings, row, arrival, now) if row else None


def use_code(session: Session, settings: Settings, email: str, typed: str, arrival: Arrival, now: datetime) -> str:
    """Use a code up and begin a session. The session's token. Raises WrongCode, TooManyTries."""
    index = closed.index_of(settings, email)
    with writing(session, is_private=True) as transaction:
        mine = and_(SignInCode.email_index == index, or_(SignInCode.person_id.is_(None), SignInCode.email.is_(None)))
        row = _guessed(transaction, settings, mine, index, typed, now)
        token = _arrive(transaction, settings, row, arrival, now) if row else None
    if token is None:
        raise WrongCode("this code does not fit")
    return token


def add_address(session: Session, settings: Settings, person_id: int, typed: str, wording: str, now: datetime) -> None:
    """Give a person the address that the code was mailed to. Raises WrongCode, TooManyTries.

    Raises InvalidInput {"code": "taken"} if another account here has it: whoever has the code may know that.
    """
    with writing(session, is_private=True) as transaction:
        mine = and_(SignInCode.person_id == person_id, SignInCode.email.is_not(None))
        row = _guessed(transaction, settings, mine, f"person {person_id}", typed, now)
        if row is not None:
            _give_address(transaction, settings, row, wording, now)
    if row is None:
        raise WrongCode("this code does not fit")


def remove_address(session: Session, person_id: int, now: datetime) -> None:
    """Delete a person's address, and take back the yes to letters."""
    with writing(session, is_private=True) as transaction:
        person = transaction.get_one(Person, person_id)
        person.email = person.email_index = person.email_confirmed_at = None
        transaction.execute(delete(SignInCode).where(SignInCode.person_id == person_id))
        consent.withdraw(transaction, "email", now, person_id=person_id)
        consent.withdraw(transaction, "account", now, person_id=person_id)


def sweep(session: Writing, now: datetime) -> None:
    """Delete codes that are over."""
    session.execute(delete(SignInCode).where(SignInCode.expires_at <= now))


def _checked(email: str) -> str:
    email = email.strip()
    if check_email(email):
        raise InvalidInput({"email": "email" if email else "required"})
    return email


def _is_new(session: Session, code_id: str) -> bool:
    """Whether no such code was made yet. Not even one that is used up: the same form again would make it good again."""
    return session.get(SignInCode, code_id) is None and not letters.is_known(session, f"code {code_id}")


def _person_of(session: Session, index: str) -> Person | None:
    return session.scalar(select(Person).where(Person.email_index == index))


def _may_go(session: Writing, key: MembersKey, index: str, person: Person | None, now: datetime) -> bool:
    """Whether one more letter may go to this address. Each budget is asked, so that the work is the same."""
    budgets = _TO_KNOWN if person else _TO_NEW
    left = [budget.take(session, key, index, now) for budget in budgets]
    if person is None and all(left):
        left.append(_TO_ALL_NEW.take(session, key, "", now))
    return all(left)


def _enter(session: Writing, key: MembersKey, row: SignInCode, index: str, now: datetime) -> None:
    row.email_index, row.expires_at = index, now + CODE_LIFE
    row.code_hash = _hash(key, row.id, _digits_of(key, row.id))
    session.add(row)
    session.flush()


def _digits_of(key: MembersKey, code_id: str) -> str:
    made = hashlib.sha256(key.token("six digits", code_id).encode()).digest()
    return f"{int.from_bytes(made) % 1_000_000:06}"


def _hash(key: MembersKey, code_id: str, six: str) -> str:
    return key.index("code", f"{code_id} {six}")


def _queue(
    session: Writing,
    settings: Settings,
    row: SignInCode,
    facts: dict[str, str],
    address: str,
    may_go: bool,
    now: datetime,
) -> None:
    """Queue the letter. To somebody with an account it goes to the address that was confirmed, not to the typed one."""
    name = f"code {row.id}"
    letters.queue(
        session,
        settings,
        "code",
        name,
        now,
        not_after=now + CODE_LIFE,
        # Beside the address, too: who erases the account takes the letter along.
        person_id=row.person_id,
        address=address,
        facts=facts,
    )
    aside = {} if may_go else {"address": None, "given_up": "silence"}
    session.execute(update(Letter).where(Letter.key == name).values(kind="code", **aside))


def _guessed(
    session: Writing, settings: Settings, mine: ColumnElement[bool], about: str, typed: str, now: datetime
) -> SignInCode | None:
    """The row whose code was typed; None for a wrong one, which is noted. Raises TooManyTries."""
    key = sealed_fields.load(settings)
    if not (_ALL_WRONG.is_left(session, key, "", now) and all(one.is_left(session, key, about, now) for one in _WRONG)):
        raise TooManyTries("too many wrong codes")
    rows: Sequence[SignInCode] = session.scalars(select(SignInCode).where(mine)).all()
    six = "".join(letter for letter in typed if letter.isdigit())
    for row in rows:
        if _is_good(row, now) and hmac.compare_digest(row.code_hash, _hash(key, row.id, six)):
            return row
    for budget in _WRONG:
        budget.spend(session, key, about, now)
    _ALL_WRONG.spend(session, key, "", now)
    return None


def _arrive(session: Writing, settings: Settings, row: SignInCode, arrival: Arrival, now: datetime) -> str | None:
    """Begin a session of whoever has the address. All codes that were mailed to it are used up.

    None where the address was an account's, and is nobody's now.
    """
    person = _person_of(session, row.email_index)
    if person is None and row.email is None:
        return None
    person = person or _new_member(session, settings, row, arrival, now)
    session.execute(delete(SignInCode).where(SignInCode.email_index == row.email_index))
    return sign_in.begin_session(session, person.id, arrival.device, now)


def _new_member(session: Writing, settings: Settings, row: SignInCode, arrival: Arrival, now: datetime) -> Person:
    person = Person(first_name="", role="member", added_at=now, language=arrival.language)
    session.add(person)
    session.flush()
    _set_address(person, settings, row, now)
    consent.give(session, "account", arrival.wording, now, person_id=person.id)
    return person


def _give_address(session: Writing, settings: Settings, row: SignInCode, wording: str, now: datetime) -> None:
    other = _person_of(session, row.email_index)
    if other is not None and other.id != row.person_id:
        raise InvalidInput({"code": "taken"})
    person = session.get_one(Person, row.person_id)
    _set_address(person, settings, row, now)
    # Codes that wait at the former address sign in nobody any more.
    session.execute(delete(SignInCode).where(SignInCode.person_id == person.id))
    consent.give(session, "email", wording, now, person_id=person.id)


def _set_address(person: Person, settings: Settings, row: SignInCode, now: datetime) -> None:
    key = sealed_fields.load(settings)
    email = key.open_if("sign_in_code.email", row.id, row.email)
    person.email = key.seal("person.email", person.id, email)
    person.email_index, person.email_confirmed_at = row.email_index, now


def _is_good(row: SignInCode, now: datetime) -> bool:
    """Whether a code counts. One that ends later than any may was made by a clock that was ahead."""
    return now < row.expires_at <= now + CODE_LIFE


def _is_of_added(row: SignInCode) -> bool:
    """Whether the code adds an address to an account. Such a code signs in nobody."""
    return row.person_id is not None and row.email is not None
