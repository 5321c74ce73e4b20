"""What leads write in further languages: checked, as the tables have it, and as documents do (PROTOCOL.md §7.9)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from federation.documents import MAX_TRANSLATIONS, Document
from federation.text import tidy

from .validation import check_texts

#: Texts by language, then by field. A language has only the fields that it says something in.
Translations = dict[str, dict[str, str]]
T = TypeVar("T", bound=Document)

#: Characters of all further languages of one thing together. They are in each copy of the chapter's document.
MOST = 8_000
#: A language (ISO 639), perhaps with its script (ISO 15924), as RFC 5646 spells both.
_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?\Z")


def field_of(name: str, language: str) -> str:
    """What names the field `name` in a further language, in problems and in forms."""
    return f"{name}-{language}"


def tidied(translations: Mapping[str, Mapping[str, str]]) -> Translations:
    """The texts as the table has them, without empty ones and without languages that say nothing."""
    every = {tag: {name: text for name in texts if (text := tidy(texts[name]))} for tag, texts in translations.items()}
    return {tag: texts for tag, texts in every.items() if texts}


def check(language: str | None, translations: Translations, limits: Mapping[str, int]) -> dict[str, str]:
    """Problems by field. `language`: that of what was written first; None where nobody has said. `limits`: the fields,
    and the most characters of each.
    """
    written = tidied(translations)
    tags = [*written, *([language] if language else [])]
    if not all(map(_TAG.match, tags)) or any(not set(texts) <= set(limits) for texts in written.values()):
        return {"translations": "not_found"}
    if len(written) > MAX_TRANSLATIONS:
        return {"translations": "too_many"}
    if written and language is None:
        return {"text_language": "required"}
    if language in written:
        return {"text_language": "twice"}
    length = sum(len(text) for texts in written.values() for text in texts.values())
    return _check_each(written, limits) | ({"translations": "too_long"} if length > MOST else {})


def _check_each(written: Translations, limits: Mapping[str, int]) -> dict[str, str]:
    every = {(name, tag): text for tag, texts in written.items() for name, text in texts.items()}
    texts = {field_of(*key): text for key, text in every.items()}
    return check_texts(texts, {field_of(*key): limits[key[0]] for key in every}, frozenset())


def in_documents(translations: Mapping[str, Mapping[str, str]], type_: type[T]) -> dict[str, T]:
    """Those of the texts that `type_` has, as documents have them."""
    names = type_.__struct_fields__
    every = {tag: {name: texts[name] for name in names if texts.get(name)} for tag, texts in translations.items()}
    return {tag: type_(**texts) for tag, texts in every.items() if texts}


def from_documents(objects: Iterable[Mapping[str, Document]]) -> Translations:
    """The texts of several objects of a document, as the table has them."""
    found: dict[str, Any] = {}
    for translations in objects:
        for tag, texts in translations.items():
            found.setdefault(tag, {}).update({name: getattr(texts, name) for name in texts.__struct_fields__})
    return tidied(found)
