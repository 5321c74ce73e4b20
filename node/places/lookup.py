"""What a text means among the places of the gazetteer, to somebody who is at home in a country.

A name is looked up as it is typed, then with a slip of the finger in it, then as a word of a sentence. What stands
beside it narrows it ("Perth, Scotland", "Headingley, Leeds"); what we do not know beside it is left out, and said.
"""

import re
import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from . import gazetteer, postcode_places, postcode_shapes, precision
from .choice import HAMLET, KNOWN, MAX_CHOICES, Resolution, Weighed, apart_m, choose
from .gazetteer import BYNAME, Candidate, Place
from .geometry import distance_m
from .names import fold, squash
from .readings import Phrase, is_in_a_city, phrases_of, readings, says_nothing, stripped, unused
from .spelling import costs, keys_of_typed, may_be_corrected, slips_allowed, sound_keys

_MAX_TEXT = 100
#: So many words are a sentence.
_SENTENCE = 4
_MOST_BESIDE = 4
#: What a place at home weighs more, as a decimal logarithm: 250 times, so that only a hamlet yields to a city abroad.
_HOME = 2.4
#: What a place near the reader's own weighs more: ten times. It is near within the first distance, and far beyond the
#: second.
_AROUND, _CLOSE_M, _FAR_M = 1.0, 40_000, 120_000
#: What weighs less, where the centre of a city is asked for: a place of fewer people.
_NO_CITY, _CITY = 1.0, 50_000
#: Countries that are at home in one another.
_ISLES = frozenset({"GB", "GG", "IM", "JE"})
#: What a name that is only begun weighs less, and for each letter that is not yet typed.
_BEGUN, _MISSING = 1.6, 0.1
#: A name that is written right is hardly a slip, if so many people mean it, or if it is at home.
_SURE, _SURE_BYNAME = 4.7, 5.7
_NEAR_M = 60_000
#: The circle of a county is a rough one.
_BEYOND = 1.15
#: What weighs less is no likely correction; where other words are left out, too.
_PLAIN, _PLAIN_IN_PART = 3.0, 5.0
#: "Central Manchester" is rather Manchester at home than a place of all these words abroad; but "Running Springs" is no
#: Springs abroad.
_FEWER_WORDS, _FEWER_WORDS_ABROAD = 0.5, 2.0

_HERE = frozenset({"me", "here", "home", "my home", "my house", "my area", "my location", "current location"})
_COORDINATES = re.compile(r"\s*([+-]?\d{1,2}(?:\.\d{1,10})?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d{1,10})?)\s*")

#: Degrees times 10,000, latitude first.
Point = tuple[int, int]


def resolve(text: str, home: str = "", around: Point | None = None) -> Resolution:
    """What `text` means to somebody at `home` (ISO alpha-2; nothing: nowhere), and there near `around`.

    Raises GazetteerMissing.
    """
    text = text[:_MAX_TEXT]
    point = _coordinates(text)
    if point is not None:
        return Resolution(point)
    with gazetteer.opened() as connection:
        return _LookUp(connection, text, home, around).answer()


def begun(text: str, home: str = "", around: Point | None = None) -> list[Place]:
    """Places to offer while a name is typed, the likeliest first: their names begin so, or the text may mean them.

    Raises GazetteerMissing.
    """
    with gazetteer.opened() as connection:
        return _LookUp(connection, text[:_MAX_TEXT], home, around).offered()


def at_home(country: str) -> frozenset[str]:
    """The countries whose places somebody at home in that one names without saying so."""
    return _ISLES if country in _ISLES else frozenset({country})


def is_here(text: str) -> bool:
    """Whether where the reader is now is asked for, which nobody tells us."""
    return stripped(fold(text)) in _HERE


