"""Two copies of one folder, and a folder put back from a copy while nobody answers (PROTOCOL.md §8.2)."""

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from node.chapter import dates, pauses, publishing, rivals, series
from node.database import writing
from node.directory import listings
from node.handle import Node
from node.hq import registry
from node.models import Chapter, HeldRegistry
from node.models import Run as RunRow
from node.sync import restored_folder
from node.sync.checks import Checks

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, hidden, words
from ..sync.test_hostile_peers import copy_database

FIRST, SECOND = date(2026, 6, 4), date(2026, 6, 11)


class Twins:
    """London's node, and a second server with a copy of its folder."""

    def __init__(self, federation: LocalFederation, folder: Path) -> None:
        self.federation, self.clock = federation, federation.clock
        self.one, self.brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
        self.run = self.one.announce(a_run())
        federation.settle()
        self.other = copy_of(self.one, folder)
        for node in (self.one, self.other):
            begin(node)
            with node.session() as session:
                restored_folder.close(session, node.settings, node.clock())

    def round(self) -> None:
        """Each server relays its documents and reads the seed."""
        for node in (self.one, self.other):
            self.clock.tick(seconds=20)
            self.federation.relay(node)
            self.federation.poll(node, only=self.federation.hq)

    def cancel(self, node: LocalNode, day: date = FIRST) -> None:
        with node.session() as session:
            dates.cancel(session, node.settings, self.run.id, day, "lead", "", self.clock.tick(seconds=5))

    def confirm(self, node: LocalNode, day: date) -> None:
        with node.session() as session:
            row, now = session.get(RunRow, self.run.id), self.clock.tick(seconds=5)
            assert row is not None
            dates.confirm(session, node.settings, self.run.id, day, now)

    def state(self, day: date = FIRST, at: LocalNode | None = None) -> str:
        """The state that the pages of another node show."""
        with (at or self.brisbane).session() as session:
            view = listings.listing(session, self.one.chapter_id, self.run.id, self.clock())
            return next(one.state for one in view.coming if one.day == day)


def copy_of(node: LocalNode, folder: Path) -> LocalNode:
    """Another server with a copy of the folder: the same address and key, and a database of its own."""
    copy = sqlite3.connect(":memory:")
    copy_database(node, copy)
    made = LocalNode(folder, node.clock, node.settings.port, role=node.settings.role)
    shutil.copytree(node.settings.signing_key_file.parent, made.settings.signing_key_file.parent)
    copy_database(made, copy, back=True)
    made.wire = node.wire
    if node.settings.role == "chapter":
        made.chapter_id = node.chapter_id
    return made


def begin(node: LocalNode) -> None:
    """Start the server as far as its question to the others, which nobody has answered yet."""
    with node.session() as session:
        restored_folder.open_question(session, node.settings, node.clock.tick(seconds=1))


def version(node: LocalNode) -> int:
    with node.session() as session:
        return session.get_one(Chapter, 1).last_version


def is_rival_known(node: LocalNode) -> bool:
    with node.session() as session:
        return rivals.has_rival(session)


@pytest.fixture
def twins(federation: LocalFederation, tmp_path: Path) -> Iterator[Twins]:
    made = Twins(federation, tmp_path / "copy")
    yield made
    made.other.close()


def disagree(twins: Twins) -> None:
    """Let the two servers take each other's documents over until they notice."""
    twins.cancel(twins.other, SECOND)
    for _ in range(6):
        twins.round()


def test_two_copies_of_a_folder_do_not_sign_for_ever(twins: Twins) -> None:
    disagree(twins)
    before = [version(twins.one), version(twins.other)]
    for _ in range(10):
        twins.round()
    assert [version(twins.one), version(twins.other)] == before
    assert is_rival_known(twins.one)


def test_the_server_that_knows_of_another_one_signs_nothing_by_itself(twins: Twins) -> None:
    disagree(twins)
    twins.clock.tick(hours=25)
    with twins.one.session() as session:
        assert not publishing.resign_if_due(session, twins.one.settings, twins.clock())


def test_one_restore_is_no_second_server(twins: Twins) -> None:
    twins.cancel(twins.other, SECOND)
    twins.federation.relay(twins.other)
    twins.federation.poll(twins.one, only=twins.federation.hq)
    assert not is_rival_known(twins.one)
    assert twins.state(SECOND, twins.one) == "cancelled"


def test_a_take_over_a_day_later_is_no_second_server(twins: Twins) -> None:
    for days, day in ((0, SECOND), (1, FIRST)):
        twins.clock.tick(days=days, seconds=5)
        twins.cancel(twins.other, day)
        twins.federation.relay(twins.other)
        twins.federation.poll(twins.one, only=twins.federation.hq)
    assert not is_rival_known(twins.one)


