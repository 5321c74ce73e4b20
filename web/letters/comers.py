"""Letters to whoever comes: asked once, reminded, and told what happens to their date."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from node import sealed_fields
from node.chapter import dates, listing
from node.chapter.dates import DateView
from node.chapter.known_dates import is_same_point
from node.directory import listings
from node.directory.listings import Occurrence
from node.members import coming, first_time, idle
from node.members.comers import addresses, moves, news
from node.models import CannotFind, Coming, Letter, Run

from ..alternatives import alternative_to
from ..context import now, session, settings
from ..language import N_, _
from ..site import site
from ..words.states import badge, is_sure, reason_words
from ..words.texts import isolated
from ..words.times import arrival_words, clock_time, distance, long_day
from . import earlier
from .written import Block, Kind, Link, Rows, Words, Written, address, words_of


@dataclass(frozen=True)
class DateFacts:
    """What a letter about one date says of it. `link`: the private link. `shown`: the date as pages show it."""

    run_name: str
    starts: datetime
    place: str
    link: str
    first_time: str = ""
    shown: Occurrence | None = None
    #: Whether a lead has taken the reader off the list.
    is_cleared: bool = False
    #: When it was to start as its reader said yes to it, where that is another time.
    former: datetime | None = None
    is_new_place: bool = False

    @property
    def when(self) -> str:
        """The day and the hour, such as "Thursday 4 June, 18:30"."""
        return _day_and_hour(self.starts)


def _day_and_hour(starts: datetime) -> str:
    return f"{long_day(starts.date(), now().date())}, {clock_time(starts)}"


def confirm_address(letter: Letter) -> Written | None:
    """May we write to you? Nothing once nobody waits for the answer any more."""
    if letter.address is None:
        return None
    key = sealed_fields.load(settings())
    index = key.index("email", key.open("letter.address", letter.key, letter.address))
    rows = addresses.waiting(session(), index)
    lines = [_line(session().get_one(Run, row.run_id), row.day) for row in rows]
    link = address("coming.ask_confirm", index=index, link_token=addresses.token(settings(), index))
    return _asked(tuple(dict.fromkeys(lines)), link) if lines else None


def reminder(letter: Letter) -> Written | None:
    """Reminds of a date, with what whoever comes for the first time has to know."""
    facts = _facts(letter, wanted=("on", "in doubt"))
    return _reminder(facts) if facts and facts.starts > now() else None


def cancelled(letter: Letter) -> Written | None:
    """A date is off. The letter names the nearest run that is on."""
    row, run, view = _about(letter)
    if row is None or run is None or news.as_it_is(run, view, now()).state != "off":
        return None
    starts = view.starts if view else _said_start(row, run, letter)
    facts = DateFacts(isolated(run.name), starts, isolated(run.point_name), _link(row), shown=_shown(run, view))
    return _cancelled(facts if earlier.told_where(letter) else _with_former(facts, letter))


def moved(letter: Letter) -> Written | None:
    """A date is held at another hour or place: does the reader still come?"""
    facts = _facts(letter, wanted=("on", "in doubt"))
    return _moved(_with_former(facts, letter)) if facts else None


def uncovered(letter: Letter) -> Written | None:
    """No lead has promised, and the run begins soon."""
    facts = _facts(letter, wanted=("in doubt",))
    return _uncovered(facts) if facts and facts.starts > now() else None


def back_on(letter: Letter) -> Written | None:
    """A date is on after all. Nothing where its reader never got the letter that it takes back."""
    facts = _facts(letter, wanted=("on", "in doubt"))
    return _back_on(facts) if facts and earlier.told_otherwise(letter) else None


def still_coming(letter: Letter) -> Written | None:
    """Who said "every time": do they still come? Nothing once they have done something, or the run has ended."""
    row, run = session().get(Coming, letter.coming_id), session().get(Run, letter.facts["run"])
    if row is None or run is None or row.day is not None or idle.key_of(row) != letter.key:
        return None
    if not coming.coming_days(session(), row, now()):
        return None
    token = coming.token_of(settings(), row)
    until = idle.last_day(session(), settings(), row, now())
    return _still_coming(isolated(run.name), until, address("private_link.ask_keep", token=token))


def cannot_find(letter: Letter) -> Written | None:
    """To a lead: somebody is at the meeting point and finds nobody. Who it is stands on the page of the day alone."""
    day, run = date.fromisoformat(letter.facts["day"]), session().get(Run, letter.facts["run"])
    calls = select(CannotFind).join(Coming, Coming.id == CannotFind.coming_id)
    calls = calls.where(CannotFind.day == day, Coming.run_id == letter.facts["run"])
    view = dates.find(session(), run, day, now()) if run else None
    last = session().scalars(calls.order_by(CannotFind.at.desc())).first()
    if run is None or view is None or last is None:
        return None
    page = address("run_day.show", run_id=run.id, day=view.day)
    return _cannot_find(DateFacts(isolated(run.name), view.starts, _place(run, view), page), last.at)


def _facts(letter: Letter, wanted: tuple[str, ...]) -> DateFacts | None:
    """The date of a letter, if it is still as the letter would say."""
    row, run, view = _about(letter)
    if row is None or run is None or view is None:
        return None
    current = news.as_it_is(run, view, now())
    if current.state not in wanted or current.where != letter.facts["where"]:
        return None
    is_usual = view.as_announced or view.point is None or is_same_point(view.point, listing.point_of(run))
    # What a lead wrote for a first time leads to the usual place alone.
    is_first = row.first_time and row.given_for == view.day and is_usual
    first = first_time.letter_of(session(), run.id) if is_first else ""
    place, is_cleared = _place(run, view), row.cleared_at is not None
    return DateFacts(isolated(run.name), view.starts, place, _link(row), first, _shown(run, view), is_cleared)


def _place(run: Run, view: DateView) -> str:
    """Where a date is held: the point's name and address."""
    point = view.point or listing.point_of(run)
    return ", ".join(isolated(part) for part in (point.name, point.address) if part)


