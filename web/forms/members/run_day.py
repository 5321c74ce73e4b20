"""The forms of a run's day. Nothing in them is public, so that names and numbers may stand there."""

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import TextInput

from node.members import run_day
from node.models import RunDay

from ...language import N_, _
from ..base import KeptForm, new_form_id, problem_words


class RunDayForm(KeptForm):
    """All that a lead notes of a date. Each button of the page sends a part of it; what it does not send stays."""

    LIMITS: Mapping[str, int] = {"note": run_day.LIMITS["note"], "feeling": run_day.LIMITS["words"]}
    PRIVATE = frozenset(LIMITS)
    RANGES: Mapping[str, tuple[int, int]] = dict.fromkeys(("heads_out", "heads_back"), (0, run_day.MOST_HEADS))
    NAMES: Mapping[str, str] = {"words": "feeling"}

    form_id = HiddenField()
    note = TextAreaField(N_("A message to everyone who said they’re coming"))
    # Not inputs for numbers: a browser shows nothing of what it cannot read there.
    heads_out = IntegerField(N_("How many set off"), [Optional()], widget=TextInput())
    heads_back = IntegerField(N_("How many are back"), [Optional()], widget=TextInput())
    outcome = StringField(N_("How did it go?"))
    feeling = TextAreaField(N_("How are you?"))

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        if code == "early":
            return _("It hasn’t started yet. If it’s off, please cancel it, so that everyone is told.")
        name = self.NAMES.get(name, name)
        return problem_words(name, code, self.LIMITS.get(name, 0), self.RANGES.get(name, (0, 0)))


def run_day_form(formdata: Any, row: RunDay) -> RunDayForm:
    """The form as it was sent, beside what was noted before."""
    noted = {name: getattr(row, name) for name in ("note", "heads_out", "heads_back")}
    return RunDayForm(formdata, data={"form_id": new_form_id(), **noted})
