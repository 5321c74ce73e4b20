"""The states of a date in words and marks, once for every page: word, mark and shape differ, never colour alone."""

from dataclasses import dataclass

from flask import Flask

from node.listings import Occurrence

from .language import _

_MARKS = {"confirmed": "✓", "unconfirmed": "○", "cancelled": "✕", "moved": "→", "begun": "»", "paused": "‖"}


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
        "moved": _("Moved to %(time)s", time=time),
        "begun": _("Under way"),
        "paused": _("The chapter is pausing"),
    }
    return Badge(state, _MARKS[state], words[state])


def badge_of(one: Occurrence) -> Badge:
    """The state of a listed date. What has begun is no promise for who would come now."""
    if one.paused and one.state != "cancelled":
        return badge("paused")
    if one.begun and one.state in ("confirmed", "moved"):
        return badge("begun")
    return badge(one.state, one.starts.strftime("%H:%M"))


def is_sure(one: Occurrence) -> bool:
    """Whether a lead has promised to be there, as far as is known now."""
    return one.is_on and one.state == "confirmed"


def start(app: Flask) -> None:
    """Templates have `badge(...)`, `badge_of(...)` and `is_sure(...)`."""
    app.jinja_env.globals.update(badge=badge, badge_of=badge_of, is_sure=is_sure)
