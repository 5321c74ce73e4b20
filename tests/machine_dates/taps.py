"""What leads tap, and what others do: HQ, readers, time."""

import html
import re
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as some
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from node.chapter import dates, pauses, runs
from node.chapter.listing import schedule_of
from node.database import writing
from node.models import Chapter, HeldRoot, RegistryChapter, Run, RunDate
from node.schedule import recurrence

from ..web.leads.test_runs import TYPED
from .model import AGAIN, Held, Model

DAYS = some.integers(0, 60)
TIMES = some.sampled_from(["06:00", "18:00", "18:30", "19:30", "23:45"])
PLACES = some.sampled_from([("The Monument", "51.5101, -0.0860"), ("Tower Hill", "51.5098, -0.0764")])
NOTES = some.sampled_from(["", "Ice on the steps", "Zoë is ill \U0001f9ca"])
PICK = some.integers(0, 9)
#: From which date on a change counts: from the next, from one of the coming ones, or from what nobody offers.
FROM = some.sampled_from(["", "", "", 1, 2, 4, 6, "0001-01-01", "9999-12-31"])
STALE = some.sampled_from([False, False, False, True])
SINCE = some.integers(-1, 30)
LENGTH = some.sampled_from([None, 0, 1, 7, 30])

ZONES = some.sampled_from([*["Europe/London"] * 4, "America/New_York"])


class Leads(Model):
    """Leads who tap, HQ that says yes and no, and time that passes."""

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
        again = [(run, view) for run, view in found if (run.id, view.day) == self.last] if pick > AGAIN else []
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
