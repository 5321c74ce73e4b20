"""Shapes and bounds of chapter documents and listings."""

from collections.abc import Callable, Iterator
from typing import Any

from ...support.federation_makers import ChapterMaker, Members, listing, point, said, schedule, sealed, without
from .vector import EVERYTHING, PAUSE, PAUSED, Vector, document

DIGITS = str.maketrans("0123456789", "abcdefghij")


def documents() -> Iterator[Vector]:
    """Shapes and bounds of chapter documents and listings."""
    maker = ChapterMaker()

    def case(name: str, section: str, expect: str, **changes: Any) -> Vector:
        return document(name, section, expect, maker, sealed("chapter", maker.members() | changes, maker.signing_key))

    def one(**changes: Any) -> Members:
        return {"listings": [listing(**changes)]}

    cancelled = said("2026-06-04", "cancelled", reason="weather", note="Ice on the steps.")
    moved = said("2026-06-11", "moved", starts="2026-06-11T19:00", meeting_point=point(name="Tower Hill"))
    yield case("a full listing", "7.3", "accept", **one(dates=[cancelled, moved], lead_first_name="Sam"))
    yield case("an empty list of listings", "7.1", "accept", listings=[])
    for name in maker.members():
        members = without(maker.members(), name)
        yield document(f"no {name}", "7.1", "malformed", maker, sealed("chapter", members, maker.signing_key))
    yield case("a version of 0", "7.1", "malformed", version=0)
    yield case("a version that is true", "7.1", "malformed", version=True)
    many = [listing(id=f"{n:07}a".translate(DIGITS)) for n in range(51)]
    yield case("50 listings", "2.4", "accept", listings=many[:50])
    yield case("51 listings", "2.4", "malformed", listings=many)
    yield case("a listing id twice", "7.1", "malformed", listings=[listing()] * 2)
    yield case("a country in lower case", "7.1", "malformed", profile={"name": "x", "place": "x", "country": "gb"})
    yield case("an issued day that is none", "2.5", "malformed", issued="2026-02-30T09:00:00Z")
    yield case("an instant with an offset", "2.5", "malformed", issued="2026-06-01T09:00:00+00:00")
    yield case("an instant in other digits", "2.5", "malformed", issued="\uff12026-06-01T09:00:00Z")
    yield case("fresh for more than 48 hours", "8.1", "malformed", fresh_until="2026-06-03T09:00:01Z")
    yield case("living more than 14 days", "8.1", "malformed", expires="2026-06-15T09:00:01Z")
    yield case("expires before fresh_until", "8.1", "malformed", expires="2026-06-03T08:59:59Z")
    yield case("a kind that is no word", "2.5", "malformed", **one(kind="Bike ride"))
    yield case("a name of 81 characters", "7.3", "malformed", **one(name="x" * 81))
    for name in ("\u200b\u2060", "\u3164", " \u00a0", "\u0301\u0301"):
        spelled = name.encode("unicode_escape").decode()
        yield case(f"a name of {spelled}", "2.3", "malformed", **one(name=name))
        yield case(f"a place named {spelled}", "2.3", "malformed", **one(meeting_point=point(name=name)))
    yield case("a stack of marks on a name", "2.3", "accept", **one(name="Z" + "\u0301" * 60))
    yield case("a thousand line feeds", "2.3", "accept", **one(what_happens="\n" * 1000))
    yield case("51 km", "7.3", "malformed", **one(distance_m=51_000))
    yield case("north of the pole", "7.3", "malformed", **one(meeting_point=point(lat_e4=900_001)))
    for metres, expect in ((1, "accept"), (100_000, "accept"), (0, "malformed"), (100_001, "malformed")):
        yield case(f"a point to {metres} m", "7.3", expect, **one(meeting_point=point(precision_m=metres)))
    daily, reordered = "FREQ=DAILY;INTERVAL=1;BYDAY=TH", "FREQ=WEEKLY;BYDAY=TH;INTERVAL=1"
    for rule in (daily, reordered, "FREQ=WEEKLY;INTERVAL=13;BYDAY=TH"):
        yield case(f"the rule {rule}", "2.6", "accept", **one(schedule=schedule(rrule=rule)))
    for rule in ("freq=weekly", "FREQ=WEEKLY INTERVAL=1", "", "F" + "X" * 200):
        yield case(f"the rule {rule[:22]!r}", "2.6", "malformed", **one(schedule=schedule(rrule=rule)))
    yield case("a start with seconds", "2.5", "malformed", **one(schedule=schedule(dtstart="2026-06-04T18:30:00")))
    yield case("a zone that is a path", "7.3", "malformed", **one(schedule=schedule(timezone="../../etc/passwd")))
    yield case("checked on a day", "7.3", "accept", **one(checked_on="2026-03-04"))
    yield case("checked on a day that is none", "2.5", "malformed", **one(checked_on="2026-02-30"))
    yield case("a date twice", "7.4", "malformed", **one(dates=[said("2026-06-04"), cancelled]))
    yield case("21 dates", "7.4", "malformed", **one(dates=[said(f"2026-07-{day:02}") for day in range(1, 22)]))
    yield case("an unknown state", "2.7", "accept", **one(dates=[said("2026-06-04", "postponed")]))
    yield case("an unknown reason", "2.7", "accept", **one(dates=[cancelled | {"reason": "heat"}]))
    yield case("a state that is no word", "2.5", "malformed", **one(dates=[said("2026-06-04", "Is on")]))
    yield from described(case, one)
    yield from ways(case, one)
    yield from languages(case, one)


