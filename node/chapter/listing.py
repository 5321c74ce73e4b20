"""Our run as the protocol spells it, and a run of ours read back from that (PROTOCOL.md §7).

This is an allow-list: what is not named here never leaves the node. Listing has no field for a member, a count of
people or a person's address.
"""

from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation.acceptance import AT_STEP
from federation.documents import (
    MAX_DATES,
    DateState,
    Landmark,
    Listing,
    ListingTexts,
    MeetingPoint,
    Notice,
    Pause,
    PointTexts,
    Schedule,
)
from federation.encodings import from_date, from_local, to_instant
from federation.words import (
    BANK_HOLIDAYS,
    DIRECTIONS,
    FACILITIES,
    PHOTOS,
    RUN_KINDS,
    WEEKDAYS,
    is_known_language,
    is_known_rule,
    known,
    read_audience,
)

from ..input import translations
from ..models import Chapter, Person, RestoreQuestion, Run, RunDate
from ..models.pause import Pausable
from ..models.run import COVER_HOURS, WARN_HOURS
from ..schedule.recurrence import WEEKS_AHEAD, day_in, occurrences
from . import fitting

#: A month has a fifth of some weekdays only. The last one has a name in every month.
_MOST_WEEKS = 4
#: What a listing and a run both have, under one name and in the same words.
_SHARED = (
    *("id", "name", "kind", "distance_m", "look_for", "what_happens", "bring", "facilities", "accessibility"),
    *("audience", "minimum_age", "younger_accompanied", "languages", "photos", "bank_holidays", "free_of_charge"),
    *("warming_up", "text_language"),
)
#: What a meeting point has under one name in both; a run calls the point's name `point_name`.
_SHARED_OF_POINT = (
    *("address", "directions", "lat_e4", "lon_e4", "precision_m", "public_transport", "parking", "text_language"),
)


def listed_runs(session: Session, now: datetime) -> list[Run]:
    """Every run, and for a while those that were withdrawn."""
    rows = session.scalars(select(Run).order_by(Run.starts_on, Run.id))
    last_days = ((run, run.listed_until or date.min) for run in rows)
    return [run for run, last in last_days if run.withdrawn_at is None or last >= yesterday(run.timezone, now)]


def yesterday(timezone: str, now: datetime) -> date:
    """The day before today in that zone."""
    return day_in(timezone, now) - timedelta(days=1)


def listing_of(session: Session, run: Run, now: datetime) -> Listing:
    """The whole listing of one run."""
    lead = session.get(Person, run.lead_id) if run.lead_id else None
    to_come = change_to_come(run, now)
    return Listing(
        **{name: getattr(run, name) for name in _SHARED},
        schedule=schedule_of(run),
        meeting_point=point_of(run),
        pause=pause_of(run, now),
        checked_on=run.checked_on.isoformat() if run.checked_on else None,
        notices=notices_of(run, now),
        changes_on=to_come.isoformat() if to_come else None,
        lead_first_name=lead.first_name if lead and lead.public_name else None,
        dates=_dates(session, run, now),
        translations=translations.in_documents(run.translations or {}, ListingTexts),
    )


def schedule_of(run: Run) -> Schedule:
    """A run's rule. A withdrawn run is held until its last day in the list."""
    last = min((day for day in (run.until, run.listed_until) if day), default=None)
    return Schedule(
        timezone=run.timezone,
        dtstart=f"{run.starts_on.isoformat()}T{run.starts_at.strftime('%H:%M')}",
        rrule=_rule(run),
        duration_minutes=run.duration_minutes,
        arrive_minutes_before=run.arrive_minutes_before,
        until=last.isoformat() if last else None,
        exdates=list(run.exdates or []),
    )


def _rule(run: Run) -> str | None:
    weekday = WEEKDAYS[run.starts_on.weekday()]
    if run.repeats == "once":
        return None
    if run.repeats in ("monthly", "monthly-last"):
        nth = (run.starts_on.day - 1) // 7 + 1
        nth = -1 if run.repeats == "monthly-last" or nth > _MOST_WEEKS else nth
        return f"FREQ=MONTHLY;INTERVAL=1;BYDAY={nth}{weekday}"
    # A run that is in no table yet says nothing here: it is weekly, as the table's default says.
    return f"FREQ=WEEKLY;INTERVAL={2 if run.repeats == 'fortnightly' else 1};BYDAY={weekday}"


