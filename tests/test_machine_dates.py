"""Whatever a lead taps, in whatever order and hour: no page of that run is a 500, and nobody stands there alone.

A machine taps at random against the real application and its database, with the clock in its hand. It keeps a model
of its own: which promises stand now, which dates are cancelled, of which dates people were told. More examples:
`EXAMPLES=500 .venv/bin/pytest tests/test_machine_dates.py`.
"""

import html
import os
import re
import shutil
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from federation.acceptance import open_chapter
from federation.documents import MAX_DATES
from federation.envelope import read
from node.chapter import dates, pauses, publishing, runs
from node.chapter.listing import point_of, schedule_of
from node.database import writing
from node.directory import chapters, listings, roots
from node.models import Chapter, HeldDocument, HeldListing, HeldRoot, RegistryChapter, Run, RunDate
from node.schedule import recurrence

from .support.network import LONDON, START, Clock, LocalNode, a_run
from .support.web_client import Phone
from .web.leads.test_runs import TYPED

DAYS = some.integers(0, 60)
TIMES = some.sampled_from(["06:00", "18:00", "18:30", "19:30", "23:45"])
PLACES = some.sampled_from([("The Monument", "51.5101, -0.0860"), ("Tower Hill", "51.5098, -0.0764")])
NOTES = some.sampled_from(["", "Ice on the steps", "Zoë is ill \U0001f9ca"])
PICK = some.integers(0, 9)
#: From which date on a change counts: from the next, from one of the coming ones, or from what nobody offers.
FROM = some.sampled_from(["", "", "", 1, 2, 4, 6, "0001-01-01", "9999-12-31"])
_AGAIN = 4
_PAGES_A_STEP = 3
STALE = some.sampled_from([False, False, False, True])
SINCE = some.integers(-1, 30)
LENGTH = some.sampled_from([None, 0, 1, 7, 30])

ZONES = some.sampled_from([*["Europe/London"] * 4, "America/New_York"])

Date = tuple[str, date]
#: When it starts, and the name and the address of its place.
Held = tuple[datetime, str, str]


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


