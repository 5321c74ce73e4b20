"""The one door for texts: all that people read goes through `_`, `ngettext` or `N_`, so that it can be translated."""

from functools import lru_cache

import flask_babel
from babel import Locale, negotiate_locale
from flask import Flask, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

DEFAULT = "en"
#: English, until a translation comes.
LANGUAGES = [DEFAULT]


def start(app: Flask) -> None:
    """Pages speak the reader's language, where it is one of ours."""
    flask_babel.Babel(
        app, default_locale=DEFAULT, locale_selector=lambda: preferred(request.headers.get("Accept-Language", ""))
    )


@lru_cache(maxsize=256)
def preferred(accepted: str) -> str:
    """The one of our languages that an Accept-Language header likes best."""
    # Not best_match: to who reads Austrian German, and English if it must be, it gives English.
    wanted = [tag for tag, quality in parse_accept_header(accepted, LanguageAccept) if quality > 0]
    return negotiate_locale(wanted, LANGUAGES, sep="-") or DEFAULT


def _(text: str, **values: object) -> str:
    """`text` in the reader's language, with `%(name)s` filled from `values`."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """`one` or `many` with `%(num)s`, as the reader's language counts."""
    return str(flask_babel.ngettext(one, many, num, **values))


def locale() -> Locale:
    """The reader's language, for dates and numbers."""
    return flask_babel.get_locale() or Locale.parse(DEFAULT)


def N_(text: str) -> object:
    """`text`, put into the reader's language only when it is shown: for labels that are made once."""
    return flask_babel.lazy_gettext(text)