def test_a_leads_cancellation_is_signed_and_reaches_everybody_whichever_server_it_is_tapped_on(twins: Twins) -> None:
    disagree(twins)
    twins.cancel(twins.one, FIRST)
    twins.round()
    twins.federation.settle()
    assert twins.state(FIRST) == "cancelled"
    twins.cancel(twins.other, date(2026, 6, 18))
    twins.round()
    twins.federation.settle()
    assert [twins.state(day) for day in (FIRST, SECOND, date(2026, 6, 18))] == ["cancelled"] * 3


def test_a_cancellation_on_one_server_outlives_a_tap_on_the_other_that_had_not_heard_of_it(twins: Twins) -> None:
    twins.cancel(twins.one, FIRST)
    twins.confirm(twins.other, SECOND)
    twins.federation.relay(twins.other)
    twins.federation.poll(twins.one, only=twins.federation.hq)
    twins.federation.relay(twins.one)
    twins.federation.settle()
    assert twins.state(FIRST) == "cancelled"


def tap_on_the_other(twins: Twins) -> None:
    """A lead taps another date on the server that has not heard of the cancellation on this one."""
    twins.clock.tick(minutes=20)
    twins.confirm(twins.other, date(2026, 6, 25))
    twins.federation.relay(twins.other)
    twins.federation.poll(twins.one, only=twins.federation.hq)
    twins.federation.relay(twins.one)
    twins.federation.settle()


def coming(twins: Twins, node: LocalNode | None = None) -> list[listings.Occurrence]:
    """The dates that the pages of Brisbane's node (or of `node`) show."""
    with (node or twins.brisbane).session() as session:
        return listings.listing(session, twins.one.chapter_id, twins.run.id, twins.clock()).coming


@pytest.mark.parametrize("whole_chapter", [True, False])
def test_a_pause_on_one_server_outlives_a_tap_on_the_other(twins: Twins, whole_chapter: bool) -> None:
    run_id, today = None if whole_chapter else twins.run.id, twins.clock().date()
    with twins.one.session() as session:
        pauses.pause(session, twins.one.settings, run_id, today, None, "", twins.clock.tick(minutes=20))
    twins.federation.relay(twins.one)
    tap_on_the_other(twins)
    assert all(one.paused for one in coming(twins))


def test_of_two_pauses_that_two_servers_say_the_days_of_both_are_kept(twins: Twins) -> None:
    today = twins.clock().date()
    for node, first, last in ((twins.one, 0, 9), (twins.other, 14, 20)):
        since, back_on = today + timedelta(days=first), today + timedelta(days=last)
        with node.session() as session:
            pauses.pause(session, node.settings, None, since, back_on, "", twins.clock.tick(minutes=20))
    twins.federation.relay(twins.other)
    twins.federation.poll(twins.one, only=twins.federation.hq)
    twins.federation.settle()
    assert [one.paused for one in coming(twins)][:4] == [True, True, True, False]


def test_a_pause_that_is_over_makes_no_longer_one_of_the_other_servers(twins: Twins) -> None:
    today = twins.clock().date()
    with twins.one.session() as session:
        back_on = today + timedelta(days=1)
        pauses.pause(session, twins.one.settings, None, today, back_on, "", twins.clock.tick(minutes=20))
    twins.clock.tick(days=2)
    with twins.other.session() as session:
        since, now = today + timedelta(days=14), twins.clock()
        pauses.pause(session, twins.other.settings, None, since, None, "", now)
    twins.federation.relay(twins.other)
    twins.federation.poll(twins.one, only=twins.federation.hq)
    twins.federation.settle()
    assert [one.paused for one in coming(twins)][:3] == [False, False, True]


@pytest.mark.parametrize("promised", [False, True])
def test_a_move_on_one_server_outlives_a_tap_on_the_other(twins: Twins, promised: bool) -> None:
    later = datetime.combine(FIRST, time(19, 30))
    with twins.one.session() as session:
        dates.move(session, twins.one.settings, twins.run.id, FIRST, later, None, "", twins.clock.tick(minutes=20))
    if promised:
        twins.confirm(twins.one, FIRST)
    twins.federation.relay(twins.one)
    tap_on_the_other(twins)
    assert next((one.state, f"{one.starts:%H:%M}") for one in coming(twins)) == ("moved", "19:30")


def test_a_cancellation_on_the_other_server_outlives_a_move_on_this_one(twins: Twins) -> None:
    later = datetime.combine(FIRST, time(19, 30))
    with twins.one.session() as session:
        dates.move(session, twins.one.settings, twins.run.id, FIRST, later, None, "", twins.clock.tick(minutes=20))
    twins.clock.tick(minutes=20)
    twins.cancel(twins.other, FIRST)
    tap_on_the_other(twins)
    assert twins.state(FIRST) == "cancelled"


def test_another_place_of_a_run_on_one_server_outlives_a_tap_on_the_other(twins: Twins) -> None:
    with twins.one.session() as session:
        moved = a_run(point_name="The Tower", lat_e4=515081)
        series.edit(session, twins.one.settings, twins.run.id, moved, twins.clock.tick(minutes=20))
    twins.federation.relay(twins.one)
    tap_on_the_other(twins)
    assert {one.meeting_point.name for one in coming(twins)} == {"The Tower"}