def ways(case: Callable[..., Vector], one: Callable[..., Members]) -> Iterator[Vector]:
    """How to get to a meeting point; and when a lead last said anything."""
    for day, expect in (("2026-03-04", "accept"), ("4 March", "malformed")):
        spoken = {"name": "x", "place": "x", "country": "GB", "last_word_on": day}
        yield case(f"a last word on {day}", "7.1", expect, profile=spoken)
    for day, expect in (("2026-06-01", "accept"), ("2026-06-31", "malformed")):
        ended = {"name": "x", "place": "x", "country": "GB", "closed_on": day}
        yield case(f"a chapter that closed on {day}", "7.1", expect, profile=ended, listings=[])
    shut = {"text": "The east gate is closed.", "since": "2026-05-01", "until": "2026-05-14"}
    yield case("a change entered ahead", "7.3", "accept", **one(changes_on="2026-06-18"))
    kept = said("2026-06-11", "moved", starts="2026-06-11T18:00", as_announced=True)
    yield case("a date that a change entered ahead leaves as it was", "7.4", "accept", **one(dates=[kept]))
    yield case("a date left as it was, as a text", "7.4", "malformed", **one(dates=[kept | {"as_announced": "yes"}]))
    yield case("a change from a day that is none", "2.5", "malformed", **one(changes_on="2026-06-31"))
    yield case("three notices", "7.8", "accept", **one(notices=[shut, shut, shut | {"until": "2026-05-01"}]))
    yield case("four notices", "7.8", "malformed", **one(notices=[shut] * 4))
    for wrong in (
        {"until": "2026-04-30"},
        {"since": "2026-02-30"},
        {"text": ""},
        {"text": "\u3164"},
        {"text": "x" * 301},
    ):
        (member, value), spelled = *wrong.items(), "".join(wrong.values())[:12].encode("unicode_escape").decode()
        yield case(f"a notice with the {member} {spelled!r}", "7.8", "malformed", **one(notices=[shut | wrong]))
    near = {"name": "Monument station", "distance_m": 240, "direction": "south"}
    way = {"public_transport": "Bank station, then five minutes.", "parking": "Bike racks.", "landmark": near}
    yield case("how to get to a point", "7.3", "accept", **one(meeting_point=point(**way)))
    tomorrow = near | {"direction": "up", "colour": "red"}
    yield case("a direction of tomorrow", "2.7", "accept", **one(meeting_point=point(landmark=tomorrow)))
    for wrong in ({"distance_m": 0}, {"distance_m": 5_001}, {"name": "\u200b"}, {"direction": "To the left"}):
        (member, value), broken = *wrong.items(), near | wrong
        spelled = str(value).encode("unicode_escape").decode()
        yield case(
            f"a landmark with the {member} {spelled}", "7.3", "malformed", **one(meeting_point=point(landmark=broken))
        )
    for member in near:
        half = one(meeting_point=point(landmark=without(near, member)))
        yield case(f"a landmark without {member}", "7.3", "malformed", **half)
    for member in ("public_transport", "parking"):
        yield case(f"301 characters of {member}", "7.3", "malformed", **one(meeting_point=point(**{member: "x" * 301})))


