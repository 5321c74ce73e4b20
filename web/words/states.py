"""The states of a date in words and marks, once for every page: word, mark and shape differ, never colour alone."""

from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Flask

from federation.documents import DateState
from federation.words import read_state
from node.chapter.dates import DateView
from node.directory.listings import Occurrence

from ..context import now
from ..language import _

#: People look again before they leave the house.
SOON = timedelta(hours=24)
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


def signs_of(one: Occurrence | DateView) -> list[Badge]:
    """Whether somebody has promised to be there, always; and where it was moved to, which is another fact."""
    signs = [_promise(one)]
    if one.moved and one.state not in ("cancelled", "unclear") and not one.paused:
        signs.append(badge("moved", one.starts.strftime("%H:%M") if one.new_time else ""))
    return signs


def _promise(one: Occurrence | DateView) -> Badge:
    """What has begun is no promise for who would come now; what was only moved is none either."""
    if one.planned_gap:
        return badge("gap")
    if one.paused and one.state != "cancelled":
        is_unlisted = isinstance(one, DateView) and one.paused_by == "unlisted"
        return replace(badge("paused"), words=_("Not listed")) if is_unlisted else badge("paused")
    if isinstance(one, Occurrence) and one.begun and one.state == "confirmed":
        return badge("begun")
    return badge("unconfirmed" if one.state == "moved" else one.state)


def badge_of_unread(said: DateState) -> Badge:
    """What is sure of a date whose hour this node cannot tell: that it is off. Nothing else is promised."""
    return badge(read_state(said.state, can_tell=False))


def is_sure(one: Occurrence) -> bool:
    """Whether a lead has promised to be there, as far as is known now."""
    return one.is_on and one.state == "confirmed"


def is_off(one: Occurrence) -> bool:
    """Whether nobody is to go there on that day, begun or not."""
    return one.state == "cancelled" or one.paused


def is_in_doubt(one: Occurrence) -> bool:
    """Whether somebody may be about to set off for what no lead has promised."""
    return one.is_on and not is_sure(one) and one.starts - now() < SOON


def needs_alternative(one: Occurrence) -> bool:
    """Whether its page offers another run: it is not on, or somebody may set off for what nobody has promised."""
    return not one.is_on or is_in_doubt(one)


def reason_words(reason: str | None) -> str:
    """Why a date is cancelled, inside a sentence. A reason that we do not know is "something"; nothing for None."""
    words = {
        None: "",
        "weather": _("the weather"),
        "venue": _("the meeting place is not open"),
        "lead": _("no lead can be there"),
    }
    return words.get(reason, _("something came up"))


def reason_buttons() -> dict[str, str]:
    """The buttons that cancel a date: each reason, and what its button says."""
    return {
        "weather": _("The weather"),
        "venue": _("The place is closed"),
        "lead": _("No lead"),
        "other": _("Something else"),
    }


def start(app: Flask) -> None:
    """Templates have these."""
    known = (
        badge,
        signs_of,
        badge_of_unread,
        is_sure,
        is_off,
        is_in_doubt,
        needs_alternative,
        reason_words,
        reason_buttons,
    )
    app.jinja_env.globals.update({one.__name__: one for one in known})
