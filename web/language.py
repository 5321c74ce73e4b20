"""The one door for texts: everything a person reads goes through `_` or `plural`, so that it can be translated."""

from babel import Locale
from flask import Flask
from flask_babel import Babel, get_locale, gettext, ngettext

DEFAULT = "en"


def start(app: Flask) -> None:
    """English, until a translation comes."""
    Babel(app, default_locale=DEFAULT, locale_selector=lambda: DEFAULT)


def _(text: str, **values: object) -> str:
    """`text` in the reader's language, with `%(name)s` filled from `values`."""
    return str(gettext(text, **values))


def plural(one: str, many: str, num: int, **values: object) -> str:
    """`one` or `many` with `%(num)s`, as the reader's language counts."""
    return str(ngettext(one, many, num, **values))


def locale() -> Locale:
    """The reader's language, for dates and numbers."""
    return get_locale() or Locale.parse(DEFAULT)
