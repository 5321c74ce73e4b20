"""The leads' page of the server: what the last hourly look found, in plain words, and how it did for two weeks."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from node.upkeep import watch

from ..context import node, now, session
from ..http import limits
from ..language import _
from .plots import HEIGHT, WIDTH, Plot, plot

bp = Blueprint("server", __name__, url_prefix="/lead/server")
limits.signed_in(bp)


@bp.get("")
def show() -> str:
    """Show what needs a hand, what is well, and lines of the last two weeks."""
    found = watch.results(session())
    return render_template(
        "server/page.html",
        troubles=[row for row in found if row.state == "broken"],
        others=[row for row in found if row.state in ("look", "unknown")],
        well=[row for row in found if row.state == "well"],
        looked_at=watch.looked_at(session()),
        plots=_plots(),
        width=WIDTH,
        height=HEIGHT,
    )


@bp.post("")
def look_again() -> Response:
    """Look at the server now."""
    watch.look_again(node())
    return redirect(url_for(".show"), 303)


def _plots() -> list[Plot]:
    samples, moment = watch.samples(session(), now()), now()
    measures = (
        (_("Hours until your runs would be out of date"), lambda one: one.fresh_hours),
        (_("Minutes since another site answered"), lambda one: one.heard_minutes),
        (_("Emails waiting to be sent"), lambda one: one.letters_waiting),
        (_("Memory in megabytes"), lambda one: one.memory_mb),
        (_("Hours since the last backup"), lambda one: one.backup_hours),
    )
    drawn = (plot(title, samples, value, moment) for title, value in measures)
    return [one for one in drawn if one is not None]
