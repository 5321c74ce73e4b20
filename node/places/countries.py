"""Which countries there are, and what people call them."""

from functools import lru_cache
from importlib import resources


def _lines(name: str) -> list[list[str]]:
    text = resources.files("tzdata.zoneinfo").joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


#: The two letters of every country (ISO 3166-1), as the tzdata package lists them: the United Kingdom is GB. Babel's
#: territories would cost 4 MB here and have codes of no country ("EU", "XK").
COUNTRIES = frozenset(line[0] for line in _lines("iso3166.tab"))

#: What people call a country, beside its name and its two letters: whole words, as places.names writes them.
CALLED: dict[str, str] = {
    **dict.fromkeys(
        ("uk", "gb", "u k", "great britain", "britain", "england", "scotland", "wales", "northern ireland"), "GB"
    ),
    **dict.fromkeys(("us", "usa", "u s a", "u s", "america", "united states of america", "the states"), "US"),
    **dict.fromkeys(("republic of ireland", "eire"), "IE"),
    **dict.fromkeys(("holland", "the netherlands"), "NL"),
    "aotearoa": "NZ",
    "oz": "AU",
    "czech republic": "CZ",
    "emirates": "AE",
}


@lru_cache(maxsize=16)
def zones_of(country: str) -> tuple[str, ...]:
    """The time zones of a country, by their IANA names."""
    return tuple(name for code, _point, name, *_note in _lines("zone.tab") if code == country)
