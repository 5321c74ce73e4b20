"""The reader's language. Every text that people read goes through `_`, `ngettext` or `N_`, and can be translated.

The address of a page may name the language by its first part: /en-us/runs. Else the browser's Accept-Language decides.
No cookie does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, g, has_request_context, request
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from node.places.countries import COUNTRIES

#: The language of the texts in the code. Who wants none of ours reads it.
DEFAULT = "en_GB"
#: Each language that pages are in, and its name for its readers. A reader of any English but ours reads the first one.
LANGUAGES: Mapping[str, str] = {DEFAULT: "English (UK)", "en_US": "English (US)"}
#: The place in a request's environment of the language that its address names.
BY_ADDRESS = "rtr.language"
#: Characters of an Accept-Language header. Browsers send fewer than 100.
_LONGEST = 500
_CATALOGUES = Path(__file__).parents[1] / "translations"


@dataclass(frozen=True)
class Reader:
    """The language that somebody reads, and our words in it."""

    locale: Locale
    words: NullTranslations

    @property
    def tag(self) -> str:
        """The language as HTML and HTTP name it: "en-GB"."""
        return tag_of(str(self.locale))

    @property
    def direction(self) -> str:
        """Where its lines begin: "ltr" from the left, "rtl" from the right."""
        return str(self.locale.text_direction)

    def in_page(self, text: str, **values: object) -> Markup:
        """`_` for templates: the text is markup, and the values are escaped."""
        words = Markup(self.words.gettext(text))  # noqa: S704 - ours
        return words % values if values else words


class Later:
    """A text of ours that is translated each time it is shown."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __str__(self) -> str:
        return _(self.source)


def start(app: Flask) -> None:
    """Let pages speak the reader's language, if it is one of ours."""
    for code in LANGUAGES:
        reader_of(code)
    app.jinja_env.globals.update(_=_in_page, ngettext=_counted_in_page, reader=reader)
    # Jinja calls a global through two contexts, for each of a page's 500 texts.
    app.context_processor(lambda: {"_": reader().in_page})
    app.after_request(_say_what_decided)


def tag_of(code: str) -> str:
    """A language as HTML and HTTP name it: "en-GB"."""
    return code.replace("_", "-")


def prefix_of(code: str) -> str:
    """The first part of the addresses of pages in a language: "/en-gb"."""
    return f"/{tag_of(code).lower()}"


def of_prefix(prefix: str) -> str | None:
    """The language of the first part of an address; None for any other part."""
    return next((code for code in LANGUAGES if prefix_of(code) == prefix), None)


def asked_in(environ: Mapping[str, Any]) -> str:
    """The language that a request asks for, by its address or else by its browser."""
    by_address: str | None = environ.get(BY_ADDRESS)
    return by_address or preferred(environ.get("HTTP_ACCEPT_LANGUAGE", ""))


def preferred(accepted: str) -> str:
    """The one of our languages that an Accept-Language header likes best."""
    return _preferred(accepted_tags(accepted), tuple(LANGUAGES))


def accepted_tags(header: str) -> tuple[str, ...]:
    """The languages (BCP 47) that an Accept-Language header takes, the best liked first."""
    return _accepted_tags(header[:_LONGEST])


@lru_cache(maxsize=64)
def _accepted_tags(header: str) -> tuple[str, ...]:
    return tuple(tag for tag, quality in parse_accept_header(header, LanguageAccept) if quality > 0)


@lru_cache(maxsize=64)
def _preferred(wanted: tuple[str, ...], ours: tuple[str, ...]) -> str:
    # Not best_match: it gives English to a reader of Austrian German who takes English, too.
    return next(filter(None, (_nearest(tag, ours) for tag in wanted)), DEFAULT)


def _nearest(tag: str, ours: tuple[str, ...]) -> str | None:
    """That very language, or the first one of ours that those who read it read, too."""
    tag = tag.lower()
    same = [code for code in ours if tag_of(code).lower() == tag]
    alike = [code for code in ours if code.partition("_")[0] == tag.partition("-")[0]]
    return next(iter(same + alike), None)


def country_of(accepted: str) -> str:
    """The country (ISO alpha-2) of the language that an Accept-Language header likes best. "en-AU" is read in
    Australia, "de" mostly in Germany. English alone is read everywhere.
    """
    return _country_of(accepted_tags(accepted))


@lru_cache(maxsize=64)
def _country_of(tags: tuple[str, ...]) -> str:
    return next(filter(None, map(_country_of_tag, tags)), "")


def _country_of_tag(tag: str) -> str:
    language, *subtags = tag.split("-")
    named = next((part.upper() for part in subtags if part.upper() in COUNTRIES), "")
    if named or language.lower() == "en":
        return named
    likely: str = get_global("likely_subtags").get(language.lower(), "")
    return likely[-2:] if likely[-2:] in COUNTRIES else ""


def _(text: str, **values: object) -> str:
    """`text` in the reader's language, with `%(name)s` filled from `values`."""
    words = reader().words.gettext(text)
    return words % values if values else words


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """`one` or `many` with `%(num)s`, as the reader's language counts."""
    return reader().words.ngettext(one, many, num) % {"num": num, **values}


def N_(text: str) -> Later:
    """`text`, translated only when it is shown: for labels that are made once."""
    return Later(text)


def _in_page(text: str, **values: object) -> Markup:
    """`_` for macros that are imported without a page."""
    return reader().in_page(text, **values)


def _counted_in_page(one: str, many: str, num: int, **values: object) -> Markup:
    """`ngettext` for templates."""
    return Markup(reader().words.ngettext(one, many, num)) % {"num": num, **values}  # noqa: S704 - ours


def locale() -> Locale:
    """The reader's language, for dates and numbers."""
    return reader().locale


def reader() -> Reader:
    """The reader of this answer, looked up once. Outside of a request the reader reads the language of the code."""
    try:
        found: Reader = g.reader
    except AttributeError:
        found = g.reader = reader_of(asked_in(request.environ) if has_request_context() else DEFAULT)
    except RuntimeError:  # no application context
        return reader_of(DEFAULT)
    return found


@lru_cache
def reader_of(code: str) -> Reader:
    """A reader of one of our languages. Its catalogue is read as people write it: no compiled copy can be stale."""
    return Reader(Locale.parse(code), words_in(code))


def words_in(code: str) -> NullTranslations:
    """Our words in a language. Without a catalogue they are those of the code."""
    file = _CATALOGUES / code / "LC_MESSAGES" / "messages.po"
    if not file.exists():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as catalogue:
        write_mo(compiled, read_po(catalogue, locale=code))
    compiled.seek(0)
    return Translations(compiled)


def _say_what_decided(response: Response) -> Response:
    """Whoever keeps an answer must know that another reader gets other words at the same address."""
    if "reader" in g and BY_ADDRESS not in request.environ and len(LANGUAGES) > 1:
        response.vary.add("Accept-Language")
    return response