def _said_start(row: Coming, run: Run, letter: Letter) -> datetime:
    """When a date was to start, as its comer last said yes to it."""
    return moves.start_of(earlier.said_for(row, letter), run)


def _with_former(facts: DateFacts, letter: Letter) -> DateFacts:
    """The same, with what is new about it to its reader."""
    row, run = session().get_one(Coming, letter.coming_id), session().get_one(Run, letter.facts["run"])
    said_for, starts = earlier.said_for(row, letter), _said_start(row, run, letter)
    is_new_place = moves.place_mark(said_for) != moves.place_mark(letter.facts["where"])
    return replace(facts, former=starts if starts != facts.starts else None, is_new_place=is_new_place)


def _about(letter: Letter) -> tuple[Coming | None, Run | None, DateView | None]:
    """The comer, the run and the date of a letter, as far as they are still there."""
    row, run = session().get(Coming, letter.coming_id), session().get(Run, letter.facts["run"])
    view = dates.find(session(), run, date.fromisoformat(letter.facts["day"]), now()) if run else None
    return row, run, view


def _shown(run: Run, view: DateView | None) -> Occurrence | None:
    return listings.on_our_day(session(), run.id, view.day, now()) if view else None


def _link(row: Coming) -> str:
    return address("private_link.show", token=coming.token_of(settings(), row))


def _line(run: Run, day: date | None) -> str:
    when = long_day(day, now().date()) if day else _("every time")
    return f"{isolated(run.name)}, {when}"


def _asked(lines: tuple[str, ...], link: str) -> Written:
    blocks: tuple[Block, ...] = (
        Words(_("Someone, most likely you, gave us this address for:")),
        Rows(lines),
        Link(_("Yes, email me"), link),
        Words(_("If you say yes, we’ll remind you the day before, and email you at once if it’s cancelled or moved.")),
        Words(_("If it wasn’t you, do nothing. We won’t email you again, and your address will be deleted.")),
    )
    return Written(_("Can we email you?"), blocks)


