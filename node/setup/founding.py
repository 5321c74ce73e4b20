"""The chapter of the set-up: what was typed of it, and the moment at which it is founded."""

from datetime import datetime

from sqlalchemy.orm import Session

from federation.keys import SigningKey

from ..chapter import identity
from ..chapter.profile import ProfileInput, check_profile
from ..config import Settings
from ..database import writing
from ..errors import NodeError
from ..models import SetUp

#: What the set-up asks for. Leads add the rest on their page of the chapter.
_KEPT = ("name", "place", "country", "timezone")


class FoundedAlready(NodeError):
    """The chapter is founded: another page was quicker, and its paper key is the one that counts."""


def keep_profile(session: Session, profile: ProfileInput) -> None:
    """Keep what was typed of the chapter until it is founded. Raises InvalidInput, FoundedAlready."""
    check_profile(profile)
    with writing(session, is_private=True) as transaction:
        _require_none(transaction)
        transaction.get_one(SetUp, 1).profile = {name: getattr(profile, name) for name in _KEPT}


def kept_profile(session: Session) -> ProfileInput | None:
    """What was kept so."""
    found = session.get(SetUp, 1)
    if found is None or not found.profile:
        return None
    name, place, country, timezone = (found.profile[one] for one in _KEPT)
    return ProfileInput(name, place, country, timezone)


def found(session: Session, settings: Settings, root_key: SigningKey, now: datetime) -> None:
    """Found the chapter that was typed, with the root key that is on paper. Raises FoundedAlready.

    The root key is neither written nor logged. It was made for a page, and came back once it was on paper.
    """
    with writing(session) as transaction:
        _require_none(transaction)
        profile = kept_profile(transaction)
        assert profile is not None  # noqa: S101 - the page before asks for it
        # Left by a process that ended before it could found the chapter.
        settings.signing_key_file.unlink(missing_ok=True)
        identity.enter_chapter(transaction, settings, profile, SigningKey.generate(), root_key, now)


def _require_none(session: Session) -> None:
    if identity.is_founded(session):
        raise FoundedAlready("the chapter is founded already")
