"""Letters to leads: their week, and a date for which nobody has promised yet."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from node.chapter import dates, runs
from node.chapter.dates import DateView
from node.errors import NodeError
from node.members.leading import calls, changes, cover, tap_links
from node.members.leading.promises import is_needed
from node.members.leading.rota import DateRota, Rota
from node.models import Letter, Person, Run

from ..context import now, session, settings
from ..language import N_, _
from ..words.members.rota import duty_title, lead_words
from ..words.texts import isolated
from ..words.times import clock_time, day_words, long_day
from .written import Kind, Link, Words, Written, address


@dataclass(frozen=True)
class LeadDate:
    """One date of a run as a letter to one lead tells of it. `when`: its day and time in words. The addresses: where
    that lead says that they will be there, or cannot; and where the date is cancelled.
    """

    run: str
    when: str
    point: str
    who: str
    there: str
    cannot: str
    cancel: str
    page: str
    is_mine: bool = False
    is_promised: bool = False
    is_warned: bool = False
    is_cancelled: bool = False
    dropped_by: str = ""
    line: str = ""
    for_date: str = ""
    duty: str = "lead"


def _week(name: str, week: list[LeadDate]) -> Written:
    blocks: list[Words | Link] = [Words(_("Hello %(name)s, these are the upcoming dates.", name=isolated(name)))]
    for one in week:
        blocks += _week_date(one)
    return Written(_("This week: who’ll be there?"), tuple(blocks))


def _week_date(one: LeadDate) -> list[Words | Link]:
    head = _("%(when)s: %(run)s.", when=one.when, run=isolated(one.run))
    if one.is_cancelled:
        return [Words(" ".join((head, _("It’s cancelled."))))]
    said = [Words(f"{head} {one.who}")]
    if not one.is_promised:
        return [*said, Link(_("I’ll be there: %(when)s", when=one.when), one.there)]
    return (
        [*said, Link(_("I can’t make it after all: %(when)s", when=one.when), one.cannot, is_quiet=True)]
        if one.is_mine
        else [*said]
    )


def _cover(one: LeadDate) -> Written:
    turn = _("It’s your turn on the rota.") if one.is_mine else ""
    words = " ".join(filter(None, (_nobody_yet(one), turn, _("Can you be there?"))))
    return Written(_("Can you lead on %(when)s?", when=one.when), (Words(words), *_ways(one)))


def _dropped_out(one: LeadDate) -> Written:
    name = isolated(one.dropped_by) if one.dropped_by else _("The lead who’d confirmed")
    said = _("%(name)s can’t make it to %(run)s, %(when)s.", name=name, run=isolated(one.run), when=one.when)
    line = (Words(f"“{isolated(one.line)}”"),) if one.line else ()
    ask = Words(_("Every site now shows it as not confirmed. Can you be there?"))
    return Written(
        _("Can you lead on %(when)s? Plans have changed", when=one.when), (Words(said), *line, ask, *_ways(one))
    )


def _alarm(one: LeadDate) -> Written:
    told = _(
        "Every site now says “Not confirmed: please don’t set off yet”, and we’ve emailed everyone who "
        "said they’re coming and left an address."
    )
    words = (Words(_nobody_yet(one)), *((Words(told),) if one.is_warned else ()))
    last = Words(
        _(
            "Someone might be left waiting there alone. If you can be there, please say so. If no one can, please"
            " cancel."
        )
    )
    return Written(_("Still no lead for %(when)s", when=one.when), (*words, last, *_ways(one)))


def _handed_over(one: LeadDate) -> Written:
    said = _(
        "You’ve been asked to take over as %(duty)s at %(run)s, %(when)s.",
        duty=duty_title(one.duty).lower(),
        run=isolated(one.run),
        when=one.when,
    )
    swap = (Words(_("In exchange, they’ll take your turn on %(day)s.", day=one.for_date)),) if one.for_date else ()
    link = Link(_("Yes, I’ll do it"), one.there)
    return Written(_("Could you take %(when)s?", when=one.when), (Words(said), *swap, Words(one.who), link))


def _duty_changed(one: LeadDate) -> Written:
    """`one.is_cancelled`: there is no run that day, for whatever reason."""
    said = _("You were down as %(duty)s.", duty=duty_title(one.duty).lower())
    run = isolated(one.run)
    if one.is_cancelled:
        off = Words(_("%(run)s isn’t going ahead on %(when)s. You don’t need to be there.", run=run, when=one.when))
        return Written(_("Cancelled: %(when)s", when=one.when), (off, Words(said), Link(_("See the latest"), one.page)))
    at = {"run": run, "when": one.when, "point": isolated(one.point)}
    here = Words(_("%(run)s has a new time or place, or is back on: %(when)s, %(point)s.", **at))
    if one.duty != "lead":
        cannot = Link(_("If you can’t make it, say so here"), one.page)
        return Written(_("Changed: %(when)s", when=one.when), (here, Words(said), cannot))
    ask = Words(_("What you confirmed was for the old time and place, so it no longer counts. Can you be there now?"))
    return Written(_("Changed: %(when)s", when=one.when), (here, Words(said), ask, *_ways(one)))


def _duty_over(one: LeadDate) -> Written:
    """`one.who`: who does it now, in words; empty where nobody does."""
    said = _("You were down as %(duty)s.", duty=duty_title(one.duty).lower())
    head = Words(" ".join((_("%(when)s: %(run)s.", when=one.when, run=isolated(one.run)), said)))
    page = Link(_("See the latest"), one.page)
    if one.who:
        taken = Words(" ".join((one.who, _("You don’t need to do it any more."))))
        return Written(_("Taken over: %(when)s", when=one.when), (head, taken, page))
    told = Words(
        _("Another lead has said that you can’t make it. If you can, please say so, because no lead has confirmed yet.")
    )
    subject = _("You’re no longer down for it: %(when)s", when=one.when)
    return Written(subject, (head, told, Link(_("I’ll be there"), one.there), page))


def _nobody_yet(one: LeadDate) -> str:
    return _(
        "No lead has confirmed yet for %(run)s: %(when)s, %(point)s.",
        run=isolated(one.run),
        when=one.when,
        point=isolated(one.point),
    )


def _ways(one: LeadDate) -> tuple[Link, Link]:
    return Link(_("I’ll be there"), one.there), Link(_("Cancel this date"), one.cancel, is_quiet=True)


def _write_week(letter: Letter) -> Written | None:
    reader = session().get_one(Person, letter.person_id)
    coming = cover.week(session(), now())
    told = [_told(reader, run, view) for run, view in coming]
    return _week(reader.first_name, told) if told else None


def _write_search(letter: Letter) -> LeadDate | None:
    """The date of a letter that asks for a lead; None once somebody has promised it, or it is off or has begun."""
    reader, found = session().get_one(Person, letter.person_id), _date_of(letter)
    if found is None:
        return None
    run, view = found
    is_open = is_needed(view) and view.state != "confirmed" and now() < calls.start_of(view)
    return _told(reader, run, view) if is_open else None


def _write_cover(letter: Letter) -> Written | None:
    one = _write_search(letter)
    return _cover(one) if one else None


def _write_dropped_out(letter: Letter) -> Written | None:
    one = _write_search(letter)
    return _dropped_out(one) if one else None


def _write_alarm(letter: Letter) -> Written | None:
    one = _write_search(letter)
    return _alarm(one) if one else None


def _write_handed_over(letter: Letter) -> Written | None:
    """Only while that lead is still asked, or it is their turn and they have not said yes."""
    found, duty = _date_of(letter), str(letter.facts.get("duty", "lead"))
    reader = session().get_one(Person, letter.person_id)
    if found is None or not is_needed(found[1]):
        return None
    given = Rota(session(), found[0]).on(found[1]).of(duty)
    if given.offered_to != reader and (given.person != reader or given.is_promised):
        return None
    return _handed_over(_told(reader, *found, duty=duty, for_day=str(letter.facts.get("for_day", ""))))


def _write_duty_changed(letter: Letter) -> Written | None:
    """Only while the date is as the letter would say, and its reader has not said yes to it meanwhile."""
    reader, run = session().get_one(Person, letter.person_id), session().get(Run, str(letter.facts["run"]))
    day, duty = date.fromisoformat(str(letter.facts["day"])), str(letter.facts["duty"])
    view = dates.find(session(), run, day, now()) if run else None
    if run is None or changes.state_of(run, view) != letter.facts["state"]:
        return None
    if view is None:
        return _duty_changed(_gone(run, day, duty))
    told = _told(reader, run, view, duty)
    is_known = duty == "lead" and told.is_mine and told.is_promised
    is_new = letter.facts["state"] != letter.facts.get("promised_for")
    if is_known or not (is_new or changes.was_told(session(), letter)):
        return None
    return _duty_changed(replace(told, is_cancelled=letter.facts["state"] == changes.OFF))


def _write_duty_over(letter: Letter) -> Written | None:
    """Only while its reader has not said yes to it again, and somebody is needed."""
    found, duty = _date_of(letter), str(letter.facts["duty"])
    if found is None or not is_needed(found[1]):
        return None
    reader, given = session().get_one(Person, letter.person_id), Rota(session(), found[0]).on(found[1]).of(duty)
    if given.person == reader and given.is_promised:
        return None
    does_it = given.person if given.is_promised else None
    who = _("%(name)s is doing it now.", name=isolated(does_it.first_name)) if does_it else ""
    return _duty_over(replace(_told(reader, *found, duty=duty), who=who))


def _gone(run: Run, day: date, duty: str) -> LeadDate:
    """A day that its run has no more."""
    board, when = address("board.board"), long_day(day, now().date())
    told = LeadDate(run.name, when, run.point_name, "", there=board, cannot=board, cancel=board, page=board)
    return replace(told, is_cancelled=True, duty=duty)


def _date_of(letter: Letter) -> tuple[Run, DateView] | None:
    """The run and the date of a letter, if that date is still to come."""
    try:
        run = runs.get(session(), str(letter.facts["run"]))
        return run, dates.require_date(session(), run, date.fromisoformat(str(letter.facts["day"])), now())
    except NodeError:
        return None


def _told(reader: Person, run: Run, view: DateView, duty: str = "lead", for_day: str = "") -> LeadDate:
    on = Rota(session(), run).on(view)
    given = on.of(duty)
    return LeadDate(
        run=run.name,
        when=_when(view.starts),
        point=view.point.name if view.point else run.point_name,
        who=_who(on, duty),
        there=_link(reader, "there", run, view, duty),
        cannot=_link(reader, "cannot", run, view, duty),
        cancel=address("dates.ask_cancel", run_id=run.id, day=view.day),
        page=address("duties.show", run_id=run.id, day=view.day),
        is_mine=given.person == reader,
        is_promised=view.state == "confirmed",
        is_warned=cover.is_uncovered(run, view, now()),
        is_cancelled=view.state == "cancelled",
        dropped_by=given.dropped_by.first_name if given.dropped_by else "",
        line=given.line,
        for_date=_day(for_day, view),
        duty=duty,
    )


def _who(on: DateRota, duty: str) -> str:
    return lead_words(on) if duty == "lead" else ""


def _link(reader: Person, act: str, run: Run, view: DateView, duty: str) -> str:
    """The link by which that lead answers for the lead's duty. The other duties are answered on the date's own page."""
    if duty != "lead":
        return address("duties.show", run_id=run.id, day=view.day)
    token = tap_links.token(settings(), act, reader.id, reader.added_at, run.id, view.day)
    return address("taps.show", act=act, person_id=reader.id, run_id=run.id, day=view.day, token=token)


def _when(starts: datetime) -> str:
    return f"{day_words(starts, starts - timedelta(days=9))}, {clock_time(starts)}"


def _day(text: str, view: DateView) -> str:
    if not text:
        return ""
    starts = datetime.combine(date.fromisoformat(text), view.starts.time(), view.starts.tzinfo)
    return day_words(starts, starts - timedelta(days=9))


def _sample(**changes: object) -> LeadDate:
    starts = datetime(2026, 6, 4, 18, 30, tzinfo=UTC)
    values = {
        "run": _("Thursday evening run"),
        "when": _when(starts),
        "point": _("The Monument"),
        "who": _("It’s %(name)s’s turn.", name="Ada"),
        **dict.fromkeys(("there", "cannot", "cancel", "page"), address("board.board")),
    }
    return LeadDate(**values | changes)  # type: ignore[arg-type]  # each of its own kind


KINDS = {
    "week": Kind(
        _write_week,
        lambda: _week(
            "Sam",
            [
                _sample(),
                _sample(
                    when=_when(datetime(2026, 6, 6, 9, tzinfo=UTC)),
                    is_promised=True,
                    who=_("%(name)s will be there.", name="Ada"),
                ),
            ],
        ),
        N_("To each lead, on Monday morning"),
    ),
    "cover": Kind(
        _write_cover,
        lambda: _cover(_sample()),
        N_("To the leads, a day before a date that no lead has confirmed (each run says how long before)"),
    ),
    "dropped_out": Kind(
        _write_dropped_out,
        lambda: _dropped_out(_sample(dropped_by="Ada", line=_("I have a cold. Sorry!"))),
        N_("To the other leads, when the one who’d confirmed can’t make it and the run is soon"),
    ),
    "alarm": Kind(
        _write_alarm,
        lambda: _alarm(_sample(is_warned=True)),
        N_("To every lead, while still no lead has confirmed: two hours before, and an hour after a late change"),
    ),
    "duty_changed": Kind(
        _write_duty_changed,
        lambda: _duty_changed(_sample(is_cancelled=True)),
        N_("To anyone who said they’d be there, to lead or for another duty, when the date is cancelled or moves"),
    ),
    "duty_over": Kind(
        _write_duty_over,
        lambda: _duty_over(_sample(who=_("%(name)s is doing it now.", name="Ada"))),
        N_("To anyone who said they’d be there, when another lead has taken it over, or said that they can’t"),
    ),
    "handed_over": Kind(
        _write_handed_over,
        lambda: _handed_over(_sample()),
        N_("To a lead who’s asked by another one to take over a date"),
    ),
}
