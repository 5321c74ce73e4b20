"""A comer's private link: whether the run is on, and the way to say otherwise. Whoever has the link may use it."""

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from node import sealed_fields
from node.directory import listings
from node.directory.chapters import own_id
from node.errors import InvalidInput, NotFound
from node.mail import closed
from node.members import coming, export, idle
from node.members.comers import calls, clearing, emergency
from node.members.comers.calls import NotNow
from node.members.coming import Given, NotOn
from node.models import CannotFind, Coming, Run, RunDay

from ..alternatives import alternative_to
from ..context import Page, now, session, settings
from ..forms.members.coming import AGREED, ComingForm, coming_form
from ..http import limits
from ..http.downloads import as_file
from ..qr import qr
from ..site import plain
from ..words.members.coming import done_words
from ..words.states import is_off, needs_alternative
from . import calendars

bp = Blueprint("private_link", __name__, url_prefix="/c/<token>")
limits.pages(bp)


@bp.errorhandler(NotFound)
def refuse(_: NotFound) -> Page:
    """Say the same of a link that was made up, that is over, and whose comer has withdrawn."""
    return render_template("coming/no_link.html"), 404


@bp.get("")
def show(token: str) -> str:
    """Show what matters before leaving home: whether it is on, when and where."""
    row = coming.find(session(), settings(), token, now())
    if request.headers.get("Sec-Fetch-User") == "?1":
        # A tap in a browser. What merely follows links in letters, such as a scanner, sends no such header.
        idle.note_opened(session(), row, now())
    run = session().get_one(Run, row.run_id)
    days = coming.coming_days(session(), row, now())
    mine = next((one for one in days if not one.not_me), None)
    shown = listings.on_our_day(session(), row.run_id, mine.view.day, now()) if mine else None
    # Whoever said that they come to a run that has begun wants to find it, and no other.
    is_in_need = shown is not None and needs_alternative(shown) and not (shown.begun and not is_off(shown))
    is_awaited_by_nobody = mine is not None and (mine.is_off or row.cleared_at is not None)
    return render_template(
        "coming/mine.html",
        token=token,
        row=row,
        run=run,
        days=days,
        mine=mine,
        is_gone=coming.is_gone(session(), row, now()),
        shown=shown,
        is_in_need=is_in_need,
        alternative=alternative_to(shown) if shown and is_in_need else None,
        said=session().get(RunDay, (row.run_id, mine.view.day)) if mine else None,
        notice=done_words(request.args, is_off=is_awaited_by_nobody, has_mail=settings().has_mail),
        reach=closed.reach(session(), settings(), row),
        **_stay(row),
        can_call=mine is not None and calls.is_time(run, mine.view, now()),
        is_new_call=mine is not None and calls.may_call(session(), row, mine.view.day, now()),
        called=session().get(CannotFind, (row.id, mine.view.day)) if mine else None,
        openings=emergency.openings_of(session(), row),
        has_mail=settings().has_mail,
        chapter_id=own_id(session()),
        code=qr(settings().base_url + plain(url_for(".show", token=token))),
    )


@bp.get("/calendar.ics")
def calendar(token: str) -> Response:
    """A calendar of the dates that this comer said they would come to. Of a link that opens nothing it is empty."""
    try:
        row = coming.find(session(), settings(), token, now())
    except NotFound:
        row = None
    return calendars.comers(row)


@bp.get("/export")
def export_all(token: str) -> Response:
    """Give all that is kept of a comer, as a file."""
    row = coming.find(session(), settings(), token, now())
    return as_file(export.of_coming(session(), settings(), row))


@bp.post("/days/<day:day>/away")
def stay_away(token: str, day: date) -> Response:
    """Note that a comer who comes each time does not come on that date."""
    coming.stay_away(session(), settings(), token, day, now())
    return _back(token, "away")


@bp.post("/days/<day:day>/come")
def come(token: str, day: date) -> Response:
    """Note that a comer comes after all, or to a new hour or place."""
    try:
        coming.come_after_all(session(), settings(), token, day, now())
    except NotOn:
        return _back(token, "not-on")
    return _back(token, "come")