def _repeats(rule: str | None) -> str:
    """The word of node.chapter.runs.REPEATS for a rule that `_rule` wrote. A rule of a later version makes no dates."""
    if rule is None or not is_known_rule(rule):
        return "once"
    if "MONTHLY" in rule:
        return "monthly-last" if "BYDAY=-1" in rule else "monthly"
    return "fortnightly" if "INTERVAL=2" in rule else "weekly"


def point_of(run: Run) -> MeetingPoint:
    """Where a run is held."""
    shared = {name: getattr(run, name) for name in _SHARED_OF_POINT}
    texts = translations.in_documents(run.translations or {}, PointTexts)
    return MeetingPoint(name=run.point_name, landmark=_landmark_of(run), translations=texts, **shared)


def _landmark_of(run: Run) -> Landmark | None:
    if not run.landmark or run.landmark_distance_m is None or run.landmark_direction is None:
        return None
    return Landmark(run.landmark, run.landmark_distance_m, run.landmark_direction)


def _spelled_landmark(landmark: Landmark | None) -> dict[str, object]:
    """The columns of a landmark. One whose direction only a later version knows is left out (§2.7)."""
    if landmark is None or landmark.direction not in DIRECTIONS:
        return {"landmark": "", "landmark_distance_m": None, "landmark_direction": None}
    return {
        "landmark": landmark.name,
        "landmark_distance_m": landmark.distance_m,
        "landmark_direction": landmark.direction,
    }


def pause_of(paused: Run | Chapter, now: datetime) -> Pause | None:
    """The pause, unless it ended before yesterday."""
    is_over = paused.back_on and paused.back_on <= yesterday(paused.timezone, now)
    return None if is_over else spelled_pause(paused)


def spelled_pause(paused: Pausable) -> Pause | None:
    """The pause, however long ago it ended."""
    if paused.paused_since is None:
        return None
    back_on = paused.back_on.isoformat() if paused.back_on else None
    return Pause(since=paused.paused_since.isoformat(), back_on=back_on, note=paused.pause_note or "")


def set_pause(paused: Pausable, pause: Pause | None) -> None:
    """Make a run or the chapter pause as `pause` says."""
    paused.paused_since = from_date(pause.since) if pause else None
    paused.back_on = from_date(pause.back_on) if pause and pause.back_on else None
    paused.pause_note = pause.note if pause else ""


def change_to_come(run: Run, now: datetime) -> date | None:
    """The day from which on a change counts that was entered ahead; None once it has come."""
    return run.changes_on if run.changes_on and run.changes_on > day_in(run.timezone, now) else None


def notices_of(of: Run | Chapter, now: datetime) -> list[Notice]:
    """The notices of a run or of the chapter whose last day is yesterday or later."""
    kept = msgspec.convert(of.notices or [], list[Notice])
    return [one for one in kept if one.until >= yesterday(of.timezone, now).isoformat()]


def _dates(session: Session, run: Run, now: datetime) -> list[DateState]:
    """What leads have said of a run's dates, from yesterday to eight weeks ahead.

    Yesterday is in it, so that a late cancellation stays visible until its date has passed everywhere. A date that was
    moved to a later day stays until that day has passed (§7.4). Yesterday by UTC's clock counts, too: without it, other
    nodes would take what has passed where the run is for something that was taken back (§13.1).
    """
    here = yesterday(run.timezone, now)
    first = min(here, yesterday("UTC", now))
    # A start begins with its day, so texts are compared as days are.
    is_left = or_(RunDate.day >= first, RunDate.starts >= first.isoformat())
    rows = session.scalars(
        select(RunDate)
        .where(RunDate.run_id == run.id, is_left, RunDate.day <= here + timedelta(days=1) + WEEKS_AHEAD)
        .order_by(RunDate.day)
    )
    told = [row for each in rows if (row := as_told(session, each))]
    schedule = schedule_of(run)
    most_telling = fitting.most_telling(told, lambda row: bool(occurrences(schedule, row.day, row.day)), MAX_DATES)
    return [date_state(row) for row in most_telling]


