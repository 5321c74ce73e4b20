"""HQ's pages of the chapters: the list, one chapter, and each act that HQ can do about it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from federation.words import STATUSES, Status
from node.directory.listings import Occurrence
from node.directory.serving import SOFTWARE
from node.errors import ChangedMeanwhile, InvalidInput, NotFound
from node.hq import admissions, chapters, contacts, history, registry, take_over
from node.hq.chapters import ChapterRow
from node.hq.history import Act, Actor
from node.input.stale_pages import StalePage
from node.models import Admission, HqAct
from node.search.of_chapters import next_of

from ..context import Page, node, now, session, settings
from ..forms.base import CHAPTER_SEARCH_LIMIT, page_mark
from ..forms.hq import ActForm
from ..http import limits
from ..words.countries import countries_like
from ..words.states import is_off
from .people import actor

bp = Blueprint("hq_chapters", __name__, url_prefix="/hq/chapters")
limits.signed_in(bp)

#: By the status of a chapter: what HQ can do about it, the likeliest first.
OFFERED: dict[str, tuple[Act, ...]] = {
    "waiting": ("admit", "turn-down"),
    "active": ("pause", "suspend", "left", "replaces"),
    "paused": ("reactivate", "suspend", "left", "replaces"),
    "suspended": ("reactivate", "left"),
    "left": ("reactivate",),
    "dropped": ("reactivate",),
    "turned-down": (),
}
#: Acts that need a reason: suspending a chapter takes its runs from every site.
NEED_REASON = ("suspend",)
#: Acts after which no site shows the chapter's runs any more: their pages name the runs that people might set off for.
TAKE_RUNS_AWAY = ("suspend", "left")
#: The statuses that the list can be narrowed to.
FILTERS = (*STATUSES, "silent")


@bp.get("")
def all_chapters() -> str:
    """Show the chapters by name, fifty at a time."""
    filters = {name: request.args.get(name, "")[:CHAPTER_SEARCH_LIMIT] for name in ("text", "status", "after")}
    found = chapters.page(session(), **filters, countries=countries_like(filters["text"]), now=now())
    next_runs = next_of(session(), [row.id for row in found.rows], now())
    shown = {"filters": filters, "statuses": FILTERS, "next_runs": next_runs, "software": SOFTWARE}
    return render_template("hq/chapters.html", found=found, **shown)


@bp.get("/<chapter_id>")
def chapter(chapter_id: str) -> str:
    """Show one chapter: its status, its week, what was done about it, what can be done."""
    shown = _shown(chapter_id)
    return render_template(
        "hq/chapter.html",
        **shown,
        week=chapters.week_of(session(), chapter_id, now()) if shown["row"] else [],
        unread=chapters.unread_of(session(), chapter_id) if shown["row"] else [],
        acts=history.of_chapter(session(), chapter_id),
        contact=contacts.of(session(), settings(), chapter_id),
        offered=OFFERED[shown["status"]],
        done=request.args.get("done"),
    )


@bp.get("/<chapter_id>/<act>")
def ask(chapter_id: str, act: str) -> str:
    """Say what an act does, and ask why it is done."""
    _action(act)
    return _act_page(chapter_id, act, ActForm(), registry.mark_of(session(), chapter_id))


@bp.post("/<chapter_id>/<act>")
def do(chapter_id: str, act: str) -> Page | Response:
    """Do an act. A second tap does nothing. Where somebody else was quicker, the page says how it is now, and keeps
    what was typed.
    """
    action, form, mark = _action(act), ActForm(request.form), page_mark()
    take_over.ask_once(session(), node())
    by = actor(form.reason.data or "")
    try:
        registry.check_reason(by, is_required=act in NEED_REASON)
        is_done = action(chapter_id, form, by, mark)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _act_page(chapter_id, act, form, mark), 422
    except (StalePage, ChangedMeanwhile, NotFound):
        return _changed_page(chapter_id, act, form), 409
    # A second tap loses none of the reasons.
    if (
        not is_done
        and by.reason
        and by.reason not in {done.reason for done in history.of_chapter(session(), chapter_id)}
    ):
        return _changed_page(chapter_id, act, form), 409
    return redirect(url_for(".chapter", chapter_id=chapter_id, done="done" if is_done else "so-already"), 303)


#: Does an act about a chapter: its id, the form, who acts, the mark of the page. False where it was so already.
Action = Callable[[str, ActForm, Actor, str], bool]


def _admit(chapter_id: str, _: ActForm, by: Actor, mark: str) -> bool:
    return admissions.admit(session(), settings(), chapter_id, now(), by, mark)


def _turn_down(chapter_id: str, _: ActForm, by: Actor, mark: str) -> bool:
    return admissions.turn_down(session(), chapter_id, now(), by, mark)


def _replaces(chapter_id: str, form: ActForm, by: Actor, mark: str) -> bool:
    former = (form.former.data or "").strip()
    try:
        return registry.let_replace(session(), settings(), chapter_id, former, now(), by, mark)
    except NotFound as error:
        raise InvalidInput({"former": "not_found"}) from error


def _status(status: Status) -> Action:
    def change(chapter_id: str, _: ActForm, by: Actor, mark: str) -> bool:
        return registry.set_status(session(), settings(), chapter_id, status, now(), by, mark)

    return change


#: Every act that has a page.
ACTIONS: dict[str, Action] = {
    "admit": _admit,
    "turn-down": _turn_down,
    "replaces": _replaces,
    **{act: _status(status) for act, status in registry.STATUS_OF.items()},
}


def _action(act: str) -> Action:
    if act not in ACTIONS:
        raise NotFound(f"there is no act {act}")
    return ACTIONS[act]


def _status_of(chapter_id: str) -> tuple[str, ChapterRow | None, Admission | None]:
    """(status, row in HQ's list, request to be let in) of a chapter. Raises NotFound for a chapter that HQ has never
    met.
    """
    admission = admissions.find(session(), chapter_id)
    if admission is not None:
        return "waiting", None, admission
    try:
        row = chapters.one(session(), chapter_id, now())
    except NotFound:
        if not history.of_chapter(session(), chapter_id):
            raise
        return "turned-down", None, None
    return row.status, row, None


def _changed_page(chapter_id: str, act: str, form: ActForm) -> str:
    """The page of an act, where somebody else was quicker: how it is now, and who did what."""
    acts = history.of_chapter(session(), chapter_id)
    return _act_page(chapter_id, act, form, registry.mark_of(session(), chapter_id), acts[0] if acts else None, True)


def _act_page(
    chapter_id: str, act: str, form: ActForm, mark: str, last: HqAct | None = None, changed: bool = False
) -> str:
    """The page of an act. `changed`: whether somebody else was quicker, by the act `last`."""
    shown = _shown(chapter_id)
    return render_template(
        "hq/act.html",
        **shown,
        form=form,
        mark=mark,
        changed=changed,
        last=last,
        is_offered=act in OFFERED[shown["status"]],
        act=act,
        needs_reason=act in NEED_REASON,
        week=_to_set_off_for(chapter_id) if act in TAKE_RUNS_AWAY and shown["row"] else [],
    )


def _to_set_off_for(chapter_id: str) -> list[Occurrence]:
    """The dates of the coming week that somebody may set off for."""
    week = chapters.week_of(session(), chapter_id, now())
    return [one for one in week if not is_off(one) and not one.planned_gap]


def _shown(chapter_id: str) -> dict[str, Any]:
    """What both pages show of a chapter. Raises NotFound for a chapter that HQ has never met."""
    status, row, admission = _status_of(chapter_id)
    profile = admissions.profile_of(admission) if admission else None
    name = display_name(chapter_id, row, admission)
    shown = {"row": row, "admission": admission, "profile": profile}
    return {"chapter_id": chapter_id, "name": name, "status": status, **shown}


def name_of(chapter_id: str) -> str:
    """The name that people know a chapter by. Raises NotFound for a chapter that HQ has never met."""
    return str(_shown(chapter_id)["name"])


def display_name(chapter_id: str, row: ChapterRow | None, admission: Admission | None) -> str:
    """The name that people know a chapter by; its id only where there is nothing else."""
    if row is not None:
        return row.called
    if admission is None:
        return chapters.names(session(), {chapter_id}).get(chapter_id) or chapter_id
    profile = admissions.profile_of(admission)
    return (profile.name if profile else "") or admission.note or admission.base_url
