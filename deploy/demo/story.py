"""The demo's own three chapters and their runs. Towns and meeting points are real, people are not."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from node.chapter.profile import ProfileInput
from node.chapter.runs import RunInput
from node.hq.founding import HqInput
from node.schedule.recurrence import day_in

HQ = HqInput("Demo HQ", "hello@example.org")

HAPPENS = (
    "We meet, say our first names, and read the guidelines. Then we go out gently together, as slow as the slowest. "
    "Walking is fine. You can talk, or just listen."
)
#: Directions to a meeting point that is made up.
DIRECTIONS = "By the notice board. Look for the small blue flag."
_WEEK = timedelta(weeks=1)

#: What leads have said of a run by the time that somebody looks. The module `happenings` says it.
Happening = Literal["confirmed", "unconfirmed", "cancelled", "moved", "new hour", "paused", "chapter paused"]


@dataclass(frozen=True)
class DemoChapter:
    """A chapter of the demo: its profile, a lead's first name, a run and its weekday (0: Monday)."""

    key: str
    profile: ProfileInput
    lead: str
    weekday: int
    run: RunInput
    happening: Happening = "confirmed"

    def next_run(self, now: datetime) -> RunInput:
        """The run, with its first date on the next such weekday from tomorrow on in the town's own zone.

        A run that is held on the last such weekday of a month begins on one.
        """
        tomorrow = day_in(self.profile.timezone, now) + timedelta(days=1)
        first = tomorrow + timedelta(days=(self.weekday - tomorrow.weekday()) % 7)
        while self.run.repeats == "monthly-last" and (first + _WEEK).month == first.month:
            first += _WEEK
        return replace(self.run, starts_on=first)


CHAPTERS = (
    DemoChapter(
        "london",
        ProfileInput(
            "London",
            "London",
            "GB",
            "Europe/London",
            "Every Thursday evening, since the first one. Come as you are.",
        ),
        "Ada",
        3,
        RunInput(
            name="Thursday evening at the Monument",
            kind="run",
            timezone="Europe/London",
            starts_on=date(2026, 1, 1),
            starts_at=time(18, 30),
            point_name="The Monument",
            lat_e4=515101,
            lon_e4=-859,
            address="Fish Street Hill, London EC3R 8AH",
            directions="At the foot of the column, on the side of the steps. Monument station is one minute away.",
            distance_m=5000,
            look_for="Someone with a yellow scarf",
            what_happens=HAPPENS,
            bring="Whatever you walk in. We can hold a small bag.",
        ),
    ),
    DemoChapter(
        "peterborough",
        ProfileInput("Peterborough", "Peterborough", "GB", "Europe/London", "By the river, every Tuesday."),
        "Priya",
        1,
        RunInput(
            name="Tuesday by the river",
            kind="run-walk",
            timezone="Europe/London",
            starts_on=date(2026, 1, 1),
            starts_at=time(19, 0),
            point_name="Key Theatre steps",
            lat_e4=525710,
            lon_e4=-2360,
            address="Embankment Road, Peterborough",
            directions="On the steps towards the river. There is a light above the door.",
            distance_m=4000,
            look_for="A green umbrella, whatever the weather",
            what_happens=HAPPENS,
        ),
    ),
    DemoChapter(
        "brisbane",
        ProfileInput("Brisbane", "Brisbane", "AU", "Australia/Brisbane", "Early, before the heat."),
        "Mia",
        5,
        RunInput(
            name="Saturday morning at South Bank",
            kind="walk",
            timezone="Australia/Brisbane",
            starts_on=date(2026, 1, 1),
            starts_at=time(6, 30),
            point_name="South Bank Piazza",
            lat_e4=-274785,
            lon_e4=1530230,
            address="South Bank Parklands, Brisbane",
            directions="Under the big roof, next to the water tap.",
            distance_m=5000,
            look_for="A blue cap",
            what_happens=HAPPENS,
        ),
    ),
)
