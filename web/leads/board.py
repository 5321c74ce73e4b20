"""A lead's board: what needs a hand, this week by date, each run, and the date that a tap has just changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from federation.documents import Listing
from node.chapter import dates, identity, leads, listing, pauses, publishing, rivals, runs, series
from node.chapter.dates import DateView
from node.directory import chapters
from node.facts import checks, later_changes, silence
from node.inbox import answers
from node.members import retention
from node.members.leading.cover import WEEK
from node.members.leading.rota import DateRota, Rota
from node.models import Hq, Run
from node.relay import queue
from node.relay.queue import Progress
from node.sync import neighbours, restored_folder
from node.upkeep import watch

from ..context import now, session, settings
from ..forms.base import page_mark
from ..forms.days import read_day
from ..forms.run import edited_run
from ..forms.sent.differences import Difference, differences
from ..http import limits
from ..words import notices

bp = Blueprint("board", __name__, url_prefix="/lead")
limits.signed_in(bp)


@dataclass(frozen=True)
class PlannedChange:
    """A change for later, and what it changes. `is_overdue`: it could not be made."""

    from_day: date
    differences: list[Difference]
    is_overdue: bool


@dataclass(frozen=True)
class RunCard:
    """One run, and its dates with who does what: the `week`'s, the `next` one of a run that has none this week, and the
    `later` ones. `paused`: whether it pauses now or soon. `can_undo`: whether its last change can be taken back.
    `changed`: its listing, where a change was entered ahead. `planned`: a change that waits for a day further ahead.
    """

    run: Run
    week: list[DateRota]
    next: list[DateRota]
    later: list[DateRota]
    paused: bool
    can_undo: bool
    changed: Listing | None
    planned: PlannedChange | None


@dataclass(frozen=True)
class TappedDate:
    """The date that a tap has just changed, as it is now."""

    run: Run
    view: DateView
    rota: DateRota


@bp.get("")
def board() -> str:
    """Show the coming dates of every run."""
    cards, status, chapter = _cards(), chapters.own_status(session()), identity.own(session())
    hq, week = session().get(Hq, 1), _week(cards)
    return render_template(
        "leads/board.html",
        cards=cards,
        to_check=checks.due(session(), now()),
        run_mark=runs.mark_of,
        quiet_for=silence.own_step(session(), now()),
        tapped=_tapped(cards, request.args),
        open_dates=[one for one in week if _is_open(one)],
        settled_dates=[one for one in week if not _is_open(one)],
        has_mail=settings().has_mail,
        reach=_reach(),
        notice=_notice(status),
        clock_is_doubtful=neighbours.clock_is_doubtful(session(), now()),
        late_since=retention.late_since(session(), now()),
        rival_mark=rivals.mark(session()),
        is_unanswered=restored_folder.is_open(session()),
        take_over_mark=identity.take_over_mark(chapter),
        chapter=chapter if pauses.is_coming(chapter, now()) else None,
        chapter_status=status,
        closed_on=chapter.closed_on,
        asked_at=hq.asked_at if hq else None,
        note_limit=dates.NOTE_LIMIT,
        pause_mark=pauses.mark_of,
        messages_waiting=answers.count_waiting(session()),
        server_troubles=[one.name for one in watch.lasting_troubles(session())],
        left_out=publishing.left_out(session(), now()),
        withdrawn=series.withdrawn(session(), now()),
    )


@bp.get("/reach")
def reach() -> str:
    """Show how far the newest change has come, alone. `reach.js` asks for it again while the change is on its way."""
    return render_template("leads/reach.html", reach=_reach())


@bp.post("/looked")
def dismiss_take_over() -> Response:
    """Note that a lead has looked at every date after a restore. The board then says no more of it."""
    identity.dismiss_take_over(session(), page_mark())
    return redirect(url_for(".board"), 303)


@bp.post("/goes-on")
def go_on() -> Response:
    """Note that a lead has stopped the other server that spoke for this chapter. This one signs by itself again."""
    identity.go_on(session(), settings(), now(), page_mark())
    return redirect(url_for(".board"), 303)


def _notice(status: str) -> str:
    """What has just been done, and which dates have no run since."""
    gaps = [day for day in map(read_day, request.args.getlist("off")) if day]
    return f"{notices.words(request.args, is_listed=status == 'active')} {notices.gap_words(gaps)}".strip()


def back(done: str, **shown: Any) -> Response:
    """Lead back to the board, which says what was `done`. `shown`: the `run` and the `day` that a tap has changed."""
    return redirect(url_for("board.board", done=done, **shown), 303)


def _cards() -> list[RunCard]:
    """Every run of the chapter. The run with the soonest date comes first."""
    found = [(run, dates.coming(session(), run, now())) for run in runs.all_runs(session())]
    found.sort(key=lambda pair: pair[1][0].starts.timestamp() if pair[1] else float("inf"))
    return [_card(run, coming) for run, coming in found]


def _card(run: Run, coming: list[DateView]) -> RunCard:
    paused, can_undo = pauses.is_coming(run, now()), series.can_undo_edit(run, now())
    rota = Rota(session(), run)
    week = [rota.on(view) for view in coming if _is_this_week(view)]
    later = [rota.on(view) for view in coming if not _is_this_week(view)]
    shown = 0 if week or paused else 1
    changed = listing.listing_of(session(), run, now()) if run.changes_on else None
    return RunCard(run, week, later[:shown], later[shown:], paused, can_undo, changed, _planned(run))


def _planned(run: Run) -> PlannedChange | None:
    change, changed = later_changes.of(run), later_changes.as_run(run)
    if change is None or changed is None:
        return None
    every = leads.all_leads(session())
    found = differences(edited_run(None, every, run), edited_run(None, every, changed))
    return PlannedChange(change.from_day, found, not later_changes.is_later(run, change.from_day, now()))


def _is_this_week(view: DateView) -> bool:
    return view.starts.astimezone(UTC) < now() + WEEK and not view.paused


def _week(cards: list[RunCard]) -> list[DateRota]:
    """The dates of the coming seven days, of every run, the next one first."""
    return sorted((one for card in cards for one in card.week), key=lambda one: one.view.starts.astimezone(UTC))


def _is_open(one: DateRota) -> bool:
    """Whether a date needs a hand: nobody has promised it yet."""
    return one.is_on and one.view.state != "confirmed" and one.view.starts.astimezone(UTC) > now()


def _tapped(cards: list[RunCard], args: Mapping[str, str]) -> TappedDate | None:
    """The date that `?done=...&run=...&day=...` names, if there is one."""
    if args.get("done") not in ("confirmed", "cancelled", "moved", "undone"):
        return None
    for card in cards:
        for one in [*card.week, *card.next, *card.later]:
            if card.run.id == args.get("run") and one.view.day == read_day(args.get("day", "")):
                return TappedDate(card.run, one.view, one)
    return None


def _reach() -> Progress | None:
    """How far our newest urgent change has come."""
    return queue.progress(session(), settings(), now())
