"""A folder put back from a copy: what this node itself signed since then is taken over before it signs again (§8.2)."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument, DateState, Listing
from federation.encodings import from_date, from_instant, from_local, new_listing_id

from .models import Counter, Run, RunDate


def take_over(session: Session, document: ChapterDocument, now: datetime) -> None:
    """Make our runs what a newer document of ours says, inside writing; `document` is already verified.

    Runs it lacks are withdrawn, times and places are its own. Of dates only cancellations are taken over, and only
    confirmations that it still has are kept: any other is a promise that a person must give anew. The feed gets a new
    name: readers may stand at places of the old one that this copy has not reached.
    """
    listed = {listing.id for listing in document.listings}
    for run in session.scalars(select(Run).where(Run.withdrawn_at.is_(None))):
        if run.id not in listed:
            run.withdrawn_at = now
    for listing in document.listings:
        session.merge(_run(listing, session.get(Run, listing.id)))
        _take_dates_over(session, listing)
    session.get_one(Counter, 1).feed = new_listing_id()
    session.flush()


def _run(listing: Listing, former: Run | None) -> Run:
    starts, point = from_local(listing.schedule.dtstart), listing.meeting_point
    return Run(
        id=listing.id,
        name=listing.name,
        kind=listing.kind,
        timezone=listing.schedule.timezone,
        starts_on=starts.date(),
        starts_at=starts.time(),
        duration_minutes=listing.schedule.duration_minutes,
        arrive_minutes_before=listing.schedule.arrive_minutes_before,
        distance_m=listing.distance_m,
        point_name=point.name,
        address=point.address,
        directions=point.directions,
        lat_e4=point.lat_e4,
        lon_e4=point.lon_e4,
        look_for=listing.look_for,
        what_happens=listing.what_happens,
        bring=listing.bring,
        lead_id=former.lead_id if former else None,
        form_id=former.form_id if former else None,
        withdrawn_at=None,
    )


def _take_dates_over(session: Session, listing: Listing) -> None:
    session.flush()
    said = {from_date(state.date): state for state in listing.dates}
    for row in session.scalars(select(RunDate).where(RunDate.run_id == listing.id)):
        if row.day not in said or said[row.day].state != row.state:
            session.delete(row)
    session.flush()
    for day, state in said.items():
        if state.state == "cancelled":
            session.execute(delete(RunDate).where(RunDate.run_id == listing.id, RunDate.day == day))
            session.add(_cancelled(listing.id, state))


def _cancelled(run_id: str, state: DateState) -> RunDate:
    return RunDate(
        run_id=run_id,
        day=from_date(state.date),
        state="cancelled",
        at=from_instant(state.at),
        reason=state.reason,
        note=state.note,
        before=None,
    )
