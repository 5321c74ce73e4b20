"""Finding a place by its name in a form: a button of the same page, so that nothing typed is lost."""

from typing import Any

from flask import request

from node.places import gazetteer

from ..words.times import degrees
from .place import PlaceForm

_OFFERED = 6


def formdata() -> object:
    """What was sent; a place that was chosen takes the place of its name."""
    sent = request.form.copy()
    if sent.get("use"):
        sent["point"] = sent["use"]
    return sent


def is_asked() -> bool:
    """Whether a button other than "save" was pressed: then the page comes back with everything as it was typed."""
    return "use" in request.form or "find" in request.form


def found(form: PlaceForm) -> dict[str, Any]:
    """`choices`: (the two numbers, the name) of places that the typed name may mean; `looked`: whether we looked."""
    looked = request.method == "POST"
    every = gazetteer.find(form.point.data, _OFFERED) if looked and form.point_is_name() else []
    choices = [(f"{degrees(place.lat_e4)}, {degrees(place.lon_e4)}", place.label) for place in every]
    return {"choices": choices, "looked": looked}
