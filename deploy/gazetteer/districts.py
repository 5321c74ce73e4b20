"""Well-known parts of large cities that GeoNames' towns lack; and a few towns.

districts.csv was written by hand. `also` is further names, between bars. `region` is the city, or a town's county, then
what it lies in. `code` is the postcode that the middle of the district lies in, or the beginning of one: a test holds
the position against it. `population` is rough; it says which of two namesakes comes first.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("districts.csv")


class District(NamedTuple):
    """`country` ISO alpha-2; angles in degrees; `timezone` IANA."""

    id: int
    name: str
    also: list[str]
    region: str
    country: str
    lat: float
    lon: float
    code: str
    population: int
    timezone: str


def read() -> Iterator[District]:
    """Each once."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield District(
                id=int(row["id"]),
                name=row["name"],
                also=[name for name in row["also"].split("|") if name],
                region=row["region"],
                country=row["country"],
                lat=float(row["lat"]),
                lon=float(row["lon"]),
                code=row["code"],
                population=int(row["population"]),
                timezone=row["timezone"],
            )
