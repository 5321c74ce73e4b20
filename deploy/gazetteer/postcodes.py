"""The middle of every US ZIP code, and of the postcodes of Australia, Canada, Ireland and the islands.

The United States: zipcodes (MIT). postcodes.csv has the others, from GeoNames' postal codes (CC BY 4.0). Australia:
April 2024, of the places of each code the one that is nearest to all of them, and of a place that is also among
GeoNames' towns the town's position. The districts of Northern Ireland, Jersey, Guernsey and the Isle of Man: December
2025, the median of the positions of each; Belfast's seventeen by hand, for GeoNames has the middle of the city for
most of them. The routing keys of Ireland: December 2025. The first halves of Canadian postcodes: March 2022, the median
of the full postcodes of each.

Where GeoNames has but the middle of an island, in Jersey and most of Guernsey, the position is the town's. So it is for
C15, D16, V93 and V95, which GeoNames has far from their towns. P14 and G0B are left out: GeoNames has them in another
county and in another region. Great Britain's postcodes are in britain.py.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import zipcodes

OTHERS = Path(__file__).with_name("postcodes.csv")
#: Territories of the United States that are countries of their own in GeoNames.
_TERRITORIES = frozenset({"AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"})


class Centre(NamedTuple):
    """`code` as node.places.postcode_shapes writes it; `country` ISO alpha-2; degrees times 10,000."""

    country: str
    code: str
    lat_e4: int
    lon_e4: int


def centres() -> Iterator[Centre]:
    """Each code of a country once."""
    yield from _united_states()
    with OTHERS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield _centre(row["country"], row["code"], float(row["lat"]), float(row["lon"]))


def _centre(country: str, code: str, lat: float, lon: float) -> Centre:
    return Centre(country, code, round(lat * 10_000), round(lon * 10_000))


def _united_states() -> Iterator[Centre]:
    for one in zipcodes.list_all():  # type: ignore[no-untyped-call]
        lat, lon = float(one["lat"]), float(one["long"])
        is_known = bool(lat or lon)  # else it stands in the Gulf of Guinea
        if is_known and one["active"] and one["zip_code_type"] != "MILITARY":
            yield _centre(one["state"] if one["state"] in _TERRITORIES else "US", one["zip_code"], lat, lon)
