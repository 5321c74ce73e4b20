"""What chapters write in their own words, in further languages (PROTOCOL.md §7.9)."""

from typing import Annotated, TypeVar

from msgspec import Meta

from ..words import LanguageTag
from .base import Document, Line, Paragraph, Sentences

#: Languages beside the one that a text was written in first.
MAX_TRANSLATIONS = 8


class PointTexts(Document, frozen=True):
    """The texts of a meeting point in another language (§7.9)."""

    directions: Paragraph = ""
    public_transport: Sentences = ""
    parking: Sentences = ""


class ListingTexts(Document, frozen=True):
    """The texts of a listing in another language (§7.9)."""

    look_for: Line = ""
    what_happens: Paragraph = ""
    bring: Line = ""
    accessibility: Paragraph = ""


class ProfileTexts(Document, frozen=True):
    """The texts of a profile in another language (§7.9)."""

    about: Paragraph = ""


class NoticeTexts(Document, frozen=True):
    """The text of a notice in another language (§7.9)."""

    text: Sentences = ""


Texts = TypeVar("Texts", PointTexts, ListingTexts, ProfileTexts, NoticeTexts)
#: The texts of one object in further languages, by language.
Translations = Annotated[dict[LanguageTag, Texts], Meta(max_length=MAX_TRANSLATIONS)]
