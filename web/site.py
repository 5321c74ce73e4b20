"""What every page says about its site: whose it is, and whether HQ has been heard."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup

from node.chapter import identity
from node.chapter.home import moving
from node.chapter.home.moving import Move
from node.directory import chapters, listings
from node.directory.listings import HqView, Occurrence, hq
from node.errors import MovedAway
from node.members.accounts import passkeys, roles
from node.models import Chapter, Hq

from .context import node, now, session, settings
from .http import page_cache, sessions
from .language import LANGUAGES, _, locale, prefix_of, tag_of


@dataclass(frozen=True)
class Site:
    """This site. `chapter`: the id of its chapter. `timezone`: the zone that its readers are taken to be in. `unit`: km
    or mi.
    """

    chapter: str
    name: str
    place: str
    country: str
    timezone: str
    is_hq: bool
    unit: str
    hq: HqView | None
    hq_address: str
    address: str

    @property
    def is_founded(self) -> bool:
        """Whether there is a chapter, or HQ. Before, this site is being set up, and says nothing of runs."""
        return bool(self.chapter)

    @property
    def is_out_of_touch(self) -> bool:
        """Whether HQ has not been heard for too long. HQ's own site never is."""
        return self.hq is not None and not self.hq.is_fresh and not self.is_hq

    def board(self, **query: Any) -> str:
        """The first page after signing in: HQ's board, or the leads'."""
        return url_for("hq_board.board" if self.is_hq else "board.board", **query)


def own_page(**query: Any) -> str:
    """The first page of whoever is signed in; the leads' board, or HQ's, where nobody is."""
    return site().board(**query) if leads_runs() else url_for("me.show", **query)


def has_account() -> bool:
    """Whether somebody with an account of this chapter asks."""
    return sessions.signed_in() is not None and not settings().is_hq


def leads_runs() -> bool:
    """Whether the board is there for whoever is signed in: it is for all but members. Where nobody is, it asks to."""
    found = sessions.signed_in()
    return found is None or roles.may(found.person.role, "co-lead")


def is_lead() -> bool:
    """Whether whoever is signed in may do all that a lead does."""
    found = sessions.signed_in()
    return found is not None and roles.may(found.person.role, "lead")


def hq_page_of(chapter_id: str) -> str:
    """HQ's page of a chapter, for whoever of HQ reads a public page of it; nothing for anybody else."""
    is_hq = settings().is_hq and sessions.signed_in() is not None
    return url_for("hq_chapters.chapter", chapter_id=chapter_id) if is_hq else ""


def passkey_site() -> passkeys.Site:
    """This site as a phone knows it: by the name in the address that was asked for, which is one of ours."""
    scheme = "http" if settings().network == "loopback" else "https"
    return passkeys.Site(request.host.partition(":")[0], f"{scheme}://{request.host}", site().name)


def has_passkeys() -> bool:
    """Whether a phone can have a passkey of this site. Not at HQ, and not where the address is a number (WebAuthn)."""
    return not settings().is_hq and not request.host.partition(":")[0].replace(".", "").isdigit()


def site() -> Site:
    """This site, looked up once a request at most."""
    if "site" not in g:
        g.site = page_cache.once("site", lambda: _read(identity.own(session()) if is_founded() else None))
    found: Site = g.site
    return found


def is_founded() -> bool:
    """Whether this node has a chapter, or is HQ's. It never has none again."""
    return identity.has_chapter(node())


def start(app: Flask) -> None:
    """Give templates the functions of this module."""
    pages = site, own_page, has_account, leads_runs, is_lead, hq_page_of, moved, move_title, there
    links = address, date_address, this_page, plain, versions, for_any_reader, webcal, mailto, runs_near, canonical
    for function in (*pages, site_name, *links, *_FORMS):
        app.jinja_env.globals[function.__name__] = function


def site_name(chapter_name: str) -> str:
    """What a chapter's site is called: "Run Talk Run London"."""
    return chapter_name if chapter_name.startswith("Run Talk Run") else _("Run Talk Run %(name)s", name=chapter_name)


def address(endpoint: str, **values: Any) -> str:
    """`url_for`, remembered: a board of 45 runs asks for a thousand addresses, the same ones each time."""
    return _address(request.script_root, endpoint, **values)


@lru_cache(maxsize=2048)
def _address(root: str, endpoint: str, **values: Any) -> str:
    """`root`: the part of the page's address that names its language. Each address on the page begins with it."""
    return url_for(endpoint, **values)


def date_address(one: Occurrence) -> str:
    """The page of a run, at one of its dates."""
    return address("listings.show", chapter_id=one.chapter, listing_id=one.listing.id, date=one.day.isoformat())


def this_page() -> str:
    """The address of this page, with the language that it names, without a query."""
    return request.script_root + request.path


