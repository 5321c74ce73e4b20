"""A date as a calendar shows it. A calendar may be a day old when it is read, so its title never promises a lead."""

from federation.documents import Listing, MeetingPoint
from node.directory.listings import Occurrence
from node.schedule.occurrences import DatedListing

from ..language import _
from .facts.notices import notice_words
from .listings import change_ahead_words, landmark_words, look_for_words
from .shared import come_words, wait_words
from .states import badge, is_off, is_sure, reason_words, signs_of
from .texts import isolated, paragraphs
from .times import arrival_words, clock_time, long_day, moved_from_words


def name_words(listing: Listing, chapter_name: str) -> str:
    """A run among the runs of other chapters."""
    return f"{isolated(listing.name)}, {isolated(chapter_name)}"


def title_words(one: Occurrence) -> str:
    """A date's title. What is off says so first: one big calendar hides what only its status calls cancelled."""
    name = name_words(one.listing, one.chapter_name)
    if one.planned_gap or (one.paused and one.state != "cancelled"):
        return _("No run: %(run)s", run=name)
    if one.state == "cancelled":
        return _("Cancelled: %(run)s", run=name)
    if one.state == "unclear":
        return _("Check first: %(run)s", run=name)
    if one.moved:
        return _("Moved: %(run)s", run=name)
    return name


def told_words(dated: DatedListing, one: Occurrence, address: str, instead: str) -> str:
    """What is known of one date. `instead`: where to go instead."""
    said = [", ".join(sign.words for sign in signs_of(one)) + ".", moved_from_words(one)]
    if one.state == "cancelled" and one.reason:
        said.append(reason_words(one.reason))
    if one.note:
        said.append(paragraphs(one.note))
    said += map(notice_words, dated.notices_on(one.starts.date()))
    if one.starts.date().isoformat() < (one.listing.changes_on or ""):
        said.append(change_ahead_words(one.listing))
    if one.is_on and not is_sure(one):
        said.append(wait_words())
    if not is_off(one):
        said += [arrival_words(one), *_place_words(one.listing, one.meeting_point)]
    return _lines([*said, instead, _ask_again(address)])


def instead_words(found: Occurrence, address: str) -> str:
    """Another run to go to."""
    when = f"{long_day(found.starts.date(), found.starts.date())}, {clock_time(found.starts)}"
    values = {"run": name_words(found.listing, found.chapter_name), "when": when, "page": address}
    if is_sure(found):
        return _("The nearest confirmed run: %(run)s, %(when)s, %(page)s", **values)
    return _("The nearest run, not confirmed yet: %(run)s, %(when)s, %(page)s", **values)


def untold_words(listing: Listing, starts_from: str, address: str) -> str:
    """What is known of the dates of which nobody has said anything yet."""
    arrive = _("If it goes ahead, someone will be there from %(time)s.", time=starts_from)
    place = _place_words(listing, listing.meeting_point)
    return _lines([badge("unconfirmed").words + ".", wait_words(), arrive, *place, _ask_again(address)])


def _place_words(listing: Listing, point: MeetingPoint) -> list[str]:
    return [
        landmark_words(point),
        paragraphs(point.directions),
        paragraphs(point.public_transport),
        look_for_words(listing),
        come_words(),
    ]


def _ask_again(address: str) -> str:
    return _("Calendars can take a day to update. Before you set off, please check here: %(page)s", page=address)


def _lines(said: list[str]) -> str:
    return "\n".join(line for line in said if line)
