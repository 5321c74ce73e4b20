"""Which countries there are, and what people call them."""

from importlib import resources

#: The two letters of every country (ISO 3166-1), as the tzdata package lists them: the United Kingdom is GB. Babel's
#: territories would cost 4 MB here and have codes of no country ("EU", "XK").
COUNTRIES = frozenset(
    line[:2]
    for line in resources.files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)

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
