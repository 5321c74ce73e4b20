"""HQ's board: what needs a hand today. Beside it the history: what the people of HQ have done."""

from itertools import groupby

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter import identity, rivals
from node.directory.listings import Occurrence
from node.hq import chapters, contacts, history, registry, watch
from node.members import retention
from node.sync import neighbours

from ..context import node, now, session, settings
from ..forms.base import page_mark
from ..http import limits
from ..words import notices
from .chapters import display_name
from .people import actor

bp = Blueprint("hq_board", __name__, url_prefix="/hq")
limits.signed_in(bp)


@bp.get("")
def board() -> str:
    """Show what needs a hand first, and how many chapters there are below it."""
    needs = watch.needs(session(), now())
    count, rival_mark = chapters.count(session()), rivals.mark(session())
    has_heard = node().is_registry_answered.is_set()
    return render_template(
        "hq/board.html",
        needs=needs,
        take_over_mark=identity.take_over_mark(identity.own(session())),
        names={one.chapter: display_name(one.chapter, None, one) for one in needs.waiting},
        contacts=contacts.of_all(session(), settings(), [row.id for row in needs.silent]),
        open_by_chapter=_by_chapter(needs.open_dates.dates),
        count=count,
        rival_mark=rival_mark,
        has_heard=has_heard,
        is_all_well=count and has_heard and not rival_mark and needs.is_empty,
        clock_is_doubtful=neighbours.clock_is_doubtful(session(), now()),
        late_since=retention.late_since(session(), now()),
        notice=notices.words(request.args),
    )


@bp.post("/looked")
def dismiss_take_over() -> Response:
    """Note that somebody has looked through the list that was taken over. The board then says no more of it."""
    watch.dismiss_take_over(session(), actor(), now(), page_mark())
    return redirect(url_for(".board"), 303)


@bp.post("/goes-on")
def go_on() -> Response:
    """Note that somebody has stopped the other server that spoke for HQ. This server signs by itself again."""
    registry.go_on(session(), settings(), actor(), now(), page_mark())
    return redirect(url_for(".board"), 303)


@bp.get("/history")
def past_acts() -> str:
    """Show the last acts of HQ, and who did them."""
    found = history.newest(session())
    names = chapters.names(session(), {act.chapter for act in found if act.chapter})
    return render_template("hq/history.html", acts=found, names=names)


def _by_chapter(dates: list[Occurrence]) -> list[tuple[Occurrence, list[Occurrence]]]:
    """For each chapter (one of its dates, all of its dates). The chapter with the soonest date comes first."""
    order = {date.chapter: number for number, date in reversed(list(enumerate(dates)))}
    grouped = groupby(sorted(dates, key=lambda date: order[date.chapter]), key=lambda date: date.chapter)
    found = [list(group) for _, group in grouped]
    return [(group[0], group) for group in found]
