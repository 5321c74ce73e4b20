"""A link in a letter to a lead: "I'll be there" on one date, or "I can't", without signing in.

Its token is made from the members' key for that lead, run, day and act alone. Nothing of it is kept. It ends with the
date, and with the lead's account: an account that gets the number of a removed one was added at another time.
"""

import hmac
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from ... import sealed_fields
from ...config import Settings
from ...database import seconds
from ...models import Person
from ..accounts import roles

#: "I'll be there", and "I can't make it".
ACTS = ("there", "cannot")

_NEVER = datetime.fromtimestamp(0, UTC)


def token(settings: Settings, act: str, person_id: int, added_at: datetime, run_id: str, day: date) -> str:
    """The token of one link. Raises CannotUnseal."""
    return sealed_fields.load(settings).token("tap", act, person_id, seconds(added_at), run_id, day)


def holder(
    session: Session, settings: Settings, act: str, person_id: int, run_id: str, day: date, given: str
) -> Person | None:
    """The lead whose link it is. None for a forged link, and for somebody who leads no runs any more.

    A number that is nobody's takes the same work. Raises CannotUnseal.
    """
    person = session.get(Person, person_id)
    expected = token(settings, act, person_id, person.added_at if person else _NEVER, run_id, day)
    is_good = hmac.compare_digest(expected, given) if given.isascii() else False
    return person if is_good and person is not None and roles.may(person.role, "co-lead") else None
