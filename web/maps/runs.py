"""The maps of pages: the runs of a search, or all runs of the directory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import request

from node.search import spots
from node.search.query import Found, Query, TimedQuery
from node.search.spots import Box, Spot

from ..context import now, session
from ..http import page_cache
from .clusters import Cluster, clusters
from .drawing import APART, MOST_MARKS, Here, Map, draw
from .view import Point, View, fit, read


@dataclass(frozen=True)
class Near:
    """All runs that may have a date that a query asks for."""

    timed: TimedQuery

    def clusters(self, view: View) -> list[Cluster]:
        """By the index. Far away it tells of many thousands, so the clusters are kept for other readers."""
        return page_cache.once(("map", self._asked, view), lambda: _together(self._spots(view), view))

    def dates(self, rows: Sequence[int]) -> Mapping[int, Found]:
        """From the documents."""
        return spots.next_dates(session(), rows, self.timed)

    def fitting(self) -> View | None:
        """The view that shows all of them; None where there are none."""
        return page_cache.once(("fit", self._asked), self._fitting)

    @property
    def _asked(self) -> Query:
        return replace(self.timed.query, lat_e4=None, lon_e4=None, radius_m=None, country="", after="")

    def _spots(self, view: View) -> Iterator[Spot]:
        return spots.inside(session(), self.timed, view.box(), by_cell=view.counts_cells)

    def _fitting(self) -> View | None:
        every = spots.inside(session(), self.timed, Box(), by_cell=True)
        return fit((lat / 10_000, lon / 10_000) for lat, lon, _, _ in every)


@dataclass(frozen=True)
class These:
    """Runs that were found already."""

    found: Sequence[Found]

    def clusters(self, view: View) -> list[Cluster]:
        """Each run once, by its first date."""
        once = {(one.occurrence.chapter, one.occurrence.listing.id): n for n, one in reversed([*enumerate(self.found)])}
        points = ((self.found[number].occurrence.meeting_point, number) for number in once.values())
        return _together([(point.lat_e4, point.lon_e4, 1, number) for point, number in points], view)

    def dates(self, rows: Sequence[int]) -> Mapping[int, Found]:
        """As they were found."""
        return {number: self.found[number] for number in rows}


def _together(every: Iterable[Spot], view: View) -> list[Cluster]:
    return clusters(view.placed(every), APART, MOST_MARKS)


def of_search(
    query: Query, found: Sequence[Found], here: Here | None = None, around: Sequence[Point] = ()
) -> Map | None:
    """The map beside the results of a search, of which `found` are on the page; it has room for the points `around`,
    too. A search anywhere has all its runs. None where it would show nothing.

    By words, by states and by some filters the index tells no runs apart: then the map has those that are on the page.
    """
    timed = TimedQuery(query, now())
    by_dates = query.states or query.only_on or query.is_evening
    by_documents = timed.has_words or by_dates or not query.filters.are_in_index
    runs = These(found) if by_documents else Near(timed)
    view = asked_for()
    if view is None and isinstance(runs, Near) and query.point is None and not query.country:
        view = runs.fitting()
    elif view is None:
        view = fit([*map(_point, found), *around])
    return draw(runs, view, here) if view else None


def of_all() -> Map | None:
    """The map of all runs of the coming two weeks. None where there are none."""
    return of_search(Query(), [])


def asked_for() -> View | None:
    """The view that the address of the page asks for."""
    return read(request.args.get("map", ""))


def _point(one: Found) -> Point:
    point = one.occurrence.meeting_point
    return point.lat_e4 / 10_000, point.lon_e4 / 10_000
