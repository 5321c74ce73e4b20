"""Names as they are compared, whatever their accents, punctuation and small words. Pure."""

import re
import unicodedata

#: Letters that no accent makes, and so Unicode does not take apart.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"})
_APOSTROPHES = re.compile(r"['`\u00b4\u02bb\u02bc\u2018\u2019]")
_NO_WORD = re.compile(r"[\W_]+")
_SAINT = re.compile(r"\bsaint\b")
_CROSS = re.compile(r"(?<=\w )x\b")
_INITIALS = re.compile(r"\b(\w)\.(?=\w\b)")
#: Words that people leave out: "Elephant Castle", "Barrow Furness".
_SMALL_WORDS = frozenset({"the", "and", "on", "upon", "in", "of", "under", "by"})


def fold(text: str) -> str:
    """`text` as names are compared: no case, accent or apostrophe, other punctuation as one space, "st" for "saint",
    "dc" for "D.C.", "cross" for the "x" of "King's X".
    """
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold()).translate(_LETTERS)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = _NO_WORD.sub(" ", _INITIALS.sub(r"\1", bare.replace("&", " and "))).strip()
    return _CROSS.sub("cross", _SAINT.sub("st", words))


def squash(folded: str) -> str:
    """A folded name as two names are compared: without spaces, and without the small words inside it."""
    words = folded.split()
    inner = [word for word in words[1:-1] if word not in _SMALL_WORDS]
    return "".join([*words[:1], *inner, *words[1:][-1:]])