def _reminder(facts: DateFacts) -> Written:
    blocks: list[Block] = [Words(_("You said you’re coming: %(run)s.", run=facts.run_name))]
    if facts.is_cleared:
        blocks.append(Words(_("The leads have cleared their list. Please say again on your page that you’re coming.")))
    blocks += [Rows((facts.when, facts.place)), Words(_promise_words(facts))]
    if facts.shown:
        blocks.append(Words(arrival_words(facts.shown)))
    if facts.first_time:
        blocks += [Words(_("For your first time:")), *words_of(facts.first_time)]
    return Written(facts.when, (*blocks, *_before_you_leave(facts)))


def _cancelled(facts: DateFacts) -> Written:
    # Whoever does not know of a move would go when they said yes to.
    former = _former_words(facts)
    off = _("%(run)s isn’t going ahead on %(when)s.", run=facts.run_name, when=facts.when)
    blocks: list[Block] = [Words(" ".join(filter(None, (off, former))))]
    if facts.shown and facts.shown.state == "cancelled":
        blocks += [Words(reason_words(facts.shown.reason)), *words_of(facts.shown.note or "")]
    blocks += [*_nearest(facts), Link(_("See the latest on your page"), facts.link, is_quiet=True)]
    subject = _("Cancelled: %(when)s", when=facts.when)
    return Written(f"{subject}. {former}" if former else subject, tuple(blocks))


def _moved(facts: DateFacts) -> Written:
    blocks: list[Block] = [
        Words(_("%(run)s has moved. It’s now:", run=facts.run_name)),
        Rows((facts.when, facts.place)),
        Words(_new_words(facts)),
        Words(_promise_words(facts)),
        Link(_("Say if you can still come"), facts.link),
    ]
    return Written(_("Moved: %(when)s", when=facts.when), tuple(blocks))


def _uncovered(facts: DateFacts) -> Written:
    blocks: list[Block] = [
        Words(_("No lead has confirmed for this run. Please don’t set off. If one does, we’ll email you.")),
        Rows((facts.run_name, facts.when, facts.place)),
        *_nearest(facts),
        Link(_("See the latest on your page"), facts.link, is_quiet=True),
    ]
    return Written(_("Not confirmed: %(when)s", when=facts.when), tuple(blocks))


def _back_on(facts: DateFacts) -> Written:
    blocks: list[Block] = [
        Words(_("%(run)s is on after all.", run=facts.run_name)),
        Rows((facts.when, facts.place)),
        Words(_promise_words(facts)),
    ]
    return Written(_("On after all: %(when)s", when=facts.when), (*blocks, *_before_you_leave(facts)))


def _still_coming(run_name: str, until: date, link: str) -> Written:
    day = long_day(until, now().date())
    blocks: tuple[Block, ...] = (
        Words(_("You said you’re coming every time: %(run)s.", run=run_name)),
        Words(
            _(
                "We haven’t heard from you for a long time, so we’re asking once. You’re on the list until %(day)s.",
                day=day,
            )
        ),
        Link(_("I’m still coming every time"), link),
        Words(
            _(
                "If you don’t tap it, we’ll take you off the list then. The leads won’t look out for you "
                "any more, and we won’t email you when it’s cancelled. You can say “I’m coming” again "
                "whenever you like."
            )
        ),
        Words(_("Anyone with the link can do the same, so keep it to yourself.")),
    )
    return Written(_("Are you still coming every time?"), blocks)


def _cannot_find(facts: DateFacts, at: datetime) -> Written:
    here = _("Someone is at the meeting point and can’t find you: %(run)s.", run=facts.run_name)
    said = _("They said so at %(time)s.", time=clock_time(at.astimezone(facts.starts.tzinfo)))
    blocks: tuple[Block, ...] = (
        Words(f"{here} {said}"),
        Rows((facts.when, facts.place)),
        Words(
            _("Please look for them, wave, or write a message on the run day page. Everyone who’s coming can read it.")
        ),
        Link(_("Open the run day page"), facts.link),
    )
    return Written(_("Someone can’t find you: %(when)s", when=facts.when), blocks)


