"""A place that people can be sent to: its name, its address, how to find it, and where it is on the map."""

from collections.abc import Mapping
from typing import Any

from wtforms import StringField, TextAreaField
from wtforms.validators import ValidationError

from ..language import N_, _
from .kept import KeptForm
from .point import is_link, read_point


class PlaceForm(KeptForm):
    """Part of every form that says where."""

    NAMES: Mapping[str, str] = {"lat_e4": "point", "lon_e4": "point"}

    point_name = StringField(N_("Meeting point"))
    address = StringField(N_("Address"))
    directions = TextAreaField(N_("How to find it, in words"))
    point = StringField(N_("On the map"))

    def validate_point(self, field: Any) -> None:
        """Two numbers, or a link that has them; a name is looked up by the page."""
        point = read_point(field.data or "")
        if point == (0, 0):
            raise ValidationError(_("0, 0 is a spot in the sea off Africa. Please give the numbers of the place."))
        if point is None and is_link(field.data or ""):
            raise ValidationError(
                _("That link has no numbers in it. Press and hold the spot in the map app, then copy them.")
            )
        if point is None:
            raise ValidationError(_("Please give two numbers, such as 51.5101, -0.0860, or find it by name."))

    def words(self, name: str, code: str) -> str:
        """A point's range in degrees, as it is typed."""
        if name in ("lat_e4", "lon_e4"):
            return _("That is not on the globe: the first number lies between -90 and 90, the second -180 and 180.")
        return super().words(name, code)

    def point_is_name(self) -> bool:
        """Whether the name of a place was typed where the two numbers belong."""
        text = (self.point.data or "").strip()
        return bool(text) and not is_link(text) and read_point(text) is None
