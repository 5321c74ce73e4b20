"""An upgrade from the first release in a small machine's bounds, and one that is killed: large measures, in small."""

from pathlib import Path

import pytest

from node import migrations

from ...benchmarks.upgrade import kill, upgrade

pytestmark = pytest.mark.processes


def test_an_upgrade_in_a_small_machine_and_back_loses_nothing(tmp_path: Path) -> None:
    done = upgrade(tmp_path, migrations.known()[0], chapters=300)
    assert (done.lost, done.was_out_of_memory) == ([], False)


def test_an_upgrade_that_is_killed_leaves_the_former_database_or_the_new_one(tmp_path: Path) -> None:
    seen, lost = kill(tmp_path, times=3, chapters=300)
    assert lost == []
    assert sum(seen.values()) == 3
