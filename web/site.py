"""What every page says about its node: whose it is, and how far HQ has been heard."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import Flask, g, url_for
from markupsafe import Markup

from node.chapter import identity
from node.directory.listings import HqView, hq
from node.models import Chapter

from .context import now, session, settings
from .http import page_cache
from .language import _


@dataclass(frozen=True)
class Site:
    """The node in the words of its pages. `chapter`: its own id; `timezone`: where its readers are taken to be; `unit`:
    km or mi.
    """

    chapter: str
    name: str
    place: str
    country: str
    timezone: str
    is_hq: bool
    unit: str
    hq: HqView | None
    address: str

    @property
    def is_out_of_touch(self) -> bool:
        """Whether HQ has not been heard from for too long. HQ's own node has nobody to hear that from."""
        return self.hq is not None and not self.hq.is_fresh and not self.is_hq

    def board(self, **query: Any) -> str:
        """The first page after signing in: HQ's board, or the leads'."""
        return url_for("hq_board.board" if self.is_hq else "board.board", **query)


def site() -> Site:
    """This node, looked up once a request at most; NotFound before `rtr init`."""
    if "site" not in g:
        g.site = page_cache.once("site", lambda: _read(identity.own(session())))
    found: Site = g.site
    return found


def start(app: Flask) -> None:
    """Give templates the functions of this module."""
    for function in (site, address, mailto, runs_near, help_for, canonical):
        app.jinja_env.globals[function.__name__] = function


@lru_cache(maxsize=2048)
def address(endpoint: str, **values: Any) -> str:
    """The same as `url_for`, remembered: a board of 45 runs asks for a thousand addresses, each time for the same."""
    return url_for(endpoint, **values)


def mailto(address: str, subject: str) -> str:
    """A link that opens a letter to `address`."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(subject)}"


def runs_near(place: str, country: str) -> str:
    """The search at a chapter's own place: with its country, for there is more than one Peterborough."""
    return url_for("listings.find", near=f"{place}, {country}")


def help_for(country: str) -> str:
    """The help lines, those of `country` first."""
    return url_for("home.help_page", country=country)


def canonical(base_url: str | None, path: str) -> Markup:
    """A page of a chapter is on every node: which is the first of them, at the chapter's own address, if we know it."""
    return Markup('<link rel="canonical" href="{}{}">').format(base_url, path) if base_url else Markup("")


def _read(own: Chapter) -> Site:
    is_hq = settings().is_hq
    return Site(
        chapter=own.id,
        name=own.name if is_hq or own.name.startswith("Run Talk Run") else _("Run Talk Run %(name)s", name=own.name),
        place=own.place,
        country=own.country,
        timezone=own.timezone,
        is_hq=is_hq,
        unit="mi" if own.country in ("GB", "US") else "km",
        hq=hq(session(), now()),
        address=settings().base_url,
    )
