"""The one door for texts: all that people read goes through `_`, `ngettext` or `N_`, so that it can be translated."""

import flask_babel
from babel import Locale
from flask import Flask

DEFAULT = "en"


def start(app: Flask) -> None:
    """English, until a translation comes."""
    flask_babel.Babel(app, default_locale=DEFAULT, locale_selector=lambda: DEFAULT)


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
