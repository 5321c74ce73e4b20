"""A backup each night where the chapter is; missed ones are made up for, and old ones go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from node import jobs
from node.config import Settings
from node.upkeep.backups import backup, backup_files, nightly, nights
from node.upkeep.backups.backup_key import Pair

from ....support.network import LONDON, START, Clock, LocalFederation, LocalNode

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def pretend(settings: Settings, *made_at: datetime) -> None:
    """Files with the names of backups of these times."""
    folder = backup_files.folder(settings)
    folder.mkdir(exist_ok=True)
    for at in made_at:
        (folder / backup_files.name_at(settings, at)).write_bytes(b"x")


def times(settings: Settings) -> list[datetime]:
    return [copy.made_at for copy in backup_files.all_of(settings)]


def test_the_first_is_due_at_once(settings: Settings) -> None:
    assert nights.is_due(settings, NOON)


def test_where_no_chapter_was_founded_none_is_due_and_none_is_made(clock: Clock, tmp_path: Path, pair: Pair) -> None:
    node = LocalNode(tmp_path / "new", clock, 8103, backup_key=pair.recipient)
    assert not nights.is_due(node.settings, NOON)
    with pytest.raises(backup.NothingToKeep, match="no chapter here yet"):
        backup.make(node.settings)
    assert [path.name for path in backup_files.folder(node.settings).iterdir()] == ["last.json"]
    node.close()


def test_one_a_night_is_enough_and_a_missed_night_is_made_up_for(settings: Settings) -> None:
    pretend(settings, NOON)
    assert not nights.is_due(settings, NOON + timedelta(hours=10))
    due = [hour for hour in range(48) if nights.is_due(settings, NOON + timedelta(hours=hour))]
    assert due
    assert 13 <= due[0] <= 16  # 2:00 to 4:00 in London, which is an hour less in UTC, and the next full hour
    assert due == list(range(due[0], 48))


@pytest.mark.parametrize(("zone", "earliest"), [("Australia/Brisbane", 16), ("America/New_York", 6)])
def test_the_night_is_that_of_the_chapter(settings: Settings, london: LocalNode, zone: str, earliest: int) -> None:
    from node.models import Chapter

    with london.handle.writing() as transaction:
        transaction.get_one(Chapter, 1).timezone = zone
    begins = datetime(2026, 6, 2, tzinfo=UTC)
    pretend(settings, begins + timedelta(hours=earliest - 1))
    due = [hour for hour in range(earliest, earliest + 24) if nights.is_due(settings, begins + timedelta(hours=hour))]
    assert due
    assert earliest <= due[0] <= earliest + 2


def test_many_nodes_do_not_begin_in_the_same_minute(settings: Settings) -> None:
    begins = {nights._own_part(replace(settings, base_url=f"https://chapter{n}.example.org")) for n in range(50)}
    assert len(begins) > 25


def test_one_of_a_clock_that_was_ahead_counts_for_no_night_and_goes_in_its_time(settings: Settings) -> None:
    pretend(settings, NOON + timedelta(days=2000))
    assert nights.is_due(settings, NOON)
    backup_files.mend(settings, NOON)
    assert times(settings) == [NOON]
    backup_files.sweep(settings, NOON + timedelta(seconds=1))
    assert times(settings) == []


def test_several_of_a_clock_that_was_ahead_all_stay(settings: Settings) -> None:
    pretend(settings, *(NOON + timedelta(days=days) for days in (10, 11, 12)))
    backup_files.mend(settings, NOON)
    assert len(times(settings)) == 3


def test_an_old_one_goes_with_the_hourly_sweep(settings: Settings, london: LocalNode) -> None:
    jobs.tidy(london.handle)
    pretend(settings, START - timedelta(days=30, minutes=1), START - timedelta(days=29))
    jobs.tidy(london.handle)
    assert times(settings) == [START - timedelta(days=29)]


def test_a_clock_that_jumps_ahead_deletes_none_while_nobody_says_that_it_is_right(federation: LocalFederation) -> None:
    node = federation.add_chapter(LONDON)
    federation.settle()
    jobs.tidy(node.handle)
    pretend(node.settings, START)
    node.clock.tick(days=400)
    jobs.tidy(node.handle)
    assert times(node.settings) == [START]


def test_the_sweep_drops_what_a_killed_backup_left(settings: Settings, london: LocalNode) -> None:
    pretend(settings)
    left = backup_files.folder(settings) / f"{backup.DATABASE}{backup_files.GROWING}"
    left.touch()
    jobs.tidy(london.handle)
    assert not left.exists()


def test_files_of_other_names_are_nobodys_backups(settings: Settings) -> None:
    pretend(settings, NOON)
    (backup_files.folder(settings) / "letter-to-the-council.age").touch()
    backup_files.sweep(settings, NOON + timedelta(days=1))
    assert [path.name for path in backup_files.folder(settings).iterdir()] == ["letter-to-the-council.age"]


def test_no_name_that_is_asked_for_is_a_path(settings: Settings) -> None:
    pretend(settings, NOON)
    assert backup_files.find(settings, backup_files.name_at(settings, NOON))
    assert backup_files.find(settings, f"../backups/{backup_files.name_at(settings, NOON)}") is None


def test_the_job_makes_one_in_a_process_of_its_own_and_none_twice(settings: Settings, london: LocalNode) -> None:
    london.clock.now = datetime.now(UTC)
    nightly.look(london.handle)
    first = times(settings)
    assert len(first) == 1
    nightly.look(london.handle)
    assert times(settings) == first


def test_without_a_key_the_job_does_nothing(london: LocalNode) -> None:
    nightly.look(london.handle)
    assert not backup_files.folder(london.settings).exists()
