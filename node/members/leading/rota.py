"""The rota of a run: who usually takes which dates, who is away, and who does what on one date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ...chapter import dates, leads, runs
from ...chapter.dates import DateView
from ...database import Writing, writing
from ...errors import NotFound
from ...input.validation import refuse
from ...models import Chapter, Duty, Holiday, Person, RotaRule, Run
from ...schedule.recurrence import day_in

#: What somebody does on a date. Every node shows whether a date has a lead; the other two are known here alone.
DutyName = Literal["lead", "back-marker", "welcomer"]
DUTIES: tuple[DutyName, ...] = get_args(DutyName)
#: Which dates a rule is for: one after the other, or the first to the fifth of the month, or its last.
DATES = ("turns", "1", "2", "3", "4", "5", "-1")
#: Nobody plans days off further ahead.
FARTHEST_HOLIDAY = timedelta(days=366)
#: Who did what is deleted a week after the last day that a date can have been moved to.
DUTY_KEPT = dates.FARTHEST_MOVE + timedelta(days=7)
_MOST_RULES = 60
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Assignment:
    """Who does one duty on one date. `person`: None where it is open.

    `is_promised`: the person has said so, and every page that may know it shows it. `offered_to`: whoever is asked to
    take it over. `dropped_by` cannot be there, and wrote `line` to the others.
    """

    duty: DutyName
    person: Person | None
    is_promised: bool = False
    offered_to: Person | None = None
    dropped_by: Person | None = None
    line: str = ""


@dataclass(frozen=True)
class DateRota:
    """One coming date, and who does what on it: an assignment for each of DUTIES, in that order."""

    run: Run
    view: DateView
    assignments: tuple[Assignment, ...]

    def of(self, duty: str) -> Assignment:
        """Who does that duty."""
        return next(one for one in self.assignments if one.duty == duty)

    @property
    def lead(self) -> Assignment:
        """Who leads."""
        return self.assignments[0]

    @property
    def is_on(self) -> bool:
        """Whether anybody is needed: the date is neither cancelled nor paused nor a gap."""
        return self.view.state != "cancelled" and not self.view.paused and not self.view.is_closed


class Rota:
    """The rota of one run, read once."""

    def __init__(self, session: Session, run: Run) -> None:
        self._run = run
        self._people = {person.id: person for person in leads.all_leads(session)}
        self._rules = rules_of(session, run.id)
        self._holidays = list(session.scalars(select(Holiday)))
        rows = session.scalars(select(Duty).where(Duty.run_id == run.id))
        self._rows: dict[tuple[date, str], Duty] = {(row.day, row.duty): row for row in rows}

    def on(self, view: DateView) -> DateRota:
        """Who does what on one date."""
        return DateRota(self._run, view, tuple(self._assignment(view, duty) for duty in DUTIES))

    def is_away(self, person_id: int, day: date) -> bool:
        """Whether that person has said "not me" for this day."""
        return any(one.person_id == person_id and one.first_day <= day <= one.last_day for one in self._holidays)

    def _assignment(self, view: DateView, duty: DutyName) -> Assignment:
        row = self._rows.get((view.day, duty))
        if row is None:
            return Assignment(duty, self._usual(view, duty))
        person = self._people.get(row.person_id or 0)
        is_promised = person is not None and row.promised_at is not None
        if duty == "lead":
            is_promised = is_promised and view.state == "confirmed"
        if person is not None and not is_promised and self.is_away(person.id, view.starts.date()):
            person = None
        offered_to, dropped_by = self._people.get(row.offered_to or 0), self._people.get(row.dropped_by or 0)
        return Assignment(duty, person, is_promised, offered_to, dropped_by, row.line)

    def _usual(self, view: DateView, duty: DutyName) -> Person | None:
        """Who takes that date by the rules. Whoever is away is passed over, and the next one's turn comes."""
        rules = [rule for rule in self._rules if rule.duty == duty]
        named = [rule.person_id for rule in rules if rule.dates != "turns" and _is_nth(view.day, rule.dates)]
        turns = [rule.person_id for rule in rules if rule.dates == "turns"]
        first = _turn(self._run, view.day) % len(turns) if turns else 0
        in_order = [*named, *turns[first:], *turns[:first]]
        here = (one for one in in_order if one in self._people and not self.is_away(one, view.starts.date()))
        return self._people.get(next(here, 0))


def _is_nth(day: date, which: str) -> bool:
    """Whether `day` is that one of its month's days of the same weekday."""
    if which == "-1":
        return (day + _WEEK).month != day.month
    return (day.day - 1) // 7 + 1 == int(which)


