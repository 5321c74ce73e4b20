"""Telephone numbers, e-mail and web addresses in what people type (PROTOCOL.md §7.3).

A telephone number is known by how it is written, in every country. The `phonenumbers` library would not do: it knows
the numbering plan of one country at a time, and misses numbers that no exchange has given out yet. Times, dates, bus
lines, distances, house numbers, postcodes, prices and years are not telephone numbers.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

Kind = Literal["phone", "email", "link"]
Span = tuple[int, int]

#: The most contacts of one kind that are found. More of them tell a lead nothing new.
_MOST = 20


@dataclass(frozen=True)
class Contact:
    """A way to reach somebody. `words`: the contact as it was typed."""

    kind: Kind
    words: str


def find_contacts(text: str) -> list[Contact]:
    """Every contact in `text`, in the order of the text."""
    rest = _plain(text)
    found: list[tuple[int, Contact]] = []
    for kind, spans_of in _KINDS:
        for start, end in _apart(spans_of(rest)):
            found.append((start, Contact(kind, text[start:end].strip())))
            rest = rest[:start] + "\n" * (end - start) + rest[end:]
    return [contact for _, contact in sorted(found, key=lambda pair: pair[0])]


def _apart(spans: Iterable[Span]) -> list[Span]:
    """`spans` in order, with overlapping spans joined into one. At most _MOST of them."""
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart[:_MOST]


def _plain(text: str) -> str:
    """`text` with digits, dashes, dots and spaces of every script in ASCII. It is as long as `text`: spans fit both."""
    return "".join(_plain_letter(letter) for letter in text)


@lru_cache(maxsize=4096)
def _plain_letter(letter: str) -> str:
    if letter == "\n" or " " <= letter <= "~":
        return letter
    digit = unicodedata.digit(letter, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(letter) == "Pd" or letter in "\u2212\u00ad\u2010\u2043\u30fc":
        return "-"
    if letter in "\u00b7\u2022\u2219\u22c5\u2024\u3002\uff61\u30fb":
        return "."
    folded = unicodedata.normalize("NFKC", letter)
    if len(folded) == 1 and folded.isascii():
        return folded
    return " " if letter.isspace() or unicodedata.category(letter) in ("Cf", "Mn", "Me") else letter


# --- addresses of mail and web ---------------------------------------------------------------------------------------

_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|\.)\s?[\])}]\s?|\s+dot\s+)"
#: Ends of host names. As a rule they are no words that follow a full stop without a space.
_ENDS = (
    "com|org|net|info|biz|edu|gov|mil|int|io|co|uk|ie|eu|au|nz|ca|us|de|fr|es|pt|nl|ch|se|dk|fi|pl|cz|gr|ro|hu|za|jp|cn|"
    "kr|br|mx|ar|cl|gg|je|im|tv|fm|ee|lv|lt|xyz|app|dev|club|online|website|blog|shop|wales|scot|cymru|london|social"
)
#: Any end of a host name. It may be a word, so it counts only beside another sign of an address.
_ANY_END = r"[a-z]{2,24}"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}{_DOT}){{1,6}}"
_EMAIL = re.compile(r"[^\s@,;:()\[\]]+@(?:(?!\d)[^\s@,;()]+|[\w-]+\.[a-z][^\s@,;()]*)", re.IGNORECASE)
_SPELLED_EMAIL = re.compile(
    rf"[\w.+-]{{1,64}}(?:\s?[\[({{]\s?(?:at|@)\s?[\])}}]\s?|\s+at\s+|\s@\s?|@\s)"
    rf"{_HOST}(?:{_ENDS}|{_ANY_END}(?=[\])}}]|$))(?![\w-])",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?|ftp)[:;]\s?/?/?\s?\S+|www\s?\.\s?\S+", re.IGNORECASE)
#: A host and what follows it, without http or www before it. A number with dots is no host.
_BARE_LINK = re.compile(
    rf"(?<![\w@.-])(?!\d+(?:\.\d+)*[a-z]?\b(?!\.[a-z]))"
    rf"{_HOST}(?:(?:{_ENDS})(?![\w-])(?!\.\w)(?:[/?#:]\S*)?|{_ANY_END}/[\w?#@+~-]\S*)",
    re.IGNORECASE,
)
#: A sentence that begins after a full stop without a space: "come early.London is lovely".
_SENTENCE = re.compile(r"\.[A-Z][a-z]+$")
_MISSING_SPACE = ("london", "wales", "social", "club", "online", "website", "blog", "shop", "app")


def _emails(text: str) -> list[Span]:
    return [_span(match) for pattern in (_EMAIL, _SPELLED_EMAIL) for match in pattern.finditer(text)]


def _links(text: str) -> list[Span]:
    bare = [match for match in _BARE_LINK.finditer(text) if not _is_sentence(match[0])]
    return [_span(match) for match in (*_LINK.finditer(text), *bare)]


def _is_sentence(words: str) -> bool:
    return bool(_SENTENCE.search(words)) and words.rpartition(".")[2].casefold() in _MISSING_SPACE


def _span(match: re.Match[str]) -> Span:
    """The span of a match, without the punctuation that ends a sentence."""
    return match.start(), match.start() + len(match[0].rstrip(".,;:!?)]}'\" \n"))


# --- telephone numbers -----------------------------------------------------------------------------------------------

#: The fewest and the most digits of a telephone number (ITU-T E.164, with 00 before it).
_FEWEST, _MOST_DIGITS = 7, 17
_CURRENCY = "£$€¥₹"
_BETWEEN = r"(?:[ \t]{0,2}[-./()\[\]\\|_~*':;=][ \t]{0,2}[-./()\[\]\\|_~*]?[ \t]{0,2}|[ \t]{1,4}|,)"
#: A row of digits. Signs and spaces may cut it into groups.
_ROW = re.compile(rf"(?:\+|[(\[]\+?|(?<!\d))\d(?:{_BETWEEN}?\d){{6,40}}")
_GROUP = re.compile(r"\d+")
#: Words and signs right before a telephone number.
_HINT = re.compile(
    r"(?:\b(?:tel|phone|telephone|mob|mobile|cell|call|ring|text|txt|sms|whatsapp|signal|fax|contact|dial|number|nr)\b"
    r"|[\u260e\u260f\u2706\U0001f4de\U0001f4f1\U0001f4f2])[^\d\n]{0,25}$",
    re.IGNORECASE,
)
#: Words right before the number of a bus or a train.
_LINES = re.compile(
    r"\b(?:bus|buses|coach|coaches|tram|trams|train|trains|line|lines|route|routes|services?|nos?)\b[^\d\n]{0,20}$",
    re.IGNORECASE,
)
#: Numbers of other kinds. Each is blotted out, or it would run into a row of digits.
_OTHERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Latitude and longitude, as maps copy them.
        r"(?<![\d.])-?\d{1,2}\.\d{3,18}\s?[,; ]\s?-?\d{1,3}\.\d{3,18}(?![\d.])",
        # A reference to the national grid.
        r"\b[HNOST][A-HJ-Z] ?(?:\d{3} ?\d{3}|\d{4} ?\d{4}|\d{5} ?\d{5})(?!\d)",
        # 18:30, 18.30, 6.30pm, 18h30.
        r"(?<!\d)(?<!\d[.:])(?:[01]?\d|2[0-4])[.:h][0-5]\d(?![.:]?\d)",
        # 5.5 and 12,75. No telephone number begins like this.
        r"(?<!\d)(?<!\d[.,])(?:0|[1-9]\d{0,2})[.,]\d{1,2}(?![.,]?\d)",
        # ZIP+4.
        r"\b[A-Z]{2} \d{5}-\d{4}(?!-?\d)",
    )
)
_PRICE = re.compile(rf"[{_CURRENCY}]\s?\d[\d,]*(?:\.\d\d)?(?![\d])")
_DATE = re.compile(r"(?<!\d)(?<!\d[-./])(\d{1,4})( ?[-./ ] ?)(\d{1,2})\2(\d{1,4})(?![-./]?\d)")
_COMPACT_DATE = re.compile(r"(?<![\d+])(20\d\d)()(\d\d)(\d\d)(?!\d)")
#: Units of length right after a number.
_UNIT = re.compile(r"\s?(?:m|km|mi|metres|meters|miles|steps|laps|ft|yards)\b", re.IGNORECASE)
#: Codes of Australia and New Zealand. Without a plus, their numbers look like a list of small numbers.
_ABROAD = ("61", "64")
_FIRST_YEAR, _LAST_YEAR = 1900, 2099


def _phones(text: str) -> list[Span]:
    rest = _without_others(text)
    rows = [match for match in _ROW.finditer(rest) if _is_phone(match, rest)]
    return [_span(match) for match in rows]


def _without_others(text: str) -> str:
    for pattern in (*_OTHERS, _PRICE):
        text = pattern.sub(_blot, text)
    for pattern in (_DATE, _COMPACT_DATE):
        text = pattern.sub(lambda match: _blot(match) if _is_date(match) else match[0], text)
    return text


def _blot(match: re.Match[str]) -> str:
    return "x" * len(match[0])


def _is_date(match: re.Match[str]) -> bool:
    """Whether three numbers are a date, in any order. The year has two digits or four."""
    first, between, middle, last = match.groups()
    if between.isspace() and max(len(first), len(last)) < 4:
        return False  # "06 12 34 56 78" is a telephone number in France
    parts = [int(first), int(middle), int(last)]
    orders = [(parts[0], parts[1], parts[2]), (parts[2], parts[1], parts[0]), (parts[2], parts[0], parts[1])]
    return any(_is_day(*order) for order in orders)


def _is_day(year: int, month: int, day: int) -> bool:
    year += 2000 if year < 100 else 0
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _is_phone(match: re.Match[str], text: str) -> bool:
    """Whether a row of digits is a telephone number."""
    row, before = match[0], text[max(0, match.start() - 40) : match.start()]
    groups = _GROUP.findall(row)
    digits = "".join(groups)
    if not _FEWEST <= len(digits) <= _MOST_DIGITS:
        return len(digits) > _MOST_DIGITS and max(map(len, groups)) >= _FEWEST
    is_hinted = bool(_HINT.search(before))
    if is_hinted or row.lstrip("(").startswith(("+", "00")):
        return True
    if max(map(len, groups)) <= 4 and digits[0] != "0" and (_LINES.search(before) or _UNIT.match(text, match.end())):
        return False
    return _is_grouped_as_phone(groups, digits, row)


def _is_grouped_as_phone(groups: list[str], digits: str, row: str) -> bool:
    sizes = [len(group) for group in groups]
    if max(sizes) >= 6:
        return True
    if digits[0] == "0" and len(digits) in range(9, 13):
        return True
    if _are_years(groups) or _are_hours(groups):
        return False
    # Such as 212 555 0123, 1 800 555 0199, 20 7946 0123, 7946 0123, 555-0123 and 1300 975 707.
    shapes = ([3, 3, 4], [1, 3, 3, 4], [2, 4, 4], [3, 4, 4], [1, 4, 4], [4, 4], [4, 3, 3], [2, 3, 4], [3, 3, 3, 4])
    if sizes in ([3, 4], [3, 5], [5, 5], [4, 5], [5, 4], [5, 3, 3], [4, 3, 4]):
        return "-" in row or "." in row or sizes != [3, 4]
    if sizes == [2, 3, 3, 3]:
        return groups[0] in _ABROAD
    return sizes in shapes or (set(sizes) == {1} and len(digits) >= 9)


def _are_years(groups: list[str]) -> bool:
    return all(len(group) == 4 and _FIRST_YEAR <= int(group) <= _LAST_YEAR for group in groups)


def _are_hours(groups: list[str]) -> bool:
    """Whether all groups are hours, such as 1830-1930."""
    return all(len(group) == 4 and int(group[:2]) <= 24 and int(group[2:]) < 60 for group in groups)


#: Addresses are looked for first, since the digits in an address are no telephone number.
_KINDS: tuple[tuple[Kind, Callable[[str], list[Span]]], ...] = (
    ("email", _emails),
    ("link", _links),
    ("phone", _phones),
)
