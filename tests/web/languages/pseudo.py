"""Languages that nobody speaks, made from our own texts: they show which words on a page are in no catalogue.

Each text stands in brackets, in letters with accents, a third longer. Days and the names of countries come from Babel,
in Greek letters or in Hebrew ones, so whatever stands on a page in plain Latin letters and outside of brackets is hard-
wired, or was written by people. No reader is ever offered such a language: it is in no list of the program.
"""

import re
from gettext import NullTranslations

import pytest
from babel import Locale
from babel.messages.catalog import Catalog

from web import language

#: One from the left, one from the right; with the letters that Babel's own words are in.
LEFT, RIGHT = "el", "he"
#: What is the same in each language: values to fill in, markup, entities.
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]+>|&\w+;|https?://\S+)")
_ACCENTS = str.maketrans("aceghijlnorstuwyzACEGHIJLNORSTUWYZ", "àçéĝĥîĵļñôŕšţûŵýžÀÇÉĜĤÎĴĻÑÔŔŠŢÛŴÝŽ")
#: What makes a text longer: six letters, in words of no great length.
_MORE = " ~~~~~"


def written(text: str) -> str:
    """A text of ours in such a language."""
    parts = [part if number % 2 else part.translate(_ACCENTS) for number, part in enumerate(_KEPT.split(text))]
    return f"⟦{''.join(parts)}{(_MORE * len(text))[: len(text) // 3]}⟧"


def catalogue(texts: dict[str, tuple[str, ...]], code: str) -> Catalog:
    """All of our texts in such a language, as a translator would hand them in."""
    made = Catalog(locale=code)
    for whole in texts.values():
        strings = tuple(map(written, whole))
        made.add(whole if len(whole) > 1 else whole[0], strings if len(whole) > 1 else strings[0])
    return made


class Pseudo(NullTranslations):
    """Texts from such a catalogue. One that is in none comes out as it is."""

    def __init__(self, made: Catalog) -> None:
        super().__init__()
        self._texts = {one: string for entry in made if entry.id for one, string in _pairs(entry.id, entry.string)}

    def gettext(self, message: str) -> str:
        return self._texts.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def _pairs(texts: str | tuple[str, ...], strings: str | tuple[str, ...]) -> list[tuple[str, str]]:
    return list(zip(texts, strings, strict=True)) if isinstance(texts, tuple) else [(texts, str(strings))]


def offer(monkeypatch: pytest.MonkeyPatch, texts: dict[str, tuple[str, ...]]) -> None:
    """Let the program have both languages, for a test."""
    monkeypatch.setattr(language, "LANGUAGES", {**language.LANGUAGES, LEFT: "⟦Pseudo⟧", RIGHT: "⟦Odupes⟧"})
    readers = {code: language.Reader(Locale.parse(code), Pseudo(catalogue(texts, code))) for code in (LEFT, RIGHT)}
    real = language.reader_of
    monkeypatch.setattr(language, "reader_of", lambda code: readers.get(code) or real(code))


def without_ours(text: str) -> str:
    """What stands outside of all brackets."""
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = shorter
    return text
