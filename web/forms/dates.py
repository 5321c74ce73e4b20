"""The forms that say when it is otherwise: one date that moves, and a pause."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from wtforms import DateField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Optional

from federation.documents import MeetingPoint
from federation.text import tidy
from node.chapter import dates, listing, pauses, runs
from node.errors import InvalidInput
from node.models import Run

from ..context import now
from ..language import N_
from .base import GIVE_DATE, GIVE_TIME, KeptForm
from .place import PlaceForm, form_place
from .point import read_point, write_point

_PLACE = ("point_name", "address", "directions")


class MoveForm(PlaceForm):
    """One date at another time, or another place, or both."""

    LIMITS: Mapping[str, int] = {name: runs.LIMITS[name] for name in _PLACE} | {"note": dates.NOTE_LIMIT}
    REQUIRED = frozenset({"point_name"})
    NAMES: Mapping[str, str] = {**PlaceForm.NAMES, "starts": "starts_on", "name": "point_name"}
    ORDER = ("starts_on", "starts_at")

    starts_on = DateField(N_("The day"), [InputRequired(GIVE_DATE)])
    starts_at = TimeField(N_("Start"), [InputRequired(GIVE_TIME)])
    note = TextAreaField(N_("A few words, if you like"))

    #: The date that moves: `moved_date` says which.
    run: Run
    day: date

    def other_problems(self) -> dict[str, str]:
        """Whether the point lies on the globe and belongs to the name, and the new time within reach."""
        lat, lon = read_point(self.point.data or "") or (0, 0)
        low, high = runs.RANGES["lat_e4"]
        west, east = runs.RANGES["lon_e4"]
        point = super().other_problems() if low <= lat <= high and west <= lon <= east else {"lat_e4": "range"}
        return point | self._wrong_start()

    def _wrong_start(self) -> dict[str, str]:
        if self.starts_on.errors or self.starts_at.errors:
            return {}
        try:
            dates.new_start(self.run, self.day, self.starts(), now())
        except InvalidInput as refused:
            return refused.problems
        return {}

    def starts(self) -> datetime:
        """Naive: in the run's zone."""
        return datetime.combine(self.starts_on.data, self.starts_at.data)

    def place(self) -> MeetingPoint:
        """As the node takes it, once it has been validated."""
        lat, lon = read_point(self.point.data) or (0, 0)
        name, address, directions = (tidy(self[name].data or "") for name in _PLACE)
        return MeetingPoint(name, address, directions, lat, lon, self.precision_m())


def moved_date(formdata: Any, run: Run, view: dates.DateView) -> MoveForm:
    """The form as the date stands, or what was typed into it."""
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
    form.stood = form_place(point.name, point.address, point.directions, point.lat_e4, point.lon_e4)
    form.stood_precision_m = point.precision_m
    form.run, form.day = run, view.day
    return form


class PauseForm(KeptForm):
    """No run for a while."""

    LIMITS: Mapping[str, int] = {"note": pauses.NOTE_LIMIT}

    since = DateField(N_("First day without a run"), [InputRequired(GIVE_DATE)])
    back_on = DateField(N_("Back on (empty: not known yet)"), [Optional()])
    note = TextAreaField(N_("A few words, if you like"))
    #: Where the chapter, or the run, is.
    today: date

    def other_problems(self) -> dict[str, str]:
        """Whether the days can be those of a pause."""
        if self.since.errors or self.back_on.errors:
            return {}
        return pauses.check_days(self.since.data, self.back_on.data, self.today)


def pause_form(formdata: Any, paused: pauses.Paused, today: date) -> PauseForm:
    """The form as the pause stands, from today on if there is none, or what was typed into it."""
    written = {"since": paused.paused_since or today, "back_on": paused.back_on, "note": paused.pause_note}
    form = PauseForm(formdata, data=written)
    form.today = today
    return form
