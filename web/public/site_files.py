"""The files that machines look for at fixed addresses: robots.txt, favicon.ico, the manifest, sitemap.xml."""

import json
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, send_file, url_for
from markupsafe import escape

from ..context import settings
from ..http import limits
from ..http.assets import asset
from ..language import LANGUAGES, prefix_of, tag_of
from ..site import site
from .home import listed_chapter

bp = Blueprint("site_files", __name__)
limits.pages(bp)

_ICONS = ((180, "icon-180.png"), (512, "icon-512.png"))
#: As in theme.css: a manifest knows no variables.
_PAPER = "#faf5ec"
_ICON = Path(__file__).parents[1] / "static" / "favicon.ico"
#: Pages behind the sign-in or behind a secret in the address, and addresses of other nodes.
_NOT_FOR_ROBOTS = (
    *("/lead", "/hq", "/me", "/setup", "/signin", "/invited"),
    *("/c/", "/m/", "/coming", "/confirm", "/tap", "/check/", "/stop", "/fed/"),
)
#: The views of the maps: each links to others without an end, and none has a run that its page does not list.
_VIEWS = "/*map="


@bp.get("/robots.txt")
def robots() -> Response:
    """Let machines read the public pages."""
    prefixes = ("", *map(prefix_of, LANGUAGES))
    lines = ["User-agent: *", *(f"Disallow: {prefix}{path}" for prefix in prefixes for path in _NOT_FOR_ROBOTS)]
    lines += [f"Disallow: {_VIEWS}", "", f"Sitemap: {settings().base_url}/sitemap.xml", ""]
    return _kept(Response("\n".join(lines), mimetype="text/plain"), 3600)


@bp.get("/favicon.ico")
def favicon() -> Response:
    """Give the mark to programs that do not look at the page's link to it."""
    return _kept(send_file(_ICON, mimetype="image/vnd.microsoft.icon"), 7 * 86_400)


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    """Say how the site looks on a phone's first screen. It opens at the first page, by the address that all have."""
    icons = [{"src": asset(name), "sizes": f"{side}x{side}", "type": "image/png"} for side, name in _ICONS]
    content = {
        "name": site().name,
        "short_name": site().place or site().name,
        "start_url": url_for("home.home"),
        "display": "browser",
        "background_color": _PAPER,
        "theme_color": _PAPER,
        "icons": icons,
    }
    return _kept(Response(json.dumps(content), mimetype="application/manifest+json"), 3600)


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """List our own pages, each with its versions in all languages. Another chapter's runs are in the list of its own
    site, which knows them first.
    """
    urls = "".join(map(_entry, _ours()))
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{urls}</urlset>\n'
    )
    return _kept(Response(text, mimetype="application/xml"), 3600)


def _entry(path: str) -> str:
    """A page, and its versions as search engines want them: each page names all, itself too."""
    base = settings().base_url
    versions = [(tag_of(code), base + prefix_of(code) + path) for code in LANGUAGES] + [("x-default", base + path)]
    links = "".join(f'<xhtml:link rel="alternate" hreflang="{tag}" href="{escape(url)}"/>' for tag, url in versions)
    return f"<url><loc>{escape(base + path)}</loc>{links}</url>\n"


def _ours() -> Iterator[str]:
    yield url_for("home.home")
    if settings().is_hq:
        yield from (url_for("listings.find"), url_for("listings.chapters"))
    # Nothing while HQ does not list the chapter: its addresses would lead to an error.
    elif view := listed_chapter(site().chapter):
        yield url_for("listings.chapter", chapter_id=view.id)
        yield from (url_for("listings.show", chapter_id=view.id, listing_id=run.listing.id) for run in view.listings)
    yield from (url_for("home.help_page"), url_for("home.privacy"))


def _kept(response: Response, seconds: int) -> Response:
    """Let browsers and proxies keep a file for a while: no file here says when a run is."""
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response
