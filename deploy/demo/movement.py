"""Run Talk Run as it was in September 2019: HQ, 19 chapters in the UK, 3 in the United States, and Brisbane.

The towns and where they are come from the gazetteer. Runs and people are made up.
"""

from calendar import day_name
from dataclasses import dataclass
from datetime import date, time

from node.chapter.profile import ProfileInput
from node.chapter.runs import RunInput
from node.places import lookup
from node.places.gazetteer import Place

from .story import CHAPTERS, DIRECTIONS, HAPPENS, DemoChapter, Happening

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
#: HQ and all chapters.
MOST_NODES = 24


@dataclass(frozen=True)
class _Sketch:
    """A chapter in one row. The rest follows from its town. `town`: as one types it into a search box."""

    town: str
    lead: str
    weekday: int
    starts_at: time
    point: str
    kind: str = "run"
    repeats: str = "weekly"
    facilities: tuple[str, ...] = ()
    happening: Happening = "confirmed"
    warming_up: bool = False


_SKETCHES = (
    _Sketch("Brighton, GB", "Joe", WEDNESDAY, time(18, 30), "Bandstand", facilities=("toilets", "dogs")),
    _Sketch("Bristol, GB", "Nia", MONDAY, time(18, 30), "Harbour bridge", "run-walk", happening="cancelled"),
    _Sketch("Cardiff, GB", "Rhys", TUESDAY, time(18, 0), "Museum steps", facilities=("toilets", "step-free", "lit")),
    _Sketch("Edinburgh, GB", "Isla", THURSDAY, time(19, 0), "Gate of the meadow", happening="moved"),
    _Sketch("Glasgow, GB", "Ewan", TUESDAY, time(18, 30), "Fountain on the green", "run-walk"),
    _Sketch("Leeds, GB", "Tom", WEDNESDAY, time(18, 15), "Library door", facilities=("indoor-base", "changing")),
    _Sketch("Manchester, GB", "Sana", MONDAY, time(18, 30), "Town hall steps", happening="unconfirmed"),
    _Sketch("Sheffield, GB", "Beth", SUNDAY, time(9, 30), "Botanical garden gate", "walk", "fortnightly"),
    _Sketch("Nottingham, GB", "Dev", THURSDAY, time(18, 30), "Left lion", facilities=("step-free", "wheelchair")),
    _Sketch("Birmingham, GB", "Kay", TUESDAY, time(18, 30), "Canal basin", "run-walk", happening="new hour"),
    _Sketch("Liverpool, GB", "Pat", SATURDAY, time(9, 0), "Ferry landing", facilities=("toilets", "water")),
    _Sketch("Newcastle upon Tyne, GB", "Meg", WEDNESDAY, time(18, 30), "Quayside sundial"),
    _Sketch("York, GB", "Will", SUNDAY, time(10, 0), "Station forecourt", "walk", "monthly"),
    _Sketch("Norwich, GB", "Ivy", THURSDAY, time(18, 0), "Market clock", happening="paused"),
    _Sketch("Exeter, GB", "Sam", TUESDAY, time(18, 30), "Quay, by the scales", warming_up=True),
    _Sketch("Southampton, GB", "Lou", MONDAY, time(18, 45), "Bargate", "run-walk", facilities=("lit",)),
    _Sketch("Bedford, GB", "Ruth", SATURDAY, time(9, 0), "Suspension bridge", "walk", facilities=("pushchair", "dogs")),
    _Sketch("New York, US", "Maya", SATURDAY, time(8, 0), "Park entrance at the lake"),
    _Sketch("Boston, US", "Cole", SUNDAY, time(9, 0), "Esplanade boathouse", "run-walk", "monthly-last"),
    _Sketch("Denver, US", "Jess", WEDNESDAY, time(18, 0), "Union station clock", happening="chapter paused"),
)


def chapters(count: int) -> tuple[DemoChapter, ...]:
    """The first `count` chapters. Raises GazetteerMissing, but not for the demo's own three."""
    return CHAPTERS[:count] + tuple(_drawn(sketch) for sketch in _SKETCHES[: max(0, count - len(CHAPTERS))])


def _drawn(sketch: _Sketch) -> DemoChapter:
    town = lookup.resolve(sketch.town).every[0]
    day = day_name[sketch.weekday]
    about = f"We meet in {town.name} on a {day}, whatever the weather. Come as you are."
    profile = ProfileInput(town.name, town.name, town.country, town.timezone, about)
    key = town.name.lower().replace(" ", "-")
    return DemoChapter(key, profile, sketch.lead, sketch.weekday, _run(sketch, town, day), sketch.happening)


def _run(sketch: _Sketch, town: Place, day: str) -> RunInput:
    part = "morning" if sketch.starts_at.hour < 12 else "evening"
    return RunInput(
        name=f"{day} {part} in {town.name}",
        kind=sketch.kind,
        timezone=town.timezone,
        starts_on=date(2019, 9, 1),
        starts_at=sketch.starts_at,
        repeats=sketch.repeats,
        point_name=sketch.point,
        address=f"{sketch.point}, {town.name}",
        directions=DIRECTIONS,
        lat_e4=town.lat_e4,
        lon_e4=town.lon_e4,
        distance_m=3000 if sketch.kind == "walk" else 5000,
        look_for="Someone with a blue cap",
        what_happens=HAPPENS,
        facilities=sketch.facilities,
        languages=("en",),
        warming_up=sketch.warming_up,
    )
