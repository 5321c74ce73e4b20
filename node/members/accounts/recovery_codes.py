"""Codes on paper: each signs in once, when phone and mailbox are lost."""

import secrets
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ... import sealed_fields
from ...config import Settings
from ...database import writing
from ...models import RecoveryCode
from .. import sign_in
from .codes import WrongCode

MADE = 8
#: No letters that look like others on paper.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH, _GROUP = 12, 4


def make(session: Session, settings: Settings, person_id: int, now: datetime) -> list[str]:
    """New codes, to be shown this once. The former ones are worth nothing then."""
    key = sealed_fields.load(settings)
    made = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(MADE)]
    with writing(session, is_private=True) as transaction:
        transaction.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
        for code in made:
            transaction.add(RecoveryCode(code_hash=key.index("recovery code", code), person_id=person_id, made_at=now))
    return ["-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP)) for code in made]


def count(session: Session, person_id: int) -> int:
    """How many codes a person still has."""
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id)
    return session.scalar(query) or 0


def use(session: Session, settings: Settings, typed: str, device: str, now: datetime) -> str:
    """Use a code up and begin a session. The session's token. Raises WrongCode.

    Wrong ones are not counted: nobody guesses 59 bits, and a flood of guesses must not shut out whoever has the paper.
    """
    key = sealed_fields.load(settings)
    bare = "".join(letter for letter in typed.lower() if letter.isalnum())
    hashed = key.index("recovery code", bare)
    # First without the write lock: nobody takes it by making up a code.
    if session.get(RecoveryCode, hashed) is None:
        raise WrongCode("no such code")
    with writing(session, is_private=True) as transaction:
        row = transaction.get(RecoveryCode, hashed)
        if row is not None:
            transaction.delete(row)
            token = sign_in.begin_session(transaction, row.person_id, device, now)
    if row is None:
        raise WrongCode("no such code")
    return token
