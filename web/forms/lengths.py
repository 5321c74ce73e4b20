"""Lengths of runs, as people write them."""

import re

from wtforms import StringField

from ..language import N_
from ..words.times import METRES_PER_MILE, reads_miles

#: What to do at a field for a length that could not be read.
GIVE_LENGTH = N_("Enter a distance, for example 5 km or 3 miles.")
_WRITTEN = re.compile(
    r"(?P<number>[0-9]{1,4}(?:[.,][0-9]{1,3})?) ?(?:(?P<km>k|kms?|kilomet(?:re|er)s?)|(?P<miles>mi|miles?))?",
    re.IGNORECASE,
)
#: A length that is whole in this unit is written in km.
_STEP = 100


def read_length(text: str) -> int | None:
    """The metres of "5 km", "5k", "3 miles" or "5", which is in the reader's unit; None for anything else."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return None
    number = float(match["number"].replace(",", "."))
    return round(number * (METRES_PER_MILE if match["miles"] or (reads_miles() and not match["km"]) else 1000))


def write_length(metres: int) -> str:
    """ "5 km"; "3 miles" where that is what somebody wrote."""
    miles = round(metres / METRES_PER_MILE, 1)
    if metres % _STEP and round(miles * METRES_PER_MILE) == metres:
        return f"{miles:g} miles" if miles != 1 else "1 mile"
    return f"{metres / 1000:g} km"


class LengthField(StringField):  # type: ignore[misc]  # WTForms has no types
    """A length in metres, written in km or miles."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was written."""
        written = valuelist[0].strip() if valuelist else ""
        self.data = read_length(written)
        if written and self.data is None:
            raise ValueError(GIVE_LENGTH)

    def _value(self) -> str:
        """What was written; of a kept length, how people write it."""
        return " ".join(self.raw_data) if self.raw_data else "" if self.data is None else write_length(self.data)
