"""The forms that move one date, and that pause a run or the chapter."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace
from wtforms import TextAreaField, TimeField
from wtforms.validators import InputRequired, Optional

from federation.documents import MeetingPoint, PointTexts
from node.chapter import dates, listing, pauses, runs
from node.chapter.known_dates import is_same_point
from node.errors import InvalidInput
from node.models import Run

from ..context import now
from ..language import N_
from .base import GIVE_TIME, HOUR_FORMS, KeptForm
from .days import GIVE_DATE, DayField
from .place import PlaceForm
from .point import write_point


class MoveForm(PlaceForm):
    """One date at another time, at another place, or both."""

    LIMITS: Mapping[str, int] = {
        **{name: runs.LIMITS[name] for name in ("point_name", "address", "directions")},
        "note": dates.NOTE_LIMIT,
    }
    REQUIRED = frozenset({"point_name"})
    NAMES: Mapping[str, str] = {**PlaceForm.NAMES, "starts": "starts_on", "name": "point_name"}
    ORDER = ("starts_on", "starts_at")

    starts_on = DayField(N_("Day"), [InputRequired(GIVE_DATE)])
    starts_at = TimeField(N_("Start"), [InputRequired(GIVE_TIME)], format=HOUR_FORMS)
    note = TextAreaField(N_("A note, if you like"))

    #: The date that moves; `moved_date` sets both.
    run: Run
    view: dates.DateView

    def other_problems(self) -> dict[str, str]:
        """Problems of the place and of the new time."""
        return super().other_problems() | self._wrong_start()

    def _wrong_start(self) -> dict[str, str]:
        if self.starts_on.errors or self.starts_at.errors:
            return {}
        try:
            dates.new_start(self.run, self.view, self.starts(), now())
        except InvalidInput as refused:
            return refused.problems
        return {}

    def starts(self) -> datetime:
        """The new start, without a zone: by the clock of the run."""
        return datetime.combine(self.starts_on.data, self.starts_at.data)

    def place(self) -> MeetingPoint:
        """The place for the node. Only after `validate`. Buses, parking and further languages are those of the former
        place alone; and of what was written anew, nobody has said in another language how to find it.
        """
        typed = MeetingPoint(*self.texts(), *self.point_e4(), self.precision_m())
        former = self.former
        if former is None or not (self.same_place.data or is_same_point(typed, former)):
            return typed
        others = former.translations
        if typed.directions != former.directions:
            others = {tag: replace(texts, directions="") for tag, texts in others.items()}
        names = ("public_transport", "parking", "landmark", "text_language")
        kept = {name: getattr(former, name) for name in names}
        return replace(
            typed, **kept, translations={tag: texts for tag, texts in others.items() if texts != PointTexts()}
        )


def moved_date(formdata: Any, run: Run, view: dates.DateView) -> MoveForm:
    """The form of a date as it is now, or as it was typed."""
    point = view.point or listing.point_of(run)
    local = view.starts.replace(tzinfo=None)
    written = {
        "starts_on": local.date(),
        "starts_at": local.time(),
        "point_name": point.name,
        "address": point.address,
        "directions": point.directions,
        "point": write_point(point.lat_e4, point.lon_e4, point.precision_m),
        "note": view.note if view.state == "moved" else "",
    }
    form = MoveForm(formdata, data=written)
    form.former, form.run, form.view = point, run, view
    return form


class PauseForm(KeptForm):
    """A pause of one run, or of the chapter."""

    LIMITS: Mapping[str, int] = {"note": pauses.NOTE_LIMIT}

    since = DayField(N_("First day without a run"), [InputRequired(GIVE_DATE)])
    back_on = DayField(N_("Back on (leave empty if you don’t know)"), [Optional()])
    note = TextAreaField(N_("A note, if you like"))
    #: The day it is where the run, or the chapter, is.
    today: date

    def other_problems(self) -> dict[str, str]:
        """Problems of the first day and of the last."""
        if self.since.errors or self.back_on.errors:
            return {}
        return pauses.check_days(self.since.data, self.back_on.data, self.today)


def pause_form(formdata: Any, paused: pauses.Paused, today: date) -> PauseForm:
    """The form of a pause as it is now, or as it was typed. Without a pause it begins today."""
    written = {"since": paused.paused_since or today, "back_on": paused.back_on, "note": paused.pause_note}
    form = PauseForm(formdata, data=written)
    form.today = today
    return form
