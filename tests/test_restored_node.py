"""A real server is backed up while leads tap, lost, and put back by two commands; the others take what it says."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from node.upkeep.backups import backup_key

from .deploy.commands.test_refusals import DAMAGED, damaged
from .support.processes import Demo, LeadBrowser, demo, rtr, wait_until
from .support.tapping import Tapper, last_tap_in
from .test_processes import days_of, listing_path

pytestmark = pytest.mark.processes

_ROUNDS = 3


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo") / "demo") as started:
        yield started


@pytest.fixture(scope="module")
def key_file(running: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """London's backups are made for this key."""
    pair = backup_key.make()
    running.command("london", "backup", "key", pair.recipient)
    file = tmp_path_factory.mktemp("keys") / "key.txt"
    file.write_text(pair.secret)
    return file


def back_up(running: Demo, name: str = "london") -> Path:
    return Path(running.command(name, "backup").split(" (")[0])


def restored(running: Demo, file: Path, key_file: Path, data: Path) -> Path:
    """The folder that a backup was put back into, of which `data` is in the demo's folder."""
    said = running.command(data.name, "restore", str(file), "--key-file", str(key_file))
    assert "off for good" in said
    return data


def test_a_backup_while_leads_tap_is_whole_and_holds_the_tap_of_the_second_before(
    running: Demo, key_file: Path
) -> None:
    link = running.command("london", "signin-link").strip()
    with Tapper(running.url("london"), link) as tapper:
        for number in range(_ROUNDS):
            wait_until(lambda number=number: tapper.acknowledged > number, "a tap of this round")
            before = tapper.acknowledged
            file = back_up(running)
            after = tapper.acknowledged + 1
            data = restored(running, file, key_file, running.folder / f"copy-{number}")
            assert before <= last_tap_in(data / "node.sqlite") <= after
            with closing(sqlite3.connect(data / "node.sqlite")) as database:
                assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            file.unlink()
        wait_until(lambda: tapper.acknowledged > _ROUNDS, "a tap after the last backup")


def test_a_lost_server_is_put_back_by_two_commands_and_un_cancels_nothing(running: Demo, key_file: Path) -> None:
    lead = LeadBrowser(running, "london")
    run, day = days_of(lead)[1]
    assert lead.post(f"/lead/runs/{run}/dates/{day}/confirm", seen="").status_code in (303, 409)
    kept = shutil.copy(back_up(running), running.folder / "kept.age")
    path = f"{listing_path(running, 'london')}?day={day}"
    assert (
        lead.post(f"/lead/runs/{run}/dates/{day}/cancel", reason="weather", note="Since the backup").status_code == 303
    )
    wait_until(lambda: "Since the backup" in running.page("brisbane", path), "Brisbane to know")
    running.kill("london")
    shutil.rmtree(running.folder / "london")
    restored(running, Path(kept), key_file, running.folder / "london")
    running.start("london")
    for name in running.names():
        wait_until(lambda name=name: "Since the backup" in running.page(name, path), f"{name} to say cancelled", 30)


def test_the_others_take_what_a_restored_node_says_at_once(running: Demo) -> None:
    lead = LeadBrowser(running, "london")
    run, day = days_of(lead)[0]
    path = listing_path(running, "london")
    note = "After the restore"
    assert lead.post(f"/lead/runs/{run}/dates/{day}/cancel", reason="other", note=note).status_code == 303
    for name in ("brisbane", "hq", "peterborough"):
        wait_until(lambda name=name: note in running.page(name, f"{path}?day={day}"), f"{name} to know", 20)


def test_the_restored_nodes_feed_has_a_new_name(running: Demo, key_file: Path) -> None:
    file = back_up(running)
    data = restored(running, file, key_file, running.folder / "another")
    feeds = []
    for database in (running.folder / "london/node.sqlite", data / "node.sqlite"):
        with closing(sqlite3.connect(database)) as opened:
            feeds += opened.execute("SELECT feed FROM counter").fetchall()
    assert len(set(feeds)) == 2


def test_a_damaged_database_is_named_and_a_restore_mends_it(running: Demo, key_file: Path) -> None:
    """As the operator's guide has it: the doctor says what to do, and that is done."""
    data = running.folder / "peterborough"
    running.command("peterborough", "backup", "key", str(backup_key.identity(key_file.read_text()).to_public()))
    kept = Path(shutil.copy(back_up(running, "peterborough"), running.folder / "peterboroughs.age"))
    path = listing_path(running, "peterborough")
    running.kill("peterborough")
    damaged(data)
    doctor = rtr(data, "doctor")
    assert doctor.returncode == 1
    assert "stop the node, move its folder away, and put your newest backup back by `rtr restore`" in doctor.stdout
    assert DAMAGED in rtr(data, "serve").stderr
    data.rename(running.folder / "moved-away")
    restored(running, kept, key_file, data)
    running.start("peterborough")
    assert "Peterborough" in running.page("peterborough", path)
    assert "damaged" not in rtr(data, "doctor").stdout


def test_the_settings_come_along(running: Demo) -> None:
    rows = json.loads((running.folder / "demo.json").read_text())["nodes"]
    url = next(row["url"] for row in rows if row["name"] == "london")
    assert f"RTR_BASE_URL={url}" in (running.folder / "london/settings.env").read_text()
