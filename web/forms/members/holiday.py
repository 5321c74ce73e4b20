"""The form of a lead's days off: "not me until 4 March"."""

from datetime import date
from typing import Any

from wtforms.validators import InputRequired

from node.members.leading import rota

from ...language import N_
from ..base import KeptForm
from ..days import GIVE_DATE, DayField


class HolidayForm(KeptForm):
    """Days off of one lead."""

    since = DayField(N_("First day off"), [InputRequired(GIVE_DATE)])
    back_on = DayField(N_("Back on"), [InputRequired(GIVE_DATE)])
    #: The day it is where the chapter is.
    today: date

    def other_problems(self) -> dict[str, str]:
        """Problems of the two days."""
        if self.since.errors or self.back_on.errors:
            return {}
        return rota.check_holiday(self.since.data, self.back_on.data, self.today)


def holiday_form(formdata: Any, today: date) -> HolidayForm:
    """The form as it was typed; new, it begins today."""
    form = HolidayForm(formdata, data={"since": today})
    form.today = today
    return form
