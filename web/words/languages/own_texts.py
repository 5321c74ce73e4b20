"""What a chapter wrote, in the language that fits the reader; and all that it wrote in other languages."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from federation.documents import Listing, MeetingPoint, Notice
from federation.text import tidy_line
from node.directory.listings import ChapterView

from ...language import N_, _
from ...text_language import chosen
from ..facts.notices import notice_days
from ..texts import bdi
from .names import LEFTWARD, language_name

#: What has texts in several languages.
Written = Listing | MeetingPoint | Notice | ChapterView
#: The texts of each, in the order of a page, with what stands before them.
_TEXTS: dict[type, dict[str, object]] = {
    MeetingPoint: {
        "directions": N_("How to find it"),
        "public_transport": N_("Public transport"),
        "parking": N_("Parking"),
    },
    Listing: {
        "look_for": N_("Who to look for"),
        "what_happens": N_("What happens"),
        "bring": N_("What to bring"),
        "accessibility": N_("Access: getting there and getting around"),
    },
    ChapterView: {"about": N_("About the chapter")},
    Notice: {"text": ""},
}


@dataclass(frozen=True)
class OwnText:
    """A text and its language (BCP 47), empty where the chapter does not say."""

    text: str
    language: str

    @property
    def attributes(self) -> Markup:
        """`lang` and `dir` of the element that has the text."""
        if not self.language:
            return Markup(' dir="auto"')
        direction = "rtl" if self.language.partition("-")[0] in LEFTWARD else "auto"
        return Markup(' lang="{}" dir="{}"').format(self.language, direction)

    @property
    def inline(self) -> Markup:
        """The text inside a sentence."""
        if not self.language:
            return bdi(self.text)
        return Markup('<bdi lang="{}">{}</bdi>').format(self.language, tidy_line(self.text))


@dataclass(frozen=True)
class OtherLanguage:
    """What a page's texts say in a language that they are not shown in: (what it is, the text) of each."""

    tag: str
    endonym: str
    texts: list[tuple[str, OwnText]]


def own_text(of: Written, name: str) -> OwnText:
    """The text `name` of a run, a point, a chapter or a notice, in the language that fits the reader."""
    first = of.text_language or ""
    there = [tag for tag in dict.fromkeys((first, *of.translations)) if _in(of, name, tag)]
    language = chosen(tuple(there or [first]))
    return OwnText(_in(of, name, language), language)


def look_for(listing: Listing) -> Markup:
    """How to know the lead; nothing where the chapter does not say."""
    said = own_text(listing, "look_for")
    return Markup(_("Look for: %(whom)s")) % {"whom": said.inline} if said.text else Markup()  # noqa: S704 - ours


def also_in(every: Iterable[Written]) -> list[OtherLanguage]:
    """All that the texts of a page say in other languages than those in which the page shows them."""
    things = list(every)
    tags = dict.fromkeys(tag for of in things for tag in (of.text_language or "", *of.translations) if tag)
    found = [OtherLanguage(tag, language_name(tag), _said_in(things, tag)) for tag in tags]
    return [one for one in found if one.texts]


def _said_in(things: list[Written], tag: str) -> list[tuple[str, OwnText]]:
    texts = [(of, name, words) for of in things for name, words in _TEXTS[type(of)].items()]
    return [
        (str(words) or notice_days(of), OwnText(text, tag))  # type: ignore[arg-type]  # only a notice has no words
        for of, name, words in texts
        if own_text(of, name).language != tag and (text := _in(of, name, tag))
    ]


def _in(of: Written, name: str, tag: str) -> str:
    """The text in a language; nothing where there is none."""
    if tag == (of.text_language or ""):
        return str(getattr(of, name))
    return str(getattr(of.translations.get(tag), name, ""))
