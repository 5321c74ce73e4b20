"""Names that are almost the typed one: keys that a slip of the finger leaves whole, and how far apart two names are.

A name is cut into three parts, and each part is a key with its place in the name (Li, Deng, Wang and Feng, "Pass-Join",
VLDB 2011): two slips spoil two parts at most, so the third part finds the name. A short name has two parts for one
slip. One more key is the sound: "Lester" and "Leicester" share it, though three letters differ. Pure.
"""

import re
from collections.abc import Iterator
from operator import itemgetter

#: Shorter names have too many neighbours.
SHORTEST, LONGEST = 4, 30
#: From so many letters on a name may have two slips in it.
_TWO_SLIPS_FROM = 7
#: In a shorter name a third would be two letters, which too many names have; its halves find most double slips, too.
_THREE_PARTS_FROM = 9
#: A sound has no smaller key: too many names share it.
_SHORTEST_SOUND = 3

#: What a name weighs less for each slip in it, as a decimal logarithm of people; less so if it sounds like the typed
#: one, more if its first letter differs.
_COSTS = (0.0, 2.0, 3.3, 3.8)
_SAME_SOUND, _FIRST_LETTER = 0.5, 0.8
_SOUNDS = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        ("ph", "f"),
        ("[ckg]h", ""),
        ("(?<=.)[wh]", ""),
        ("sc(?=[eiy])|c(?=[eiy])|z", "s"),
        ("[cq]", "k"),
        ("x", "ks"),
        ("v", "f"),
        ("j|dg(?=e)", "g"),
    )
)
#: So many corrections of one name are enough.
_MOST_NAMES = 40
_VOWELS = re.compile("(?<=.)[aeiouy]")
_REPEATED = re.compile(r"(.)\1+")


def slips_allowed(squashed: str) -> int:
    """How many slips a name of that length may have in it."""
    if not SHORTEST - 1 <= len(squashed) <= LONGEST:
        return 0
    return 2 if len(squashed) >= _TWO_SLIPS_FROM else 1


def may_be_corrected(squashed: str) -> bool:
    """Whether the index has that name: of Latin letters, and long enough to tell from its neighbours."""
    return squashed.isascii() and not squashed.isdigit() and SHORTEST <= len(squashed) <= LONGEST


def sound(squashed: str) -> str:
    """The consonants as they are heard: "leicester" and "lester" are "lstr"."""
    for pattern, written in _SOUNDS:
        squashed = pattern.sub(written, squashed)
    return _REPEATED.sub(r"\1", _VOWELS.sub("", squashed))


def keys_of_name(squashed: str) -> Iterator[str]:
    """The keys under which the index has a name."""
    for number, begin, end in _cuts(len(squashed)):
        yield _key(len(squashed), number, squashed[begin:end])
    yield from sound_keys(squashed)


def keys_of_typed(squashed: str, slips: int) -> set[str]:
    """The keys of the names that are so many slips away: of all at one slip, and of the longer ones at two.

    Where both slips spoil the outer parts, the middle one is at most a letter off.
    """
    keys = set[str]()
    for length in range(max(SHORTEST, len(squashed) - slips), len(squashed) + slips + 1):
        longer = len(squashed) - length
        (first, *middle, last) = _cuts(length)
        keys.update(_key(length, 0, part) for part in _head(squashed, first[2]))
        keys.update(_key(length, last[0], part) for part in _tail(squashed, last[1] + longer))
        for number, begin, end in middle if slips > 1 else ():
            shifts = range(max(-1, longer - 1), min(1, longer + 1) + 1)
            keys.update(_key(length, number, squashed[begin + shift : end + shift]) for shift in shifts)
    return keys


def sound_keys(squashed: str) -> list[str]:
    """The key of names that sound like it, or none where too many would."""
    heard = sound(squashed)
    return ["~" + heard] if len(heard) >= _SHORTEST_SOUND else []


def _parts_of(length: int) -> int:
    return 3 if length >= _THREE_PARTS_FROM else 2


def _cuts(length: int) -> Iterator[tuple[int, int, int]]:
    """(number, begin, end) of each part: the last parts are the longer ones."""
    parts = _parts_of(length)
    for number in range(parts):
        yield number, number * length // parts, (number + 1) * length // parts


def _head(typed: str, end: int) -> Iterator[str]:
    """The first letters; and what they would be without the second one, or with the last one swapped with the next."""
    yield typed[:end]
    yield typed[0] + typed[2 : end + 1]
    if end < len(typed):
        yield typed[: end - 1] + typed[end]


def _tail(typed: str, begin: int) -> Iterator[str]:
    """The last letters; and what they would be without the last but one, or with the first one swapped with the one
    before.
    """
    yield typed[begin:]
    yield typed[begin - 1 : -2] + typed[-1]
    yield typed[begin - 1] + typed[begin + 1 :]


def _key(length: int, number: int, part: str) -> str:
    """The length and the part's number are one character each."""
    return f"{chr(64 + length)}{number}{part}"


def costs(typed: str, heard: set[str], names: set[str], allowed: int) -> dict[str, float]:
    """By name what it weighs less, the likeliest ones. `heard`: those that sound like it."""
    most = min(4, len(typed) // 2)
    slips = _slips(typed, names, allowed) | _slips(typed, heard, most)
    found = {name: _cost(typed, name, count, name in heard) for name, count in slips.items() if count}
    return dict(sorted(found.items(), key=itemgetter(1, 0))[:_MOST_NAMES])


def _slips(typed: str, names: set[str], most: int) -> dict[str, int]:
    """How many slips there are in each of `names` that has at most so many."""
    from rapidfuzz.distance import OSA  # megabytes that are not needed before somebody mistypes
    from rapidfuzz.process import extract

    return {name: count for name, count, _ in extract(typed, names, scorer=OSA.distance, score_cutoff=most, limit=None)}


def _cost(typed: str, name: str, slips: int, is_heard: bool) -> float:
    first_letter = _FIRST_LETTER * (name[0] != typed[0])
    return _COSTS[min(slips, 3)] * _scale(name) - _SAME_SOUND * is_heard + first_letter


def _scale(name: str) -> float:
    """One slip in a short name makes it another name."""
    return min(1.5, max(0.8, 8 / len(name)))
