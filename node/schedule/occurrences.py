"""One date of one listing, with all that is known of it, as pages and searches show it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import msgspec

from federation.acceptance import AT_STEP
from federation.documents import DateState, Listing, MeetingPoint, Notice, Pause, Schedule
from federation.encodings import from_date
from federation.words import read_reason, read_state

from .recurrence import RuleDate, add_elapsed, dates_shown, has_day, is_readable, starts_of

#: `unclear`: the chapter says something of the date that only a later version of the protocol can read (§2.7).
State = Literal["confirmed", "unconfirmed", "cancelled", "moved", "unclear"]


class Freshness(msgspec.Struct, frozen=True):
    """How old this node's knowledge of a chapter is. Once it is not fresh, no date is confirmed any more.

    `heard_at`: when the chapter signed its document or when its own host last answered, whichever is later.
    `signed_at`: when it signed the document; later with each one that it signs.
    """

    heard_at: datetime
    is_fresh: bool
    signed_at: datetime


class Occurrence(msgspec.Struct, frozen=True):
    """One date of one listing, with all that is known of it. Times are aware, in the run's zone.

    `state` is never a stale promise. A confirmed date is `unconfirmed` once knowledge of its chapter is not fresh, and
    while nobody vouches for the promise.
    """

    chapter: str
    chapter_name: str
    place: str
    listing: Listing
    day: date
    starts: datetime
    ends: datetime
    arrive: datetime
    state: State
    reason: str | None
    note: str | None
    meeting_point: MeetingPoint
    freshness: Freshness
    #: HQ, the chapter or this run pauses. `pause`: the chapter's or the run's own, if the date lies in one.
    paused: bool
    #: It has started, and not ended yet.
    begun: bool
    pause: Pause | None = None
    #: The time or the place is another one than people knew. The date may be confirmed there.
    new_time: bool = False
    new_place: bool = False
    #: Other days for which people knew this date.
    moved_from: tuple[date, ...] = ()
    #: Its run was changed, and this date has the time and the place that people knew.
    as_announced: bool = False
    #: The chapter said long before that there is no run on this day. Then `state` is cancelled.
    planned_gap: bool = False

    @property
    def moved(self) -> bool:
        """Whether it is at another time or place than people knew."""
        return self.state == "moved" or self.new_time or self.new_place

    @property
    def is_on(self) -> bool:
        """Whether a runner could still go: it is not cancelled, perhaps cancelled, begun or paused."""
        return self.state not in ("cancelled", "unclear") and not self.begun and not self.paused


class DatedListing(msgspec.Struct, frozen=True):
    """A listing with what all its dates have in common.

    `held`: a row with what pages say of its chapter, by the names of HeldDocument. `paused`: by HQ. `states`: what is
    said of dates, by day. `pauses`: the run's own and its chapter's. `vouched`: whether promises in it count.
    `chapter_notices`: those of the whole chapter, where its document was read.
    """

    held: Any
    listing: Listing
    freshness: Freshness
    paused: bool
    now: datetime
    states: dict[str, DateState]
    pauses: list[Pause]
    vouched: bool
    chapter_notices: list[Notice] = []

    def notices_on(self, day: date) -> list[Notice]:
        """The notices of the chapter and of the run for that day."""
        return [one for one in (*self.chapter_notices, *self.listing.notices) if one.since <= f"{day}" <= one.until]


def dated_listing(
    held: Any, listing: Listing, own: str | None, paused: bool, now: datetime, unvouched: str | None
) -> DatedListing:
    """One listing as it is at `now`. `own`: our own chapter's id.

    `unvouched`: the chapter for whose promises nobody vouches (PROTOCOL.md §8.2): our own after a restore, or None.
    """
    states = {state.date: state for state in listing.dates}
    pauses = [pause for pause in (listing.pause, pause_of(held)) if pause]
    freshness = freshness_of(held, now, own)
    return DatedListing(
        held, listing, freshness, paused, now, states, pauses, freshness.is_fresh and held.chapter != unvouched
    )


def dates_of(dated: DatedListing, start: date, end: date) -> list[Occurrence]:
    """Every date on the days `start`..`end` of the run's own zone that has not ended.

    A moved date counts for both of its days: people who knew it look for it on the day that it was moved from.
    """
    return [one for _, one in every_date(dated, start, end) if one.ends > dated.now]


def every_date(dated: DatedListing, start: date, end: date) -> list[tuple[RuleDate, Occurrence]]:
    """Every date on the days `start`..`end`, over or not, as the rule has it and as it is held."""
    found = dated.listing
    return [(at, _occurrence(dated, at)) for at in dates_shown(found.schedule, found.dates, start, end)]


def as_held_now(listing: Listing, coming: Iterable[Occurrence]) -> Listing:
    """The listing with the hour and the place of its next dates, until a change that was entered ahead counts: for
    texts that name no date. Where these differ, or the change brings another rule, it is the next date alone that is
    not off.
    """
    before = [one for one in coming if one.starts.date().isoformat() < (listing.changes_on or "")]
    usual = [one for one in before if one.as_announced]
    if usual and all(has_day(listing.schedule, one.day) and _is_alike(usual[0], one) for one in usual):
        return _held_like(listing, usual[0], listing.schedule)
    told = [one for one in before if one.as_announced or one.moved]
    first = next((one for one in told if one.state not in ("cancelled", "unclear") and not one.paused), None)
    alone = msgspec.structs.replace(listing.schedule, rrule=None, until=None, exdates=[])
    return _held_like(listing, first, alone) if first else listing


def _held_like(listing: Listing, one: Occurrence, schedule: Schedule) -> Listing:
    schedule = msgspec.structs.replace(schedule, dtstart=f"{one.starts:%Y-%m-%dT%H:%M}")
    return msgspec.structs.replace(listing, schedule=schedule, meeting_point=one.meeting_point, changes_on=None)


def _is_alike(one: Occurrence, other: Occurrence) -> bool:
    return one.starts.time() == other.starts.time() and one.meeting_point == other.meeting_point


def unread_of(listing: Listing, now: datetime) -> list[DateState]:
    """What is said of dates that are not over in every zone, by day, of a run whose rule this node cannot read."""
    if is_readable(listing.schedule):
        return []
    yesterday = (now.astimezone(UTC) - timedelta(days=1)).date()
    coming = [state for state in listing.dates if from_date(state.date) >= yesterday]
    return sorted(coming, key=lambda state: state.date)


def freshness_of(held: Any, now: datetime, own: str | None) -> Freshness:
    """How fresh a document is. Our own chapter is heard now: this is its host. An `issued` to come counts as now."""
    # An answer that was noted at an hour to come was noted by a wrong clock, and nobody knows when it came.
    answered = held.heard_at if held.heard_at is not None and held.heard_at <= now else held.issued
    heard = max(min(held.issued, now), min(answered, now))
    return Freshness(now if held.chapter == own else heard, now <= held.fresh_until, _signed_at(held))


def _signed_at(held: Any) -> datetime:
    """`issued` is floored, so that two documents may have the same one. Their versions differ: most often these are the
    seconds of `issued`, counted on.
    """
    issued: datetime = held.issued
    counted_on = min(max(held.version - int(issued.timestamp()), 0), int(AT_STEP.total_seconds()))
    return issued + timedelta(seconds=counted_on)


def pause_of(held: Any) -> Pause | None:
    """The chapter's own pause."""
    return msgspec.json.decode(held.pause, type=Pause) if held.pause else None


