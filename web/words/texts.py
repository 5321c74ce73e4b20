"""Text that people wrote, as pages show it: tidy, and isolated from the text around it (PROTOCOL.md §2.3)."""

import unicodedata
from functools import lru_cache

from markupsafe import Markup, escape

from federation.text import MOST_KEPT, tidy, tidy_line

from ..language import locale

_FIRST_STRONG, _POP = "\u2068", "\u2069"
#: Classes of Unicode's bidirectional algorithm that run, or may run, from right to left.
_LEFTWARD = frozenset({"R", "AL", "AN"})


def bdi(text: str | None) -> Markup:
    """A name or a few words, in an element of their own. Where text and page both run from left to right, they need
    none.
    """
    shown = tidy_line(text or "")
    return Markup("<bdi>{}</bdi>").format(shown) if _is_to_isolate(shown) else escape(shown)


def isolated(text: str | None) -> str:
    """A name or a few words inside a sentence, an attribute or a title, where no element can stand."""
    shown = tidy_line(text or "")
    return f"{_FIRST_STRONG}{shown}{_POP}" if _is_to_isolate(shown) else shown


def paragraphs(text: str | None) -> str:
    """A longer text. Its place is an element of its own with `dir="auto"`."""
    return tidy(text or "")


def _is_to_isolate(text: str) -> bool:
    runs_leftward = _is_leftward(text) if len(text) <= MOST_KEPT else _runs_leftward(text)
    return runs_leftward or (bool(text) and locale().character_order == "right-to-left")


def _runs_leftward(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(one) in _LEFTWARD for one in text)


#: `_runs_leftward`, remembered: a name comes again on every page.
_is_leftward = lru_cache(maxsize=2048)(_runs_leftward)
