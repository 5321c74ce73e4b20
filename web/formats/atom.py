"""News of runs (Atom, RFC 4287): dates in, bytes out.

An entry is one date of one run. Its id is made of what names the date in the protocol, so that it is the same on every
node and stays through every change. A date that is held in place of another has the entry of that one, too: else a
reader would go on showing it. It is updated when the chapter signs (RFC 4287 §4.2.15): a reader that
has the date shows what is new of it. A reader keeps old copies, so no entry promises a lead.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from federation.text import tidy, tidy_line
from node.directory.listings import Occurrence

from ..language import locale
from ..words.calendars import title_words
from ..words.shared import date_words, day_and_time, place_words

MIME = "application/atom+xml"
_ATOM, _XML = "http://www.w3.org/2005/Atom", "{http://www.w3.org/XML/1998/namespace}"
#: What no XML document may have, written in any way (XML 1.0 §2.2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ElementTree.register_namespace("", _ATOM)


def feed_of(
    occurrences: Iterable[Occurrence],
    name: str,
    source: str,
    page: str,
    page_of: Callable[[Occurrence], str],
    signed_at: datetime,
) -> bytes:
    """A feed with an entry for each date.

    `source`: the feed's own address, and its id. `page`: the page that shows the same. `page_of`: the page of a date.
    `signed_at`: when the newest of what the feed is made of was signed; it dates a feed without entries.
    """
    every = list(occurrences)
    feed = Element(f"{{{_ATOM}}}feed", {f"{_XML}lang": str(locale()).replace("_", "-")})
    _text(feed, "id", source)
    _text(feed, "title", tidy_line(name))
    _text(feed, "updated", _instant(max([signed_at, *(one.freshness.signed_at for one in every)])))
    SubElement(feed, f"{{{_ATOM}}}link", rel="self", type=MIME, href=source)
    SubElement(feed, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=page)
    for one in every:
        for day in sorted({one.day, *one.moved_from}):
            _add_entry(feed, one, day, page_of(one))
    text: str = ElementTree.tostring(feed, "unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode()


def _add_entry(feed: Element, one: Occurrence, day: date, page: str) -> None:
    entry = SubElement(feed, f"{{{_ATOM}}}entry")
    _text(entry, "id", uuid5(NAMESPACE_URL, f"rtr:{one.chapter}/{one.listing.id}/{day}").urn)
    _text(entry, "title", f"{title_words(one)}, {day_and_time(one)}")
    _text(entry, "updated", _instant(one.freshness.signed_at))
    SubElement(entry, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=page)
    _text(SubElement(entry, f"{{{_ATOM}}}author"), "name", tidy_line(one.chapter_name))
    _text(entry, "content", tidy(f"{place_words(one)}\n{date_words(one)}"), type="text")


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, f"{{{_ATOM}}}{name}", attributes).text = _NOT_XML.sub("", text)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
