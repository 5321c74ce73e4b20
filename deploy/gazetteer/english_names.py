"""What people who speak English call a city that GeoNames has under another name, and what they write for short.

GeoNames' package does not say of which language a city's other names are, nor whether somebody still uses them.
english_names.csv was written by hand, of names that are common knowledge; no source was copied. A name that went out of
use is not in it: Madras is a town in Oregon, too.
"""

import csv
from pathlib import Path

TABLE = Path(__file__).with_name("english_names.csv")


def read() -> dict[tuple[str, str], str]:
    """By GeoNames' name and country (ISO alpha-2)."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["name"], row["country"]): row["english"] for row in csv.DictReader(file)}