def test_a_run_that_was_ended_on_one_server_is_not_revived_by_a_tap_on_the_other(twins: Twins) -> None:
    with twins.one.session() as session:
        series.withdraw(session, twins.one.settings, twins.run.id, twins.clock.tick(minutes=20))
    twins.federation.relay(twins.one)
    tap_on_the_other(twins)
    assert [one.state for one in coming(twins)][:2] == ["cancelled", "cancelled"]
    with twins.one.session() as session:
        assert session.get_one(RunRow, twins.run.id).withdrawn_at is not None


def test_the_lead_is_told_what_to_do_and_then_one_server_goes_on(twins: Twins) -> None:
    disagree(twins)
    phone = Phone(twins.one).sign_in("Sam")
    page = words(phone.get("/lead"))
    assert "Two servers speak for this chapter" in page
    assert "stop one of them" in page
    assert phone.tap("/lead/goes-on").status_code == 303
    assert "Two servers" not in words(phone.get("/lead"))
    for _ in range(4):
        twins.round()
    assert not is_rival_known(twins.one)
    twins.clock.tick(hours=21)
    with twins.one.session() as session:
        assert publishing.resign_if_due(session, twins.one.settings, twins.clock())


def test_an_old_page_says_of_no_server_that_came_since_that_it_has_stopped(twins: Twins) -> None:
    disagree(twins)
    phone = Phone(twins.one).sign_in("Sam")
    old = hidden(phone.get("/lead").text, "/lead/goes-on")
    with twins.one.session() as session, writing(session):
        rivals.note_met(session, twins.clock.tick(hours=5))
    assert phone.post("/lead/goes-on", data=old).status_code == 409
    assert is_rival_known(twins.one)
    assert phone.tap("/lead/goes-on").status_code == 303
    assert not is_rival_known(twins.one)


def test_it_is_logged_once(twins: Twins, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        disagree(twins)
        for day in (FIRST, date(2026, 6, 18)):
            for node in (twins.one, twins.other):
                twins.cancel(node, day)
                twins.round()
    said = [record.message for record in caplog.records if "two servers speak" in record.message]
    assert 1 <= len(said) <= 2  # once from each server at most
    assert sum("something newer of our own" in record.message for record in caplog.records) <= 2


def cancelled_since_the_copy(federation: LocalFederation) -> tuple[Twins, sqlite3.Connection]:
    """One server, and a copy of its database from between a promise and its cancellation."""
    made = Twins.__new__(Twins)
    made.federation, made.clock = federation, federation.clock
    made.one, made.brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    made.run = made.one.announce(a_run())
    made.clock.tick(minutes=1)
    made.confirm(made.one, FIRST)
    federation.settle()
    copy = sqlite3.connect(":memory:")
    copy_database(made.one, copy)
    made.clock.tick(minutes=1)
    made.cancel(made.one, FIRST)
    return made, copy


def context_of(twins: Twins) -> Node:
    one = twins.one
    with one.session() as session:
        began = session.get_one(Chapter, 1).began_at
    assert began is not None
    return one.restarted(began=began)


def test_two_copies_of_hqs_folder_notice_each_other_and_sign_nothing_by_themselves(
    federation: LocalFederation, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    federation.settle()
    hq, other = federation.hq, copy_of(federation.hq, tmp_path / "copy")
    for number, status in enumerate(("paused", "active", "suspended")):
        here = (hq, other)[number % 2]
        federation.wire.nodes[hq.settings.base_url] = here
        federation.hq = here
        federation.clock.tick(hours=1)
        federation.set_status(brisbane, status)  # type: ignore[arg-type]
        federation.poll(london)
        for one in (hq, other):
            Checks(one.handle).compare()
    assert is_rival_known(other) or is_rival_known(hq)
    told = next(one for one in (hq, other) if is_rival_known(one))
    with told.session() as session, london.session() as reader:
        assert session.get_one(HeldRegistry, 1).digest == reader.get_one(HeldRegistry, 1).digest
    phone = Phone(told).sign_in("Ada")
    assert "Two servers speak for HQ" in words(phone.get("/hq"))
    before = registry_version(told)
    federation.clock.now += timedelta(hours=21)
    with told.session() as session:
        assert not registry.resign_if_due(session, told.settings, federation.clock())
    seen = hidden(phone.get("/hq").text, "/hq/goes-on")
    assert phone.post("/hq/goes-on", data=seen).status_code == 303
    assert registry_version(told) > before
    assert "Two servers" not in words(phone.get("/hq"))
    phone.post("/hq/goes-on", data=seen)
    assert words(phone.get("/hq/history")).count("Ada stopped the other server that was speaking for HQ") == 1
    other.close()


def registry_version(node: LocalNode) -> int:
    with node.session() as session:
        return session.get_one(HeldRegistry, 1).version
