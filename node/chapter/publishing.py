"""The privacy boundary: our runs as the one document that leaves this node.

An allow-list projection: federation.documents.Listing has no field for a member, a count of people, an address of a
person. Only leads' acts sign; no act of a member ever does.
"""

from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation.acceptance import AT_STEP, next_version
from federation.documents import (
    ChapterDocument,
    DateState,
    Listing,
    MeetingPoint,
    Pause,
    Profile,
    Schedule,
    write_document,
)
from federation.encodings import new_listing_id, to_instant
from federation.envelope import seal
from federation.errors import FederationError
from federation.keys import SigningKey

from ..clocks import is_within
from ..config import Settings
from ..database import writing
from ..directory import held as directory
from ..errors import CannotSign, InvalidInput
from ..keys import load_signing_key
from ..models import Chapter, Counter, HeldDocument, HeldRoot, Lead, Question, Run, RunDate
from ..models.pause import Pausable
from ..relay import queue as relay
from ..schedule.recurrence import occurrences, zone
from . import fitting, rivals

FRESH = timedelta(hours=48)
LIFE = timedelta(days=14)
#: Signed again after this, though nothing has changed, so that pages elsewhere stay fresh.
RESIGN_AFTER = timedelta(hours=20)
WEEKS_AHEAD = timedelta(weeks=8)
#: Bytes that runs and profile may fill; the rest of a payload is for their dates.
ROOM = 48 * 1024
#: Dates of one listing (§7.3).
MAX_DATES = 20
#: A month has a fifth of some weekdays, and only the last of each has a name in every month.
_MOST_WEEKS = 4
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def build(session: Session, now: datetime) -> ChapterDocument:
    """What this chapter lists now."""
    chapter = session.get_one(Chapter, 1)
    held = session.get(HeldDocument, chapter.id)
    # Floored like what is said of dates: neither `issued` nor the version tells the minute in which a lead was awake.
    issued = _floored(now)
    version = next_version(max(chapter.last_version, held.version if held else 0), issued)
    return ChapterDocument(
        chapter=chapter.id,
        root_version=_root_version(session, chapter.id),
        version=version,
        issued=to_instant(issued),
        fresh_until=to_instant(issued + FRESH),
        expires=to_instant(issued + LIFE),
        profile=Profile(
            name=chapter.name,
            place=chapter.place,
            country=chapter.country,
            about=chapter.about,
            pause=_pause(chapter, _yesterday(chapter.timezone, now)),
        ),
        listings=[_listing(session, run, now) for run in listed_runs(session, now)],
    )


def publish(session: Session, settings: Settings, now: datetime, *, urgent: bool) -> None:
    """Sign what we list and take it into our own directory like anybody's, inside the caller's `writing` transaction.

    It is queued for the other nodes in the same transaction: for all of them if `urgent`, else for the seed. Raises
    CannotSign.
    """
    session.flush()
    (document, _), key = fitting.fitted(build(session, now)), load_signing_key(settings)
    try:
        _publish(session, settings, document, key, now, urgent)
    except FederationError as error:
        # Our own words are refused by our own reader, for which no visitor is to blame: a key that is not ours, say.
        raise CannotSign(f"what this node signs is refused ({error.code}): {error}") from error


def _publish(
    session: Session, settings: Settings, document: ChapterDocument, key: SigningKey, now: datetime, urgent: bool
) -> None:
    envelope = seal("chapter", write_document(document), [key])
    chapter = session.get_one(Chapter, 1)
    # Before the acceptance, which takes any newer document of ours that is not this one for a restored node's.
    chapter.last_version, chapter.last_digest, chapter.signed_at = document.version, envelope.digest, now
    directory.receive_document(session, envelope, now)
    question = session.get(Question, 1)
    if question is not None:
        if not question.signed:
            # Readers may stand at places of the old feed that this copy has not reached.
            session.get_one(Counter, 1).feed = new_listing_id()
        question.signed = [*question.signed, envelope.digest]
    queue = relay.enqueue if urgent else relay.hand_in
    queue(session, settings, chapter.id, envelope.digest, now)


def is_unsigned(session: Session) -> bool:
    """Whether what we list has changed, by HQ's word, since we signed: that waits for no round."""
    chapter = session.get(Chapter, 1)
    return chapter is not None and chapter.signed_at is None


def require_room(session: Session, now: datetime) -> None:
    """Raise InvalidInput if what we list leaves too little room for what must be said of its dates; inside writing."""
    session.flush()
    document = build(session, now)
    if fitting.size(fitting.without_dates(document)) > ROOM or not fitting.always_fits(document):
        raise InvalidInput({"name": "too_many"})


def left_out(session: Session, now: datetime) -> list[str]:
    """What our document has no room for, by the names of node.chapter.fitting.STEPS; nothing, as a rule."""
    return fitting.fitted(build(session, now))[1]


def resign_if_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Sign again after RESIGN_AFTER; True if it was due. Idempotent. Never while two servers speak for the chapter."""
    chapter = session.get(Chapter, 1)
    if settings.is_hq or chapter is None or rivals.is_known(session):
        return False
    if is_within(chapter.signed_at, RESIGN_AFTER, now):
        return False
    with writing(session):
        publish(session, settings, now, urgent=False)
    return True


def schedule_of(run: Run) -> Schedule:
    """A run's rule as the protocol spells it. A withdrawn run is held until its last day in the list."""
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
    weekday = _WEEKDAYS[run.starts_on.weekday()]
    nth = (run.starts_on.day - 1) // 7 + 1
    if run.repeats == "monthly-last" or nth > _MOST_WEEKS:
        nth = -1
    rules = {
        "fortnightly": f"FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}",
        "monthly": f"FREQ=MONTHLY;INTERVAL=1;BYDAY={nth}{weekday}",
        "monthly-last": f"FREQ=MONTHLY;INTERVAL=1;BYDAY={nth}{weekday}",
        "once": None,
    }
    # A run that was not kept yet has no value here: it is weekly, as the table's default says.
    return rules.get(run.repeats, f"FREQ=WEEKLY;INTERVAL=1;BYDAY={weekday}")


