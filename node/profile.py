"""The chapter's profile: how it presents itself."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from federation.text import tidy

from . import publishing
from .config import Settings
from .countries import COUNTRIES
from .database import writing
from .models import Chapter
from .validation import check_texts, check_zone, refuse

LIMITS = {"name": 80, "place": 80, "about": 1000}


@dataclass(frozen=True)
class ProfileInput:
    """What a lead says of the chapter. `country`: ISO 3166-1 alpha-2; `timezone`: IANA, offered for new runs."""

    name: str
    place: str
    country: str
    timezone: str
    about: str = ""

    def columns(self) -> dict[str, str]:
        """As the table has them, line ends made one."""
        return {name: tidy(value) for name, value in asdict(self).items()}


def check_profile(profile: ProfileInput) -> None:
    """Raise InvalidInput if it cannot be listed."""
    columns = profile.columns()
    problems = check_texts({name: columns[name] for name in LIMITS}, LIMITS, frozenset({"name", "place"}))
    if profile.country not in COUNTRIES:
        problems["country"] = "unknown_country"
    refuse(problems | check_zone(profile.timezone))


def edit_profile(session: Session, settings: Settings, profile: ProfileInput, now: datetime) -> None:
    """Keep it and sign it."""
    check_profile(profile)
    with writing(session):
        chapter = session.get_one(Chapter, 1)
        for name, value in profile.columns().items():
            setattr(chapter, name, value)
        publishing.require_room(session, now)
        publishing.publish(session, settings, now, urgent=False)
