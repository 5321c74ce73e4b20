"""A lead's board: each run with its coming dates, and what has just been done to one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from node.chapter import dates, identity, pauses, publishing, runs, series
from node.chapter.dates import DateView
from node.directory import held
from node.models import Chapter, Hq, Run
from node.relay import queue
from node.relay.queue import Progress

from ..context import now, session, settings
from ..forms.days import read_day
from ..language import _, ngettext
from ..words.times import ago

#: Dates that stand open on the board; the later ones are behind one tap.
_OPEN = 3


@dataclass(frozen=True)
class RunCard:
    """One run: its `next` dates, then the `later` ones. `paused`: now or soon. `can_undo`: its last change."""

    run: Run
    next: list[DateView]
    later: list[DateView]
    paused: bool
    can_undo: bool


@dataclass(frozen=True)
class Done:
    """What a tap has just done: the date as it stands now."""

    run: Run
    view: DateView


def cards() -> list[RunCard]:
    """Every run of the chapter, the one that is next first."""
    found = [(run, dates.coming(session(), run, now())) for run in runs.all_runs(session())]
    found.sort(key=lambda pair: pair[1][0].starts.timestamp() if pair[1] else float("inf"))
    return [_card(run, coming) for run, coming in found]


def own_pause() -> Chapter | None:
    """The chapter, if it pauses now or soon."""
    chapter = identity.own(session())
    return chapter if pauses.is_coming(chapter, now()) else None


def standing() -> str:
    """How HQ lists this chapter: active, paused, suspended, dropped or left; before it does, `waiting` for its yes,
    or `alone` where no HQ was ever asked.
    """
    entry = held.entry_of(session(), identity.own(session()).id)
    if entry:
        return entry.status
    return "waiting" if session().get(Hq, 1) else "alone"


def _card(run: Run, coming: list[DateView]) -> RunCard:
    paused, can_undo = pauses.is_coming(run, now()), series.can_undo_edit(run, now())
    return RunCard(run, coming[:_OPEN], coming[_OPEN:], paused, can_undo)


def just_done(board: list[RunCard], args: Mapping[str, str]) -> Done | None:
    """The date that `?done=...&run=...&day=...` names, if there is one."""
    if args.get("done") not in ("confirmed", "cancelled", "moved", "undone"):
        return None
    for card in board:
        for view in [*card.next, *card.later]:
            if card.run.id == args.get("run") and view.day == read_day(args.get("day", "")):
                return Done(card.run, view)
    return None


def left_out() -> list[str]:
    """What our list is too full to say, in words."""
    words = {
        "notes": _("the few words to dates and pauses"),
        "words": _("what happens, what to bring, and other long texts"),
        "directions": _("how to find the place a date was moved to"),
        "promises": _("which dates are confirmed"),
        "details": _("whom to look for, addresses, what is there"),
        "moves": _("where dates were moved to: they are shown as cancelled"),
        "later": _("what you said of later dates"),
        "most": _("what you said of all but the next two dates"),
    }
    return [words[name] for name in publishing.left_out(session(), now())]


def reach() -> Progress | None:
    """How far our newest urgent change has come."""
    return queue.progress(session(), settings(), now())


def start(app: Flask) -> None:
    """Templates have `reach_words(...)`, `standing_words(...)` and `pause_mark(...)`."""
    app.jinja_env.globals.update(reach_words=reach_words, standing_words=standing_words, pause_mark=pauses.mark_of)


def reach_words(progress: Progress) -> str:
    """Such as "2 of 3 sites show this." A lead who has just cancelled needs to know whether it is done."""
    if not progress.done:
        return _("Telling the other sites…")
    told = progress.acknowledged + bool(progress.hq)
    of = progress.of + (progress.hq is not None)
    if told < of:
        others = ngettext(
            "The other one will as soon as it is back.", "The others will as soon as they are back.", of - told
        )
        return " ".join([_("%(done)s of %(of)s sites show this.", done=told, of=of), others])
    if progress.is_everybody:
        return _("Done. Every site shows this now.")
    return _("Done. %(of)s sites show this, and pass it on to all the others.", of=of)


def asked_at() -> datetime | None:
    """When HQ was asked to let this chapter in, if that is known."""
    hq = session().get(Hq, 1)
    return hq.asked_at if hq else None


def standing_words(standing: str, asked: datetime | None) -> str:
    """What a lead must know of how this chapter is listed; nothing where all is well. `asked`: when HQ was asked."""
    return {
        "alone": _(
            "Not in the directory: only this site shows your runs. Ask HQ for an invitation; whoever looks after this "
            "server then types “rtr join” and the invitation."
        ),
        "waiting": _(
            "Not in the directory yet: waiting for HQ’s approval%(asked)s. Only this site shows your runs.",
            asked=_(" (asked %(ago)s)", ago=ago(asked, now())) if asked else "",
        ),
        "paused": _(
            "HQ has paused this chapter, and every site says so. You can still cancel dates, but not confirm them."
        ),
        "active": "",
    }.get(
        standing,
        _(
            "HQ does not list this chapter at the moment, so no other site shows its runs. You can still cancel dates, "
            "but not confirm them."
        ),
    )
