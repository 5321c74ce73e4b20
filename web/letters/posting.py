"""A written letter as an e-mail: its headers, and its words as plain text and as HTML."""

from typing import TYPE_CHECKING, NamedTuple

from flask import render_template

from node.mail import closed
from node.mail.letters import UNSTOPPABLE
from node.mail.message import compose
from node.models import Letter

from ..context import now, settings
from ..language import _, reader
from ..language.days import breakable
from ..site import site
from .written import Block, Words, Written, address

if TYPE_CHECKING:
    from email.message import EmailMessage


#: Letters of a subject: more than mail programs show. Only a long name in it reaches them.
_LONGEST_SUBJECT = 78


class Bodies(NamedTuple):
    """The same words twice."""

    text: str
    html: str


def message(letter: Letter, reader: str, written: Written) -> "EmailMessage":
    """The e-mail to the address `reader`. Some kinds have no link that stops letters."""
    stop_url = "" if letter.kind in UNSTOPPABLE else stop_address(reader)
    bodies = bodies_of(written, stop_url)
    return compose(
        settings(),
        now(),
        name=site().name,
        reader=reader,
        subject=_short(breakable(written.subject)),
        text=bodies.text,
        html=bodies.html,
        message_id=letter.message_id,
        stop_url=stop_url,
        export=written.export,
    )


def _short(subject: str) -> str:
    return subject if len(subject) <= _LONGEST_SUBJECT else f"{subject[: _LONGEST_SUBJECT - 1].rstrip()}…"


def stop_address(reader: str) -> str:
    """Where the owner of the address `reader` stops all letters, or starts them again."""
    index = closed.index_of(settings(), reader)
    return address("stop.show", index=index, token=closed.stop_token(settings(), index))


def sample_stop_address(kind: str) -> str:
    """The same in a letter that nobody gets, and that stops nothing."""
    return "" if kind in UNSTOPPABLE else address("stop.show", index="…", token="…")  # noqa: S106 - no token


def named(written: Written) -> list[tuple[str, Block]]:
    """The blocks of a letter, each with its kind's name, for templates."""
    return [(type(block).__name__.lower(), block) for block in written.blocks if block != Words("")]


def bodies_of(written: Written, stop_url: str) -> Bodies:
    """Plain text and HTML of one letter."""
    values = {
        "subject": written.subject,
        "blocks": named(written),
        "help_words": _("This is peer support, not professional help. If you need to talk to someone now:"),
        "help_url": address("home.help_page"),
        "stop_words": _("Stop all emails from us, even when a run is cancelled:"),
        "stop_label": _("Stop emails"),
        "stop_url": stop_url,
        "reader": reader(),
    }
    text = breakable(render_template("letters/letter.txt", **values))
    return Bodies(text.strip() + "\n", render_template("letters/letter.html", **values))
