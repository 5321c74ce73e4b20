"""The fields of a meeting point: its name, its address, how to find it, and where it is on the map."""

import logging
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from babel.lists import format_list
from flask import request
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import ValidationError

from federation.documents import MeetingPoint
from federation.text import tidy
from node.chapter import runs
from node.input import translations
from node.places import lookup, postcode_shapes, precision
from node.places.choice import Resolution
from node.places.gazetteer import GazetteerMissing, Place
from node.places.names import fold

from ..language import N_, _, locale
from ..site import site
from ..words.times import within_words
from .base import KeptForm
from .point import is_link, read_point, read_precision, write_point

log = logging.getLogger(__name__)

#: The fields that lead people to a place, beside its name.
_LEADING = {
    "address": N_("the address"),
    "directions": N_("how to find it"),
    "point": N_("the numbers on the map"),
    "public_transport": N_("public transport"),
    "parking": N_("parking"),
    "landmark": N_("what it’s near"),
    "translations": N_("the other languages"),
}
#: Places that are offered for one name.
_OFFERED = 6
_NOWHERE = N_("0, 0 is a spot in the sea off Africa. Enter the numbers of your meeting point.")


class PlaceForm(KeptForm):
    """The part of a form that says where."""

    RANGES = runs.RANGES
    NAMES: Mapping[str, str] = {"lat_e4": "point", "lon_e4": "point"}

    class Meta(KeptForm.Meta):
        """How the form reads a request."""

        def wrap_formdata(self, form: "PlaceForm", formdata: Any) -> Any:
            """The fields of a request. The numbers of a place that was chosen, and those of a full postcode, stand
            where its name was typed.
            """
            sent = super().wrap_formdata(form, formdata)
            if sent:
                form.typed = sent.get("use") or sent.get("point", "")
                if door := form.door():
                    sent["point"] = _point_of(door)
                elif form.typed:
                    sent["point"] = form.typed
            return sent

    point_name = StringField(N_("Meeting point"))
    address = StringField(N_("Address"))
    directions = TextAreaField(N_("How to find it, in words"))
    point = StringField(N_("On the map"))
    same_place = BooleanField(N_("The same place, with a new name"))
    #: The place before this form; None for a new one.
    former: MeetingPoint | None = None
    #: What was sent where the numbers belong; nothing where a form came empty.
    typed = ""

    def other_problems(self) -> dict[str, str]:
        """Problems of the place: not all changed with its name, no words to a spot without a pin, not on the globe."""
        half = {"same_place": "half"} if self._left_alone() and not self.same_place.data else {}
        is_lost = self.point_is_coarse() and not tidy(self.directions.data or "")
        lat, lon = self.point_e4()
        beyond = self.beyond({"lat_e4": lat, "lon_e4": lon})
        return half | ({"directions": "no_pin"} if is_lost else {}) | beyond

    def _left_alone(self) -> list[str]:
        """The fields that still are those of the former place, though the name is another one."""
        if self.former is None or self.texts()[0] == self.former.name:
            return []
        was = _ways_to(self.former)
        return [name for name, typed in self.ways().items() if typed and typed == was[name]]

    def validate_point(self, field: Any) -> None:
        """Refuse what is neither two numbers nor a link that has them."""
        point = read_point(field.data or "")
        if point == (0, 0):
            raise ValidationError(_NOWHERE)
        if point is None and is_link(field.data or ""):
            raise ValidationError(
                _("That link has no numbers in it. Press and hold the spot in the map app, then copy them.")
            )
        if point is None:
            raise ValidationError(_("Enter two numbers, for example 51.5101, -0.0860, or find it by name."))

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        if code == "half":
            left = format_list([_(str(_LEADING[one])) for one in self._left_alone()], locale=locale())
            return _(
                "Still the same as for the old meeting point: %(left)s. Please change it, or tick that "
                "it’s the same place.",
                left=left,
            )
        if code == "no_pin":
            return _(
                "The numbers are only right to within %(distance)s, so there won’t be a pin on a map. "
                "Please say here where to wait.",
                distance=within_words(self.precision_m() or 0),
            )
        if code == "nowhere":
            return str(_NOWHERE)
        if name in ("lat_e4", "lon_e4"):
            return _(
                "That isn’t a place on Earth. The first number has to be between -90 and 90, and the second "
                "between -180 and 180."
            )
        return super().words(name, code)

    def texts(self) -> tuple[str, str, str]:
        """The name of the place, its address and how to find it, as they are stored."""
        return tidy(self.point_name.data or ""), tidy(self.address.data or ""), tidy(self.directions.data or "")

    def ways(self) -> dict[str, object]:
        """What leads people to the place, by names of `_LEADING`."""
        _name, address, directions = self.texts()
        return {"address": address, "directions": directions, "point": self.point_e4()}

    def point_e4(self) -> tuple[int, int]:
        """Latitude and longitude in degrees times 10,000; 0, 0 for what is no point."""
        return read_point(self.point.data or "") or (0, 0)

    def precision_m(self) -> int | None:
        """How exact the point is. A point that the lead left alone is as exact as before."""
        text = self.point.data or ""
        return self.former.precision_m if self.former and text == self.point.object_data else read_precision(text)

    def point_is_coarse(self) -> bool:
        """Whether a pin there would lead people to a wrong spot."""
        return not precision.is_a_pin(self.precision_m())

    @cached_property
    def meant(self) -> Resolution | None:
        """What the typed text may mean. None without a gazetteer: all else that was typed must not be lost for it."""
        try:
            return lookup.resolve(self.typed, site().country)
        except GazetteerMissing as error:
            log.error("a place of a form is not looked up: %s", error)
            return None

    def door(self) -> Place | None:
        """The neighbourhood of a door, as a full postcode means it, if that is good for a pin."""
        if not any(map(postcode_shapes.is_full, postcode_shapes.british(fold(self.typed)))):
            return None
        place = self.meant.place if self.meant else None
        return place if place and precision.is_a_pin(place.precision_m) else None

    def point_is_name(self) -> bool:
        """Whether the name of a place was typed where the two numbers belong."""
        text = (self.point.data or "").strip()
        return bool(text) and not is_link(text) and read_point(text) is None


