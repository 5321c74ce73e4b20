"""One rule for text that people wrote (PROTOCOL.md §2.3): what is refused, what a name needs, what pages show."""

import re
import unicodedata
from functools import lru_cache

#: A document with one of these in a text is refused: they end lines, ring bells, or turn the text of a page around.
REFUSED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
#: Characters that nobody sees, or that only move the text around them. Joiners stay, for emoji and many scripts.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
#: Letters and symbols that are drawn as nothing.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
#: Combining marks on one character, and lines of one text, that a page shows.
MOST_MARKS, MOST_LINES = 4, 40
#: Characters of a text that may be kept in memory: what a stranger wrote must not fill it.
MOST_KEPT = 200


def is_visible(text: str) -> bool:
    """Whether there is anything in `text` to be seen: a letter, digit, sign or symbol that is not drawn as nothing."""
    if text.isascii() and text.isprintable():
        return bool(text.strip())
    return any(unicodedata.category(one)[0] in "LNPS" and one not in _BLANK for one in text)


def tidy(text: str) -> str:
    """`text` as it may be shown or stored.

    It has no characters that nobody sees, at most one empty line between others, at most MOST_LINES lines, and no tower
    of combining marks.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    seen = _UNSEEN.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " ")).strip()
    *lines, rest = _EMPTY_LINES.sub("\n\n", seen).split("\n", MOST_LINES - 1)
    return _without_towers("\n".join([*lines, rest.replace("\n", " ")]))


def tidy_line(text: str) -> str:
    """`text` on one line, as it may be shown or stored as a name."""
    return _kept_line(text) if len(text) <= MOST_KEPT else _line(text)


def _line(text: str) -> str:
    return " ".join(tidy(text).split())


@lru_cache(maxsize=2048)
def _kept_line(text: str) -> str:
    """Cached, since the same names come on every page."""
    return _line(text)


def _without_towers(text: str) -> str:
    if text.isascii():
        return text
    kept, height = [], 0
    for one in text:
        height = height + 1 if unicodedata.category(one) in ("Mn", "Me") else 0
        if height <= MOST_MARKS:
            kept.append(one)
    return "".join(kept)
