"""Three chapters with a run each, and a phone that reads one of their sites."""

from copy import copy
from datetime import date, datetime, time
from pathlib import Path

from node.chapter import dates, publishing
from node.models import Run

from ....support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run
from ....support.web_client import Phone, words

THURSDAY = date(2026, 6, 4)


class World:
    """Three chapters, and a phone that reads Brisbane's node."""

    def __init__(self, federation: LocalFederation) -> None:
        self.federation = federation
        self.london = federation.add_chapter(LONDON)
        self.peterborough = federation.add_chapter(PETERBOROUGH)
        self.brisbane = federation.add_chapter(BRISBANE)
        self.monument = self.london.announce(a_run())
        river = a_run(
            name="River run", starts_on=date(2026, 6, 2), lat_e4=525700, lon_e4=-2400, point_name="Town Bridge"
        )
        self.river = self.peterborough.announce(river)
        dawn = a_run(
            name="Dawn walk", point_name="South Bank", lat_e4=-274770, lon_e4=1530200, timezone="Australia/Brisbane",
            starts_at=time(6, 0),
        )  # fmt: skip
        self.dawn = self.brisbane.announce(dawn)
        federation.settle()
        self.phone = Phone(self.brisbane)

    def copied(self, folder: Path) -> "World":
        """The same world again, for a test that changes it. Making one takes most of a second."""
        made = copy(self)
        made.federation = self.federation.copied(folder)
        nodes = made.federation.nodes
        made.london, made.peterborough, made.brisbane = nodes["london"], nodes["peterborough"], nodes["brisbane"]
        made.phone = Phone(made.brisbane)
        return made

    def cancel(self, node: LocalNode, run: Run, day: date, note: str = "") -> None:
        with node.session() as session:
            dates.cancel(session, node.settings, run.id, day, "weather", note, self.federation.clock())
        self.federation.settle()

    def cancel_quietly(self, node: LocalNode, run: Run, day: date) -> None:
        with node.session() as session:
            dates.cancel(session, node.settings, run.id, day, "weather", "", self.federation.clock())

    def announce_again(self) -> None:
        """Let time pass. The nodes sign and read as their jobs do."""
        for node in (self.london, self.peterborough, self.brisbane):
            with node.session() as session:
                publishing.resign_if_due(session, node.settings, self.federation.clock())
        self.federation.settle()

    def now(self) -> datetime:
        return self.federation.clock()

    def confirm(self, node: LocalNode, run: Run, day: date) -> None:
        with node.session() as session:
            dates.confirm(session, node.settings, run.id, day, self.federation.clock())
        self.federation.settle()

    def page_of(self, node: LocalNode, run: Run, query: str = "") -> str:
        return words(self.phone.get(f"/runs/{node.chapter_id}/{run.id}{query}"))
