"""The steps of the set-up, each a page. Every form leads to the first step that is neither done nor left for later."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from federation.errors import Malformed
from federation.keys import SigningKey
from node.directory import chapters
from node.errors import InvalidInput
from node.members import people
from node.models import Hq
from node.setup import founding, links, steps
from node.setup.founding import FoundedAlready
from node.sync import joining
from node.sync.joining import NotJoined

from ..context import Page, node, now, session, settings
from ..forms.base import new_form_id
from ..forms.members.accounts import AddressForm, NameForm
from ..forms.set_up import ChapterForm, InvitationForm, RootKeyForm
from ..http import limits, sessions
from ..site import has_passkeys, is_founded
from ..words.devices import device_words
from ..words.set_up import joined_words

bp = Blueprint("setup", __name__, url_prefix="/setup")
limits.signed_in(bp)

# HQ asks back, and looks at this site from its own.
_joining = limits.Budget("joining", 6, 10_000, limits.lead_or_visitor)

#: The address of each step's page: the endpoint that shows it.
_PAGES = {
    "chapter": "setup.show_chapter",
    "root-key": "setup.show_paper_key",
    "backup-key": "backup_key.show",
    "mail": "mail_settings.show",
    "you": "setup.show_you",
    "run": "setup.show_run",
    "hq": "setup.show_hq",
}


@bp.get("/begin/<token>")
@limits.pages
def show_link(token: str) -> Page:
    """Show the button that opens the set-up. Looking uses nothing up: chat programs look, too."""
    if not links.is_good(session(), token, now()):
        return render_template("setup/link_over.html"), 410
    return render_template("setup/begin.html")


@bp.post("/begin/<token>")
@limits.sign_in
def use_link(token: str) -> Page | Response:
    """Use the link up, and sign this browser in as whoever sets up."""
    begun = links.use(session(), token, device_words(request.user_agent.string), now())
    if begun is None:
        return render_template("setup/link_over.html"), 410
    response = on()
    sessions.give(response, begun)
    return response


@bp.get("")
def go_on() -> Response:
    """Lead to where the set-up stands."""
    return on()


@bp.get("/chapter")
def show_chapter() -> Page | Response:
    """Ask for the town."""
    kept = founding.kept_profile(session())
    return on() if is_founded() else _chapter_page(ChapterForm(obj=kept))


@bp.post("/chapter")
def save_chapter() -> Page | Response:
    """Look the town up, and keep it once it is chosen."""
    form = ChapterForm(request.form)
    form.offer_places()
    if not form.validate() or not (form.chosen or form.is_unknown):
        return _chapter_page(form), 422 if form.errors else 200
    try:
        founding.keep_profile(session(), form.profile())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _chapter_page(form), 422
    except FoundedAlready:
        return on()
    return on()


@bp.get("/root-key")
def show_paper_key() -> Page | Response:
    """Say what the paper key is, before it is made."""
    return on() if is_founded() or not founding.kept_profile(session()) else _page("paper", "root-key")


@bp.post("/root-key/show")
def make_paper_key() -> Page | Response:
    """Make a key, or show the one that the page before had, to write it down. It is kept in the page alone."""
    if is_founded() or not founding.kept_profile(session()):
        return on()
    return _page("paper_key", "root-key", form=_new_paper(), kept=founding.kept_profile(session()))


@bp.post("/root-key/check")
def ask_for_lines() -> Page | Response:
    """Ask for two lines of the key, without showing it."""
    return on() if is_founded() else _page("paper_check", "root-key", form=_new_paper())


@bp.post("/root-key")
def found() -> Page | Response:
    """Found the chapter, once two lines were read from the paper."""
    form = RootKeyForm(request.form)
    try:
        key = SigningKey(form.key.data or "")
    except Malformed:
        return on()
    if not form.validate():
        return _page("paper_check", "root-key", form=form), 422
    try:
        founding.found(session(), settings(), key, now())
    except FoundedAlready:
        return _page("paper_void", "root-key"), 409
    return on()


@bp.get("/you")
def show_you() -> str:
    """Ask for the first name, then say how to get back in."""
    person = sessions.person()
    return _you_page(NameForm(data={"first_name": person.first_name}))


@bp.post("/you")
def save_you() -> Page | Response:
    """Keep the first name."""
    form = NameForm(request.form)
    try:
        people.set_first_name(session(), settings(), sessions.person().id, form.first_name.data or "", now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _you_page(form), 422
    return redirect(url_for(".show_you"), 303)


@bp.get("/run")
def show_run() -> str:
    """Lead to the form of a run."""
    return _page("run", "run")


@bp.get("/hq")
def show_hq() -> str:
    """Ask for HQ's invitation."""
    return _joining_page(InvitationForm())


