"""What is said of a run where a copy may live on for weeks: in search engines, feeds, messages, on paper.

A copy never promises a lead: a cancellation does not reach it.
"""

from datetime import date

from federation.documents import Listing, MeetingPoint
from federation.encodings import from_local
from node.directory.listings import ListingView, Occurrence

from ..language import _
from .listings import change_ahead_words, how_often
from .states import badge, is_idle, may_take_place, reason_words, signs_of
from .texts import isolated, paragraphs
from .times import clock_time, long_day, moved_from_words, pause_words


def date_words(one: Occurrence) -> str:
    """What is known of one date, without a promise."""
    if may_take_place(one):
        said = [moved_from_words(one), wait_words(), come_words()]
    else:
        reason = reason_words(one.reason) if one.state == "cancelled" else ""
        said = [", ".join(sign.words for sign in signs_of(one)) + ".", reason, moved_from_words(one)]
    return " ".join([*filter(None, said), *([paragraphs(one.note)] if one.note else [])])


def wait_words() -> str:
    """What to wait for before setting off."""
    return _("Please don’t set off until the page says “A lead will be there”.")


def come_words() -> str:
    """Who may come."""
    return _("Come as you are. The slowest person sets the pace, and walking is fine.")


def day_and_time(one: Occurrence) -> str:
    """ "Thursday 4 June 2026, 18:30": with the year, since a copy may be read in another one."""
    return f"{long_day(one.starts.date(), date.min)}, {clock_time(one.starts)}"


def rhythm_words(listing: Listing) -> str:
    """ "Every Thursday, 18:30": what stays true when a single date is cancelled."""
    return f"{how_often(listing.schedule)}, {clock_time(from_local(listing.schedule.dtstart))}"


def about_words(view: ListingView) -> str:
    """A run in a few sentences, without a date but that of a change to come. One without dates invites nobody."""
    if view.is_readable and is_idle(view):
        return f"{idle_words(view)} {come_words()}"
    run, change = view.listing_now, change_ahead_words(view.listing)
    said = (f"{rhythm_words(run)}.", f"{point_words(run.meeting_point)}.", change, come_words())
    return " ".join(filter(None, said))


def idle_words(view: ListingView) -> str:
    """Why a run has no dates at the moment, as far as that is known."""
    if view.paused:
        return badge("paused").words + "."
    return pause_words(view.pause) or _("No upcoming dates.")


def place_words(one: Occurrence) -> str:
    """Where a date is; nothing for one that is off: nobody is led there."""
    return point_words(one.meeting_point) if may_take_place(one) else ""


def point_words(point: MeetingPoint) -> str:
    """A meeting point and its address."""
    return ", ".join(isolated(part) for part in (point.name, point.address) if part)
