"""The words beside a place: which of them are days, a distance or a wish, and so fields of the search.

"Thursday walks near Leeds" is Leeds, on Thursdays, walks alone. A word that belongs to a name stays in it: "Thursday
Island", "Running Springs", "Cheyne Walk".
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import dropwhile
from typing import NamedTuple

from babel.dates import get_day_names

from federation.words import WEEKDAYS
from node.places import lookup
from node.places.names import fold
from node.places.names_inside import Name, names_inside
from node.places.readings import POINTING, says_nothing

from ...language import N_, Later, locale

#: Characters of a text in which words are looked for: longer ones would keep the machine busy.
MOST_NEAR = 100
#: A field of a search, and its value.
Field = tuple[str, str]

_DISTANCE = re.compile(
    r"\b(?P<within>within\s+)?(?P<number>\d{1,3}(?:[.,]\d{1,2})?)\s*(?P<unit>kms?|kilomet(?:er|re)s?|mi|miles?)"
    # "Leeds within 5 miles" says it, too; "Leeds 5 miles" may be how long a run is.
    r"(?:\s+(?:of|from|around|away\s+from)\s+|(?(within)(?!\w)|(?!)))",
    re.IGNORECASE,
)
#: How long it takes to get there, and how long a run is.
_MINUTES, _LENGTH = r"\d+\s*(?:minutes?|mins?)", r"\d+\s*km?"
#: What is left around a place once the words beside it are gone.
_BEFORE = re.compile(r"^(?:[\s,;.!?&+-]|(?:and|or|for|with|on)\b)+", re.IGNORECASE)
_AFTER = re.compile(r"(?:[\s,;.!?&+-]|\b(?:and|or|for|with|on|please))+$", re.IGNORECASE)
_EMPTY = re.compile(r"\(\s*\)")
#: What is no plain word where it is written in capitals.
_US = re.compile(r"\bUS\b")
_LAST_WORD, _FIRST_WORD = re.compile(r"([^\s,;|/()]+)\s*$"), re.compile(r"\s*([^\s,;|/()]+)")

#: What people say, with a bar between the words, so that a translator may give as many as there are.
_NAMED_DAYS = [
    (N_("tonight|this evening"), "tonight"),
    (N_("today|right now"), "today"),
    (N_("tomorrow"), "tomorrow"),
    (N_("this week"), "week"),
    (N_("this weekend|at the weekend|weekend"), "weekend"),
]
_ANY_KIND: Field = ("kind", "")
_WISHES: list[tuple[Later, tuple[Field, ...]]] = [
    # "Running or walking", and "run" alone: all that is listed here is called a run, walks too.
    (N_("run|runs|running|jog|jogs|jogging"), (_ANY_KIND,)),
    (N_("run-walk|run-walks|run walk|run/walk|walk-run|walk run|walk/run"), (("kind", "run-walk"),)),
    (N_("walk|walks|walking"), (("kind", "walk"),)),
    (N_("toilet|toilets|loo|loos"), (("with", "toilets"),)),
    (N_("accessible toilet|accessible toilets|disabled toilet"), (("with", "accessible-toilet"),)),
    (N_("step-free|step free|step-free access"), (("with", "step-free"),)),
    (
        N_("wheelchair|wheelchairs|wheelchair access|wheelchair accessible|wheelchair friendly|wheelchair-friendly"),
        (("with", "wheelchair"),),
    ),
    (N_("pushchair|pushchairs|buggy|buggies|pram|prams"), (("with", "pushchair"),)),
    (N_("dog|dogs|my dog|a dog|dog friendly|dog-friendly|dogs welcome"), (("with", "dogs"),)),
    (N_("assistance dog|assistance dogs|guide dog|guide dogs"), (("with", "assistance-dogs"),)),
    (N_("children|kids|my children|my kids"), (("with", "children"),)),
    (N_("sign language|BSL"), (("with", "sign-language"),)),
    (N_("women|women only|women-only|women's|ladies"), (("for", "women"),)),
    (N_("men|men only|men-only|men's"), (("for", "men"),)),
    (N_("LGBT|LGBT+|LGBTQ|LGBTQ+|LGBTQIA|LGBTQIA+"), (("for", "lgbtq"),)),
    (N_("parents|mums|dads"), (("for", "parents"),)),
    (N_("students|student"), (("for", "students"),)),
    (N_("over 60|over 60s|over-60s|over sixty"), (("for", "over-60"),)),
]
#: What people say, and no field of the search means.
_UNSEARCHABLE = [
    N_("morning|mornings|lunchtime|afternoon|afternoons|evening|evenings|night|nights"),
    N_("north|south|east|west"),
]


#: Expressions for some words, what they mean, and whether that is sure whatever stands beside them.
_Meaning = tuple[list[str], tuple[Field, ...], bool]


class _Said(NamedTuple):
    """`means`: nothing for what no field of the search says. `is_sure`: whether it needs no known name beside it."""

    begin: int
    end: int
    means: tuple[Field, ...]
    is_sure: bool


def apart(near: str, home: str) -> tuple[str, list[Field]]:
    """What was typed as two: the place, and what stands beside it, as fields. Raises GazetteerMissing.

    `home`: the reader's country. Without such words the text is all of the place.
    """
    if len(near) > MOST_NEAR:
        return near, []
    said = [one for one in _meant_in(near, home) if one.means]
    fields = _without_any_kind([field for one in said for field in one.means])
    left = near
    for one in reversed(said):
        left = f"{left[: one.begin]} {left[one.end :]}"
    distance = _DISTANCE.search(left)
    if distance:
        fields += [("within", distance["number"]), ("unit", "km" if distance["unit"].lower()[0] == "k" else "mi")]
        left = f"{left[: distance.start()]} {left[distance.end() :]}"
    left = _bare(left) if said or distance else near
    # "Run in Leeds" is looked up as it was typed; "run" alone names no place.
    return (left if fields or not left else near), list(dict.fromkeys(fields))


def not_understood(near: str, home: str) -> str:
    """The words beside the place that say something, and of which the search makes nothing. Raises GazetteerMissing."""
    said = _meant_in(near[:MOST_NEAR], home, is_strict=False)
    is_any_kind = any(_ANY_KIND in one.means for one in said)
    unmet = [one for one in said if not (is_any_kind and _is_of_kinds(one))]
    return " ".join(near[one.begin : one.end].strip() for one in unmet)


def _is_of_kinds(one: _Said) -> bool:
    return any(name == "kind" for name, _value in one.means)


def _without_any_kind(fields: list[Field]) -> list[Field]:
    return [one for one in fields if one[0] != "kind"] if _ANY_KIND in fields else fields


def _bare(near: str) -> str:
    """What names a place: "is there a walk in Leeds" and "a walk, Leeds" have words before it that name none."""
    parts = [part.strip() for part in re.sub(r"\s+", " ", _EMPTY.sub(" ", near)).split(",")]
    named = [part for part in dropwhile(_names_nothing, parts) if part]
    return _from_pointing(_AFTER.sub("", _BEFORE.sub("", ", ".join(named))))


def _from_pointing(near: str) -> str:
    """From "in" or "near" on, where what stands before it says nothing."""
    words = near.split()
    begins = (at for at in range(len(words) - 1, 0, -1) if words[at].lower() in POINTING)
    return " ".join(words[next((at for at in begins if says_nothing(fold(" ".join(words[:at])))), 0) :])


def _names_nothing(part: str) -> bool:
    return says_nothing(fold(part)) and not lookup.is_here(part) and not _US.search(part)


def _meant_in(near: str, home: str, *, is_strict: bool = True) -> list[_Said]:
    """What is said beside the names. `is_strict`: "walk" in "Cheyne Walk" is no wish, though we know no such place."""
    said = list(_said_in(near))
    names = names_inside(near, lookup.at_home(home)) if said else []
    free = [one for one in said if not any(_holds(name, one) for name in names)]
    return [one for one in free if one.is_sure or not is_strict or _stands_alone(near, one, said, names)]


def _holds(name: Name, one: _Said) -> bool:
    """Whether some of it belongs to a name that goes on beside it: "on Thursday" in "on Thursday Island"."""
    is_around = name.begin < one.begin or name.end > one.end
    return is_around and name.begin < one.end and one.begin < name.end


def _stands_alone(near: str, one: _Said, said: list[_Said], names: list[Name]) -> bool:
    """Whether both of its neighbours are a name, said, or plain words."""
    beside = [word for word in (_LAST_WORD.search(near[: one.begin]), _FIRST_WORD.match(near, one.end)) if word]
    edges = {edge for name in names if name.is_likely for edge in (name.begin, name.end)}
    return all(edges.intersection(word.span(1)) or _is_plain(word, said) for word in beside)


def _is_plain(word: re.Match[str], said: list[_Said]) -> bool:
    begin, end = word.span(1)
    return any(one.begin <= begin and end <= one.end for one in said) or says_nothing(fold(word[1]))


def _said_in(near: str) -> Iterator[_Said]:
    """In the order in which they stand, none inside another."""
    pattern, meanings = _patterns(str(locale()))
    for match in pattern.finditer(near):
        means, is_sure = meanings[str(match.lastgroup)]
        yield _Said(match.start(), match.end(), means, is_sure)


@lru_cache(maxsize=16)
def _patterns(language: str) -> tuple[re.Pattern[str], dict[str, tuple[tuple[Field, ...], bool]]]:
    """How to find what is said, in one language, and what each group means. Remembered: each search asks twice."""
    every = [*_days(), *_weekdays(), *_wishes(), *_unsearchable()]
    # The longest first: "this weekend" before "weekend".
    said = sorted(
        ((one, means, is_sure) for words, means, is_sure in every for one in words), key=lambda one: -len(one[0])
    )
    pattern = "|".join(f"(?P<w{at}>{one})" for at, (one, *_rest) in enumerate(said))
    meanings = {f"w{at}": (means, is_sure) for at, (_one, means, is_sure) in enumerate(said)}
    return re.compile(rf"(?<![\w'’-])(?:{pattern})(?![\w'’-])", re.IGNORECASE), meanings


def _days() -> Iterator[_Meaning]:
    for words, name in _NAMED_DAYS:
        yield _spelt(words), (("when", name),), True


def _weekdays() -> Iterator[_Meaning]:
    names = get_day_names("wide", locale=locale())
    for at, code in enumerate(WEEKDAYS):
        yield [rf"(?:(?:on|this|every)\s+)?{re.escape(names[at])}s?"], (("day", code),), True


def _wishes() -> Iterator[_Meaning]:
    for words, means in _WISHES:
        yield _spelt(words), means, False


def _unsearchable() -> Iterator[_Meaning]:
    for words in _UNSEARCHABLE:
        yield _spelt(words), (), False
    yield [_MINUTES, _LENGTH], (), False


def _spelt(words: Later) -> list[str]:
    """An expression for each of the words, British ones too, with "for" or "with" before it, however the apostrophe is
    typed.
    """
    every = dict.fromkeys([*words.source.split("|"), *str(words).split("|")])
    return [r"(?:(?:for|with)\s+)?" + re.escape(one).replace("\\ ", r"\s+").replace("'", "['’]?") for one in every]
