"""Whatever a lead taps, in whatever order and hour: no page of that run is a 500, and nobody stands there alone.

A machine taps at random against the real application and its database, with the clock in its hand. It keeps a model
of its own: which promises stand now, which dates are cancelled, of which dates people were told. More examples:
`EXAMPLES=500 .venv/bin/pytest tests/machine_dates`.
"""

import os
from datetime import UTC, date, time, timedelta

from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, invariant
from sqlalchemy import select

from federation.acceptance import open_chapter
from federation.documents import MAX_DATES
from federation.envelope import read
from node.directory import listings, roots
from node.models import HeldDocument, RunDate
from node.schedule import recurrence

from .taps import Leads

#: Pages that are opened after each tap.
_PAGES_A_STEP = 3


class Pages(Leads):
    """What is always so, whatever was tapped."""

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

    @initialize()
    def begin(self) -> None:
        """With two weekly runs at 18:30: their three months are more than one page of the search."""
        assert [run.starts_at for run in self.runs()] == [time(18, 30)] * 2


Pages.TestCase.settings = settings(
    max_examples=int(os.environ.get("EXAMPLES", "22")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestLeads = Pages.TestCase
