"""Lengths as people write them: of runs, and of short ways. Each is kept in metres."""

import re
from collections.abc import Callable

from wtforms import StringField

from node.chapter import runs

from ..language import N_, _
from ..words.times import FEET_PER_METRE, METRES_PER_MILE, reads_miles, short_way, way_words

#: What to do at a field for the length of a run that could not be read.
GIVE_LENGTH = N_("Enter a distance, for example 5 km or 3 miles.")
#: How people write each unit, and how many metres it has.
_UNITS = {
    "km": (r"k|kms?|kilomet(?:re|er)s?", 1000.0),
    "miles": (r"mi|miles?", METRES_PER_MILE),
    "m": (r"m|met(?:re|er)s?", 1.0),
    "feet": (r"ft|foot|feet", 1 / FEET_PER_METRE),
    "yards": (r"yds?|yards?", 3 / FEET_PER_METRE),
}
#: The units of a kind of length. A number on its own is in the first one; where the reader counts miles, in the second.
#: The length of a run is not in metres: of "5 m" nobody knows what it means.
_OF_RUNS: tuple[str, ...] = ("km", "miles")
_OF_WAYS: tuple[str, ...] = ("m", "feet", "yards", "km", "miles")
_NUMBER = r"(?P<number>[0-9]{1,6}(?:[.,][0-9]{1,3})?)"
#: The comma of "1,200 m". "42,195 km" is a marathon.
_THOUSANDS, _SMALL = re.compile(r"(?<=[0-9]),(?=[0-9]{3}$)"), frozenset({"m", "feet", "yards"})
#: A length that is whole in this unit is written in km.
_STEP = 100


def read_length(text: str) -> int | None:
    """The metres of a run: "5 km", "5k", "3 miles", or "5", which is in the reader's unit; None for anything else."""
    return _read(text, _OF_RUNS)


def read_way(text: str) -> int | None:
    """The metres of a short way: "240 m", "800 ft", or "240", which is in the reader's unit; None for anything else."""
    return _read(text, _OF_WAYS)


def _read(text: str, units: tuple[str, ...]) -> int | None:
    named = "|".join(f"(?P<{one}>{_UNITS[one][0]})" for one in units)
    match = re.fullmatch(rf"{_NUMBER}\s*(?:{named})?", text.strip(), re.IGNORECASE)
    if match is None:
        return None
    unit = next((one for one in units if match[one]), units[1] if reads_miles() else units[0])
    number = _THOUSANDS.sub("", match["number"]) if unit in _SMALL else match["number"]
    return round(float(number.replace(",", ".")) * _UNITS[unit][1])


def write_length(metres: int) -> str:
    """ "5 km"; "3 miles" where that is what somebody wrote, or the reader counts miles."""
    miles = round(metres / METRES_PER_MILE, 1)
    if reads_miles() or (metres % _STEP and round(miles * METRES_PER_MILE) == metres):
        return _with_unit(miles, "miles")
    return f"{metres / 1000:g} km"


def write_way(metres: int) -> str:
    """ "240 m", "790 feet", "0.3 miles", as pages say it."""
    return _with_unit(*short_way(metres))


def _with_unit(amount: float, unit: str) -> str:
    return f"{amount:g} {unit}" if (amount, unit) != (1, "miles") else "1 mile"


def give_way() -> str:
    """What to do at a field for a short way that could not be read, or is none."""
    most = runs.RANGES["landmark_distance_m"][1]
    return _("Enter a distance up to %(most)s, for example %(way)s.", most=way_words(most), way=way_words(240))


class LengthField(StringField):  # type: ignore[misc]  # WTForms has no types
    """The length of a run in metres, written in km or miles."""

    read: Callable[[str], int | None] = staticmethod(read_length)
    write: Callable[[int], str] = staticmethod(write_length)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was written. What the page showed and nobody touched is as exact as it was."""
        written, kept = valuelist[0].strip() if valuelist else "", self.object_data
        self.data = kept if kept is not None and written == self.write(kept) else self.read(written)
        if written and self.data is None:
            raise ValueError(self.give())

    def give(self) -> object:
        """What to do where nothing could be read."""
        return GIVE_LENGTH

    def _value(self) -> str:
        """What was written; of a kept length, how people write it."""
        return " ".join(self.raw_data) if self.raw_data else "" if self.data is None else self.write(self.data)


class WayField(LengthField):
    """A short way in metres, written in metres, feet or yards."""

    read = staticmethod(read_way)
    write = staticmethod(write_way)

    def give(self) -> object:
        """What to do where nothing could be read."""
        return give_way()
