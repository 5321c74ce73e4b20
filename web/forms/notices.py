"""The form of a notice: what, from which day to which, of one run or of the whole chapter."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired

from node.facts import notices
from node.facts.notices import NoticeInput
from node.models import Chapter, Run

from ..language import N_, _
from ..words.texts import isolated
from .days import GIVE_DATE, DayField
from .languages import LanguagesForm, in_languages


class NoticeForm(LanguagesForm):
    """A notice. The empty choice is the whole chapter."""

    LIMITS: Mapping[str, int] = notices.LIMITS
    REQUIRED = frozenset({"text"})
    TRANSLATED = ("text",)
    ORDER = ("text", "since", "until", "about")

    text = TextAreaField(N_("What people should know"))
    since = DayField(N_("First day"), [InputRequired(GIVE_DATE)])
    until = DayField(N_("Last day"), [InputRequired(GIVE_DATE)])
    about = SelectField(N_("Where it’s shown"), choices=[])
    #: The day it is where the chapter is.
    today: date

    def notice(self) -> NoticeInput:
        """The notice for the node. Only after `validate`."""
        days = self.since.data, self.until.data
        return NoticeInput(self.text.data or "", *days, self.language(), self.translations())

    def other_problems(self) -> dict[str, str]:
        """Problems of the days."""
        return {} if self.since.errors or self.until.errors else notices.check(self.notice(), self.today)

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        return {
            "before_start": _("The last day can’t be before the first."),
            "range": _("Enter a day within a year."),
            "too_many": _("There are %(most)s already. Take one down first.", most=notices.MOST),
            "full": _("Your list is full. Shorten this, or shorten the longest texts of your runs."),
        }.get(code) or super().words(name, code)


def notice_form(formdata: Any, runs: Sequence[Run], chapter: Chapter, today: date) -> NoticeForm:
    """An empty form, or what was typed into it."""
    empty = {"since": today, "text_language": chapter.text_language or ""}
    form = in_languages(NoticeForm, formdata)(formdata, data=empty)
    form.today = today
    form.about.choices = [
        SelectChoice("", N_("The whole chapter")),
        *(SelectChoice(run.id, isolated(run.name)) for run in runs),
    ]
    return form
