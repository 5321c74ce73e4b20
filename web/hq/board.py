"""HQ's first page: what needs a hand today; and what was done of late."""

from itertools import groupby

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter import identity
from node.directory.listings import Occurrence
from node.hq import chapters, history, registry, take_over, watch
from node.hq.history import Actor
from node.sync import neighbours

from ..context import now, session, settings
from ..http import limits, sessions
from ..words import notices, two_servers
from .chapters import called

bp = Blueprint("hq_board", __name__, url_prefix="/hq")
limits.leads(bp)


@bp.get("")
def board() -> str:
    """What needs a hand, first; how many chapters there are, behind it."""
    found = watch.needs(session(), now())
    return render_template(
        "hq/board.html",
        needs=found,
        take_over_mark=identity.take_over_mark(identity.own(session())),
        names={asked.chapter: called(asked.chapter, None, asked) for asked in found.waiting},
        open_by_chapter=_by_chapter(found.open_dates.dates),
        count=chapters.count(session()),
        copies=two_servers.known(),
        has_heard=take_over.has_heard(settings()),
        clock_is_doubtful=neighbours.clock_is_doubtful(session(), now()),
        notice=notices.words(request.args),
    )


@bp.post("/looked")
def dismiss_take_over() -> Response:
    """Somebody has looked through the list that was taken over, as the page told."""
    watch.dismiss_take_over(session(), Actor(sessions.lead().first_name), now(), request.form.get("seen", ""))
    return redirect(url_for(".board"), 303)


@bp.post("/goes-on")
def go_on() -> Response:
    """Somebody has stopped the other server that spoke for HQ."""
    saw = request.form.get("seen", "")
    registry.go_on(session(), settings(), Actor(sessions.lead().first_name), now(), saw)
    return redirect(url_for(".board"), 303)


@bp.get("/history")
def past_acts() -> str:
    """What was done of late, by whom."""
    found = history.newest(session())
    names = chapters.names(session(), {act.chapter for act in found if act.chapter})
    return render_template("hq/history.html", acts=found, names=names)


def _by_chapter(dates: list[Occurrence]) -> list[tuple[Occurrence, list[Occurrence]]]:
    """(one of them, all of them) a chapter; who has the soonest date comes first."""
    order = {date.chapter: place for place, date in reversed(list(enumerate(dates)))}
    grouped = groupby(sorted(dates, key=lambda date: order[date.chapter]), key=lambda date: date.chapter)
    found = [list(group) for _, group in grouped]
    return [(group[0], group) for group in found]