def _new_words(facts: DateFacts) -> str:
    """What a moved date has new to its reader."""
    return " ".join(filter(None, (_former_words(facts), _("The meeting point is new.") if facts.is_new_place else "")))


def _former_words(facts: DateFacts) -> str:
    """When a date was to start as its reader said yes to it, if that is another time."""
    return _("It was: %(when)s.", when=_day_and_hour(facts.former)) if facts.former else ""


def _promise_words(facts: DateFacts) -> str:
    if facts.shown and is_sure(facts.shown):
        return badge("confirmed").words + "."
    return _("Not confirmed yet. Please don’t set off until your page says “A lead will be there”.")


def _before_you_leave(facts: DateFacts) -> tuple[Block, ...]:
    return (
        Link(_("Check here before you leave"), facts.link),
        Words(
            _(
                "You can also say there that you’re not coming. Anyone with the link can see the page, so "
                "keep it to yourself."
            )
        ),
    )


def _nearest(facts: DateFacts) -> list[Block]:
    """The nearest run that a lead has promised, else the nearest that is not cancelled."""
    found = alternative_to(facts.shown) if facts.shown else None
    if found is None:
        return [Link(_("Find another run"), address("listings.find"))]
    one = found.occurrence
    sure = badge("confirmed" if is_sure(one) else "unconfirmed").words
    where = address("listings.show", chapter_id=one.chapter, listing_id=one.listing.id, date=one.day.isoformat())
    label = _("The nearest run that’s going ahead") if is_sure(one) else _("The nearest one isn’t confirmed yet")
    check = () if is_sure(one) else (Words(_("Please wait until it’s confirmed before you set off.")),)
    away = _("%(distance)s away", distance=distance(found.distance_m, site().unit))
    return [
        Words(f"{label}:"),
        Rows(
            (
                _day_and_hour(one.starts),
                ", ".join(map(isolated, (one.listing.name, one.meeting_point.name, one.place))),
                away,
                sure,
            )
        ),
        *check,
        Link(_("Look at this run"), where),
    ]


def _sample() -> DateFacts:
    starts = (now() + timedelta(days=1)).replace(hour=18, minute=30)
    return DateFacts(
        _("Thursday evening run"),
        starts,
        _("The Monument"),
        address("home.home"),
        _("Out of the station, turn left. Look for the orange cap. You can just listen."),
    )


KINDS: Mapping[str, Kind] = {
    "confirm_address": Kind(
        confirm_address,
        lambda: _asked(
            (f"{_sample().run_name}, {long_day(_sample().starts.date(), now().date())}",), address("home.home")
        ),
        N_("To an address that someone gave with “I’m coming”: once a week at most, until its owner says yes"),
    ),
    "reminder": Kind(reminder, lambda: _reminder(_sample()), N_("To people who are coming, the day before")),
    "cancelled": Kind(
        cancelled, lambda: _cancelled(_sample()), N_("To people who are coming, when a date is cancelled")
    ),
    "moved": Kind(
        moved,
        lambda: _moved(replace(_sample(), former=_sample().starts - timedelta(hours=1))),
        N_("To people who are coming, when a date moves"),
    ),
    "uncovered": Kind(
        uncovered,
        lambda: _uncovered(_sample()),
        N_("To people who are coming, when it starts soon and no lead has confirmed"),
    ),
    "cannot_find": Kind(
        cannot_find,
        lambda: _cannot_find(_sample(), now()),
        N_("To that day’s lead, when someone at the meeting point can’t find the others"),
    ),
    "still_coming": Kind(
        still_coming,
        lambda: _still_coming(_sample().run_name, (now() + timedelta(idle.NOTICE_DAYS)).date(), address("home.home")),
        N_(
            "To people who come every time but haven’t been in touch for a long time, two weeks before they "
            "come off the list"
        ),
    ),
    "back_on": Kind(back_on, lambda: _back_on(_sample()), N_("To people who are coming, when a date is on after all")),
}
