"""What a page's head tells other programs: what the page is, its picture, its feeds, its facts."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import url_for
from markupsafe import Markup

from federation.text import tidy, tidy_line
from node.directory.listings import ChapterView, ListingView, Occurrence

from ..formats import jsonld
from ..language import _, locale
from ..site import plain, site, site_name
from ..words.calendars import name_words, title_words
from ..words.shared import about_words, come_words, date_words
from ..words.states import is_off
from ..words.texts import isolated
from . import pictures

ATOM, CALENDAR = "application/atom+xml", "text/calendar"
#: Characters of a description. Search engines and messengers show fewer.
_LONGEST = 200


@dataclass(frozen=True)
class Feed:
    """The page's content in another form. `url`: a path on this site."""

    type: str
    title: str
    url: str


@dataclass(frozen=True)
class Head:
    """A page as other programs show it. `url`, `picture`: absolute. `facts`: a block of JSON-LD, or None."""

    title: str
    description: str
    url: str
    picture: str
    feeds: tuple[Feed, ...] = ()
    facts: Markup | None = None

    @property
    def language(self) -> str:
        """The language of the page as OpenGraph writes it: "en_GB"."""
        return str(locale())


def of_run(view: ListingView, picked: Occurrence | None) -> Head:
    """The page of a run. `picked`: the date that the address names: it is told only where it is off, for the message
    that the link was sent in may be read after a cancellation.
    """
    off = picked if picked and is_off(picked) else None
    path = url_for("listings.show", chapter_id=view.chapter, listing_id=view.listing.id)
    return Head(
        title_words(off) if off else name_words(view.listing, view.chapter_name),
        _short(date_words(off) if off else about_words(view)),
        f"{view.base_url or site().address}{plain(path)}" + (f"?date={off.day}" if off else ""),
        pictures.of_run(view, off),
        (
            Feed(CALENDAR, name_words(view.listing, view.chapter_name), f"{path}/calendar.ics"),
            _atom(view.chapter, view.chapter_name),
        ),
        jsonld.data_block(jsonld.events(view, _date_page(view), pictures.of_run(view, None))),
    )


def of_chapter(chapter: ChapterView, path: str) -> Head:
    """A page about a chapter: its own, or the first one of its site."""
    calendar = Feed(CALENDAR, isolated(site_name(chapter.name)), url_for("calendars.chapter", chapter_id=chapter.id))
    return Head(
        isolated(site_name(chapter.name)),
        _short(tidy(chapter.about) or come_words()),
        f"{chapter.base_url or site().address}{plain(path)}",
        pictures.of_chapter(chapter),
        (calendar, _atom(chapter.id, chapter.name)),
        jsonld.data_block([jsonld.organization(chapter)]),
    )


def of_site(title: str, path: str, *feeds: Feed) -> Head:
    """A page that is about no single chapter."""
    return Head(title, _about_all(), site().address + plain(path), pictures.of_site(), feeds)


def of_hq(path: str) -> Head:
    """HQ's first page."""
    facts = jsonld.data_block([jsonld.movement(site().name, site().address)])
    return replace(of_site(isolated(site().name), path), facts=facts)


def of_own(path: str) -> Head:
    """The first page of a chapter that HQ does not list."""
    return of_site(isolated(site().name), path)


def _about_all() -> str:
    return _("Gentle runs and walks with someone to talk to. Come as you are. There’s nothing to sign up for.")


def _atom(chapter_id: str, name: str) -> Feed:
    return Feed(ATOM, isolated(site_name(name)), url_for("feeds.chapter", chapter_id=chapter_id))


def _date_page(view: ListingView) -> Callable[[Occurrence], str]:
    """The addresses of a run's dates on its chapter's own site."""
    base_url = view.base_url or site().address
    path = plain(url_for("listings.show", chapter_id=view.chapter, listing_id=view.listing.id))
    return lambda one: f"{base_url}{path}?date={one.day}"


def _short(text: str) -> str:
    """`text` on one line, cut between two words."""
    line = tidy_line(text)
    return isolated(line if len(line) <= _LONGEST else line[:_LONGEST].rpartition(" ")[0] + "…")
