"""The reader's language. Every text that people read goes through `_`, `ngettext` or `N_`, and can be translated."""

from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations

import flask_babel
from babel import Locale, negotiate_locale
from babel.core import get_global
from flask import Flask, g, request
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from node.places.countries import COUNTRIES

DEFAULT = "en"
#: English, until a translation comes.
LANGUAGES = [DEFAULT]


@dataclass(frozen=True)
class Reader:
    """The language that somebody reads, and our words in it."""

    locale: Locale
    words: NullTranslations

    def in_page(self, text: str, **values: object) -> Markup:
        """`_` for templates: the text is markup, and the values are escaped."""
        words = Markup(self.words.gettext(text))  # noqa: S704 - ours
        return words % values if values else words


def start(app: Flask) -> None:
    """Let pages speak the reader's language, if it is one of ours."""
    flask_babel.Babel(
        app, default_locale=DEFAULT, locale_selector=lambda: preferred(request.headers.get("Accept-Language", ""))
    )
    # Flask-Babel's own `_` looks up domain, language and catalogue for each of a page's 500 texts, and Jinja calls it
    # through two contexts. That was most of the page's time.
    app.context_processor(lambda: {"_": _reader().in_page})


@lru_cache(maxsize=64)
def preferred(accepted: str) -> str:
    """The one of our languages that an Accept-Language header likes best."""
    # Not best_match: it gives English to a reader of Austrian German who takes English, too.
    wanted = [tag for tag, quality in parse_accept_header(accepted, LanguageAccept) if quality > 0]
    return negotiate_locale(wanted, LANGUAGES, sep="-") or DEFAULT


@lru_cache(maxsize=64)
def country_of(accepted: str) -> str:
    """The country (ISO alpha-2) of the language that an Accept-Language header likes best. "en-AU" is read in
    Australia, "de" mostly in Germany. English alone is read everywhere.
    """
    tags = [tag for tag, quality in parse_accept_header(accepted, LanguageAccept) if quality > 0]
    return next(filter(None, map(_country_of_tag, tags)), "")


def _country_of_tag(tag: str) -> str:
    language, *subtags = tag.split("-")
    named = next((part.upper() for part in subtags if part.upper() in COUNTRIES), "")
    if named or language.lower() == DEFAULT:
        return named
    likely: str = get_global("likely_subtags").get(language.lower(), "")
    return likely[-2:] if likely[-2:] in COUNTRIES else ""


def _(text: str, **values: object) -> str:
    """`text` in the reader's language, with `%(name)s` filled from `values`."""
    words = _reader().words.gettext(text)
    return words % values if values else words


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """`one` or `many` with `%(num)s`, as the reader's language counts."""
    return _reader().words.ngettext(one, many, num) % {"num": num, **values}


def locale() -> Locale:
    """The reader's language, for dates and numbers."""
    return _reader().locale


def _reader() -> Reader:
    """The reader of this answer, looked up once. Outside of a request the reader reads English."""
    try:
        found: Reader = g.reader
    except AttributeError:
        language = flask_babel.get_locale() or _NOBODY.locale
        # Our texts are English already. Babel's empty catalogue would be searched for each, in three ways.
        found = g.reader = _NOBODY if language == _NOBODY.locale else Reader(language, flask_babel.get_translations())
    except RuntimeError:  # no application context
        return _NOBODY
    return found


_NOBODY = Reader(Locale.parse(DEFAULT), NullTranslations())


def N_(text: str) -> object:
    """`text`, translated only when it is shown: for labels that are made once."""
    return flask_babel.lazy_gettext(text)
