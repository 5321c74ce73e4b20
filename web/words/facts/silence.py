"""A chapter whose leads have gone quiet, in words."""

from datetime import date

from node.facts import silence
from node.schedule.recurrence import day_in

from ...context import now
from ...language import _
from ...language.days import PLAIN_WITH_YEAR, format_day
from ...site import site


def quiet_words(last_word_on: date | None) -> str:
    """For whoever looks for a run of the chapter; nothing while its leads speak."""
    step = silence.step_of(last_word_on, day_in(site().timezone, now()))
    if not step or last_word_on is None:
        return ""
    said = _("No lead here has said anything since %(day)s.", day=day_of(last_word_on))
    if step < silence.STEPS[-1]:
        return " ".join((said, _("Please don’t set off unless the run is confirmed.")))
    warning = _("It might not be running any more. Please don’t set off unless the run is confirmed.")
    return f"{said} {warning}"


def quiet_board_words(step: int) -> str:
    """For the chapter's own leads; nothing while they speak."""
    if not step:
        return ""
    told = _("No lead has confirmed, cancelled, changed or checked anything here for %(days)s days.", days=step)
    ask = _("Every site says so. If you’re still running, please confirm your next date.")
    return f"{told} {ask}"


def quiet_for_words(last_word_on: date) -> str:
    """For HQ: since when, and how long that is at least."""
    step = silence.step_of(last_word_on, day_in("UTC", now()))
    return _("nothing since %(day)s, more than %(days)s days", day=day_of(last_word_on), days=step)


def day_of(day: date) -> str:
    """ "4 March 2026"."""
    return format_day(day, PLAIN_WITH_YEAR)
