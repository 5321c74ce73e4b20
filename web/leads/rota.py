"""The rota: who leads which date of every run, who usually takes which, and days off."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from node.chapter import dates, leads, runs
from node.errors import InvalidInput
from node.members.leading import promises, rota
from node.members.leading.calls import can_be_mailed
from node.members.leading.rota import DateRota, Rota
from node.models import RotaRule, Run

from ..context import Page, now, session, settings
from ..forms.members.holiday import HolidayForm, holiday_form
from ..http import limits, sessions
from ..words import notices
from ..words.members.rota import DUTIES, RULES

bp = Blueprint("rota", __name__, url_prefix="/lead")
limits.signed_in(bp)


@dataclass(frozen=True)
class RotaCard:
    """One run with its coming dates, and how many rules its rota has."""

    run: Run
    dates: list[DateRota]
    rules: int


@dataclass(frozen=True)
class Rule:
    """One rule of a rota, and the first name of whose turn it is."""

    rule: RotaRule
    first_name: str


@bp.get("/rota")
def overview() -> str:
    """Show who leads the coming dates of every run, and what is open."""
    cards = [_card(run) for run in runs.all_runs(session())]
    silent = [lead.first_name for lead in leads.all_leads(session()) if not can_be_mailed(session(), lead)]
    shown = {"cards": cards, "silent": silent, "has_mail": settings().has_mail}
    return render_template("leads/rota.html", **shown, notice=notices.words(request.args))


@bp.get("/runs/<run_id>/rota")
def rules(run_id: str) -> str:
    """Show who usually takes which dates of a run."""
    return _rules_page(run_id)


@bp.post("/runs/<run_id>/rota/add")
def add_rule(run_id: str) -> Page | Response:
    """Let a lead usually take some dates."""
    person = request.form.get("person", type=int) or 0
    wanted = (request.form.get("duty", ""), person, request.form.get("dates", ""))
    try:
        rota.add_rule(session(), run_id, *wanted)
    except InvalidInput:
        return _rules_page(run_id, is_wrong=True), 422
    return _to_rules(run_id, "rule-added")


@bp.post("/runs/<run_id>/rota/everybody")
def everybody(run_id: str) -> Response:
    """Let every lead take turns with leading."""
    rota.everybody_takes_turns(session(), run_id)
    return _to_rules(run_id, "rule-added")


@bp.post("/runs/<run_id>/rota/<int:rule_id>/remove")
def remove_rule(run_id: str, rule_id: int) -> Response:
    """Take a rule away."""
    rota.remove_rule(session(), run_id, rule_id)
    return _to_rules(run_id, "rule-removed")


@bp.get("/days-off")
def days_off() -> str:
    """Show this lead's days off, and the form for new ones."""
    return _days_off_page(holiday_form(None, _today()))


@bp.post("/days-off")
def go_on_holiday() -> Page | Response:
    """Keep days off. What this lead had promised for them is open again."""
    form = holiday_form(request.form, _today())
    if not form.validate():
        return _days_off_page(form), 422
    try:
        promises.go_on_holiday(session(), settings(), sessions.person().id, form.since.data, form.back_on.data, now())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _days_off_page(form), 422
    return redirect(url_for(".days_off", done="days-off"), 303)


@bp.post("/days-off/<int:holiday_id>/end")
def end_holiday(holiday_id: int) -> Response:
    """Take days off away."""
    rota.end_holiday(session(), sessions.person().id, holiday_id)
    return redirect(url_for(".days_off", done="days-off-over"), 303)


def _card(run: Run) -> RotaCard:
    planned = Rota(session(), run)
    found = [planned.on(view) for view in dates.coming(session(), run, now())]
    return RotaCard(run, found, len(rota.rules_of(session(), run.id)))


def _rules_page(run_id: str, *, is_wrong: bool = False) -> str:
    run, people = runs.get(session(), run_id), {lead.id: lead for lead in leads.all_leads(session())}
    found = [
        Rule(one, people[one.person_id].first_name)
        for one in rota.rules_of(session(), run_id)
        if one.person_id in people
    ]
    shown = {"run": run, "rules": found, "leads": people.values(), "duties": DUTIES, "all_dates": RULES}
    card = _card(run)
    return render_template(
        "leads/rules.html", **shown, card=card, is_wrong=is_wrong, notice=notices.words(request.args)
    )


def _to_rules(run_id: str, done: str) -> Response:
    return redirect(url_for(".rules", run_id=run_id, done=done), 303)


def _today() -> date:
    return rota.today_here(session(), now())


def _days_off_page(form: HolidayForm) -> str:
    mine = rota.holidays_of(session(), sessions.person().id, _today())
    shown = {"holidays": mine, "has_mail": settings().has_mail}
    return render_template("leads/days_off.html", form=form, **shown, notice=notices.words(request.args))