def as_told(session: Session, row: RunDate | None) -> RunDate | None:
    """What may be said of a date. While it is not answered what others hold of us, a promise from before the start of
    this process is not told.

    It may have been taken back after the copy was made that this folder was put back from (§8.2). That holds at each
    start, even where the copy was made while the question was open. Where a date was moved to is told.
    """
    if row is None or row.state != "confirmed" or session.get(RestoreQuestion, 1) is None:
        return row
    began = session.get_one(Chapter, 1).began_at
    if began is None or row.at >= began:
        return row
    if not row.is_moved:
        return None
    where = {"starts": row.starts, "point": row.point, "as_announced": row.as_announced}
    return RunDate(run_id=row.run_id, day=row.day, state="moved", at=row.at, **where)


def date_state(row: RunDate) -> DateState:
    """What is said of one date."""
    return DateState(
        date=row.day.isoformat(),
        state=row.state,
        at=to_instant(floored(row.at)),
        reason=row.reason,
        note=row.note or None,
        starts=row.starts,
        meeting_point=read_point(row.point),
        as_announced=row.as_announced,
    )


def floored(moment: datetime) -> datetime:
    """The quarter of an hour in which something was said: its minute tells nobody when a lead was awake (§7.4)."""
    return moment - timedelta(seconds=moment.timestamp() % AT_STEP.total_seconds())


def write_start(starts: datetime) -> str:
    """A start as the row of a date has it: the hour on the clocks there."""
    return starts.strftime("%Y-%m-%dT%H:%M")


def write_point(point: MeetingPoint) -> str:
    """A meeting point as the row of a date has it."""
    return msgspec.json.encode(point).decode()


def read_point(text: str | None) -> MeetingPoint | None:
    """The meeting point that the row of a date has."""
    return msgspec.json.decode(text, type=MeetingPoint) if text else None


def run_of(listing: Listing, former: Run | None) -> Run:
    """The run that a listing of ours tells of. What no listing tells stays as it is in the `former` one.

    Words that only a later version writes are left out (§2.7).
    """
    schedule, point = listing.schedule, listing.meeting_point
    starts = from_local(schedule.dtstart)
    shared = {name: getattr(listing, name) for name in _SHARED} | _words_of_this_version(listing)
    return Run(
        **shared,
        **{name: getattr(point, name) for name in _SHARED_OF_POINT if name not in _SHARED},
        **_spelled_landmark(point.landmark),
        point_name=point.name,
        translations=translations.from_documents([listing.translations, point.translations]),
        timezone=schedule.timezone,
        starts_on=starts.date(),
        starts_at=starts.time(),
        repeats=_repeats(schedule.rrule),
        until=from_date(schedule.until) if schedule.until else None,
        exdates=list(schedule.exdates),
        duration_minutes=schedule.duration_minutes,
        arrive_minutes_before=schedule.arrive_minutes_before,
        checked_on=from_date(listing.checked_on) if listing.checked_on else None,
        notices=msgspec.to_builtins(listing.notices),
        changes_on=from_date(listing.changes_on) if listing.changes_on else None,
        check_asked_on=former.check_asked_on if former else None,
        later_change=former.later_change if former else None,
        lead_id=former.lead_id if former else None,
        form_id=former.form_id if former else None,
        cover_hours=former.cover_hours if former else COVER_HOURS,
        warn_hours=former.warn_hours if former else WARN_HOURS,
        **dict.fromkeys(("withdrawn_at", "listed_until", "before_edit", "edited_at")),
    )


def _words_of_this_version(listing: Listing) -> dict[str, object]:
    return {
        "kind": listing.kind if listing.kind in RUN_KINDS else "run",
        "audience": read_audience(listing.audience),
        "facilities": known(listing.facilities, FACILITIES),
        "languages": [tag for tag in listing.languages if is_known_language(tag)],
        "photos": listing.photos if listing.photos in PHOTOS else None,
        "bank_holidays": listing.bank_holidays if listing.bank_holidays in BANK_HOLIDAYS else None,
    }
