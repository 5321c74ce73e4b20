"""A serving node looks at itself each hour. Leads are written to once of each trouble, and never of a person."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from federation.encodings import to_instant
from node.models import CheckResult, Letter, Person, Sample
from node.sync import Sync
from node.upkeep import watch
from node.upkeep.doctor import NAMES, Check, examine_node
from node.upkeep.doctor.checks import Found, broken, look, well
from node.wire.looks import Look

from ...support.network import BRISBANE, LONDON, START, LocalFederation, LocalNode

#: Only the serving process knows these; another process reads them. These two it does not look at itself.
_OF_OTHERS = {"settings", "serving"}


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """What the checks find, as a test says it."""
    found: list[Check] = []
    monkeypatch.setattr("node.upkeep.doctor.examine_node", lambda _: found)
    return found


def letters_of(node: LocalNode) -> list[list[str]]:
    with node.session() as session:
        return [row.facts["checks"] for row in session.scalars(select(Letter).where(Letter.kind == "server"))]


def hours(node: LocalNode, count: int) -> None:
    for _ in range(count):
        watch.look(node.handle)
        node.clock.tick(hours=1)


def test_a_look_keeps_what_it_found_and_takes_a_sample(london: LocalNode) -> None:
    watch.look(london.handle)
    with london.session() as session:
        assert {row.name for row in watch.results(session)} == set(NAMES) - _OF_OTHERS
        (sample,) = watch.samples(session, london.clock())
    assert sample.fresh_hours == 48
    assert sample.memory_mb is not None
    assert sample.memory_mb > 10


def test_a_trouble_is_told_once_when_a_second_look_finds_it(london: LocalNode, ada: Person, says: list[Check]) -> None:
    says.append(Check("disk", broken("3 MB free", "free some space")))
    watch.look(london.handle)
    assert letters_of(london) == []
    london.clock.tick(hours=1)
    hours(london, 30)
    assert letters_of(london) == [["disk"]]


def test_a_trouble_that_stays_is_told_again_after_a_week(london: LocalNode, ada: Person, says: list[Check]) -> None:
    says.append(Check("disk", broken("3 MB free", "free some space")))
    hours(london, 2)
    london.clock.tick(days=7)
    hours(london, 3)
    assert letters_of(london) == [["disk"], ["disk"]]


def test_a_trouble_that_was_well_in_between_is_told_again(london: LocalNode, ada: Person, says: list[Check]) -> None:
    bad = Check("disk", broken("3 MB free", "free some space"))
    for state in (bad, Check("disk", well("3000 MB free")), bad):
        says[:] = [state]
        hours(london, 2)
    assert letters_of(london) == [["disk"], ["disk"]]


@pytest.mark.parametrize("found", [well("fine"), look("soon", "free some space"), Found("unknown", "?")])
def test_nothing_else_is_told(london: LocalNode, ada: Person, says: list[Check], found: Found) -> None:
    says.append(Check("disk", found))
    hours(london, 3)
    assert letters_of(london) == []


def test_troubles_of_one_hour_make_one_letter_to_each_lead(
    london: LocalNode, ada: Person, ben: Person, says: list[Check]
) -> None:
    says += [Check(name, broken("no", "mend it")) for name in ("disk", "mail")]
    hours(london, 2)
    told = letters_of(london)
    assert [sorted(one) for one in told] == [["disk", "mail"]] * 2


def test_samples_are_kept_for_two_weeks(london: LocalNode, says: list[Check]) -> None:
    watch.look(london.handle)
    london.clock.tick(days=14, hours=1)
    watch.look(london.handle)
    with london.session() as session:
        assert len(session.scalars(select(Sample)).all()) == 1


def test_a_check_that_a_newer_program_made_goes(london: LocalNode, says: list[Check]) -> None:
    says.append(Check("later", well("x")))
    watch.look(london.handle)
    says[:] = [Check("disk", well("x"))]
    watch.look(london.handle)
    with london.session() as session:
        assert [row.name for row in session.scalars(select(CheckResult))] == ["disk"]


@pytest.fixture
def two(tmp_path: Path, clock: object) -> Iterator[tuple[LocalNode, LocalNode, LocalFederation]]:
    """London and Brisbane, which know each other, and HQ."""
    made = LocalFederation(tmp_path, clock)  # type: ignore[arg-type]
    nodes = [made.add_chapter(profile) for profile in (LONDON, BRISBANE)]
    made.settle(1)
    for node in nodes:
        Sync(node.handle).round()
    yield nodes[0], nodes[1], made
    made.close()


def checked(node: LocalNode, name: str) -> Found:
    return next(check.found for check in examine_node(node.handle) if check.name == name)


def test_a_node_learns_from_others_that_it_is_reached(two: tuple[LocalNode, LocalNode, LocalFederation]) -> None:
    assert checked(two[0], "outside").state == "well"


def test_a_node_learns_from_others_that_it_is_not(two: tuple[LocalNode, LocalNode, LocalFederation]) -> None:
    london, _, made = two
    made.wire.down.add(london.settings.base_url)
    found = checked(london, "outside")
    assert found.state == "broken"
    assert found.fix


def looks(seen: str, **more: object) -> Look:
    return Look("a" * 24, to_instant(_NOW), seen, **more)  # type: ignore[arg-type]


_NOW = START


def test_one_nodes_bad_word_counts_for_nothing_against_a_good_one(
    two: tuple[LocalNode, LocalNode, LocalFederation], monkeypatch: pytest.MonkeyPatch
) -> None:
    london, brisbane, _ = two

    def ask(_: object, url: str, author: str) -> Look:
        return looks("refused" if url == brisbane.settings.base_url else "answers", milliseconds=5)

    monkeypatch.setattr("node.upkeep.doctor.looking.ask_for_look", ask)
    assert checked(london, "outside").state == "well"


@pytest.mark.parametrize(
    ("left", "state"),
    [
        (timedelta(days=60), "well"),
        (timedelta(days=13), "look"),
        (timedelta(days=2), "broken"),
        (-timedelta(1), "broken"),
    ],
)
def test_a_certificate_that_nobody_renews_is_said_before_its_end(
    two: tuple[LocalNode, LocalNode, LocalFederation], monkeypatch: pytest.MonkeyPatch, left: timedelta, state: str
) -> None:
    london, _, _ = two
    until = to_instant(london.clock() + left)
    monkeypatch.setattr("node.upkeep.doctor.looking.ask_for_look", lambda *_: looks("answers", certificate_until=until))
    monkeypatch.setattr("node.upkeep.doctor.checks.Ground.is_internet", True)
    assert checked(london, "certificate").state == state


def test_a_wrong_clock_is_said(
    two: tuple[LocalNode, LocalNode, LocalFederation], monkeypatch: pytest.MonkeyPatch
) -> None:
    london, _, _ = two
    ahead = to_instant(_NOW + timedelta(minutes=25))
    monkeypatch.setattr("node.upkeep.doctor.looking.ask_for_look", lambda *_: looks("answers", clock=ahead))
    found = checked(london, "clock")
    assert (found.state, "25 minutes ahead" in found.says, "timedatectl" in found.fix) == ("broken", True, True)


@pytest.mark.parametrize(
    ("addresses", "state"),
    [
        (["172.18.0.1"] * 30, "broken"),
        (["8.8.8.8"] * 30, "well"),
        (["8.8.8.8"] * 30 + ["172.18.0.1"] * 30, "look"),
        (["172.18.0.1"] * 19, "unknown"),
        (["127.0.0.1"] * 30, "broken"),
        (["192.168.1.4", "192.168.1.5"] * 20, "well"),
    ],
)
def test_visitors_who_seem_to_be_one_are_said(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch, addresses: list[str], state: str
) -> None:
    monkeypatch.setattr("node.upkeep.doctor.checks.Ground.is_internet", True)
    node = replace(london.handle)
    for address in addresses:
        node.seen.visitors.note(address)
    found = next(check.found for check in examine_node(node) if check.name == "visitors")
    assert found.state == state
    assert "8.8.8.8" not in found.says


def test_a_job_that_fails_is_said(london: LocalNode) -> None:
    london.handle.seen.note_job("poll", london.clock(), failed=True)
    assert checked(london, "jobs").state == "broken"
    london.handle.seen.note_job("poll", london.clock(), failed=False)
    assert checked(london, "jobs").state == "well"


def test_a_list_that_is_stale_is_said(london: LocalNode) -> None:
    london.clock.tick(hours=49)
    assert checked(london, "document").state == "broken"
