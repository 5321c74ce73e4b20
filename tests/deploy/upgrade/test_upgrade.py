"""`rtr upgrade`: forward when all is well, back when it is not, and whole after a kill at any moment."""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from node import file_lock
from node.migrations import newest

from ...support.installed import ROOT, Installed, installed, kill_group
from ...support.network import free_ports
from ...support.processes import wait_until
from ..commands.test_commands import loopback_node, rtr

pytestmark = pytest.mark.processes

HEALTH = "deploy/commands/upkeep/health.py"
ADD_A_TABLE = 'op.execute("CREATE TABLE later (x)")'
#: A program whose `rtr health` says that all is not well, once the node has brought the database along.
SICK = """
import os
import sqlite3
import time

import click


def revision():
    with sqlite3.connect(os.environ["RTR_DATA"] + "/node.sqlite") as database:
        return database.execute("SELECT version_num FROM alembic_version").fetchone()[0]


@click.command("health")
def command():
    ends = time.monotonic() + 60
    while revision() != "9000" and time.monotonic() < ends:
        time.sleep(0.05)
    raise click.ClickException("the node is not well")
"""
#: The same, and somebody says something before that.
SICK_AND_USED = SICK.replace(
    "    raise",
    """    with sqlite3.connect(os.environ["RTR_DATA"] + "/node.sqlite") as database:
        database.execute("UPDATE person SET first_name = 'Eve'")
    raise""",
)
DUMB = """
import click


@click.command("serve")
def command():
    raise click.ClickException("a part is missing")
"""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Installed]:
    """A node that serves, with a lead."""
    data = loopback_node(tmp_path, free_ports(1)[0])
    assert rtr(data, "lead", "add", "Ada").exit_code == 0
    with installed(tmp_path, data) as made:
        made.systemctl("start")
        wait_until(lambda: answers(made), "the node to answer")
        yield made


def url_of(machine: Installed) -> str:
    settings = (machine.data / "settings.env").read_text()
    return settings.partition("RTR_BASE_URL=")[2].split()[0]


def answers(machine: Installed) -> bool:
    try:
        return requests.get(url_of(machine) + "/runs", timeout=5).ok
    except requests.RequestException:
        return False


def ask(machine: Installed, statement: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(machine.data / "node.sqlite")) as database:
        return database.execute(statement).fetchall()


def revision(machine: Installed) -> str:
    return ask(machine, "SELECT version_num FROM alembic_version")[0][0]


def leads(machine: Installed) -> list[str]:
    return [row[0] for row in ask(machine, "SELECT first_name FROM person")]


def test_a_new_version_runs_with_its_database_and_the_former_one_comes_back_when_asked(machine: Installed) -> None:
    (machine.programs / "half" / "bin").mkdir(parents=True)
    done = machine.upgrade(machine.add("two", machine.tree("two", ADD_A_TABLE)))
    assert (done.returncode, done.stderr) == (0, "")
    assert (machine.current, revision(machine), answers(machine)) == ("two", "9000", True)
    assert "version two runs" in done.stdout
    assert {path.name for path in machine.programs.iterdir() if path.is_dir()} == {"one", "two", "current"}
    done = machine.upgrade("--back")
    assert (done.returncode, done.stderr) == (0, "")
    assert (machine.current, revision(machine), leads(machine)) == ("one", newest(), ["Ada"])
    assert answers(machine)
    kept = [path.name for path in (machine.data / "before-upgrade").glob("node-9000-*.sqlite")]
    assert len(kept) == 1
    assert kept[0] in done.stdout


def test_a_version_that_people_have_used_is_not_taken_from_them(machine: Installed) -> None:
    tree = machine.tree("two", ADD_A_TABLE, upkeep__health=SICK_AND_USED)
    done = machine.upgrade(machine.add("two", tree), *quickly())
    assert done.returncode == 1
    assert "people have used it since it began (person)" in done.stderr
    assert (machine.current, revision(machine), leads(machine)) == ("two", "9000", ["Eve"])
    wait_until(lambda: answers(machine), "the new version to run on")
    done = machine.upgrade("--back")
    assert (done.returncode, machine.current, leads(machine)) == (0, "one", ["Ada"])


def test_a_version_that_does_not_start_goes(machine: Installed) -> None:
    done = machine.upgrade(machine.add("two", machine.tree("two", ADD_A_TABLE, serve=DUMB)))
    assert "version two was not well, so one runs again" in done.stderr
    assert (machine.current, revision(machine), answers(machine)) == ("one", newest(), True)


def quickly() -> list[str]:
    return ["--patience", "5"]


def is_under_way(machine: Installed, word: str) -> bool:
    file = machine.programs / "upgrade.json"
    try:
        return word in file.read_text()
    except FileNotFoundError:
        return False


#: What is seen of an upgrade in the moment in which it is killed, in its order.
MOMENTS: dict[str, Callable[[Installed], bool]] = {
    "it rehearses": lambda machine: (machine.data / "before-upgrade/rehearsal/node.sqlite").exists(),
    "the link is changed": lambda machine: machine.current == "two",
    "the database is brought along": lambda machine: revision(machine) == "9000",
    "it goes back": lambda machine: is_under_way(machine, '"goes_back": true'),
    "the database is back": lambda machine: revision(machine) == newest() and machine.current == "two",
}


def was_killed(machine: Installed, source: Path, is_there: Callable[[Installed], bool]) -> bool:
    """Kill an upgrade when `is_there`. False if it ended before that was seen."""
    process = subprocess.Popen(
        machine.upgrade_command(source, *quickly()),
        env=machine.env, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    while process.poll() is None:
        if is_there(machine):
            kill_group(process)
            return True
        time.sleep(0.001)
    return False


def test_a_kill_at_any_moment_leaves_a_whole_version_and_the_next_call_goes_on(machine: Installed) -> None:
    tree = machine.tree("two", ADD_A_TABLE, upkeep__health=SICK)
    source = machine.add("two", tree)
    for moment, is_there in MOMENTS.items():
        # A moment is short. One that was missed, since the machine was busy, comes again.
        assert any(was_killed(machine, source, is_there) for _ in range(5)), moment
        # As the machine does when its power is back.
        machine.systemctl("restart")
        wait_until(lambda: answers(machine), f"a node after a kill when {moment}\n{machine.log()}")
        assert (machine.current, revision(machine)) in {("one", newest()), ("two", "9000")}, moment
        assert leads(machine) == ["Ada"]
    machine.upgrade(source, *quickly())
    assert (machine.current, (machine.programs / "upgrade.json").exists(), answers(machine)) == ("one", False, True)
    shutil.copy(ROOT / HEALTH, tree / HEALTH)
    machine.upgrade(source, check=True)
    assert (machine.current, leads(machine), answers(machine)) == ("two", ["Ada"], True)


def test_two_upgrades_at_once_are_one(tmp_path: Path) -> None:
    with file_lock.held(tmp_path / "upgrade.lock"):
        result = rtr(tmp_path, "upgrade", str(tmp_path), "--programs", str(tmp_path))
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "another `rtr upgrade` is at work" in result.output


def test_without_an_installation_it_says_who_is_to_call_it(tmp_path: Path) -> None:
    result = rtr(tmp_path, "upgrade", str(tmp_path), "--programs", str(tmp_path / "nothing"))
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "as root, where install.sh was run" in result.output