class Leads(RuleBasedStateMachine):
    """Leads who tap, HQ that says yes and no, and time that passes."""

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
        again = [run for run in found if run.id == self.last[0]] if pick > _AGAIN else []
        return (again or found)[pick % len(again or found)]

    def coming(self, run: Run) -> list[dates.DateView]:
        with self.node.session() as session:
            return dates.coming(session, session.get_one(Run, run.id), self.clock())

    def view(self, run: Run, pick: int) -> dates.DateView | None:
        found = self.coming(run)[:4]
        again = [view for view in found if (run.id, view.day) == self.last] if pick > _AGAIN else []
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

    # What a lead taps

    @rule(pick=PICK, which=PICK, stale=STALE)
    def confirm(self, pick: int, which: int, stale: bool) -> None:
        run = self.run(which)
        view = self.view(run, pick)
        if view:
            self.promise(run, view, stale)

    def promise(self, run: Run, view: dates.DateView, stale: bool) -> None:
        if self.tap(run, view, "confirm", {}, stale):
            if stale:
                assert view.state == "confirmed"
            self.acts_afresh(run, view)
            self.promised[run.id, view.day] = self.held(run, view)

    @rule(
        pick=PICK,
        which=PICK,
        note=NOTES,
        reason=some.sampled_from(["weather", "lead", "lead", "nonsense"]),
        after_a_promise=some.booleans(),
    )
    def cancel(self, pick: int, which: int, note: str, reason: str, after_a_promise: bool) -> None:
        """Half of them by somebody who had promised to be there: an undo of that must not bring the promise back."""
        run = self.run(which)
        view = self.view(run, pick)
        if view and after_a_promise:
            self.promise(run, view, stale=False)
        if view and self.tap(run, view, "cancel", {"reason": reason, "note": note}, stale=True):
            self.acts_afresh(run, view)
            self.cancelled |= {(run.id, day) for day in (view.day, *view.known_for)}

    @rule(pick=PICK, which=PICK, by=some.integers(-16, 16), at=TIMES, place=PLACES, note=NOTES, stale=STALE)
    def move(self, pick: int, which: int, by: int, at: str, place: tuple[str, str], note: str, stale: bool) -> None:
        run = self.run(which)
        view = self.view(run, pick)
        if view is None:
            return
        form = {"starts_on": f"{view.day + timedelta(days=by)}", "starts_at": at, "note": note, "same_place": "y"}
        where = {"point_name": place[0], "point": place[1], "address": "", "directions": ""}
        if self.tap(run, view, "move", form | where, stale):
            self.acts_afresh(run, view)

    def undoable(self) -> list[tuple[Run, dates.DateView]]:
        return [(run, view) for run in self.runs() for view in self.coming(run) if view.can_undo]

    @precondition(lambda self: self.undoable())
    @rule(pick=PICK, stale=STALE)
    def undo(self, pick: int, stale: bool) -> None:
        found = self.undoable()
        again = [(run, view) for run, view in found if (run.id, view.day) == self.last] if pick > _AGAIN else []
        run, view = (again or found)[pick % len(again or found)]
        if self.tap(run, view, "undo", {}, stale):
            self.acts_afresh(run, view)

    @rule(
        which=PICK,
        first=some.integers(-30, 30),
        at=some.none() | TIMES,
        place=PLACES,
        zone=ZONES,
        repeats=some.sampled_from(["once", "weekly", "weekly", "fortnightly", "monthly"]),
        until=some.sampled_from([None, None, None, 3, 20]),
        gap=some.sampled_from([None, None, None, 0, 1]),
        from_=FROM,
        fresh=some.sampled_from([False, False, True]),
        after_a_promise=some.booleans(),
    )
    def edit(
        self, which: int, first: int, at: str | None, place: tuple[str, str], zone: str, repeats: str,
        until: int | None, gap: int | None, from_: int | str, fresh: bool, after_a_promise: bool,
    ) -> None:  # fmt: skip
        """Half of them by somebody who had promised to be there, and half at the hour that it has."""
        run, today = self.run(which), self.clock().date()
        view = self.view(run, first) if after_a_promise else None
        if view:
            self.promise(run, view, stale=False)
        begins = today + timedelta(days=first) if fresh else run.starts_on
        coming = self.coming(run)
        from_day = f"{coming[from_ % len(coming)].starts.date()}" if isinstance(from_, int) and coming else from_
        self.change(
            run,
            starts_on=f"{begins}",
            starts_at=at or run.starts_at.strftime("%H:%M"),
            timezone=zone,
            repeats=repeats if fresh else run.repeats,
            point_name=place[0],
            point=place[1],
            until="" if until is None else f"{today + timedelta(days=until)}",
            exdates="" if gap is None or not coming else f"{coming[gap % len(coming)].day}",
            from_day=f"{from_day}",
        )

    @rule(which=PICK, bring=NOTES)
    def edit_other_words(self, which: int, bring: str) -> None:
        """Of which no date says anything."""
        run = self.run(which)
        before = self.said()
        self.change(
            run,
            starts_on=f"{run.starts_on}",
            starts_at=run.starts_at.strftime("%H:%M"),
            timezone=run.timezone,
            repeats=run.repeats,
            point_name=run.point_name,
            address=run.address,
            directions=run.directions,
            point=f"{run.lat_e4 / 10_000:.4f}, {run.lon_e4 / 10_000:.4f}",
            until=f"{run.until or ''}",
            exdates="\n".join(run.exdates),
            bring=bring,
        )
        assert self.said() == before

    def said(self) -> list[tuple[object, ...]]:
        with self.node.session() as session:
            rows = session.scalars(select(RunDate).order_by(RunDate.run_id, RunDate.day)).all()
            return [(row.run_id, row.day, row.before, dates.status_of(row)) for row in rows]

    def change(self, run: Run, **typed: str) -> None:
        with self.node.session() as session:
            mark = runs.mark_of(session.get_one(Run, run.id))
        before = [view for view in self.coming(run) if not view.planned_gap]
        if self.post(f"/lead/runs/{run.id}/edit", TYPED | {"same_place": "y", "seen": mark} | typed):
            after = self.keep_promises(run.id)
            for view in before:
                state, held = after.get(view.day, ("", self.held(run, view)))
                is_confirmed = view.state == "confirmed" and held == self.held(run, view)
                # A date that the new rule does not have is cancelled where it stood.
                assert not is_confirmed or state not in ("moved", "unconfirmed"), view.day
                assert held[0] == view.starts or not self.is_at_own_hour(run, view), view.day

    def is_at_own_hour(self, run: Run, view: dates.DateView) -> bool:
        by_rule = recurrence.occurrences(schedule_of(run), view.day, view.day)
        return view.new_time and not view.is_closed and [at.starts for at in by_rule] != [view.starts]

    def keep_promises(self, run_id: str) -> dict[date, tuple[str, Held]]:
        """After a change of a run only those stand whose dates are held when and where they were. How all are now."""
        with self.node.session() as session:
            run = session.get_one(Run, run_id)
            coming = [view for view in dates.coming(session, run, self.clock()) if not view.planned_gap]
            after = {view.day: (view.state, self.held(run, view)) for view in coming}
            length = timedelta(minutes=run.duration_minutes)
        for (of, day), held in list(self.promised.items()):
            is_over = held[0] + length <= self.clock()
            if of == run_id and not is_over and (day not in after or after[day][1] != held):
                del self.promised[of, day]
        return after

    @precondition(lambda self: any(run.edited_at for run in self.runs()))
    @rule(which=PICK)
    def undo_edit(self, which: int) -> None:
        found = [run for run in self.runs() if run.edited_at]
        run = found[which % len(found)]
        self.post(f"/lead/runs/{run.id}/undo", {"edited_at": f"{run.edited_at and run.edited_at.isoformat()}"})
        self.keep_promises(run.id)

    @precondition(lambda self: len(self.runs()) < 3)
    @rule(first=some.integers(-10, 20), at=TIMES, repeats=some.sampled_from(["once", "weekly", "monthly-last"]))
    def announce(self, first: int, at: str, repeats: str) -> None:
        day = self.clock().date() + timedelta(days=first)
        self.post("/lead/runs/new", TYPED | {"starts_on": f"{day}", "starts_at": at, "repeats": repeats})

    @precondition(lambda self: not any(run.withdrawn_at for run in self.runs()))
    @rule(which=PICK)
    def withdraw(self, which: int) -> None:
        run = self.run(which)
        if self.post(f"/lead/runs/{run.id}/withdraw", {}):
            self.promised = {date: held for date, held in self.promised.items() if date[0] != run.id}

    @precondition(lambda self: any(run.withdrawn_at for run in self.runs()))
    @rule()
    def reinstate(self) -> None:
        for run in self.runs():
            if run.withdrawn_at:
                self.post(f"/lead/runs/{run.id}/reinstate", {"withdrawn_at": run.withdrawn_at.isoformat()})

    @rule(which=PICK, whole=some.booleans(), since=SINCE, length=LENGTH, note=NOTES)
    def pause(self, which: int, whole: bool, since: int, length: int | None, note: str) -> None:
        run = self.run(which)
        begins = self.clock().date() + timedelta(days=since)
        ends = None if length is None else begins + timedelta(days=length)
        with self.node.session() as session:
            paused = session.get_one(Chapter, 1) if whole else session.get_one(Run, run.id)
            form = {"seen": pauses.mark_of(paused), "since": f"{begins}", "back_on": f"{ends or ''}", "note": note}
        if self.post("/lead/pause" if whole else f"/lead/runs/{run.id}/pause", form):
            self.take_back(None if whole else run.id, begins, ends)

    @precondition(lambda self: self.paused())
    @rule(which=PICK, whole=some.booleans())
    def resume(self, which: int, whole: bool) -> None:
        run = self.run(which)
        with self.node.session() as session:
            paused = session.get_one(Chapter, 1) if whole else session.get_one(Run, run.id)
            mark = pauses.mark_of(paused)
        self.post("/lead/resume" if whole else f"/lead/runs/{run.id}/resume", {"seen": mark})

    def paused(self) -> bool:
        with self.node.session() as session:
            return any(one.paused_since for one in (session.get_one(Chapter, 1), *session.scalars(select(Run))))

    # What others do

    @rule(status=some.sampled_from(["active", "active", "paused", "suspended"]))
    def hq_says(self, status: Any) -> None:
        with self.node.session() as session, writing(session):
            root = session.scalars(select(HeldRoot)).one()
            said = {"root_version": root.version, "root_digest": root.digest, "since": self.clock()}
            session.merge(RegistryChapter(chapter=root.author, status=status, replaces=None, **said))
            session.flush()
            pauses.heed_hq(session)
        self.is_listed = status != "suspended"
        if status != "active":
            self.take_back(None, date.min, None)
        self.sign()

    @rule(hours=some.sampled_from([0.25, 1, 5, 12, 24, 24 * 5, 24 * 9]))
    def time_passes(self, hours: float) -> None:
        self.clock.tick(hours=hours)
        self.sign()

    @rule(after=some.timedeltas(timedelta(minutes=-10), timedelta(minutes=70)), which=PICK)
    def a_run_begins(self, after: timedelta, which: int) -> None:
        """The hours in which most happens: just before, during and after a run."""
        view = self.view(self.run(which), 0)
        if view and view.starts + after > self.clock():
            self.clock.now = (view.starts + after).astimezone(self.clock.now.tzinfo).replace(microsecond=0)
            self.sign()

    @precondition(lambda self: self.steps % 6 == 5)
    @rule()
    def a_reader_turns_the_pages(self) -> None:
        """Three months of runs, by the links that the pages have: they end, and show no date twice."""
        today = self.clock().date()
        path, shown = f"/runs?near=51.5101,-0.0860&from={today}&to={today + timedelta(days=90)}", list[str]()
        for _ in range(5):
            answer = self.phone.get(path)
            assert answer.status_code == 200, path
            shown += re.findall(r'<h3><a href="(/runs/[^"]+)"', answer.text)
            # Not the map's links: each of them shows the same page of the search again.
            further = re.search(r'<a class="button quiet" href="([^"]*)">More runs</a>', answer.text)
            if further is None:
                break
            path = html.unescape(further[1])
        assert further is None, path
        assert len(shown) == len(set(shown)), shown

    def sign(self) -> None:
        with self.node.session() as session:
            publishing.resign_if_due(session, self.node.settings, self.clock())

    def take_back(self, run_id: str | None, begins: date, ends: date | None) -> None:
        zones = {run.id: recurrence.zone(run.timezone) for run in self.runs()}
        for (of, day), held in list(self.promised.items()):
            on = held[0].astimezone(zones[of]).date()
            if run_id in (None, of) and begins <= on and (ends is None or on < ends):
                del self.promised[of, day]

    # What is always so

    @invariant()
    def no_page_is_a_500(self) -> None:
        """A few pages a step, in turn, and those of the date that was tapped just now: they cost more than all else."""
        every, self.steps = self.pages(), self.steps + 1
        begin = self.steps * _PAGES_A_STEP % len(every)
        tapped, self.tapped = self.tapped, None
        for path in [*every[begin : begin + _PAGES_A_STEP], *(self.pages_of(*tapped) if tapped else [])]:
            answer = self.phone.get(path)
            assert answer.status_code < 500, path
            assert self.promised or path.startswith("/lead") or "✓</span> A lead will be there" not in answer.text, path

    def pages(self) -> list[str]:
        found = ["/lead", "/", "/runs?near=51.5101,-0.0860", "/chapters"]
        for run in self.runs():
            lead = f"/lead/runs/{run.id}"
            found += [f"/runs/{self.chapter()}/{run.id}", f"{lead}/edit", f"{lead}/pause", f"{lead}/withdraw"]
        with self.node.session() as session:
            said = session.execute(select(RunDate.run_id, RunDate.day).order_by(RunDate.day)).all()
        return found + [
            path
            for run_id, day in sorted(said, key=lambda one: (one.day, self.order[one.run_id]))
            for path in self.pages_of(run_id, day)
        ]

    def pages_of(self, run_id: str, day: date) -> list[str]:
        lead = f"/lead/runs/{run_id}/dates/{day}"
        return [f"/runs/{self.chapter()}/{run_id}?date={day}", f"{lead}/move", f"{lead}/cancel"]

    @invariant()
    def pages_say_what_leads_have_said(self) -> None:
        shown = self.shown()
        for one in shown:
            self.a_cancellation_is_never_shown_as_on(one)
            self.nothing_is_confirmed_but_what_is_promised_now(one)
        self.what_was_told_is_never_gone(shown)
        unusual = [one for one in shown if one.state != "unconfirmed" and not one.planned_gap]
        self.told = {(one.listing.id, day): one.ends for one in unusual for day in (one.day, *one.moved_from)}

    def a_cancellation_is_never_shown_as_on(self, one: listings.Occurrence) -> None:
        for day in (one.day, *one.moved_from):
            assert (one.listing.id, day) not in self.cancelled or one.state == "cancelled", (day, one.state)

    def nothing_is_confirmed_but_what_is_promised_now(self, one: listings.Occurrence) -> None:
        if one.state == "confirmed":
            held = (one.starts.astimezone(UTC), one.meeting_point.name, one.meeting_point.address)
            assert self.promised.get((one.listing.id, one.day)) == held, (one.day, held)

    def what_was_told_is_never_gone(self, shown: list[listings.Occurrence]) -> None:
        """While its day lies ahead it is on, moved, or cancelled; on every page that there is."""
        found = {(one.listing.id, day) for one in shown for day in (one.day, *one.moved_from)}
        today = self.clock().date() + timedelta(days=1)
        ahead = {date for date, ends in self.told.items() if date[1] > today and ends > self.clock()}
        lost = {date for date in ahead - found if self.is_listed and self.has_room(date[0])}
        assert not lost, lost

    def has_room(self, run_id: str) -> bool:
        """Whether its list can name every date of which something is said (PROTOCOL.md §7.3)."""
        with self.node.session() as session:
            rows = session.scalars(select(RunDate.day).where(RunDate.run_id == run_id)).all()
        return len(rows) <= MAX_DATES

    @invariant()
    def the_signed_document_is_valid(self) -> None:
        with self.node.session() as session:
            held = session.get_one(HeldDocument, self.chapter())
            root = roots.chain_of(session, self.chapter())[-1]
            assert held.envelope is not None
            document = open_chapter(read(held.envelope), root, self.clock())
        said = {(one.id, state.date): state.state for one in document.listings for state in one.dates}
        listed = {one.id: one for one in document.listings}
        assert {(run, date.fromisoformat(day)) for (run, day), state in said.items() if state == "confirmed"} <= (
            self.promised.keys()
        )
        for run_id, day in self.cancelled:
            today = self.clock().date() + timedelta(days=1)
            if run_id in listed and today <= day and recurrence.occurrences(listed[run_id].schedule, day, day):
                assert said.get((run_id, f"{day}")) == "cancelled", day

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

    @initialize()
    def begin(self) -> None:
        """With two weekly runs at 18:30: their three months are more than one page of the search."""
        assert [run.starts_at for run in self.runs()] == [time(18, 30)] * 2


Leads.TestCase.settings = settings(
    max_examples=int(os.environ.get("EXAMPLES", "22")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestLeads = Leads.TestCase
