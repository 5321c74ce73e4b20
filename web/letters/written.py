"""A letter as it is written: a subject, and blocks that become plain text and HTML alike."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Link:
    """A button in HTML; in plain text its label, and below it the whole address."""

    label: str
    url: str


@dataclass(frozen=True)
class Rows:
    """A list, a line each."""

    lines: tuple[str, ...]


Block = Words | Link | Rows


@dataclass(frozen=True)
class Written:
    """One letter in its reader's language. `subject`: says nothing of health, since a locked phone shows it.

    `stop_url`: the one-click address that stops such letters; empty for what its reader asked for just now.
    """

    subject: str
    blocks: tuple[Block, ...]
    stop_url: str = ""
