"""A letter as it is written: a subject, and blocks that become plain text and HTML alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for

from node.models import Letter

from ..context import settings
from ..site import plain
from ..words.texts import paragraphs


@dataclass(frozen=True)
class Words:
    """A paragraph. One that says nothing is left out."""

    text: str


@dataclass(frozen=True)
class Link:
    """A button in HTML; in plain text its label, and below it the whole address.

    `is_quiet`: outlined, since another button of the letter is what most readers want.
    """

    label: str
    url: str
    is_quiet: bool = False


@dataclass(frozen=True)
class Rows:
    """A list, a line each."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Digits:
    """What is to be typed elsewhere: large, and alone on its line."""

    text: str


Block = Words | Link | Rows | Digits


@dataclass(frozen=True)
class Written:
    """One letter in its reader's language. `subject`: says nothing of health, since a locked phone shows it."""

    subject: str
    blocks: tuple[Block, ...]
    #: All that the chapter keeps of the reader, as a file.
    export: bytes = b""


@dataclass(frozen=True)
class Kind:
    """One kind of letter.

    `write`: the letter from what is true now; None if it would no longer be true. It reads by web.context, as a view
    does, in the language of whoever gets it. `sample`: the same words about made-up people, for a page of leads.
    `occasion`: who gets it and when, in words.
    """

    write: Callable[[Letter], Written | None]
    sample: Callable[[], Written]
    occasion: object


def words_of(text: str) -> list[Words]:
    """What somebody wrote, a paragraph a line; nothing for an empty text."""
    return [Words(line) for line in paragraphs(text).splitlines() if line.strip()]


def address(endpoint: str, **values: Any) -> str:
    """The whole address of a view: a letter is read far from this site."""
    return settings().base_url + plain(url_for(endpoint, **values))
