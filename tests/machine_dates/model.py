"""The chapter that the machine taps at, and what it remembers of what leads have said."""

import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select

from node.chapter import dates, publishing
from node.chapter.listing import point_of
from node.directory import chapters, listings
from node.models import HeldListing, Run
from node.schedule import recurrence

from ..support.network import LONDON, START, Clock, LocalNode, a_run
from ..support.web_client import Phone

Date = tuple[str, date]
#: When it starts, and the name and the address of its place.
Held = tuple[datetime, str, str]
#: Above it a pick goes again to what was tapped last.
AGAIN = 4


def _founded() -> Path:
    """A chapter's folder, made once: each example begins with a copy."""
    folder = Path(tempfile.mkdtemp(prefix="machine-"))
    node = LocalNode(folder, Clock(), 8101)
    node.found_chapter(LONDON)
    node.announce(a_run())
    node.announce(a_run(name="Sunday run", starts_on=date(2026, 6, 7)))
    node.close()
    return folder


_first: list[Path] = []


class Model(RuleBasedStateMachine):
    """A chapter with two runs, its clock, a lead's phone, and the promises and cancellations that stand now."""

    def __init__(self) -> None:
        super().__init__()
        if not _first:
            _first.append(_founded())
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        shutil.copytree(_first[0], self.folder, dirs_exist_ok=True)
        self.clock = Clock(START)
        # A copy of the data alone does not hold the members' key.
        self.node = LocalNode(self.folder, self.clock, 8101, keys_folder=f"{_first[0]}-keys")
        self.phone = Phone(self.node).sign_in()
        #: Dates that a lead has cancelled, those in whose place they were held among them, and that nobody has said
        #: anything else of since.
        self.cancelled: set[Date] = set()
        #: The promise that stands now for each date: for when and where it was given.
        self.promised: dict[Date, Held] = {}
        #: Dates of which pages said more, when they were last looked at, than that they are held as usual; their ends.
        self.told: dict[Date, datetime] = {}
        self.is_listed = True
        #: What was tapped last: half of all taps go there again, as leads' do, and as faults do.
        self.last: Date = ("", date.min)
        self.tapped: Date | None = None
        self.order: dict[str, int] = {}
        self.steps = 0

    def teardown(self) -> None:
        self.node.close()
        shutil.rmtree(self.folder)

    # What a page knows

    def runs(self) -> list[Run]:
        with self.node.session() as session:
            found = list(session.scalars(select(Run).order_by(Run.name)))
            session.expunge_all()
        # Ids are random: an example that is tried again must find them in the same order.
        return sorted(found, key=lambda run: self.order.setdefault(run.id, len(self.order)))

    def run(self, pick: int) -> Run:
        found = self.runs()
        again = [run for run in found if run.id == self.last[0]] if pick > AGAIN else []
        return (again or found)[pick % len(again or found)]

    def coming(self, run: Run) -> list[dates.DateView]:
        with self.node.session() as session:
            return dates.coming(session, session.get_one(Run, run.id), self.clock())

    def view(self, run: Run, pick: int) -> dates.DateView | None:
        found = self.coming(run)[:4]
        again = [view for view in found if (run.id, view.day) == self.last] if pick > AGAIN else []
        return (again or found)[pick % len(again or found)] if found else None

    def post(self, path: str, data: dict[str, Any]) -> str:
        """Where the answer leads; nothing if it does not."""
        answer = self.phone.post(path, data=data)
        assert answer.status_code < 500, (path, data, answer.status_code)
        return answer.headers.get("Location", "") if answer.status_code == 303 else ""

    def tap(self, run: Run, view: dates.DateView, verb: str, data: dict[str, Any], stale: bool) -> bool:
        sent, self.last = {"seen": "old" if stale else view.mark, **data}, (run.id, view.day)
        self.tapped = self.last
        return f"done={ {'undo': 'undone', 'confirm': 'confirmed', 'cancel': 'cancelled', 'move': 'moved'}[verb] }" in (
            self.post(f"/lead/runs/{run.id}/dates/{view.day}/{verb}", sent)
        )

    def held(self, run: Run, view: dates.DateView) -> Held:
        point = view.point or point_of(run)
        return view.starts.astimezone(UTC), point.name, point.address

    def acts_afresh(self, run: Run, view: dates.DateView) -> None:
        """Whatever was said of it before, a lead says something else now."""
        self.cancelled -= {(run.id, day) for day in (view.day, *view.known_for)}
        self.promised.pop((run.id, view.day), None)

    def sign(self) -> None:
        with self.node.session() as session:
            publishing.resign_if_due(session, self.node.settings, self.clock())

    def take_back(self, run_id: str | None, begins: date, ends: date | None) -> None:
        zones = {run.id: recurrence.zone(run.timezone) for run in self.runs()}
        for (of, day), held in list(self.promised.items()):
            on = held[0].astimezone(zones[of]).date()
            if run_id in (None, of) and begins <= on and (ends is None or on < ends):
                del self.promised[of, day]

    def chapter(self) -> str:
        with self.node.session() as session:
            return chapters.own_id(session) or ""

    def shown(self) -> list[listings.Occurrence]:
        """Whatever a reader may find of the coming weeks."""
        today = self.clock().date()
        with self.node.session() as session:
            rows = session.scalars(select(HeldListing.row)).all()
            return listings.occurrences_of(
                session, rows, today - timedelta(days=1), today + timedelta(weeks=11), self.clock()
            )
