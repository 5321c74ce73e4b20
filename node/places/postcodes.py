"""What a postcode looks like. Pure: which of them exist is in the gazetteer.

The shapes of the countries that we know do not overlap, so a code alone says its country.
"""

import re

#: Where a bare number can be no other code than one of those we know; elsewhere it may be one of that country's own.
NUMBERS_ARE_CLEAR = frozenset({"AU", "CA", "GB", "GG", "IE", "IM", "JE", "US"})

# A district, then perhaps the sector's digit and the two letters of a few doors. Greedy: "PE11" is Spalding's district.
_BRITISH = re.compile(r"([a-z]{1,2}[0-9][a-z0-9]?)(?: ?([0-9o])[a-z]{0,2})?")
_ZIP = re.compile(r"([0-9]{5})(?: ?[0-9]{4})?")
_AUSTRALIAN = re.compile(r"([0-9]{4})")


def british(folded: str) -> list[str]:
    """The sector and the district that `folded` lies in, the narrower first: "pe1 1xf" gives "PE1 1" and "PE1"."""
    match = _BRITISH.fullmatch(folded)
    if match is None:
        return []
    district = match[1].upper()
    # People write the letter for the nought: "N1 OAA".
    return [f"{district} {match[2].replace('o', '0')}", district] if match[2] else [district]


def numeric(folded: str) -> list[str]:
    """The ZIP code or the Australian postcode: "10001 1234" gives "10001"."""
    match = _ZIP.fullmatch(folded) or _AUSTRALIAN.fullmatch(folded)
    return [match[1]] if match else []
