"""The chapter's profile: how it presents itself."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from federation.documents import Profile, most_of
from federation.text import tidy

from ..config import Settings
from ..database import writing
from ..input import stale_pages
from ..input.validation import check_texts, check_zone, refuse
from ..models import Chapter
from ..places.countries import COUNTRIES
from . import publishing

LIMITS = {name: most_of(Profile, name) for name in ("name", "place", "about")}
REQUIRED = frozenset({"name", "place"})


@dataclass(frozen=True)
class ProfileInput:
    """What a lead says of the chapter. `country`: ISO 3166-1 alpha-2. `timezone`: IANA; new runs are offered it."""

    name: str
    place: str
    country: str
    timezone: str
    about: str = ""

    def columns(self) -> dict[str, str]:
        """The texts as the table has them, without stray spaces and line ends."""
        return {name: tidy(value) for name, value in asdict(self).items()}


def check_profile(profile: ProfileInput) -> None:
    """Raise InvalidInput if the profile cannot be listed."""
    columns = profile.columns()
    problems = check_texts({name: columns[name] for name in LIMITS}, LIMITS, REQUIRED)
    if profile.country not in COUNTRIES:
        problems["country"] = "unknown_country"
    refuse(problems | check_zone(profile.timezone))


def mark_of(chapter: Chapter) -> str:
    """The mark of a profile as its form shows it (node.input.stale_pages)."""
    return stale_pages.mark(_stored(chapter))


def edit_profile(
    session: Session, settings: Settings, profile: ProfileInput, now: datetime, saw: str | None = None
) -> None:
    """Keep a profile and sign it. The same profile again changes nothing.

    `saw`: the mark of the profile that the page showed. Raises StalePage if it is another one by now.
    """
    check_profile(profile)
    columns = profile.columns()
    with writing(session) as transaction:
        chapter = transaction.get_one(Chapter, 1)
        if _stored(chapter) == columns:
            return
        stale_pages.require(saw, mark_of(chapter))
        for name, value in columns.items():
            setattr(chapter, name, value)
        publishing.require_room(transaction, now)
        publishing.publish(transaction, settings, now, urgent=False)


def _stored(chapter: Chapter) -> dict[str, str]:
    return {name: getattr(chapter, name) for name in ProfileInput.__dataclass_fields__}
