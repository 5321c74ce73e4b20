"""HQ's pages of the chapters: the list, one chapter, and each act that HQ can do about it."""

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from federation.words import STATUSES, Status
from node.errors import ChangedMeanwhile, InvalidInput, NotFound
from node.hq import admissions, chapters, history, registry, take_over
from node.hq.chapters import ChapterRow
from node.hq.history import Act, Actor
from node.input.stale_pages import StalePage
from node.models import Admission, HqAct

from ..context import now, session, settings, wire
from ..forms.base import CHAPTER_SEARCH_LIMIT
from ..forms.hq import ActForm, needs_reason
from ..http import limits, sessions

bp = Blueprint("hq_chapters", __name__, url_prefix="/hq/chapters")
limits.leads(bp)

Page = str | tuple[str, int]

#: What can be done about a chapter that stands so, the likeliest first.
OFFERED: dict[str, tuple[Act, ...]] = {
    "waiting": ("admit", "turn-down"),
    "active": ("pause", "suspend", "left", "replaces"),
    "paused": ("reactivate", "suspend", "left", "replaces"),
    "suspended": ("reactivate", "left"),
    "left": ("reactivate",),
    "dropped": ("reactivate",),
    "turned-down": (),
}
#: What the list can be narrowed to.
FILTERS = (*STATUSES, "silent")


@bp.get("")
def all_chapters() -> str:
    """The chapters by name, fifty at a time, as asked for."""
    asked = {name: request.args.get(name, "")[:CHAPTER_SEARCH_LIMIT] for name in ("text", "status", "after")}
    found = chapters.page(session(), **asked, now=now())
    return render_template("hq/chapters.html", found=found, asked=asked, statuses=FILTERS)


@bp.get("/<chapter_id>")
def chapter(chapter_id: str) -> str:
    """One chapter: how it stands, its week, what was done, what can be done."""
    status, row, asked = _standing(chapter_id)
    return render_template(
        "hq/chapter.html",
        chapter_id=chapter_id,
        called=called(chapter_id, row, asked),
        profile=admissions.profile_of(asked) if asked else None,
        status=status,
        row=row,
        asked=asked,
        week=chapters.week_of(session(), chapter_id, now()) if row else [],
        unread=chapters.unread_of(session(), chapter_id) if row else [],
        acts=history.of_chapter(session(), chapter_id),
        offered=OFFERED[status],
        done=request.args.get("done"),
    )


@bp.get("/<chapter_id>/<act>")
def ask(chapter_id: str, act: str) -> str:
    """What would happen, and why it is done."""
    _doing(act)
    return _ask_page(chapter_id, act, ActForm(), registry.mark_of(session(), chapter_id))


@bp.post("/<chapter_id>/<act>")
def do(chapter_id: str, act: str) -> Page | Response:
    """Do it. Who was slower is told how it stands and keeps what they typed; who taps twice does nothing twice."""
    doing, form, saw = _doing(act), ActForm(request.form), request.form.get("seen", "")
    take_over.ask_once(session(), settings(), wire(), now())
    actor = Actor(sessions.lead().first_name, form.reason.data or "")
    try:
        registry.check_reason(actor, is_required=needs_reason(act))
        is_done = doing(chapter_id, form, actor, saw)
    except InvalidInput as refused:
        form.take(refused.problems)
        return _ask_page(chapter_id, act, form, saw), 422
    except (StalePage, ChangedMeanwhile, NotFound):
        return _changed_page(chapter_id, act, form), 409
    if not is_done and actor.reason and actor.reason not in _reasons(chapter_id):
        return _changed_page(chapter_id, act, form), 409
    return redirect(url_for(".chapter", chapter_id=chapter_id, done="done" if is_done else "so-already"), 303)


#: What an act does, of the chapter whose mark was seen; False: it was so already.
Doing = Callable[[str, ActForm, Actor, str], bool]


def _admit(chapter_id: str, _: ActForm, actor: Actor, saw: str) -> bool:
    return admissions.admit(session(), settings(), chapter_id, now(), actor, saw)


def _turn_down(chapter_id: str, _: ActForm, actor: Actor, saw: str) -> bool:
    return admissions.turn_down(session(), chapter_id, now(), actor, saw)


def _replaces(chapter_id: str, form: ActForm, actor: Actor, saw: str) -> bool:
    former = (form.former.data or "").strip()
    try:
        return registry.let_replace(session(), settings(), chapter_id, former, now(), actor, saw)
    except NotFound as error:
        raise InvalidInput({"former": "not_found"}) from error


def _status(status: Status) -> Doing:
    def change(chapter_id: str, _: ActForm, actor: Actor, saw: str) -> bool:
        return registry.set_status(session(), settings(), chapter_id, status, now(), actor, saw)

    return change


#: Every act about a chapter that has a page.
DOING: dict[str, Doing] = {
    "admit": _admit,
    "turn-down": _turn_down,
    "replaces": _replaces,
    **{act: _status(status) for act, status in registry.STATUS_OF.items()},
}


def _doing(act: str) -> Doing:
    if act not in DOING:
        raise NotFound(f"there is no act {act}")
    return DOING[act]


def _standing(chapter_id: str) -> tuple[str, ChapterRow | None, Admission | None]:
    """(status, its row, its question at the door); NotFound for one that HQ has never had to do with."""
    asked = admissions.find(session(), chapter_id)
    if asked is not None:
        return "waiting", None, asked
    try:
        row = chapters.one(session(), chapter_id, now())
    except NotFound:
        if not history.of_chapter(session(), chapter_id):
            raise
        return "turned-down", None, None
    return row.status, row, None


def _changed_page(chapter_id: str, act: str, form: ActForm) -> str:
    """How it stands now and who did what, with what was typed: to be sent again, or copied."""
    acts = history.of_chapter(session(), chapter_id)
    return _ask_page(chapter_id, act, form, registry.mark_of(session(), chapter_id), acts[0] if acts else None, True)


def _reasons(chapter_id: str) -> set[str]:
    """What has been noted of a chapter: a reason that is among it is not lost, as after a double tap."""
    return {act.reason for act in history.of_chapter(session(), chapter_id)}


def _ask_page(
    chapter_id: str, act: str, form: ActForm, seen: str, last: HqAct | None = None, changed: bool = False
) -> str:
    """With what is about to be signed: who asks, by its own name and by HQ's note. `changed`: by `last`, meanwhile."""
    status, row, asked = _standing(chapter_id)
    return render_template(
        "hq/ask.html",
        form=form,
        seen=seen,
        changed=changed,
        last=last,
        status=status,
        is_offered=act in OFFERED[status],
        chapter_id=chapter_id,
        act=act,
        called=called(chapter_id, row, asked),
        asked=asked,
        profile=admissions.profile_of(asked) if asked else None,
        row=row,
        needs_reason=needs_reason(act),
    )


def called(chapter_id: str, row: ChapterRow | None, asked: Admission | None) -> str:
    """What people know it by; its id only where there is nothing else."""
    if row is not None:
        return row.called
    if asked is None:
        return chapters.names(session(), {chapter_id}).get(chapter_id) or chapter_id
    profile = admissions.profile_of(asked)
    return (profile.name if profile else "") or asked.note or asked.base_url