def _ways_to(point: MeetingPoint) -> dict[str, object]:
    landmark = point.landmark
    return {
        **{name: getattr(point, name) for name in ("address", "directions", "public_transport", "parking")},
        "point": (point.lat_e4, point.lon_e4),
        "landmark": landmark and (landmark.name, landmark.distance_m, landmark.direction),
        "translations": translations.from_documents([point.translations]),
    }


def is_search() -> bool:
    """Whether another button than "save" was pressed. Then the page comes back with everything as it was typed."""
    return "use" in request.form or "find" in request.form


def search_results(form: PlaceForm) -> dict[str, Any]:
    """For the template. `choices`: (the numbers, the name, how exact they are in metres) of each place that the typed
    name may mean. `was_sent`: whether the form was sent, so that the name was looked up. `corrected` and `dropped`:
    what was read instead of it, and what was left out. `door`: the name of the full postcode that was typed where its
    numbers stand now. `knows_names`: whether names can be looked up at all.
    """
    was_sent = request.method == "POST"
    meant = form.meant if was_sent and form.point_is_name() else Resolution()
    found = meant or Resolution()
    door = form.door() if was_sent and "use" not in request.form else None
    return {
        "choices": [(_point_of(place), place.label, place.precision_m) for place in found.every[:_OFFERED]],
        "was_sent": was_sent,
        "corrected": found.corrected,
        "dropped": found.dropped,
        "door": door.label if door else "",
        "knows_names": meant is not None,
    }


def _point_of(place: Place) -> str:
    return write_point(place.lat_e4, place.lon_e4, place.precision_m)
