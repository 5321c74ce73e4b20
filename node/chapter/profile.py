"""The chapter's profile: how it presents itself."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from federation.documents import Profile, ProfileTexts, most_of
from federation.text import tidy

from ..config import Settings
from ..database import writing
from ..input import stale_pages, translations
from ..input.translations import Translations
from ..input.validation import check_texts, check_zone, refuse
from ..models import Chapter
from ..places.countries import COUNTRIES
from . import publishing

LIMITS = {name: most_of(Profile, name) for name in ("name", "place", "about")}
REQUIRED = frozenset({"name", "place"})
#: What may be written in several languages.
TRANSLATED = ProfileTexts.__struct_fields__


@dataclass(frozen=True)
class ProfileInput:
    """What a lead says of the chapter. `country`: ISO 3166-1 alpha-2. `timezone`: IANA; new runs are offered it.
    `text_language`, `translations`: as in Chapter.
    """

    name: str
    place: str
    country: str
    timezone: str
    about: str = ""
    text_language: str | None = None
    translations: Translations = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """The values as the table has them, without stray spaces and line ends."""
        kept = {name: tidy(value) for name, value in asdict(self).items() if isinstance(value, str)}
        return kept | {
            "text_language": self.text_language,
            "translations": translations.tidied(self.translations),
        }


def check_profile(profile: ProfileInput) -> None:
    """Raise InvalidInput if the profile cannot be listed."""
    columns = profile.columns()
    problems = check_texts({name: columns[name] for name in LIMITS}, LIMITS, REQUIRED)
    if profile.country not in COUNTRIES:
        problems["country"] = "unknown_country"
    problems |= translations.check(profile.text_language, profile.translations, {n: LIMITS[n] for n in TRANSLATED})
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


def _stored(chapter: Chapter) -> dict[str, Any]:
    return {name: getattr(chapter, name) for name in ProfileInput.__dataclass_fields__}