def languages(case: Callable[..., Vector], one: Callable[..., Members]) -> Iterator[Vector]:
    """Texts in several languages."""
    own = {"text_language": "en"}
    point_texts = {"directions": "Wrth droed y golofn.", "public_transport": "Bws 15.", "parking": "Rac beics."}
    texts = {"look_for": "Sgarff felen.", "what_happens": "Cerdded.", "bring": "D\u0175r.", "accessibility": "Ramp."}
    there = point(**own, translations={"cy": point_texts, "zh-Hant": {"directions": "\u5728\u67f1\u4e0b"}})
    run = one(**own, translations={"cy": texts, "ar": {"look_for": "\u0642\u0628\u0639\u0629"}}, meeting_point=there)
    yield case("texts in several languages", "7.9", "accept", **run)
    moved = said("2026-06-11", "moved", meeting_point=there)
    yield case("texts of the point of a moved date", "7.9", "accept", **one(dates=[moved]))
    spoken = {"name": "x", "place": "x", "country": "GB", **own, "translations": {"cy": {"about": "Croeso."}}}
    yield case("a profile in two languages", "7.9", "accept", profile=spoken)
    shut = {"text": "The east gate is closed.", "since": "2026-05-01", "until": "2026-05-14"}
    welsh = shut | own | {"translations": {"cy": {"text": "Mae'r giât ar gau."}}}
    yield case("a notice in two languages", "7.9", "accept", **one(notices=[welsh]))
    for name, expect, translations in (
        ("a language that says nothing", "accept", {"cy": {}}),
        ("a language of tomorrow", "accept", {"gsw-Latn-CH": {"look_for": "x"}}),
        ("a text of tomorrow in another language", "accept", {"cy": {"motto": "x"}}),
        ("the language of the own texts again", "accept", {"en": {"look_for": "x"}}),
        ("8 more languages", "accept", {f"a{letter}": {} for letter in "abcdefgh"}),
        ("9 more languages", "malformed", {f"a{letter}": {} for letter in "abcdefghi"}),
        ("50 more languages", "malformed", {f"{one}{two}": {} for one in "abcde" for two in "abcdefghij"}),
        ("a language that is no tag", "malformed", {"Welsh!": {"look_for": "x"}}),
        ("a language without a name", "malformed", {"": {"look_for": "x"}}),
        ("a language that is a text", "malformed", {"cy": "x"}),
        ("a text that is a number", "malformed", {"cy": {"look_for": 1}}),
        ("a text of 201 characters in another language", "malformed", {"cy": {"look_for": "x" * 201}}),
        ("a control character in another language", "malformed", {"cy": {"look_for": "x\u0007"}}),
        ("a list of languages", "malformed", ["cy"]),
        ("a language with a forbidden name", "forbidden-member", {"Pace": {"look_for": "x"}}),
    ):
        yield case(
            name, "3.4" if expect == "forbidden-member" else "7.9", expect, **one(**own, translations=translations)
        )
    yield case("a text language that is no tag", "7.9", "malformed", **one(text_language="in Welsh"))


def described(case: Callable[..., Vector], one: Callable[..., Members]) -> Iterator[Vector]:
    """What a listing says of itself, and pauses."""
    yield case("everything that can be said", "7.3", "accept", **one(**EVERYTHING))
    closed = {"facilities": ["sauna"], "audience": "carers", "photos": "on-request", "bank_holidays": "next-day"}
    for name, value in ({"kind": "wheel", "languages": ["gsw-Latn-CH"]} | closed).items():
        yield case(f"{name}: {value}", "2.7", "accept", **one(**{name: value}))
        wrong = ["-"] if isinstance(value, list) else "-"
        yield case(f"{name}: {wrong}", "2.5", "malformed", **one(**{name: wrong}))
    yield case("forty facilities", "7.3", "accept", **one(facilities=[f"a{number}" for number in range(40)]))
    yield case("41 facilities", "7.3", "malformed", **one(facilities=[f"a{number}" for number in range(41)]))
    yield case("a facility twice", "7.3", "malformed", **one(facilities=["lit", "lit"]))
    yield case("a language twice", "7.3", "malformed", **one(languages=["en", "en"]))
    yield case("nine languages", "7.3", "malformed", **one(languages=[f"a{letter}" for letter in "abcdefghi"]))
    yield case("an age of 100", "7.3", "malformed", **one(minimum_age=100))
    yield case("free of charge, as a number", "7.3", "malformed", **one(free_of_charge=1))
    yield case("a run that is held once", "7.3", "accept", **one(schedule=without(schedule(), "rrule")))
    yield case("a pause without an end", "7.5", "accept", **one(pause={"since": "2026-06-04"}))
    yield case("a pause of the chapter", "7.5", "accept", profile=PAUSED)
    yield case("back on the first day", "7.5", "malformed", **one(pause=PAUSE | {"back_on": "2026-06-04"}))
    yield case("a pause that begins on no day", "7.5", "malformed", **one(pause=PAUSE | {"since": "2026-02-30"}))
    yield case("a pause that never begins", "7.5", "malformed", **one(pause={"back_on": "2026-07-02"}))
