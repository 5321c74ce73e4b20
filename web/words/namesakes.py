"""What stands beside a chapter's name where another chapter has the same one."""

from flask import g

from node.directory import namesakes

from ..context import session
from ..http import page_cache
from .countries import country_name
from .texts import isolated


def namesake_words(chapter_id: str, place_is_shown: bool = False) -> str:
    """What tells the chapter apart: a place, a country or a few letters of its id. Nothing if its name is its own.

    `place_is_shown`: whether the place stands beside the name anyway.
    """
    if "namesakes" not in g:
        g.namesakes = page_cache.once("namesakes", lambda: namesakes.all_of(session()))
    found: namesakes.Apart | None = g.namesakes.get(chapter_id)
    if found is None or (found.place and place_is_shown):
        return ""
    return isolated(found.place) or country_name(found.country) or found.id
