"""How a listing and what people wrote are read and shown."""

from collections.abc import Iterator
from typing import Any

from federation.text import MOST_LINES, MOST_MARKS

from ...support.federation_makers import ChapterMaker, Members, listing, point, said, schedule, write
from .vector import EVERYTHING, Vector, vector


def texts() -> Iterator[Vector]:
    """How text that people wrote is shown: `shown`; `visible`: whether it may be a name."""

    def case(name: str, text: str, shown: str, *, visible: bool = True) -> Vector:
        return vector(name, "2.3", "text", "accept", text=text, shown=shown, visible=visible)

    yield case("as it is", "Läufer, 12-14 Uhr", "Läufer, 12-14 Uhr")
    family = "\U0001f469\u200d\U0001f467 run"
    yield case("a family of emoji keeps its joiners", family, family)
    yield case("invisible characters", "Lon\u200bdon\u2060\ufeff\u00ad", "London")
    yield case("nothing but invisible ones", "\u200b\u2060", "", visible=False)
    yield case("a letter that is drawn as nothing", "\u3164", "\u3164", visible=False)
    yield case("marks on nothing", "\u0301\u0301", "\u0301\u0301", visible=False)
    yield case("direction marks", "a\u200e\u200f\u061cb", "ab")
    yield case("marks in a tower", "Z" + "\u0301" * 60 + "o", "Z" + "\u0301" * MOST_MARKS + "o")
    yield case("vowels and accents of real scripts", "Tiếng Việt, שָׁלוֹם", "Tiếng Việt, שָׁלוֹם")
    yield case("line feeds in a row", "one" + "\n \n" * 500 + "two", "one\n\ntwo")
    yield case("other line ends", "one\u2028two\u0085three", "one\ntwo\nthree")
    lines = [f"line {number}" for number in range(1, 61)]
    shown = "\n".join([*lines[: MOST_LINES - 1], " ".join(lines[MOST_LINES - 1 :])])
    yield case("sixty lines", "\n".join(lines), shown)


TOMORROW: Members = {
    "kind": "wheel",
    "facilities": ["water", "sauna"],
    "meeting_point": point(landmark={"name": "The station", "distance_m": 240, "direction": "up"}),
    "audience": "carers",
    "languages": ["en", "gsw-Latn-CH"],
    "photos": "on-request",
    "bank_holidays": "next-day",
    "mood": {"is": "good"},
    "dates": [
        said("2026-06-04", "cancelled", reason="heat"),
        said("2026-06-11", "postponed", starts="2026-06-11T19:00"),
        said("2026-06-18", "confirmed"),
    ],
}
READ_TODAY: Members = {
    "kind": None,
    "facilities": ["water"],
    "audience": "some",
    "languages": ["en"],
    "photos": None,
    "bank_holidays": None,
    "direction": None,
    "dates_known": True,
    "dates": [["2026-06-04", "cancelled", "other"], ["2026-06-11", "unclear", None], ["2026-06-18", "confirmed", None]],
}


def readings() -> Iterator[Vector]:
    """How a listing is read: `reading`, member by member; null for what is not shown."""
    maker = ChapterMaker()

    def case(name: str, section: str, reading: Members, **changes: Any) -> Vector:
        payload = write(maker.members(listings=[listing(**changes)]))
        return vector(name, section, "reading", "accept", payload=payload, reading=reading)

    dates = [["2026-06-04", "cancelled", "weather"]]
    said_today = [said("2026-06-04", "cancelled", reason="weather")]
    near = point(landmark={"name": "The station", "distance_m": 240, "direction": "south"})
    names = ("kind", "facilities", "audience", "languages", "photos", "bank_holidays")
    today = {name: EVERYTHING.get(name, "run-walk") for name in names} | {"dates_known": True, "dates": dates}
    today |= {"direction": "south"}
    yield case("words of today", "2.7", today, **EVERYTHING | {"dates": said_today, "meeting_point": near})
    yield case("words of tomorrow", "2.7", READ_TODAY, **TOMORROW)
    daily = schedule(rrule="FREQ=DAILY;INTERVAL=1")
    unread = READ_TODAY | {
        "dates_known": False,
        "dates": [[day, state if state == "cancelled" else "unclear", why] for day, state, why in READ_TODAY["dates"]],
    }
    yield case("a rule of tomorrow", "2.6", unread, **TOMORROW | {"schedule": daily})
