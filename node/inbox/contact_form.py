"""Whether anybody may ask the leads something by a form. It is off until a lead turns it on."""

from datetime import datetime

from sqlalchemy.orm import Session

from ..chapter import publishing
from ..config import Settings
from ..database import writing
from ..models import Chapter


def is_open(session: Session) -> bool:
    """Whether the form takes questions."""
    own = session.get(Chapter, 1)
    return own is not None and own.contact_form


def set_open(session: Session, settings: Settings, wanted: bool, now: datetime) -> None:
    """Open the form or close it, and sign that, so that every site links to it or stops. Raises CannotSign."""
    with writing(session) as transaction:
        own = transaction.get_one(Chapter, 1)
        if own.contact_form == wanted:
            return
        own.contact_form = wanted
        publishing.publish(transaction, settings, now, urgent=False)