class _LookUp:
    """One look-up, on one connection."""

    def __init__(self, connection: sqlite3.Connection, text: str, home: str, around: Point | None) -> None:
        self._connection, self._text, self._home, self._around = connection, text, home, around
        self._words = fold(text).split()
        self._is_in_a_city = is_in_a_city(fold(text))
        self._countries = at_home(home)
        self._takes_numbers = home in postcode_shapes.NUMBERS_ARE_CLEAR or not text.strip().isdecimal()
        self._readings = list(readings(text))
        self._known: dict[str, list[Candidate]] = {}

    def answer(self) -> Resolution:
        """By the first way that finds anything."""
        if not self._readings or is_here(self._text):
            return Resolution()
        codes = (self._british, self._door, self._lettered) if any(map(str.isdecimal, self._text)) else ()
        whole = (self._as_typed, self._numeric, self._pointed_at, self._with_slips)
        parts = (self._partly, self._district, self._slipped_in_part)
        return next((found for way in (*codes, *whole, *parts) if (found := way()) is not None), Resolution())

    def offered(self) -> list[Place]:
        """Names that begin as the text does, or else whatever the text may mean."""
        if not self._readings or is_here(self._text):
            return []
        found = self._begun(squash(self._readings[0].name), is_narrowed=False)
        return (self._choose(found) if found else self.answer()).every[:MAX_CHOICES]

    def _british(self) -> Resolution | None:
        return self._coded(postcode_shapes.british)

    def _door(self) -> Resolution | None:
        """The full postcode in a sentence, the rest left out."""
        return self._code_inside(postcode_shapes.is_full)

    def _district(self) -> Resolution | None:
        """Part of a postcode in a sentence that names no other place, the rest left out: "5k in LS6"."""
        return self._code_inside(bool)

    def _code_inside(self, fits: Callable[[str], bool]) -> Resolution | None:
        for phrase in phrases_of(self._words):
            for code in filter(fits, postcode_shapes.british(phrase.words)):
                if found := self._of_code(code):
                    return self._without(Resolution(found[0].place), phrase.words)
        return None

    def _lettered(self) -> Resolution | None:
        return self._coded(postcode_shapes.lettered, of=("CA", "IE"))

    def _numeric(self) -> Resolution | None:
        """A town goes before digits that may be a postcode."""
        return self._coded(postcode_shapes.numeric) if self._takes_numbers else None

    def _coded(self, read: Callable[[str], list[str]], of: Collection[str] = ()) -> Resolution | None:
        """The place of the postcode in the text, if what stands beside it says nothing, or names where that is; of
        those countries.
        """
        for words, rest in postcode_shapes.splits(self._words):
            for code in read(" ".join(words)):
                found = [one for one in self._of_code(code) if not of or one.place.country in of]
                beside, is_sure = " ".join(rest), postcode_shapes.is_sure(" ".join(words))
                is_alone = not rest or (is_sure and says_nothing(beside))
                fitting = found if is_alone else self._narrowed(found, beside)
                if fitting:
                    return Resolution(fitting[0].place, [one.place for one in fitting[1:]])
        return None

    def _of_code(self, code: str) -> list[Candidate]:
        return postcode_places.find(self._connection, code, self._home)

    def _as_typed(self) -> Resolution | None:
        """The names as they stand there, each word beside them understood; and what else may be meant, if unsure."""
        found: list[Weighed] = []
        for reading in self._readings:
            if not reading.narrowing and not (found and self._is_settled(found)):
                is_part = bool(found)
                found += [self._weigh(one, is_part * self._of_fewer_words(one)) for one in self._named(reading.name)]
        if found:
            return self._with_slips_at_home(found)
        for reading in self._readings:
            every = self._named(reading.name)
            inside = self._narrowed_by_all(every, reading.narrowing)
            if inside:
                return self._choose(map(self._weigh, inside), [one.place for one in every])
        return None

    def _of_fewer_words(self, candidate: Candidate) -> float:
        return _FEWER_WORDS if self._is_home(candidate.place) else _FEWER_WORDS_ABROAD

    def _is_settled(self, found: list[Weighed]) -> bool:
        return not self._home or any(self._is_home(one.place) for one in found)

    def _with_slips_at_home(self, found: list[Weighed]) -> Resolution:
        """A hamlet, or a small place abroad, may be a slip of a place at home."""
        if not any(self._is_town_at_home(one.candidate) or _is_known(one.candidate) for one in found):
            typed = squash(self._readings[0].name)
            found = [*found, *(replace(one, weight=one.weight - 1) for one in self._slipped(typed))]
        return self._choose(found)

    def _is_town_at_home(self, candidate: Candidate) -> bool:
        return self._is_home(candidate.place) and candidate.weight >= HAMLET

    def _with_slips(self) -> Resolution | None:
        """Names that are almost as typed, or begin so."""
        for reading in self._readings:
            typed = squash(reading.name)
            if not reading.is_turned and all(map(self._is_understood, reading.narrowing)):
                found = self._slipped(typed)
                if not reading.is_split:
                    found = [*found, *self._begun(typed, is_narrowed=bool(reading.narrowing))]
                inside = set(map(id, self._narrowed_by_all([one.candidate for one in found], reading.narrowing)))
                found = [one for one in found if id(one.candidate) in inside]
                if found:
                    return self._choose(found)
        return None

    def _pointed_at(self) -> Resolution | None:
        """The name behind "in" or "near" in a sentence, where nobody would look for a slip."""
        return self._partly(only_pointed_at=True) if len(self._words) >= _SENTENCE else None

    def _partly(self, only_pointed_at: bool = False) -> Resolution | None:
        """The name that some words of the text are, the rest left out."""
        phrases = phrases_of(self._words)
        self._know({squash(one.words) for one in phrases})
        weighed = [(self._weigh_part(one, place), one) for one in phrases for place in self._named(one.words)]
        weight, best = max(weighed, key=lambda one: one[0], default=(0.0, None))
        if best is None or weight <= 0 or (only_pointed_at and not best.is_pointed_at):
            return None
        meant, used = self._named(best.words), best.words
        for one in phrases:
            if (one.end <= best.begin or one.begin >= best.end) and (inside := self._narrowed(meant, one.words)):
                meant, used = inside, f"{used} {one.words}"
        return self._without(self._choose([self._weigh(one) for one in meant]), used)

    def _weigh_part(self, phrase: Phrase, candidate: Candidate) -> float:
        """Nothing for what nobody would name in a sentence."""
        weight = self._weigh(candidate).weight + (phrase.end - phrase.begin) + 2 * phrase.is_pointed_at
        is_known = self._is_home(candidate.place) or weight >= KNOWN + 1
        return weight - 3 * bool(candidate.place.radius_m) if is_known and candidate.kind != BYNAME else 0.0

    def _slipped_in_part(self) -> Resolution | None:
        for reading in self._readings:
            if reading.narrowing and not reading.is_turned and (found := self._slipped(squash(reading.name))):
                chosen = self._choose(found)
                if not reading.is_split or found[0].weight >= _PLAIN_IN_PART:
                    return self._without(chosen, reading.name)
        return None

    def _without(self, chosen: Resolution, used: str) -> Resolution:
        return replace(chosen, dropped=unused(self._text, used))

    def _named(self, name: str) -> list[Candidate]:
        squashed = squash(name)
        self._know({squashed})
        return self._known[squashed]

    def _know(self, names: set[str]) -> None:
        """Look up those of the names that have not been, at once."""
        if unknown := names - self._known.keys():
            self._known |= {name: [] for name in unknown}
            for candidate in gazetteer.named(self._connection, unknown):
                self._known[candidate.squashed].append(candidate)

    def _narrowed_by_all(self, found: list[Candidate], phrases: Iterable[str]) -> list[Candidate]:
        for phrase in phrases:
            found = found and self._narrowed(found, phrase)
        return found

    def _narrowed(self, found: list[Candidate], phrase: str) -> list[Candidate]:
        """Those in the region, country or county that is named, or else those near the town or postcode that is."""
        for way in (_in_region, self._in_area, self._near_town, self._near_code, _in_region_begun):
            if narrowed := way(found, phrase):
                return narrowed
        words = phrase.split()
        # A phrase in a phrase in a phrase takes two to the power of its words; nobody names more than "bristol uk".
        if len(words) > _MOST_BESIDE:
            return []
        for at in range(len(words) - 1, 0, -1):
            if narrowed := self._narrowed_by_all(found, (" ".join(words[:at]), " ".join(words[at:]))):
                return narrowed
        return []

    def _in_area(self, found: list[Candidate], phrase: str) -> list[Candidate]:
        areas = [one.place for one in self._named(phrase) if one.place.radius_m]
        return [one for one in found if any(_is_inside(one.place, area) for area in areas)]

    def _near_town(self, found: list[Candidate], phrase: str) -> list[Candidate]:
        """A part is named by its town, not a town by one of its parts."""
        ranked = sorted(self._named(phrase), key=lambda one: -self._weigh(one).weight)
        towns = [one for one in ranked if not one.place.radius_m][:5]
        return [
            one
            for one in found
            if any(town.weight_e2 >= one.weight_e2 and _is_near(one.place, town.place) for town in towns)
        ]

    def _near_code(self, found: list[Candidate], phrase: str) -> list[Candidate]:
        codes = [one.place for code in postcode_shapes.british(phrase) for one in self._of_code(code)]
        return [one for one in found if any(_is_near(one.place, code) for code in codes)]

    def _is_understood(self, phrase: str) -> bool:
        is_name = any(one.kind != BYNAME or one.place.radius_m for one in self._named(phrase))
        return is_name or bool(postcode_shapes.british(phrase)) or gazetteer.is_region(self._connection, phrase)

    def _slipped(self, typed: str) -> list[Weighed]:
        """Places with a name that is as few slips away as may be, or sounds like the typed one."""
        if not may_be_corrected(typed):
            return []
        heard = gazetteer.almost(self._connection, sound_keys(typed))
        found: list[Weighed] = []
        for slips in range(1, slips_allowed(typed) + 1):
            if not (found and self._is_settled(found)):
                names = gazetteer.almost(self._connection, keys_of_typed(typed, slips))
                found = self._likely(costs(typed, heard, names, slips))
        return found

    def _likely(self, less: dict[str, float]) -> list[Weighed]:
        """The places of those names that may well be meant."""
        if not less:
            return []
        named = gazetteer.named(self._connection, less.keys(), self._countries, _PLAIN + min(less.values()))
        weighed = [self._weigh(one, less[one.squashed], is_corrected=True) for one in named]
        return sorted((one for one in weighed if one.weight >= _PLAIN), key=lambda one: -one.weight)

    def _begun(self, typed: str, is_narrowed: bool) -> list[Weighed]:
        found = gazetteer.begun(self._connection, typed, self._countries, -1 if is_narrowed else MAX_CHOICES)
        missing = ((one, len(one.squashed) - len(typed)) for one in found)
        return [self._weigh(one, _BEGUN + _MISSING * letters, is_corrected=True) for one, letters in missing]

    def _weigh(self, candidate: Candidate, cost: float = 0.0, is_corrected: bool = False) -> Weighed:
        cost += _NO_CITY * (self._is_in_a_city and candidate.place.population < _CITY)
        near = _AROUND * self._closeness(candidate.place)
        return Weighed(candidate, candidate.weight + _HOME * self._is_home(candidate.place) + near - cost, is_corrected)

    def _closeness(self, place: Place) -> float:
        """1 for a place that people here go to of an evening, 0 for one that is far; between them less and less."""
        if self._around is None:
            return 0.0
        away = distance_m(*self._around, place.lat_e4, place.lon_e4)
        return min(1.0, max(0.0, (_FAR_M - away) / (_FAR_M - _CLOSE_M)))

    def _is_home(self, place: Place) -> bool:
        return place.country in self._countries

    def _choose(self, found: Iterable[Weighed], namesakes: Collection[Place] = ()) -> Resolution:
        return choose(self._connection, found, self._countries, namesakes)


