"""The privacy boundary: our runs as the one document that leaves this node.

An allow-list projection: federation.documents.Listing has no field for a member, a count of people, an address of a
person. Only leads' acts sign; no act of a member ever does.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.acceptance import AT_STEP, next_version
from federation.documents import ChapterDocument, DateState, Listing, MeetingPoint, Profile, Schedule, write_document
from federation.encodings import to_instant
from federation.envelope import MAX_PAYLOAD, seal

from . import directory, relay
from .config import Settings
from .database import writing
from .errors import InvalidInput
from .keys import load_signing_key
from .models import Chapter, HeldDocument, HeldRoot, Lead, Run, RunDate
from .recurrence import zone

FRESH = timedelta(hours=48)
LIFE = timedelta(days=14)
#: Signed again after this, though nothing has changed, so that pages elsewhere stay fresh.
RESIGN_AFTER = timedelta(hours=20)
WEEKS_AHEAD = timedelta(weeks=8)
#: Bytes that runs and profile may fill; the rest of a payload is for their dates.
ROOM = 48 * 1024
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def build(session: Session, now: datetime) -> ChapterDocument:
    """What this chapter lists now."""
    chapter = session.get_one(Chapter, 1)
    held = session.get(HeldDocument, chapter.id)
    version = next_version(max(chapter.last_version, held.version if held else 0), now)
    return ChapterDocument(
        chapter=chapter.id,
        root_version=_root_version(session, chapter.id),
        version=version,
        issued=to_instant(now),
        fresh_until=to_instant(now + FRESH),
        expires=to_instant(now + LIFE),
        profile=Profile(name=chapter.name, place=chapter.place, country=chapter.country, about=chapter.about),
        listings=[_listing(session, run, now) for run in _listed_runs(session)],
    )


def publish(session: Session, settings: Settings, now: datetime, *, urgent: bool) -> None:
    """Sign what we list and take it into our own directory like anybody's, inside the caller's `writing` transaction.

    It is queued for the other nodes in the same transaction: for all of them if `urgent`, else for the seed.
    """
    session.flush()
    document = _fitting(build(session, now))
    envelope = seal("chapter", write_document(document), [load_signing_key(settings)])
    chapter = session.get_one(Chapter, 1)
    # Before the acceptance, which takes any newer document of ours that is not this one for a restored node's.
    chapter.last_version, chapter.last_digest, chapter.signed_at = document.version, envelope.digest, now
    directory.receive_document(session, settings, envelope, now)
    queue = relay.enqueue if urgent else relay.hand_in
    queue(session, settings, chapter.id, envelope.digest, now)


def has_signed_since(session: Session, moment: datetime) -> bool:
    """Whether our document was signed at `moment` or later."""
    chapter = session.get(Chapter, 1)
    return chapter is not None and chapter.signed_at is not None and chapter.signed_at >= moment


def require_room(session: Session, now: datetime) -> None:
    """Raise InvalidInput if what we list leaves too little room for what must be said of its dates; inside writing."""
    session.flush()
    if _size(build(session, now)) > ROOM:
        raise InvalidInput({"name": "too_many"})


def _size(document: ChapterDocument) -> int:
    return len(write_document(document).encode())


def _fitting(document: ChapterDocument) -> ChapterDocument:
    """A cancellation always fits: where there is no room for every note, the notes go, and then confirmations."""
    if _size(document) <= MAX_PAYLOAD:
        return document
    short = _with_dates(document, lambda said: [msgspec.structs.replace(one, note=None) for one in said])
    if _size(short) <= MAX_PAYLOAD:
        return short
    return _with_dates(short, lambda said: [one for one in said if one.state != "confirmed"])


def _with_dates(document: ChapterDocument, change: Callable[[list[DateState]], list[DateState]]) -> ChapterDocument:
    changed = [msgspec.structs.replace(one, dates=change(one.dates)) for one in document.listings]
    return msgspec.structs.replace(document, listings=changed)


def resign_if_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Sign again after RESIGN_AFTER; True if it was due. Idempotent."""
    chapter = session.get(Chapter, 1)
    if settings.is_hq or chapter is None:
        return False
    if chapter.signed_at and now - chapter.signed_at < RESIGN_AFTER:
        return False
    with writing(session):
        publish(session, settings, now, urgent=False)
    return True


def schedule_of(run: Run) -> Schedule:
    """A run's rule as the protocol spells it."""
    return Schedule(
        timezone=run.timezone,
        dtstart=f"{run.starts_on.isoformat()}T{run.starts_at.strftime('%H:%M')}",
        rrule=f"FREQ=WEEKLY;INTERVAL=1;BYDAY={_WEEKDAYS[run.starts_on.weekday()]}",
        duration_minutes=run.duration_minutes,
        arrive_minutes_before=run.arrive_minutes_before,
    )


def _listed_runs(session: Session) -> list[Run]:
    return list(session.scalars(select(Run).where(Run.withdrawn_at.is_(None)).order_by(Run.starts_on, Run.id)))


def _root_version(session: Session, chapter_id: str) -> int:
    query = select(HeldRoot.version).where(HeldRoot.author == chapter_id).order_by(HeldRoot.version.desc())
    return session.scalars(query).first() or 1


def _listing(session: Session, run: Run, now: datetime) -> Listing:
    return Listing(
        id=run.id,
        name=run.name,
        kind=run.kind,  # type: ignore[arg-type]  # checked when the run was saved
        schedule=schedule_of(run),
        meeting_point=MeetingPoint(
            name=run.point_name, address=run.address, directions=run.directions, lat_e4=run.lat_e4, lon_e4=run.lon_e4
        ),
        distance_m=run.distance_m,
        look_for=run.look_for,
        what_happens=run.what_happens,
        bring=run.bring,
        lead_first_name=_public_name(session, run),
        dates=_dates(session, run, now),
    )


def _public_name(session: Session, run: Run) -> str | None:
    lead = session.get(Lead, run.lead_id) if run.lead_id else None
    return lead.first_name if lead and lead.public_name else None


def _dates(session: Session, run: Run, now: datetime) -> list[DateState]:
    tz = zone(run.timezone)
    today: date = now.astimezone(tz).date()
    # A day back, too: a late cancellation stays visible until its date has passed everywhere.
    rows = session.scalars(
        select(RunDate)
        .where(RunDate.run_id == run.id, RunDate.day >= today - timedelta(days=1), RunDate.day <= today + WEEKS_AHEAD)
        .order_by(RunDate.day)
    )
    return [_date_state(row) for row in rows]


def _date_state(row: RunDate) -> DateState:
    # Floored, so that the minute of a tap tells nobody when a lead was awake.
    at = row.at - timedelta(seconds=row.at.timestamp() % AT_STEP.total_seconds())
    return DateState(
        date=row.day.isoformat(),
        state=row.state,  # type: ignore[arg-type]  # only dates.py writes it
        at=to_instant(at),
        reason=row.reason,  # type: ignore[arg-type]
        note=row.note or None,
    )
