"""A place that people can be sent to: its name, its address, how to find it, and where it is on the map."""

import re
from collections.abc import Mapping
from typing import Any

from wtforms import StringField, TextAreaField
from wtforms.validators import ValidationError

from ..language import N_, _
from .kept import KeptForm

_POINT = re.compile(r"\s*([+-]?\d{1,2}(?:\.\d{1,10})?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d{1,10})?)\s*")


class PlaceForm(KeptForm):
    """Part of every form that says where."""

    NAMES: Mapping[str, str] = {"lat_e4": "point", "lon_e4": "point"}

    point_name = StringField(N_("Meeting point"))
    address = StringField(N_("Address"))
    directions = TextAreaField(N_("How to find it, in words"))
    point = StringField(N_("On the map"))

    def validate_point(self, field: Any) -> None:
        """Two numbers; a name is looked up by the page."""
        if read_point(field.data or "") is None:
            raise ValidationError(_("Please give two numbers, such as 51.5101, -0.0860, or find it by name."))

    def words(self, name: str, code: str) -> str:
        """A point's range in degrees, as it is typed."""
        if name in ("lat_e4", "lon_e4"):
            return _("That is not on the globe: the first number lies between -90 and 90, the second -180 and 180.")
        return super().words(name, code)

    def point_is_name(self) -> bool:
        """Whether the name of a place was typed where the two numbers belong."""
        text = (self.point.data or "").strip()
        return bool(text) and read_point(text) is None


def read_point(text: str) -> tuple[int, int] | None:
    """(lat, lon) in degrees times 10,000 of "51.5101, -0.0860", or None."""
    match = _POINT.fullmatch(text)
    if match is None:
        return None
    return round(float(match[1]) * 10_000), round(float(match[2]) * 10_000)