def coming_pause(every: Iterable[Pause | None], today: date) -> Pause | None:
    """The first pause that is not over on `today`."""
    left = [pause for pause in every if pause and not (pause.back_on and from_date(pause.back_on) <= today)]
    return min(left, key=lambda pause: pause.since, default=None)


def is_in(pause: Pause, day: date) -> bool:
    """Whether `day` lies in the pause."""
    return from_date(pause.since) <= day and not (pause.back_on and from_date(pause.back_on) <= day)


def _occurrence(dated: DatedListing, at: RuleDate) -> Occurrence:
    listing, date_state = dated.listing, None if at.planned_gap else dated.states.get(at.day.isoformat())
    starts = starts_of(at, date_state)
    pause = next((one for one in dated.pauses if is_in(one, starts.date())), None)
    moved_from = at.known_for + ((at.day,) if starts.date() != at.day else ())
    stays = date_state is not None and date_state.as_announced
    return Occurrence(
        chapter=dated.held.chapter,
        chapter_name=dated.held.name,
        place=dated.held.place,
        listing=listing,
        day=at.day,
        starts=starts,
        ends=add_elapsed(starts, timedelta(minutes=listing.schedule.duration_minutes)),
        arrive=add_elapsed(starts, -timedelta(minutes=listing.schedule.arrive_minutes_before)),
        state=_state(at, date_state, dated.vouched),
        reason=read_reason(date_state.reason) if date_state else None,
        note=date_state.note if date_state else None,
        meeting_point=(date_state.meeting_point if date_state else None) or listing.meeting_point,
        freshness=dated.freshness,
        paused=dated.paused or pause is not None,
        begun=starts.astimezone(UTC) <= dated.now,
        pause=pause,
        new_time=bool(moved_from) or (date_state is not None and date_state.starts is not None and not stays),
        new_place=_is_elsewhere(dated, at, date_state),
        moved_from=moved_from,
        as_announced=stays,
        planned_gap=at.planned_gap,
    )


def _is_elsewhere(dated: DatedListing, at: RuleDate, date_state: DateState | None) -> bool:
    before = (dated.states.get(day.isoformat()) for day in at.known_for)
    said = [one for one in (date_state, *before) if one is not None]
    return any(one.meeting_point is not None and not one.as_announced for one in said)


def _state(at: RuleDate, date_state: DateState | None, vouched: bool) -> State:
    if at.planned_gap:
        return "cancelled"
    if date_state is None:
        return "moved" if at.known_for else "unconfirmed"
    if date_state.state == "moved" or (date_state.state == "confirmed" and not vouched):
        return "moved" if _is_moved(date_state) else "unconfirmed"
    return read_state(date_state.state)  # type: ignore[return-value]  # one of these, whatever was said


def _is_moved(date_state: DateState) -> bool:
    if date_state.as_announced:
        return False
    return date_state.state == "moved" or date_state.starts is not None or date_state.meeting_point is not None
