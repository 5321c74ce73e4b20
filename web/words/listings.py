"""The facts of a listing in words, for the lead who chooses them and for the runner who reads them."""

from datetime import date

from babel.dates import get_day_names

from federation.documents import Listing, MeetingPoint, Schedule
from federation.encodings import from_date, from_local
from federation.words import WEEKDAYS, is_known_rule, read_audience
from node.places import precision
from node.schedule.recurrence import LONGEST_GAP, day_in, is_readable, occurrences, zone

from ..context import now
from ..language import N_, _, locale, ngettext
from ..language.days import LONG_WITH_YEAR, PLAIN_WITH_YEAR, format_day
from .texts import isolated
from .times import clock_time, long_day, way_words

FACILITIES = {
    "toilets": N_("Toilets"),
    "water": N_("Drinking water"),
    "changing": N_("Somewhere to change"),
    "bag-storage": N_("Lockers, or somewhere to leave bags"),
    "step-free": N_("Step-free access"),
    "wheelchair": N_("Good for wheelchairs"),
    "pushchair": N_("Good for pushchairs"),
    "dogs": N_("Dogs welcome"),
    "lit": N_("Lit route"),
    "indoor-base": N_("Somewhere indoors to start and finish"),
    "accessible-toilet": N_("Accessible toilet"),
    "assistance-dogs": N_("Assistance dogs welcome"),
    "children": N_("Good for children"),
    "sign-language": N_("Someone who knows sign language"),
}
COMPASS = {
    "north": N_("North of it"),
    "north-east": N_("North-east of it"),
    "east": N_("East of it"),
    "south-east": N_("South-east of it"),
    "south": N_("South of it"),
    "south-west": N_("South-west of it"),
    "west": N_("West of it"),
    "north-west": N_("North-west of it"),
}
_WAYS = {
    "north": N_("%(distance)s north of %(landmark)s"),
    "north-east": N_("%(distance)s north-east of %(landmark)s"),
    "east": N_("%(distance)s east of %(landmark)s"),
    "south-east": N_("%(distance)s south-east of %(landmark)s"),
    "south": N_("%(distance)s south of %(landmark)s"),
    "south-west": N_("%(distance)s south-west of %(landmark)s"),
    "west": N_("%(distance)s west of %(landmark)s"),
    "north-west": N_("%(distance)s north-west of %(landmark)s"),
}
AUDIENCES = {
    "everyone": N_("Everyone"),
    "women": N_("Women"),
    "men": N_("Men"),
    "lgbtq": N_("LGBTQ+ people"),
    "parents": N_("Parents"),
    "students": N_("Students"),
    "over-60": N_("People over 60"),
}
_SOME = N_("Some people only: see the chapter’s own site")
_FOR = {
    "women": N_("women"),
    "men": N_("men"),
    "lgbtq": N_("LGBTQ+ people"),
    "parents": N_("parents"),
    "students": N_("students"),
    "over-60": N_("people over 60"),
}
PHOTOS = {
    "none": N_("No photos"),
    "ask-first": N_("We’ll ask before taking any"),
    "welcome": N_("Photos welcome"),
}
BANK_HOLIDAYS = {
    "as-usual": N_("As usual"),
    "not-held": N_("No run"),
    "ask": N_("It varies: check the date"),
}
KINDS = {
    "run-walk": N_("A run with some walking"),
    "run": N_("A gentle run"),
    "walk": N_("A walk"),
}
_NTH = {
    "1": N_("The first %(weekday)s of the month"),
    "2": N_("The second %(weekday)s of the month"),
    "3": N_("The third %(weekday)s of the month"),
    "4": N_("The fourth %(weekday)s of the month"),
    "-1": N_("The last %(weekday)s of the month"),
}
_FORTNIGHT = 2


def kind_words(kind: str) -> str:
    """What people do there. A kind that we do not know leads to the chapter's page."""
    return str(KINDS[kind]) if kind in KINDS else _("A run: see the chapter’s own site")


def how_often(schedule: Schedule) -> str:
    """How often a run is held, such as "Every Thursday" or "The first Sunday of the month", and until when."""
    words = _rule_words(schedule)
    if schedule.until is None:
        return words
    last = format_day(from_date(schedule.until), PLAIN_WITH_YEAR)
    return _("%(often)s, until %(day)s", often=words, day=last)


def unread_words(schedule: Schedule) -> str:
    """Why this site cannot show the dates of a run, and where they are; nothing if it can."""
    if is_readable(schedule):
        return ""
    if zone(schedule.timezone) is None:
        return _(
            "This site doesn’t know the time zone %(zone)s, so it can’t show the dates. You’ll find them "
            "on the chapter’s own site.",
            zone=schedule.timezone,
        )
    return _("This site can’t read how often this run is on. You’ll find its dates on the chapter’s own site.")


def run_count(count: int, is_whole: bool) -> str:
    """ "7 runs"; "7+ runs" where not all were counted."""
    if is_whole:
        return ngettext("%(num)s run", "%(num)s runs", count)
    return _("%(num)s+ runs", num=count)


