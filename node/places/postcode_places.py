"""Postcodes of the gazetteer: the places that one means."""

import sqlite3
from dataclasses import replace

from . import full_postcodes, postcode_shapes
from .gazetteer import Candidate, Place

_BY_CODE = """
SELECT 0, name, region, country, country_name, lat_e4, lon_e4, timezone, 0, 0, words FROM coded WHERE code = ?
ORDER BY country != ?, country != 'GB'
"""


def find(connection: sqlite3.Connection, code: str, home: str = "") -> list[Candidate]:
    """The places of a code as node.places.postcode_shapes gives it. A code of two countries has two, that of `home`
    first."""
    if postcode_shapes.is_full(code):
        return _of_full_code(connection, code[:-2], code[-2:])
    spread = postcode_shapes.precision_m(code)
    rows = connection.execute(_BY_CODE, (code, home)).fetchall()
    return [Candidate(replace(Place(*row[:10]), spread_m=spread), row[10]) for row in rows]


def _of_full_code(connection: sqlite3.Connection, sector: str, unit: str) -> list[Candidate]:
    """Under the name of its sector: where exactly somebody lives is in no page, link or log."""
    point = full_postcodes.find(connection, sector, unit)
    if point is None:
        return []
    lat, lon, spread = point
    found = find(connection, sector, "GB")
    return [replace(one, place=replace(one.place, lat_e4=lat, lon_e4=lon, spread_m=spread)) for one in found]