def plain(path: str) -> str:
    """An address without the language that this page's address names: for a letter, for paper, for another site."""
    return path.removeprefix(request.script_root)


@dataclass(frozen=True)
class Version:
    """This page in one language. `tag`: "en-GB". `called`: by its readers."""

    tag: str
    called: str
    url: str
    is_this: bool


def versions() -> list[Version]:
    """This page in each language."""
    page, mine = for_any_reader(), str(locale())
    return [Version(tag_of(code), name, prefix_of(code) + page, code == mine) for code, name in LANGUAGES.items()]


def for_any_reader() -> str:
    """The address of this page that leaves the language to the browser. A long query is left out: nobody typed it, and
    each version of the page would repeat it.
    """
    query = request.query_string.decode("latin-1")
    return request.path + (f"?{query}" if 0 < len(query) <= page_cache.MAX_ADDRESS else "")


def moved() -> Move | None:
    """Where the chapter has moved to from this server; None while it lives here. Looked up once a request at most."""
    if "moved" not in g:
        g.moved = page_cache.once("moved", lambda: moving.away(session(), settings()))
    found: Move | None = g.moved
    return found


def there(move: Move | MovedAway) -> str:
    """This page on the server where the chapter lives now. What only a tap reaches has no page: then the first one."""
    if request.method in ("GET", "HEAD"):
        return move.address + for_any_reader()
    routes = current_app.create_url_adapter(request)
    has_page = routes is not None and routes.test(request.path, "GET")
    return move.address + (request.path if has_page else own_page() if request.path.startswith("/lead") else "")


def move_title(move: Move | MovedAway) -> str:
    """What a page is called that says of this server that the chapter does not live here."""
    return _("This site is moving") if move.is_here else _("This site has moved")


def webcal(path: str) -> str:
    """A link by which a calendar program goes on asking for the calendar at `path`."""
    return "webcal:" + settings().base_url.partition(":")[2] + path


def mailto(address: str, subject: str) -> str:
    """A link that opens a letter to `address`."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(subject)}"


def runs_near(place: str, country: str) -> str:
    """The search at a chapter's own place. The country goes with it: there is more than one Peterborough."""
    return url_for("listings.find", near=f"{place}, {country}")


def canonical(base_url: str | None, path: str) -> Markup:
    """Name the page on the chapter's own site as the first of its kind: every site has a page of every chapter."""
    return Markup('<link rel="canonical" href="{}{}">').format(base_url, plain(path)) if base_url else Markup("")


def contact_address(chapter_id: str, base_url: str | None, contact_form: bool) -> str:
    """Where anybody may ask a chapter something: on its own site (PROTOCOL.md §7.6). Empty where it has no form."""
    return _at_chapter(chapter_id, base_url, url_for("inbox.ask")) if contact_form else ""


def ask_address(chapter_id: str) -> str:
    """`contact_address` of a chapter of which a page knows no more than its id."""
    return page_cache.once(("ask", chapter_id), lambda: _ask_address(chapter_id))


def _ask_address(chapter_id: str) -> str:
    has_form = listings.has_contact_form(session(), chapter_id)
    return contact_address(chapter_id, chapters.base_url_of(session(), chapter_id), has_form)


def report_address(chapter_id: str, base_url: str | None, listing_id: str) -> str:
    """Where anybody may say that something about a run is out of date (PROTOCOL.md §7.6). Empty for nowhere."""
    path = url_for("inbox.ask_what", chapter_id=chapter_id, listing_id=listing_id)
    return _at_chapter(chapter_id, base_url, path)


def wish_address(place: str = "") -> str:
    """Where anybody may wish for a run at a place: on HQ's site. Empty where this site has joined no HQ."""
    path = url_for("inbox.wish", place=place or None)
    return path if site().is_hq else f"{site().hq_address}{plain(path)}" if site().hq_address else ""


def _at_chapter(chapter_id: str, base_url: str | None, path: str) -> str:
    return path if chapter_id == site().chapter else f"{base_url}{plain(path)}" if base_url else ""


#: Addresses of forms that stand on one site alone, for templates.
_FORMS = (contact_address, ask_address, report_address, wish_address)


def _read(own: Chapter | None) -> Site:
    is_hq, joined = settings().is_hq, session().get(Hq, 1)
    if own is None:
        return Site("", "Run Talk Run", "", "", "UTC", False, "km", None, "", settings().base_url)
    return Site(
        chapter=own.id,
        name=own.name if is_hq else site_name(own.name),
        place=own.place,
        country=own.country,
        timezone=own.timezone,
        is_hq=is_hq,
        unit="mi" if own.country in ("GB", "US") or locale().territory == "US" else "km",
        hq=hq(session(), now()),
        hq_address=joined.url if joined else "",
        address=settings().base_url,
    )