def _turn(run: Run, day: date) -> int:
    """A number that rises by one from each date of the rule to the next, whatever was said of single dates."""
    if run.repeats in ("monthly", "monthly-last"):
        return day.year * 12 + day.month
    week = (day.toordinal() - 1) // 7
    return week // 2 if run.repeats == "fortnightly" else week


def rules_of(session: Session, run_id: str) -> Sequence[RotaRule]:
    """The rules of a run, in the order in which turns are taken."""
    query = select(RotaRule).where(RotaRule.run_id == run_id)
    return session.scalars(query.order_by(RotaRule.duty, RotaRule.position, RotaRule.id)).all()


def add_rule(session: Session, run_id: str, duty: str, person_id: int, which: str) -> None:
    """Let a lead usually take those dates. The same rule again changes nothing.

    `which`: one of DATES. Raises NotFound, and InvalidInput for `duty`, `dates` (`not_found`) and `person_id` (also
    `too_many`).
    """
    with writing(session) as transaction:
        runs.get(transaction, run_id)
        known = {one.id for one in leads.all_leads(transaction)}
        refuse({name: "not_found" for name, fits in (
            ("duty", duty in DUTIES), ("dates", which in DATES), ("person_id", person_id in known),
        ) if not fits})  # fmt: skip
        former = rules_of(transaction, run_id)
        if any((one.duty, one.person_id, one.dates) == (duty, person_id, which) for one in former):
            return
        refuse({"person_id": "too_many"} if len(former) >= _MOST_RULES else {})
        position = max((one.position for one in former), default=0) + 1
        transaction.add(RotaRule(run_id=run_id, duty=duty, person_id=person_id, dates=which, position=position))


def everybody_takes_turns(session: Session, run_id: str) -> None:
    """Let every lead take turns with leading the run, in the order in which they were added."""
    for lead in [lead.id for lead in leads.all_leads(session)]:
        add_rule(session, run_id, "lead", lead, "turns")


def remove_rule(session: Session, run_id: str, rule_id: int) -> None:
    """Take a rule away. Taking it away again changes nothing."""
    with writing(session) as transaction:
        transaction.execute(delete(RotaRule).where(RotaRule.id == rule_id, RotaRule.run_id == run_id))


def holidays_of(session: Session, person_id: int, today: date) -> Sequence[Holiday]:
    """The coming days off of one person, in order."""
    query = select(Holiday).where(Holiday.person_id == person_id, Holiday.last_day >= today)
    return session.scalars(query.order_by(Holiday.first_day)).all()


def check_holiday(first_day: date, back_on: date, today: date) -> dict[str, str]:
    """What is wrong with days off, by field: `range`, `before_start`."""
    problems = {}
    if not today <= first_day <= today + FARTHEST_HOLIDAY:
        problems["since"] = "range"
    if back_on <= first_day:
        problems["back_on"] = "before_start"
    elif back_on - first_day > FARTHEST_HOLIDAY:
        problems["back_on"] = "range"
    return problems


def write_holiday(session: Writing, person_id: int, first_day: date, back_on: date) -> bool:
    """Keep days off. False if they are known already."""
    last_day = back_on - timedelta(days=1)
    same = (Holiday.person_id == person_id, Holiday.first_day == first_day, Holiday.last_day == last_day)
    if session.scalar(select(Holiday.id).where(*same)) is not None:
        return False
    session.add(Holiday(person_id=person_id, first_day=first_day, last_day=last_day))
    session.flush()
    return True


def end_holiday(session: Session, person_id: int, holiday_id: int) -> None:
    """Take days off away. What was opened because of them stays open: promises are given by a tap alone."""
    with writing(session) as transaction:
        transaction.execute(delete(Holiday).where(Holiday.id == holiday_id, Holiday.person_id == person_id))


def require_lead(session: Session, person_id: int) -> Person:
    """Somebody who leads runs now. Raises NotFound for anybody else, as for a person who was removed."""
    found = next((one for one in leads.all_leads(session) if one.id == person_id), None)
    if found is None:
        raise NotFound("no such lead")
    return found


def today_here(session: Session, now: datetime) -> date:
    """Today where the chapter is."""
    return day_in(session.get_one(Chapter, 1).timezone, now)


def sweep(session: Writing, now: datetime) -> None:
    """Delete who did what on a date that is over, days off that are over, and rules of runs that have ended."""
    today = now.date()
    session.execute(delete(Duty).where(Duty.day < today - DUTY_KEPT))
    session.execute(delete(Holiday).where(Holiday.last_day < today - timedelta(days=1)))
    last_listed = func.coalesce(Run.listed_until, date.min)
    gone = select(Run.id).where(Run.withdrawn_at.is_not(None), last_listed < today - _WEEK)
    session.execute(delete(RotaRule).where(RotaRule.run_id.in_(gone)))
