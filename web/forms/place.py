"""A place that people can be sent to: its name, its address, how to find it, and where it is on the map."""

from collections.abc import Mapping
from typing import Any

from babel.lists import format_list
from flask import request
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import ValidationError

from federation.text import tidy
from node.places import gazetteer

from ..language import N_, _, locale
from ..words.times import degrees
from .base import KeptForm
from .point import is_link, read_point

#: What leads people somewhere, beside the name of the place.
_LEADING = {
    "address": N_("the address"),
    "directions": N_("the words how to find it"),
    "point": N_("the numbers on the map"),
}
#: Places that are offered for one name.
_OFFERED = 6
_NOWHERE = N_("0, 0 is a spot in the sea off Africa. Please give the numbers of the place.")


class PlaceForm(KeptForm):
    """Part of every form that says where."""

    NAMES: Mapping[str, str] = {"lat_e4": "point", "lon_e4": "point"}

    point_name = StringField(N_("Meeting point"))
    address = StringField(N_("Address"))
    directions = TextAreaField(N_("How to find it, in words"))
    point = StringField(N_("On the map"))
    same_place = BooleanField(N_("The same place, with a new name"))
    #: The place as it stood before this form, where it did: its fields as they compare.
    stood: Mapping[str, object] | None = None

    def checked(self) -> dict[str, str]:
        """Whether all of a place was changed with its name: people are led by the pin, the address and the words."""
        return {"same_place": "half"} if self._left() and not self.same_place.data else {}

    def _left(self) -> list[str]:
        """The fields that a place of another name still has of the former one."""
        stood, typed = self.stood or {}, _place_of(self)
        if not stood or typed["point_name"] == stood["point_name"]:
            return []
        return [name for name in _LEADING if typed[name] and typed[name] == stood[name]]

    def validate_point(self, field: Any) -> None:
        """Two numbers, or a link that has them; a name is looked up by the page."""
        point = read_point(field.data or "")
        if point == (0, 0):
            raise ValidationError(_NOWHERE)
        if point is None and is_link(field.data or ""):
            raise ValidationError(
                _("That link has no numbers in it. Press and hold the spot in the map app, then copy them.")
            )
        if point is None:
            raise ValidationError(_("Please give two numbers, such as 51.5101, -0.0860, or find it by name."))

    def words(self, name: str, code: str) -> str:
        """A point's range in degrees, as it is typed."""
        if code == "half":
            left = format_list([_(str(_LEADING[one])) for one in self._left()], locale=locale())
            return _(
                "Still as it was for the old meeting point: %(left)s. Please change it, or tick that it is the same "
                "place.",
                left=left,
            )
        if code == "nowhere":
            return str(_NOWHERE)
        if name in ("lat_e4", "lon_e4"):
            return _("That is not on the globe: the first number lies between -90 and 90, the second -180 and 180.")
        return super().words(name, code)

    def point_is_name(self) -> bool:
        """Whether the name of a place was typed where the two numbers belong."""
        text = (self.point.data or "").strip()
        return bool(text) and not is_link(text) and read_point(text) is None


def form_place(name: str, address: str, directions: str, lat_e4: int, lon_e4: int) -> dict[str, object]:
    """A place as PlaceForm compares it."""
    return {"point_name": name, "address": address, "directions": directions, "point": (lat_e4, lon_e4)}


def _place_of(form: PlaceForm) -> dict[str, object]:
    name, address, directions = (tidy(form[field].data or "") for field in ("point_name", "address", "directions"))
    return form_place(name, address, directions, *(read_point(form.point.data or "") or (0, 0)))


def sent_form() -> object:
    """What was sent. The numbers of a place that was chosen stand where its name was typed."""
    sent = request.form.copy()
    if sent.get("use"):
        sent["point"] = sent["use"]
    return sent


def is_search() -> bool:
    """Whether a button other than "save" was pressed: then the page comes back with everything as it was typed."""
    return "use" in request.form or "find" in request.form


def search_results(form: PlaceForm) -> dict[str, Any]:
    """For the template. `choices`: (the two numbers, the name) of each place that the typed name may mean.
    `was_sent`: whether the form was sent, so that the name was looked up.
    """
    was_sent = request.method == "POST"
    places = gazetteer.find(form.point.data, _OFFERED) if was_sent and form.point_is_name() else []
    choices = [(f"{degrees(place.lat_e4)}, {degrees(place.lon_e4)}", place.label) for place in places]
    return {"choices": choices, "was_sent": was_sent}
