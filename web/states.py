"""The states of a date in words and marks, once for every page: word, mark and shape differ, never colour alone."""

from dataclasses import dataclass, replace

from flask import Flask

from federation.documents import DateState
from federation.words import read_state
from node.dates import DateView
from node.listings import Occurrence

from .language import _

_MARKS = {
    "confirmed": "✓",
    "unconfirmed": "○",
    "cancelled": "✕",
    "moved": "→",
    "unclear": "?",
    "begun": "»",
    "paused": "‖",
    "gap": "∅",
}


@dataclass(frozen=True)
class Badge:
    """What a page shows of a state. `state` names its shape in the style sheet."""

    state: str
    mark: str
    words: str


def badge(state: str, time: str = "") -> Badge:
    """A state as people read it; `time`: where it was moved to."""
    words = {
        "confirmed": _("A lead will be there"),
        "unconfirmed": _("Not confirmed yet"),
        "cancelled": _("Cancelled"),
        "moved": _("Moved to %(time)s", time=time) if time else _("Moved to another place"),
        "unclear": _("Check with the chapter"),
        "begun": _("Under way"),
        "paused": _("Pausing"),
        "gap": _("No run on this date"),
    }
    return Badge(state, _MARKS[state], words[state])


def badge_of(one: Occurrence) -> Badge:
    """The state of a listed date. What has begun is no promise for who would come now."""
    if one.planned_gap:
        return badge("gap")
    if one.paused and one.state != "cancelled":
        return badge("paused")
    if one.begun and one.state in ("confirmed", "moved"):
        return badge("begun")
    return badge(one.state, one.starts.strftime("%H:%M") if one.new_time else "")


def badge_of_unread(said: DateState) -> Badge:
    """What is sure of a date whose hour this node cannot tell: that it is off. Nothing else is promised."""
    return badge(read_state(said.state, can_tell=False))


def badge_of_date(view: DateView) -> Badge:
    """The state of one of our own dates, as its lead sees it."""
    if view.planned_gap:
        return badge("gap")
    if view.paused and view.state != "cancelled":
        return replace(badge("paused"), words=_("Not listed")) if view.pausing == "unlisted" else badge("paused")
    return badge(view.state, view.starts.strftime("%H:%M") if view.new_time else "")


def is_sure(one: Occurrence) -> bool:
    """Whether a lead has promised to be there, as far as is known now."""
    return one.is_on and one.state == "confirmed"


def start(app: Flask) -> None:
    """Templates have these."""
    app.jinja_env.globals.update(badge=badge, badge_of=badge_of, badge_of_date=badge_of_date, is_sure=is_sure)
    app.jinja_env.globals.update(badge_of_unread=badge_of_unread)
