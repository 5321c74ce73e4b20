"""Times, ages and distances in words. `now` is aware. A day is in the run's own zone."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from federation.documents import MeetingPoint, Pause
from federation.encodings import from_date
from node.directory.listings import Freshness, Occurrence
from node.models.pause import Pausable
from node.schedule.recurrence import zone

from .. import context
from ..language import _, locale, ngettext
from ..language.days import LONG, LONG_WITH_YEAR, PLAIN, PLAIN_WITH_YEAR, SHORT, format_clock, format_day, format_number
from ..site import site
from .states import is_sure, is_uncovered, may_take_place
from .texts import isolated

METRES_PER_MILE, FEET_PER_METRE = 1609.344, 1 / 0.3048
#: Nobody has an idea of more feet than these.
_MOST_FEET = 1_000
_EVENING = 17


def ago(moment: datetime, now: datetime) -> str:
    """ "12 minutes ago", up to a day; after that "on Tuesday 3 March"."""
    age = max(now - moment, timedelta(0))
    if age < timedelta(minutes=1):
        return _("just now")
    if age < timedelta(hours=1):
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", age.seconds // 60)
    if age < timedelta(days=1):
        return ngettext("%(num)s hour ago", "%(num)s hours ago", age.seconds // 3600)
    return _("on %(day)s", day=day_since(moment, now))


def long_day(day: date, today: date) -> str:
    """ "Thursday 4 June"; with the year when it is another one."""
    return format_day(day, LONG if day.year == today.year else LONG_WITH_YEAR)


def day_and_year(day: date) -> str:
    """ "Thursday 4 June 2026": on paper, which is read years later."""
    return format_day(day, LONG_WITH_YEAR)


def day_since(moment: datetime, now: datetime) -> str:
    """The day of a past moment, in the zone of this site."""
    tz = zone(site().timezone)
    return long_day(moment.astimezone(tz).date(), now.astimezone(tz).date())


def day_words(starts: datetime, now: datetime) -> str:
    """ "Tonight, Thursday 4 June". The date stands always, for a page may be kept open, shared or printed."""
    today = now.astimezone(starts.tzinfo).date()
    return _near_and_day(near_day(starts, now), long_day(starts.date(), today))


def near_day(starts: datetime, now: datetime) -> str:
    """ "Tonight", "Today" or "Tomorrow" where the run is; nothing for other days."""
    today = now.astimezone(starts.tzinfo).date()
    if starts.date() == today and starts.hour >= _EVENING:
        return _("Tonight")
    return _near(starts.date(), today)


def heading_day(day: date, today: date) -> str:
    """The heading over a day's runs: "Today, Thursday 4 June"."""
    return _near_and_day(_near(day, today), long_day(day, today))


def _near(day: date, today: date) -> str:
    return {0: _("Today"), 1: _("Tomorrow")}.get((day - today).days, "")


def _near_and_day(near: str, day: str) -> str:
    return _("%(near)s, %(day)s", near=near, day=day) if near else day


def clock_time(moment: datetime | time) -> str:
    """ "18:30", or "6:30 PM" for American readers."""
    return format_clock(moment)


def zone_words(starts: datetime, home: str) -> str:
    """ "Brisbane time" where the run is in another zone than this site; else nothing."""
    key = starts.tzinfo.key if isinstance(starts.tzinfo, ZoneInfo) else home
    return "" if key == home else place_time(key)


def place_time(key: str) -> str:
    """ "Brisbane time", for the key of a zone."""
    return _("%(place)s time", place=key.rpartition("/")[2].replace("_", " "))


def distance(metres: int | None, unit: str) -> str:
    """ "about 3 km", "about 2 miles", "less than 1 km"; nothing for None."""
    if metres is None:
        return ""
    if unit == "mi":
        return _miles(metres / METRES_PER_MILE)
    amount = metres / 1000
    return _("less than 1 km") if amount < 0.75 else _("about %(amount)s km", amount=_rounded(amount))


def within_words(metres: int) -> str:
    """ "about 40 m", "about 4 km", "about 130 feet": how far from a point a spot may be."""
    if reads_miles():
        feet = metres * FEET_PER_METRE
        if feet >= _MOST_FEET:
            return _miles(metres / METRES_PER_MILE)
        return _("about %(amount)s feet", amount=_in_tens(feet))
    if metres < 1_000:
        return _("about %(amount)s m", amount=_rounded(metres))
    return _("about %(amount)s km", amount=_rounded(metres / 1000))


