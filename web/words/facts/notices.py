"""Notices with their days, in words."""

from datetime import date

from federation.documents import Notice
from federation.encodings import from_date
from node.directory.listings import ChapterView, ListingView, Occurrence
from node.schedule.recurrence import day_in

from ...context import now
from ...language import _
from ...language.days import MONTH, PLAIN, format_day, on_one_line
from ...site import site
from ..texts import paragraphs


def notices_for(view: ListingView, shown: Occurrence | None) -> list[Notice]:
    """The notices of a run and of its chapter for today and for the date that the page shows."""
    days = {day_in(view.listing.schedule.timezone, now()), *([shown.starts.date()] if shown else [])}
    return _on([*view.notices, *view.listing.notices], days)


def notices_of_chapter(chapter: ChapterView) -> list[Notice]:
    """The notices of a chapter for today and for the next date of each run."""
    today = {day_in(view.listing.schedule.timezone, now()) for view in chapter.listings} or {
        day_in(site().timezone, now())
    }
    return _on(chapter.notices, today | {view.coming[0].starts.date() for view in chapter.listings if view.coming})


def is_on_day(notice: Notice, day: date) -> bool:
    """Whether the notice is about that day."""
    return notice.since <= day.isoformat() <= notice.until


def notice_days(notice: Notice) -> str:
    """The days, from the first to the last, or the one day."""
    since, until = from_date(notice.since), from_date(notice.until)
    if since == until:
        return format_day(since, PLAIN)
    if (since.year, since.month) == (until.year, until.month):
        days = {"first": since.day, "last": until.day, "month": format_day(since, MONTH)}
        return on_one_line(_("%(first)s\u2013%(last)s %(month)s", **days))
    first, last = (format_day(day, PLAIN) for day in (since, until))
    return _("%(first)s to %(last)s", first=first, last=last)


def notice_words(notice: Notice) -> str:
    """The notice behind its days."""
    return _("%(days)s: %(words)s", days=notice_days(notice), words=paragraphs(notice.text))


def _on(notices: list[Notice], days: set[date]) -> list[Notice]:
    return [one for one in notices if any(is_on_day(one, day) for day in days)]
