"""In which language somebody is shown a text that a chapter wrote in several (PROTOCOL.md §7.9).

Such a page differs by reader: what a page offered stands in its request, and the page cache keeps one of each.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from babel.core import get_global
from flask import has_request_context, request

from . import language

#: The languages of one text. The first is the one that it was written in first; empty where the chapter says none.
Offer = tuple[str, ...]

_OFFERS = "rtr.offered_languages"


def chosen(offer: Offer) -> str:
    """The language of `offer` for the reader of this page. Outside of a page: the first."""
    if len(offer) < 2 or not has_request_context():
        return offer[0]
    request.environ.setdefault(_OFFERS, set()).add(offer)
    return best(offer, request.environ)


def offers(environ: Mapping[str, Any]) -> tuple[Offer, ...]:
    """What the page of a request offered, each offer once."""
    return tuple(sorted(environ.get(_OFFERS, ())))


def best(offer: Offer, environ: Mapping[str, Any]) -> str:
    """The language of `offer` that fits best what the sender of a request reads. One that the address names comes
    first: somebody has chosen it.
    """
    named: str | None = environ.get(language.BY_ADDRESS)
    accepted = language.accepted_tags(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    return _best(offer, (language.tag_of(named), *accepted) if named else accepted)


@lru_cache(maxsize=256)
def _best(offer: Offer, read: tuple[str, ...]) -> str:
    if not offer[0]:
        return ""
    for tag in read:
        same = [one for one in offer if one.lower() == tag.lower()]
        alike = [one for one in offer if _language_and_script(one) == _language_and_script(tag)]
        if same or alike:
            return (same or alike)[0]
    return offer[0]


@lru_cache(maxsize=256)
def _language_and_script(tag: str) -> tuple[str, str]:
    """A language and how it is written: "zh-TW" in the script that is usual there."""
    spoken, *rest = tag.lower().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    region = next((part.upper() for part in rest if len(part) == 2), "")
    likely: Mapping[str, str] = get_global("likely_subtags")
    usual = (likely.get(f"{spoken}_{region}") or likely.get(spoken, "")).split("_")
    return spoken, script or (usual[1].lower() if len(usual) > 2 else "")
