"""What a postcode looks like. Pure: which of them exist is in the gazetteer.

Few codes are those of two countries: W12 is in London and in Kildare, E1W, N1C and N1P are in London and in Canada.
"""

import re
from collections.abc import Iterator

#: Where a bare number can be no other code than one of those we know; elsewhere it may be one of that country's own.
NUMBERS_ARE_CLEAR = frozenset({"AU", "CA", "GB", "GG", "IE", "IM", "JE", "US"})

# A district, then perhaps the sector's digit and the two letters of a few doors. Greedy: "PE11" is Spalding's district.
_BRITISH = re.compile(r"([a-z]{1,2}[0-9][a-z0-9]?)(?: ?([0-9o])([a-z]{0,2}))?")
# A routing key, then perhaps the four characters of one door; the first half of a Canadian code, then the second.
_IRISH = re.compile(r"([a-z][0-9][0-9w])(?: ?[a-z0-9]{4})?")
_CANADIAN = re.compile(r"([a-z][0-9][a-z])(?: ?[0-9][a-z][0-9])?")
_ZIP = re.compile(r"([0-9]{5})(?: ?[0-9]{4})?")
_AUSTRALIAN = re.compile(r"([0-9]{4})")


def british(folded: str) -> list[str]:
    """What `folded` lies in, the narrowest first: "pe1 1xf" gives "PE1 1XF", its sector "PE1 1", its district "PE1"."""
    match = _BRITISH.fullmatch(folded)
    if match is None:
        return []
    district, digit, unit = (part or "" for part in match.groups())
    # People write the letter for the nought: "N1 OAA".
    sector = f"{district} {digit.replace('o', '0')}" if digit else ""
    full = f"{sector}{unit}" if len(unit) == 2 else ""
    return [code.upper() for code in (full, sector, district) if code]


def lettered(folded: str) -> list[str]:
    """The routing key of an Irish code, the first half of a Canadian one: "d02 x285" gives "D02"."""
    match = _IRISH.fullmatch(folded) or _CANADIAN.fullmatch(folded)
    return [match[1].upper()] if match else []


def numeric(folded: str) -> list[str]:
    """The ZIP code or the Australian postcode: "10001 1234" gives "10001"."""
    match = _ZIP.fullmatch(folded) or _AUSTRALIAN.fullmatch(folded)
    return [match[1]] if match else []


def is_sure(folded: str) -> bool:
    """Whether it is hardly anything but a postcode. Four digits may be an hour."""
    return bool(british(folded) or _ZIP.fullmatch(folded))


def splits(words: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """(what may be a postcode of one word or two, what stands beside it): "SE1 London" as well as "London SE1"."""
    yield words, []
    for count in (2, 1):
        yield words[:count], words[count:]
        yield words[-count:], words[:-count]


def is_full(code: str) -> bool:
    """Whether `code`, as `british` gives it, is that of a few doors."""
    return " " in code and code[-1].isalpha()


def precision_m(code: str) -> int:
    """About how far from its middle the doors of a sector, and of any wider code, may be."""
    return 1_000 if " " in code else 3_000