def _miles(amount: float) -> str:
    if amount < 0.75:
        return _("less than 1 mile")
    return _("about 1 mile") if round(amount) == 1 else _("about %(amount)s miles", amount=_rounded(amount))


def _rounded(amount: float) -> int:
    """Rounded to ones; from 20 on to fives, from 200 on to tens: "about 137 km" says more than anybody knows."""
    step = 1 if amount < 20 else 5 if amount < 200 else 10
    return round(amount / step) * step


def reads_miles() -> bool:
    """Whether the reader counts every way in miles and feet. In Britain road signs count miles, but a run is 5 km long,
    and the station is 200 m away.
    """
    return bool(locale().territory == "US")


def short_way(metres: int) -> tuple[float, str]:
    """A way of a few minutes in the reader's unit: 240 "m", 790 "feet", 0.3 "miles"."""
    if not reads_miles():
        return metres, "m"
    feet = metres * FEET_PER_METRE
    return (_in_tens(feet), "feet") if feet < _MOST_FEET else (round(metres / METRES_PER_MILE, 1), "miles")


def way_words(metres: int) -> str:
    """A way of a few minutes: "240 m", "790 feet", "0.3 miles"."""
    amount, unit = short_way(metres)
    if unit == "miles":
        return _("1 mile") if amount == 1 else _("%(amount)s miles", amount=format_number(amount))
    return _("%(feet)s feet", feet=amount) if unit == "feet" else _("%(metres)s m", metres=amount)


def _in_tens(amount: float) -> int:
    return max(10, round(amount / 10) * 10)


def run_length(metres: int | None) -> str:
    """The length of a run: "about 5 km", "about 3.1 miles"; nothing for None."""
    if metres is None:
        return ""
    if reads_miles():
        amount = round(metres / METRES_PER_MILE, 1)
        return _("about 1 mile") if amount == 1 else _("about %(amount)s miles", amount=format_number(amount))
    return _("about %(amount)s km", amount=format_number(metres / 1000))


def freshness_words(freshness: Freshness, chapter: str, now: datetime, *, is_own: bool = False) -> str:
    """How old this node's knowledge of a chapter is. `is_own`: whether it is this site's own chapter."""
    day = day_since(freshness.heard_at, now)
    if is_own and not freshness.is_fresh:
        return _(
            "This site couldn’t update itself, so this might be out of date. Please don’t travel until the "
            "run is confirmed."
        )
    if not freshness.is_fresh:
        return _(
            "We haven’t heard from %(chapter)s since %(day)s, so this might be out of date. Please don’t "
            "travel until the run is confirmed.",
            chapter=isolated(chapter),
            day=day,
        )
    if is_own:
        return _("Up to date at %(time)s.", time=home_time(now))
    return last_checked_words(freshness.heard_at, chapter, now)


def last_checked_words(at: datetime, chapter: str, now: datetime) -> str:
    """ "Last checked with London at 20:09."; with the day if that is not today."""
    day = day_since(at, now)
    if day == day_since(now, now):
        return _("Last checked with %(chapter)s at %(time)s.", chapter=isolated(chapter), time=home_time(at))
    return _(
        "Last checked with %(chapter)s on %(day)s at %(time)s.", chapter=isolated(chapter), day=day, time=home_time(at)
    )


def checked_on_paper(moment: datetime) -> str:
    """ "Checked 25 Nov, 20:21", for what is printed and read on another day."""
    here = moment.astimezone(zone(site().timezone))
    return _("Checked %(day)s, %(time)s", day=format_day(here.date(), SHORT), time=clock_time(here))


def home_time(moment: datetime) -> str:
    """An hour in the zone of this site: a page says all times of itself in one zone."""
    return clock_time(moment.astimezone(zone(site().timezone)))