@bp.post("/days/<day:day>/here")
def call(token: str, day: date) -> Response:
    """Tell that day's lead that somebody is there and cannot find the others."""
    try:
        calls.call(session(), settings(), token, day, now())
    except NotNow:
        return _back(token, "not-now")
    return _back(token, "here")


@bp.post("/days/<day:day>/found")
def end_call(token: str, day: date) -> Response:
    """Note that a comer has found the others."""
    calls.end(session(), settings(), token, day, now())
    return _back(token, "found")


@bp.post("/again")
def say_again(token: str) -> Response:
    """Note that a comer comes whom the leads have taken off the list."""
    row = coming.find(session(), settings(), token, now())
    try:
        clearing.say_again(session(), settings(), token, now(), limits.made_from_here(row.run_id))
    except InvalidInput:
        return _back(token, "full")
    limits.made_from_here(row.run_id, 1)
    return _back(token, "again")


@bp.get("/change")
def ask_change(token: str) -> str:
    """Show what was given, but for the address and the contact: the link may lie in somebody else's hands."""
    row = coming.find(session(), settings(), token, now())
    return _change_page(token, row, coming_form(None, _given(row)))


@bp.post("/change")
def change(token: str) -> Page | Response:
    """Keep what is given now. What was typed stays on the page if it cannot be kept."""
    row, form = coming.find(session(), settings(), token, now()), coming_form(request.form)
    if not form.validate():
        return _change_page(token, row, form), 422
    try:
        coming.change(session(), settings(), token, form.given(), now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _change_page(token, row, form), 422
    return _back(token, "changed")


@bp.post("/forget")
def forget(token: str) -> Response:
    """Erase the address or the contact."""
    coming.forget(session(), settings(), token, request.form.get("what", ""), now())
    return _back(token, "forgotten")


@bp.get("/keep")
def ask_keep(token: str) -> Page | Response:
    """Show the button by which a comer stays on the list. A letter leads here: opening it changes nothing."""
    row = coming.find(session(), settings(), token, now())
    if row.day is not None:
        return redirect(url_for(".show", token=token), 303)
    run = session().get_one(Run, row.run_id)
    return render_template("coming/keep.html", token=token, run=run, **_stay(row))


@bp.post("/keep")
def keep(token: str) -> Response:
    """Keep a comer on the list who comes every time."""
    row = coming.find(session(), settings(), token, now())
    idle.keep(session(), row, now())
    return _back(token, "kept" if row.day is None else "")


@bp.get("/withdraw")
def ask_withdraw(token: str) -> str:
    """Say what withdrawing means, and ask."""
    row = coming.find(session(), settings(), token, now())
    return render_template("coming/withdraw.html", token=token, row=row)


@bp.post("/withdraw")
def withdraw(token: str) -> Response:
    """Erase everything at once."""
    coming.withdraw(session(), settings(), token, now())
    return redirect(url_for("coming.withdrawn"), 303)


def _stay(row: Coming) -> dict[str, Any]:
    """How long a comer who comes every time stays on the list, and whether a tap would make it longer."""
    if row.day is not None:
        return {"until": None}
    until = idle.last_day(session(), settings(), row, now())
    return {"until": until, "can_be_longer": until < idle.end_after(settings(), now())}


def _back(token: str, done: str) -> Response:
    return redirect(url_for(".show", token=token, done=done), 303)


def _given(row: Coming) -> Given:
    key = sealed_fields.load(settings())
    return Given(
        name=key.open_if("coming.name", row.id, row.name),
        message=key.open_if("coming.message", row.id, row.message),
        first_time=row.first_time,
        look_out=row.look_out,
        every_week=row.day is None,
    )


def _change_page(token: str, row: Coming, form: ComingForm) -> str:
    return render_template(
        "coming/change.html",
        token=token,
        row=row,
        form=form,
        has_mail=settings().has_mail,
        agreed=AGREED,
        idle_days=settings().keep_idle_days,
    )