@bp.post("/hq")
@_joining
def join_hq() -> Page | Response:
    """Ask HQ to let the chapter in."""
    form = InvitationForm(request.form)
    if not form.validate():
        return _joining_page(form), 422
    try:
        joining.join(node(), form.read(), whole=False)
    except NotJoined as refused:
        form.add_problems({"invitation": refused.hindrance})
        return _joining_page(form), 422
    # This request's session still reads what was so before another one has written that we have joined.
    return redirect(url_for(".go_on"), 303)


@bp.post("/later/<step>")
def leave(step: str) -> Response:
    """Leave a step for later."""
    steps.leave(session(), step)
    return on()


@bp.get("/done")
def show_done() -> Page | Response:
    """Say what is public now, and what comes next."""
    setting_up = steps.of(session())
    if setting_up is None or steps.undone(session(), settings(), setting_up):
        return on()
    pages = {step: url_for(page) for step, page in _PAGES.items()}
    shown = {"has_run": steps.has_run(session()), "hq_words": joined_words(chapters.own_status(session()))}
    left = [step for step in setting_up.left if not steps.is_done(session(), settings(), setting_up, step)]
    return _page("done", "", left=left, pages=pages, **shown)


@bp.post("/done")
def finish() -> Response:
    """End the set-up."""
    steps.finish(session(), now())
    return redirect(url_for("board.board"), 303)


def on() -> Response:
    """Lead to the first step that is neither done nor left for later; after the last one, to what was done."""
    setting_up = steps.of(session())
    if setting_up is None:
        return redirect(url_for("board.board"), 303)
    undone = steps.undone(session(), settings(), setting_up)
    return redirect(url_for(_PAGES[undone[0]] if undone else ".show_done"), 303)


def frame(step: str) -> dict[str, Any]:
    """What stands above a step's page: its number, of how many, and the address of the step before. No number once the
    set-up is done: then it is a page of leads like any other. `step`: empty for the last page.
    """
    at = steps.STEPS.index(step) if step else len(steps.STEPS)
    back = url_for(_PAGES[steps.STEPS[at - 1]]) if at else ""
    number = at + 1 if steps.of(session()) else 0
    return {"number": number, "of": len(steps.STEPS) + 1, "back": back}


def _page(name: str, step: str, **shown: Any) -> str:
    return render_template(f"setup/{name}.html", **frame(step), **shown)


def _new_paper() -> RootKeyForm:
    return RootKeyForm(request.form).asking(SigningKey.generate().seed_hex())


def _you_page(form: NameForm) -> str:
    shown = {"person": sessions.person(), "has_mail": settings().has_mail, "has_passkeys": has_passkeys()}
    address_form = AddressForm(data={"form_id": new_form_id()})
    return _page("you", "you", form=form, address_form=address_form, **shown)


def _joining_page(form: InvitationForm) -> str:
    return _page("hq", "hq", form=form, hq=session().get(Hq, 1))


def _chapter_page(form: ChapterForm) -> str:
    return _page("chapter", "chapter", form=form)