def arrival_words(one: Occurrence) -> str:
    """From when on somebody is there, or since when the run has begun; nothing if it is off."""
    if not may_take_place(one):
        return ""
    is_promised = one.state == "confirmed"
    if not one.begun and is_promised:
        return _("Someone will be there from %(time)s.", time=clock_time(one.arrive))
    if not one.begun:
        return _("If it goes ahead, someone will be there from %(time)s.", time=clock_time(one.arrive))
    if is_promised:
        return _("Started at %(time)s. They’ve already set off.", time=clock_time(one.starts))
    return _("It was due to start at %(time)s. If it went ahead, they’ve already set off.", time=clock_time(one.starts))


def doubt_words(one: Occurrence) -> str:
    """Why nobody should set off yet."""
    if is_uncovered(one):
        return _("The run starts soon, and no lead has confirmed yet.")
    if one.freshness.is_fresh:
        return _("No lead has confirmed yet.")
    return _("We don’t know whether a lead will be there.")


def moved_words(starts: datetime, known_for: Sequence[date], point: MeetingPoint | None) -> str:
    """What else a moved date has new, beside the badge that says its hour: its day, its place."""
    days = [day for day in known_for if day != starts.date()]
    said = []
    if days:
        all_days = _(" and ").join(long_day(day, starts.date()) for day in days)
        said.append(_("Moved from %(days)s.", days=all_days))
    if point:
        said.append(_("New meeting point: %(place)s.", place=isolated(point.name)))
    return " ".join(said)


def moved_from_words(one: Occurrence) -> str:
    """What a date of any chapter has new; nothing if it was not moved. Of one that is off: only for which day people
    knew it, since whoever knows no other would go there then.
    """
    if not one.moved:
        return ""
    return moved_words(one.starts, one.moved_from, one.meeting_point if one.new_place and may_take_place(one) else None)


def pause_words(paused: Pausable | Pause | None) -> str:
    """ "On a break from 4 June, back on 2 July."; nothing for none."""
    if paused is None:
        return ""
    since, back_on = _pause_days(paused)
    if back_on is None:
        return _("On a break from %(day)s.", day=short_day(since))
    return _("On a break from %(day)s, back on %(back)s.", day=short_day(since), back=short_day(back_on))


def back_words(pause: Pause) -> str:
    """ "Back on 2 July.", beside the badge of a pause."""
    if pause.back_on is None:
        return _("We don’t have a restart date yet.")
    return _("Back on %(day)s.", day=short_day(from_date(pause.back_on)))


def _pause_days(paused: Pausable | Pause) -> tuple[date, date | None]:
    if isinstance(paused, Pause):
        return from_date(paused.since), from_date(paused.back_on) if paused.back_on else None
    return paused.paused_since or date.min, paused.back_on


def short_day(day: date) -> str:
    """ "4 March"; with the year when it is not this one."""
    year = context.now().year
    return format_day(day, PLAIN if day.year == year else PLAIN_WITH_YEAR)


def nearest_words(one: Occurrence, now: datetime, *, is_there: bool = False) -> str:
    """When the nearest run is, where there is none on the days that somebody asked for; `is_there`: the next one."""
    day = long_day(one.starts.date(), now.astimezone(one.starts.tzinfo).date())
    near = near_day(one.starts, now)
    when = _near_and_day(near.lower(), day) if near else _("on %(day)s", day=day)
    if is_there and is_sure(one):
        return _("The next confirmed run there is %(when)s:", when=when)
    if is_there:
        return _("The next one there is %(when)s, but it isn’t confirmed yet:", when=when)
    if is_sure(one):
        return _("The nearest confirmed run is %(when)s:", when=when)
    return _("The nearest is %(when)s, but it isn’t confirmed yet:", when=when)


def span_words(first: date, last: date, today: date, *, is_evening: bool = False) -> str:
    """The days of a search: "on Thursday 4 June", "from Monday 1 June to Sunday 14 June"."""
    if is_evening:
        return _near_and_day(_("tonight"), long_day(first, today))
    near = {0: _("today"), 1: _("tomorrow")}.get((first - today).days, "")
    if first == last:
        return _near_and_day(near, long_day(first, today)) if near else _("on %(day)s", day=long_day(first, today))
    return _("from %(first)s to %(last)s", first=long_day(first, today), last=long_day(last, today))


def degrees(value_e4: int) -> str:
    """Degrees with a point, as maps take them: "51.5101"."""
    return f"{value_e4 / 10_000:.4f}"
