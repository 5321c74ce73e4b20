"""`rtr doctor`: whatever is wrong with a node, it says so in a line, and the way to mend it in another."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from deploy.commands import main
from node.upkeep import doctor

from ...support.full_disk import full_disk
from ...support.members.mail_server import mail_server
from ...support.network import LocalNode, free_ports
from .test_commands import loopback_node
from .test_mail import set_mail
from .test_refusals import damaged, emptied, newer, noise, without_database, without_rows, without_tables

README = Path(__file__).parents[3] / "deploy/README.md"


def rtr(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), *words])


def found(data: Path) -> dict[str, dict[str, Any]]:
    result = rtr(data, "doctor", "--json")
    checks = {row["name"]: row for row in json.loads(result.stdout)}
    assert result.exit_code == (1 if any(row["state"] == "broken" for row in checks.values()) else 0)
    assert set(checks) == set(doctor.NAMES)
    return checks


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return loopback_node(tmp_path, free_ports(1)[0])


def test_it_looks_at_everything_while_the_node_is_down(data: Path) -> None:
    checks = found(data)
    broken = {name for name, row in checks.items() if row["state"] == "broken"}
    assert broken == {"serving"}
    assert checks["serving"]["fix"] == "start the node; its log says why it does not start"
    assert {checks[name]["state"] for name in ("disk", "files", "database", "migrations", "keys", "document")} == {
        "well"
    }


def test_each_line_says_what_is_so_and_each_trouble_its_fix(data: Path) -> None:
    result = rtr(data, "doctor")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert [line.split()[1] for line in lines if "→" not in line] == list(doctor.NAMES)
    mend = next(number for number, line in enumerate(lines) if line.startswith("MEND"))
    assert "→ start the node" in lines[mend + 1]


def test_it_changes_nothing(data: Path) -> None:
    def contents() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}

    before = contents()
    rtr(data, "doctor")
    assert contents() == before


@pytest.mark.parametrize("fault", [damaged, noise, emptied, without_database, without_rows, without_tables])
def test_a_broken_database_is_said_with_the_way_back_and_no_traceback(
    data: Path, fault: Callable[[Path], None]
) -> None:
    fault(data)
    checks = found(data)
    assert checks["database"]["state"] == "broken"
    assert "rtr restore" in checks["database"]["fix"]
    assert checks["keys"]["says"] == "not looked at: the database cannot be opened"


def test_a_newer_database_is_said(data: Path) -> None:
    newer(data)
    assert found(data)["migrations"]["state"] == "broken"


def test_an_older_database_is_no_trouble(data: Path) -> None:
    with closing(sqlite3.connect(data / "node.sqlite")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0027'")
        connection.execute("DROP TABLE check_result")
    checks = found(data)
    assert (checks["migrations"]["state"], checks["migrations"]["fix"]) == ("look", "rtr migrate")
    assert checks["jobs"]["says"] == "it could not be looked at (OperationalError)"


def test_wrong_settings_are_said_and_nothing_else_is_looked_at(data: Path) -> None:
    with (data / "settings.env").open("a") as file:
        file.write("RTR_POTR=1\n")
    checks = found(data)
    assert checks["settings"]["state"] == "broken"
    assert "RTR_PORT" in checks["settings"]["says"]
    assert checks["disk"]["says"] == "not looked at: the settings cannot be read"


def test_a_folder_that_is_no_node_is_said(tmp_path: Path) -> None:
    assert found(tmp_path / "nothing")["settings"]["state"] == "broken"


def test_files_that_others_can_read_are_said(data: Path) -> None:
    (data / "keys/signing.key").chmod(0o644)
    row = found(data)["files"]
    assert (row["state"], "signing.key" in row["says"]) == ("broken", True)
    assert row["fix"].startswith("chmod -R go= ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_files_of_another_user_are_said(data: Path) -> None:
    os.chown(data / "node.sqlite", 10001, 10001)
    row = found(data)["files"]
    assert (row["state"], row["fix"].startswith("as root: chown -R ")) == ("broken", True)


def test_a_key_that_is_gone_is_said(data: Path) -> None:
    (data / "keys/signing.key").unlink()
    assert found(data)["keys"]["state"] == "broken"


def test_a_disk_that_takes_nothing_is_said(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    little = os.statvfs_result((4096, 4096, 10_000, 100, 100, 100, 50, 50, 0, 255))
    monkeypatch.setattr("os.statvfs", lambda _: little)
    row = found(data)["disk"]
    assert (row["state"], "free some space" in row["fix"]) == ("broken", True)


def test_a_really_full_disk_stops_no_check(london: LocalNode) -> None:
    with full_disk(london):
        checks = {check.name: check.found for check in doctor.examine_node(london.handle)}
    assert checks["database"].state == checks["document"].state == "well"


def test_a_log_of_another_database_is_said_and_the_database_is_not_opened(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.foreign_log.is_foreign", lambda _: True)
    checks = found(data)
    assert (checks["journal"]["state"], "is of another database" in checks["journal"]["says"]) == ("broken", True)
    assert (checks["database"]["state"], checks["migrations"]["state"]) == ("unknown", "unknown")


def test_a_mail_server_that_lets_nobody_in_is_said(data: Path) -> None:
    with mail_server() as box:
        set_mail(data, f"smtp://127.0.0.1:{box.port}")
        assert found(data)["mail"]["state"] == "well"
        assert box.taken == []
    row = found(data)["mail"]
    assert (row["state"], "connecting failed" in row["says"]) == ("broken", True)


def test_the_handbook_has_a_line_for_every_check() -> None:
    rows = [line.split("|")[1].strip(" `") for line in README.read_text().splitlines() if line.startswith("| `")]
    missing = [name for name in doctor.NAMES if name not in rows]
    assert missing == []
