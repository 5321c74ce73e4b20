"""The states of a date for every page. They differ by word, mark and shape, never by colour alone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from federation.documents import DateState
from federation.words import read_state
from node.chapter.dates import DateView
from node.directory.listings import ListingView, Occurrence

from ..context import now
from ..language import _
from ..language.days import format_clock

#: How long before its start people look at a run again.
SOON = timedelta(hours=24)
#: How long before its start they set off. It is the same on every node: no document says how long a chapter waits.
SETTING_OFF = timedelta(hours=2)
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
    """What a page shows of a state. `state`: the name of its shape in the style sheet."""

    state: str
    mark: str
    words: str


def badge(state: str, time: str = "") -> Badge:
    """The badge of a state. `time`: the hour that the date was moved to."""
    words = {
        "confirmed": _("A lead will be there"),
        "unconfirmed": _("Not confirmed yet"),
        "cancelled": _("Cancelled"),
        "moved": _("Moved to %(time)s", time=time) if time else _("Moved"),
        "unclear": _("Check the chapter’s own site"),
        "begun": _("Under way"),
        "paused": _("On a break"),
        "gap": _("No run on this date"),
    }
    return Badge(state, _MARKS[state], words[state])


@dataclass(frozen=True)
class AlikeDates:
    """Dates that follow each other and have the same signs."""

    signs: list[Badge]
    dates: list[Occurrence]


def alike(dates: Iterable[Occurrence]) -> list[AlikeDates]:
    """The dates in their order, so that a page says once what is true of several."""
    return [AlikeDates(signs, list(group)) for signs, group in groupby(dates, key=signs_of)]


def signs_of(one: Occurrence | DateView) -> list[Badge]:
    """Whether a lead has promised to be there, and where the date was moved to: two facts, two badges."""
    signs = [_promise(one)]
    if one.moved and may_take_place(one):
        signs.append(badge("moved", format_clock(one.starts) if one.new_time else ""))
    return signs


def _promise(one: Occurrence | DateView) -> Badge:
    """Whether a lead has promised to be there. A run that has begun promises nothing to who would come now."""
    if one.planned_gap:
        return badge("gap")
    if one.paused and one.state != "cancelled":
        is_unlisted = isinstance(one, DateView) and one.paused_by == "unlisted"
        return replace(badge("paused"), words=_("Not listed")) if is_unlisted else badge("paused")
    if isinstance(one, Occurrence) and one.begun and one.state == "confirmed":
        return badge("begun")
    if isinstance(one, Occurrence) and is_uncovered(one):
        return replace(badge("unconfirmed"), words=_("Not confirmed: please don’t set off yet"))
    return badge("unconfirmed" if one.state == "moved" else one.state)


def badge_of_unread(said: DateState) -> Badge:
    """The badge of a date whose hour this node cannot tell. That it is cancelled is sure; nothing else is promised."""
    return badge(read_state(said.state, can_tell=False))


def is_sure(one: Occurrence) -> bool:
    """Whether a lead has promised to be there, as far as this node knows now."""
    return one.is_on and one.state == "confirmed"


def by_time(one: Occurrence) -> tuple[datetime, bool, bool]:
    """To sort by. Of one hour what a lead has promised comes first, and what is off last."""
    return one.starts, not is_sure(one), is_off(one)


def is_off(one: Occurrence | DateView) -> bool:
    """Whether nobody should go there on that day, begun or not."""
    return one.state == "cancelled" or one.paused


def may_take_place(one: Occurrence | DateView) -> bool:
    """Whether a page may lead people to the date, begun or not: it is not off, and this node can read what was said."""
    return one.state not in ("cancelled", "unclear") and not one.paused


def is_idle(view: ListingView) -> bool:
    """Whether no date to come of a run may take place, as far as this node can tell its dates."""
    return not any(map(may_take_place, view.coming))


def is_in_doubt(one: Occurrence) -> bool:
    """Whether somebody may be about to set off for a run that no lead has promised."""
    return one.is_on and not is_sure(one) and one.starts - now() < SOON


def is_uncovered(one: Occurrence) -> bool:
    """Whether people set off now, and still no lead has promised to be there."""
    return is_in_doubt(one) and one.starts - now() <= SETTING_OFF


def needs_alternative(one: Occurrence) -> bool:
    """Whether the page offers another run: this one is not on, or nobody has promised it and it is near."""
    return not one.is_on or is_in_doubt(one)


def reason_words(reason: str | None) -> str:
    """Why a date is cancelled, in a sentence. A reason that we do not know is "something"; nothing for None."""
    words = {
        None: "",
        "weather": _("It’s because of the weather."),
        "venue": _("The meeting point is closed."),
        "lead": _("No lead can make it this time."),
    }
    return words.get(reason, _("Something came up."))


def reason_buttons() -> dict[str, str]:
    """The buttons that cancel a date: each reason, and what its button says."""
    return {
        "weather": _("The weather"),
        "venue": _("The meeting point is closed"),
        "lead": _("No lead available"),
        "other": _("Something else"),
    }