def _coordinates(text: str) -> Place | None:
    match = _COORDINATES.fullmatch(text)
    if match is None:
        return None
    lat, lon = float(match[1]), float(match[2])
    if abs(lat) > 90 or abs(lon) > 180:
        return None
    spread = precision.of_decimals(*(len(text.partition(".")[2]) for text in match.groups()))
    return Place(0, f"{lat:g}, {lon:g}", "", "", "", round(lat * 10_000), round(lon * 10_000), "", 0, spread_m=spread)


def _is_inside(place: Place, area: Place) -> bool:
    return place.country == area.country and apart_m(place, area) <= area.radius_m * _BEYOND


def _is_near(place: Place, town: Place) -> bool:
    return apart_m(place, town) <= _NEAR_M and place.id != town.id


def _is_known(candidate: Candidate) -> bool:
    """Whether people far away mean it by that name; "Mancester" is one of Manchester, New Hampshire."""
    return candidate.weight_e2 >= 100 * (_SURE_BYNAME if candidate.kind == BYNAME else _SURE)


def _in_region(found: list[Candidate], phrase: str) -> list[Candidate]:
    return [one for one in found if f"|{phrase}|" in one.words]


def _in_region_begun(found: list[Candidate], phrase: str) -> list[Candidate]:
    return [one for one in found if len(phrase) > 2 and f"|{phrase}" in one.words]
