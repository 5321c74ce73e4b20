"""What a map says of its pins, and where their links lead."""

from urllib.parse import urlencode

from flask import g, request, url_for

from federation.documents import MeetingPoint

from ..context import now
from ..language import _, ngettext
from ..maps.drawing import Mark
from ..maps.sketch import Sketch, sketch
from ..maps.view import View
from ..site import site, this_page
from .states import may_take_place, signs_of
from .texts import isolated
from .times import clock_time, day_words, way_words


def mark_words(mark: Mark) -> str:
    """A pin in words, for whoever hears the page: the name, the place and the next date of a run, or how many runs."""
    if mark.found is None:
        runs = ngettext("%(num)s run", "%(num)s runs", mark.runs)
        if mark.near:
            runs = _("%(runs)s near %(place)s", runs=runs, place=isolated(mark.near))
        return _("%(runs)s: a closer view", runs=runs) if mark.closer else _("%(runs)s: a list", runs=runs)
    one = mark.found.occurrence
    words = _(
        "%(run)s, %(point)s, %(place)s: %(day)s, %(time)s",
        run=isolated(one.listing.name),
        point=isolated(one.meeting_point.name),
        place=isolated(one.place),
        day=day_words(one.starts, now()),
        time=clock_time(one.starts),
    )
    return words if may_take_place(one) else f"{words}. {signs_of(one)[0].words}"


def mark_is_off(mark: Mark) -> bool:
    """Whether nobody should go there on the date that the pin leads to."""
    return mark.found is not None and not may_take_place(mark.found.occurrence)


def mark_address(mark: Mark, view: View) -> str:
    """Where a cluster leads: to a closer view, or to the list of the runs at its point. `view`: of its map."""
    if mark.closer is not None:
        return view_address(mark.closer)
    lat, lon = view.point_at(mark.x, mark.y)
    return url_for("listings.find", near=f"{lat:.4f}, {lon:.4f}", within="1", unit=site().unit, _anchor="found")


def view_address(view: View | None) -> str:
    """The same page with another view of its map; without one, with the view that fits everything."""
    if "page_of_map" not in g:
        others = urlencode([(name, text) for name, text in request.args.items(multi=True) if name != "map"])
        g.page_of_map = f"{this_page()}?{others}" if others else this_page()
    page: str = g.page_of_map
    asked = f"{'&' if '?' in page else '?'}map={view.address}" if view else ""
    return f"{page}{asked}#map"


def has_other_view() -> bool:
    """Whether the reader has left the view that fits everything."""
    return "map" in request.args


def sketch_of(point: MeetingPoint) -> Sketch | None:
    """The way to a meeting point from what it is near; None where the chapter says nothing of that."""
    return sketch(point, way_words(point.landmark.distance_m)) if point.landmark else None