def facility_words(listing: Listing) -> list[tuple[str, str]]:
    """(facility, its words), in the order of the closed list. The first is the name of its icon, too."""
    return [(name, str(words)) for name, words in FACILITIES.items() if name in listing.facilities]


def language_names(listing: Listing) -> str:
    """The names of the languages that are spoken."""
    names = locale().languages
    return ", ".join(names[code] for code in listing.languages if code in names)


def age_words(listing: Listing) -> str:
    """The minimum age, and whether younger people may come along; nothing for no minimum."""
    if not listing.minimum_age:
        return ""
    if listing.younger_accompanied:
        return _("%(age)s and over (under-%(age)ss with an adult)", age=listing.minimum_age)
    return _("%(age)s and over", age=listing.minimum_age)


def audience_words(listing: Listing) -> str:
    """For whom the run is, in a sentence; nothing if it is for everyone."""
    if listing.audience == "everyone":
        return ""
    if read_audience(listing.audience) == "some":
        return _("For some people only. See the chapter’s own site.")
    return _("For %(whom)s.", whom=_FOR[listing.audience])


def facts(listing: Listing) -> list[tuple[str, str]]:
    """(fact, words) of everything that the listing says in closed lists. What it does not say is left out."""
    every = [
        (_("How often"), how_often(listing.schedule)),
        (_("Who it’s for"), str(AUDIENCES.get(listing.audience, _SOME)) if listing.audience != "everyone" else ""),
        (_("Age"), age_words(listing)),
        (_("Languages"), language_names(listing)),
        (_("Photos"), str(PHOTOS.get(listing.photos or "", ""))),
        (_("Bank holidays"), str(BANK_HOLIDAYS.get(listing.bank_holidays or "", ""))),
        (_("Cost"), _("Free") if listing.free_of_charge else _("There’s a charge")),
    ]
    return [(fact, words) for fact, words in every if words]


def _rule_words(schedule: Schedule) -> str:
    if not is_known_rule(schedule.rrule):
        return _("See the chapter’s own site for its dates")
    if schedule.rrule is None:
        return _("Once, on %(day)s", day=format_day(from_local(schedule.dtstart).date(), LONG_WITH_YEAR))
    parts = dict(part.split("=") for part in schedule.rrule.split(";"))
    interval, days = int(parts["INTERVAL"]), parts["BYDAY"].split(",")
    weekdays = ", ".join(_weekday(day) for day in days)
    if parts["FREQ"] == "MONTHLY":
        return _monthly_words(days[0], interval)
    if interval == 1:
        return _("Every %(weekday)s", weekday=weekdays)
    if interval == _FORTNIGHT:
        return _("Every other %(weekday)s", weekday=weekdays)
    return _("%(weekday)s, every %(num)s weeks", weekday=weekdays, num=interval)


def _monthly_words(day: str, interval: int) -> str:
    words = str(_NTH[day[:-2]]) % {"weekday": _weekday(day)}
    if interval == 1:
        return words
    return _("%(often)s, every %(num)s months", often=words, num=interval)


def _weekday(day: str) -> str:
    names = get_day_names("wide", locale=locale())
    return str(names[WEEKDAYS.index(day[-2:])])


def change_ahead_words(listing: Listing) -> str:
    """What changes, and from which day on, where that was entered ahead; nothing once the day has come."""
    schedule, ahead = listing.schedule, from_date(listing.changes_on) if listing.changes_on else None
    today = day_in(schedule.timezone, now())
    if ahead is None or ahead <= today or not _is_held_from(listing, ahead):
        return ""
    return _(
        "From %(day)s: %(time)s, %(place)s. %(often)s.",
        day=long_day(ahead, today),
        time=clock_time(from_local(schedule.dtstart)),
        place=isolated(listing.meeting_point.name),
        often=how_often(schedule),
    )


def _is_held_from(listing: Listing, day: date) -> bool:
    """Whether a run goes on from `day` on. One that was ended has a last day, and no date left until then."""
    schedule, off = listing.schedule, {one.date for one in listing.dates if one.state == "cancelled"}
    if schedule.until is None or not is_readable(schedule):
        return True
    left = occurrences(schedule, day, min(from_date(schedule.until), day + LONGEST_GAP))
    return any(at.day.isoformat() not in off for at in left)


def checked_words(day: date) -> str:
    """When the chapter last looked at all that a run says."""
    return _("Checked by the chapter on %(day)s.", day=format_day(day, PLAIN_WITH_YEAR))


def look_for_words(listing: Listing) -> str:
    """How to know the lead, in plain text and the first language; nothing where the chapter does not say."""
    return _("Look for: %(whom)s", whom=isolated(listing.look_for)) if listing.look_for else ""


def landmark_words(point: MeetingPoint) -> str:
    """ "240 m south of the station"; nothing without a landmark, or for a direction that this version does not know."""
    landmark = point.landmark
    if landmark is None or landmark.direction not in _WAYS:
        return ""
    distance = way_words(landmark.distance_m)
    return str(_WAYS[landmark.direction]) % {"distance": distance, "landmark": isolated(landmark.name)}


def has_pin(point: MeetingPoint) -> bool:
    """Whether a pin at that point leads people to where the others stand."""
    return precision.is_a_pin(point.precision_m)