def point_of(run: Run) -> MeetingPoint:
    """Where a run is held, as the protocol spells it."""
    return MeetingPoint(
        name=run.point_name, address=run.address, directions=run.directions, lat_e4=run.lat_e4, lon_e4=run.lon_e4
    )


def listed_runs(session: Session, now: datetime) -> list[Run]:
    """What the document lists: every run, and for a while those that were withdrawn."""
    rows = session.scalars(select(Run).order_by(Run.starts_on, Run.id))
    return [run for run in rows if run.withdrawn_at is None or _is_still_listed(run, now)]


def _is_still_listed(run: Run, now: datetime) -> bool:
    return run.listed_until is not None and run.listed_until >= _yesterday(run.timezone, now)


def _yesterday(timezone: str, now: datetime) -> date:
    """The day before today where a run is."""
    return now.astimezone(zone(timezone)).date() - timedelta(days=1)


def _pause(paused: Pausable, yesterday: date) -> Pause | None:
    """One that is not long over."""
    return None if paused.back_on and paused.back_on <= yesterday else as_pause(paused)


def as_pause(paused: Pausable) -> Pause | None:
    """A pause as the protocol spells it."""
    if paused.paused_since is None:
        return None
    back_on = paused.back_on.isoformat() if paused.back_on else None
    return Pause(since=paused.paused_since.isoformat(), back_on=back_on, note=paused.pause_note or "")


def _root_version(session: Session, chapter_id: str) -> int:
    query = select(HeldRoot.version).where(HeldRoot.author == chapter_id).order_by(HeldRoot.version.desc())
    return session.scalars(query).first() or 1


def _listing(session: Session, run: Run, now: datetime) -> Listing:
    return Listing(
        id=run.id,
        name=run.name,
        kind=run.kind,
        schedule=schedule_of(run),
        meeting_point=point_of(run),
        distance_m=run.distance_m,
        look_for=run.look_for,
        what_happens=run.what_happens,
        bring=run.bring,
        facilities=list(run.facilities),
        accessibility=run.accessibility,
        audience=run.audience,
        minimum_age=run.minimum_age,
        younger_accompanied=run.younger_accompanied,
        languages=list(run.languages),
        photos=run.photos,
        bank_holidays=run.bank_holidays,
        free_of_charge=run.free_of_charge,
        warming_up=run.warming_up,
        pause=_pause(run, _yesterday(run.timezone, now)),
        lead_first_name=_public_name(session, run),
        dates=_dates(session, run, now),
    )


def _public_name(session: Session, run: Run) -> str | None:
    lead = session.get(Lead, run.lead_id) if run.lead_id else None
    return lead.first_name if lead and lead.public_name else None


def _dates(session: Session, run: Run, now: datetime) -> list[DateState]:
    # A day back, too: a late cancellation stays visible until its date has passed everywhere. What was moved to a later
    # day stands until that one has passed (§7.4); a start begins with its day. By UTC's clock, too: else others would
    # take what has passed where the run is for something that was taken back (§13.1).
    here = _yesterday(run.timezone, now)
    first = min(here, _yesterday("UTC", now))
    is_left = or_(RunDate.day >= first, RunDate.starts >= first.isoformat())
    last = here + timedelta(days=1) + WEEKS_AHEAD
    rows = session.scalars(
        select(RunDate).where(RunDate.run_id == run.id, is_left, RunDate.day <= last).order_by(RunDate.day)
    )
    told = [said for row in rows if (said := as_told(session, row))]
    schedule = schedule_of(run)
    kept = fitting.most_telling(told, lambda row: bool(occurrences(schedule, row.day, row.day)), MAX_DATES)
    return [date_state(row) for row in kept]


def as_told(session: Session, row: RunDate | None) -> RunDate | None:
    """What may be said of a date while it is not answered what others hold of us: no promise from before the start.

    It may have been taken back since the copy that this folder was put back from (§8.2): at each start, also where the
    copy was asking already. Where a date was moved to is told.
    """
    if row is None or row.state != "confirmed" or session.get(Question, 1) is None:
        return row
    began = session.get_one(Chapter, 1).began_at
    if began is None or row.at >= began:
        return row
    if row.starts is None and row.point is None:
        return None
    return RunDate(run_id=row.run_id, day=row.day, state="moved", at=row.at, starts=row.starts, point=row.point)


def date_state(row: RunDate) -> DateState:
    """What is said of one date, as the protocol spells it."""
    return DateState(
        date=row.day.isoformat(),
        state=row.state,
        at=to_instant(_floored(row.at)),
        reason=row.reason,
        note=row.note or None,
        starts=row.starts,
        meeting_point=msgspec.json.decode(row.point, type=MeetingPoint) if row.point else None,
    )


def _floored(moment: datetime) -> datetime:
    """The quarter of an hour in which something was said: its minute tells nobody when a lead was awake (§7.4)."""
    return moment - timedelta(seconds=moment.timestamp() % AT_STEP.total_seconds())
