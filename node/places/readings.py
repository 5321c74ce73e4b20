"""What somebody typed to say where, taken apart: a name, and the words beside it that say which place of that name.

All is folded (node.places.names). Pure: which names there are is in the gazetteer.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from .names import fold

#: Nobody's place has more words.
LONGEST_NAME = 5
_MOST_WORDS = 40

_NUMBER = r"\d+(?:[ .]\d+)?"
_UNIT = r"(?:km|kms|kilomet(?:er|re)s?|k|mi|miles?|m|minutes?|mins?)"
#: What people say before a name without meaning another place. "Downtown Los Angeles" is Los Angeles.
_LEADING = re.compile(
    rf"^(?:(?:within )?{_NUMBER} ?{_UNIT} (?:of|from|around|away from)|not far from|close to|next to"
    r"|just|near(?:est|by)?(?: to)?|nr|in|at|around|about|by|to|from|of|outside|inside|somewhere|anywhere|any|a|an|the"
    r"|me|us|for|runs?|running|jog|jogging|walks?|walking|groups?|clubs?|find|show|search|looking|where|is|are|there"
    r"|downtown|central|inner|greater|metro|north|south|east|west"
    r"|(?:the )?(?:city|town|village|borough|county|centre|center|area) of) "
)
_TRAILING = re.compile(
    r" (?:(?:city|town|village)(?: cent(?:re|er))?|cent(?:re|er)|central|downtown|cbd|area|region|district|borough"
    r"|county|suburbs?|and surroundings|(?:and|or) nearby|and|please|runs?|running|jogging|walks?|walking|groups?"
    r"|clubs?|near me|nearby|tonight|today|tomorrow|now|soon|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|this (?:week|weekend|evening|morning))$"
)
_CITY_CENTRE = re.compile(r"\bcity cent(?:re|er)\b|\bcbd\b")
_COMMA = re.compile(r"[,;|/()\n]")
_BETWEEN = re.compile(r",|;|\||/|\(|\)|\n|\s(?:in|near|nr|close to|next to)\s", re.IGNORECASE)
_PLAIN_WORDS = """
a about after afternoon again all also am an and any anyone anything are around as at away be because been before best
but by can club clubs come could day days do does easy evening event find first for friday from fun get go going good
group groups had hard has have he hello help here hi how i if in into is it its jog join just keen know leave like
live living local look looking love lunch make many may maybe me meet miles monday morning moved my near nearest need
new next nice night no not now of off ok on one or other our out over park people place please pm post race really run
runner runners running runs saturday see she so some someone somewhere soon start stay staying still sunday talk tell
than thank thanks that the their them then there these they thing think this thursday time to today together tomorrow
tonight too town try tuesday under up us use very visit visiting walk want was way we wednesday week weekend weekly
well went what when where which who why will with work working would year yes you your
"""
#: Words of a sentence that are hardly ever meant as the villages that have them for a name.
_NO_NAMES = frozenset(_PLAIN_WORDS.split())
#: What follows such a word in a sentence is likely a place.
POINTING = frozenset({"in", "near", "at", "around", "to", "from", "of", "by", "nr", "outside"})


class Reading(NamedTuple):
    """`name` may be narrowed by each of `narrowing`: a region, a country, a larger town."""

    name: str
    narrowing: tuple[str, ...] = ()
    #: Between two words, and not where a comma or the like stands.
    is_split: bool = False
    #: What stands last is the name: "Leeds, Headingley".
    is_turned: bool = False


class Phrase(NamedTuple):
    """Some words of a sentence, one after the other. `is_pointed_at`: "in", "near" stands before."""

    words: str
    begin: int
    end: int
    is_pointed_at: bool


def readings(text: str) -> Iterator[Reading]:
    """In the order in which they are tried: all of it a name, then split at commas, at "in" and "near", at words."""
    seen: set[Reading] = set()
    for one in _readings(text):
        if one.name and one not in seen:
            seen.add(one)
            yield one


def _readings(text: str) -> Iterator[Reading]:
    yield Reading(fold(text))
    for mark in (_COMMA, _BETWEEN):
        raw = [part for part in map(fold, mark.split(text)) if part]
        bare = [part for part in map(stripped, raw) if part]
        for head, *rest in filter(None, (raw, bare)):
            yield Reading(head, tuple(rest))
        for head, *rest in filter(None, (raw, bare)):
            for name, beside, is_turned in _splits(head.split()):
                yield Reading(name, (beside, *rest), is_split=True, is_turned=is_turned)
            if rest:
                yield Reading(rest[-1], (head, *rest[:-1]), is_turned=True)


def stripped(folded: str) -> str:
    """Without "near" and "city centre", as long as anything is left."""
    before = ""
    while before != folded:
        before = folded
        folded = _TRAILING.sub("", _LEADING.sub("", folded))
    return folded


def says_nothing(folded: str) -> bool:
    """Whether all of it are plain words of a sentence."""
    return _NO_NAMES.issuperset(folded.split())


def is_in_a_city(folded: str) -> bool:
    """Whether what is named is said to be a city."""
    return bool(_CITY_CENTRE.search(folded))


def phrases_of(words: list[str]) -> list[Phrase]:
    """Each row of words of a sentence that may be a name."""
    words = words[:_MOST_WORDS]
    phrases = []
    for begin in range(len(words)):
        for end in range(begin + 1, min(len(words), begin + LONGEST_NAME) + 1):
            row = words[begin:end]
            if not ((row[0] in _NO_NAMES and row[0] != "new") or row[-1] in _NO_NAMES):
                phrases.append(Phrase(" ".join(row), begin, end, begin > 0 and words[begin - 1] in POINTING))
    return phrases


def unused(text: str, used: str) -> str:
    """The words of `text`, as they were typed, that are not among the folded ones which are used, and say something."""
    known = set(used.split()) | _NO_NAMES
    words = [word.strip(",;()|/") for word in text.split()]
    kept = stripped(fold(text)).split()
    return " ".join(word for word in words if (own := fold(word).split()) and set(own) <= set(kept) - known)


def _splits(words: list[str]) -> Iterator[tuple[str, str, bool]]:
    """The name first, as most people type it; then the other way round."""
    cuts = [at for at in range(len(words) - 1, max(0, len(words) - LONGEST_NAME), -1) if words[at - 1] not in POINTING]
    for at in cuts:
        yield " ".join(words[:at]), " ".join(words[at:]), False
    for at in reversed(cuts):
        yield " ".join(words[at:]), " ".join(words[:at]), True
