"""deploy/upgrade/compose.sh: the same in containers. A small `docker` stands in; programs and databases are real."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.migrations import newest

from ...support.installed import ROOT, Installed, installed
from ...support.network import free_ports
from ...support.processes import wait_until
from ..commands.test_commands import loopback_node, rtr
from .test_upgrade import ADD_A_TABLE, SICK, answers, leads, revision

pytestmark = pytest.mark.processes

#: Images are versions; `latest` and `former` are files that name one. The container is the unit of `Installed`.
DOCKER = """#!/bin/sh
here={folder}; cd $here
current() {{ ln -sfn "$1" programs/current; }}
case "$*" in
"compose version") ;;
"compose ps -q node") echo container ;;
"inspect --format {{{{.Image}}}} container") readlink programs/current ;;
"tag runtalkrun:former runtalkrun:latest") cp former latest ;;
"tag "*) echo "$2" > former ;;
"compose build --pull") echo two > latest ;;
"compose up -d --no-deps caddy") ;;
"compose stop node") unit/systemctl stop ;;
"compose up -d --no-deps node")
    [ "$(readlink programs/current)" = "$(cat latest)" ] || unit/systemctl stop
    current "$(cat latest)"; unit/systemctl start ;;
"compose exec -T node rtr "*) shift 5; exec programs/current/bin/rtr "$@" ;;
"compose run --rm -T --no-deps node "*) shift 6; exec "programs/$(cat latest)/bin/rtr" "$@" ;;
"compose run --rm -T --no-deps --entrypoint sh node -c "*) shift 9; RTR_DATA={data} exec sh -c "$1" ;;
*) echo "docker $*: not known here" >&2; exit 125 ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Installed]:
    """A node that serves, with a lead, and the script in a project's folder."""
    data = loopback_node(tmp_path, free_ports(1)[0])
    assert rtr(data, "lead", "add", "Ada").exit_code == 0
    with installed(tmp_path, data) as made:
        docker = tmp_path / "unit" / "docker"
        docker.write_text(DOCKER.format(folder=tmp_path, data=data))
        docker.chmod(0o755)
        (tmp_path / "latest").write_text("one\n")
        script = tmp_path / "project/deploy/upgrade/compose.sh"
        script.parent.mkdir(parents=True)
        script.write_bytes((ROOT / "deploy/upgrade/compose.sh").read_bytes())
        script.chmod(0o755)
        made.systemctl("start")
        wait_until(lambda: answers(made), "the node to answer")
        yield made


def upgrade(machine: Installed, *words: str, patience: int = 180) -> "subprocess.CompletedProcess[str]":
    command = [machine.folder / "project/deploy/upgrade/compose.sh", *words]
    environ = machine.env | {"PATIENCE": str(patience)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_a_new_image_runs_with_the_database_brought_along_and_the_former_one_comes_back_when_asked(
    machine: Installed,
) -> None:
    machine.add("two", machine.tree("two", ADD_A_TABLE))
    done = upgrade(machine)
    assert (done.returncode, machine.current, revision(machine)) == (0, "two", "9000"), done.stderr
    assert answers(machine)
    done = upgrade(machine, "--back")
    assert (done.returncode, machine.current, revision(machine), leads(machine)) == (0, "one", newest(), ["Ada"])
    assert answers(machine)


def test_an_image_that_is_not_well_goes_and_the_database_with_it(machine: Installed) -> None:
    machine.add("two", machine.tree("two", ADD_A_TABLE, upkeep__health=SICK))
    done = upgrade(machine, patience=8)
    assert "the new version was not well, so the former one runs again" in done.stderr, done.stderr
    assert (done.returncode, machine.current, revision(machine), leads(machine)) == (1, "one", newest(), ["Ada"])
    assert answers(machine)


def test_an_image_that_cannot_work_with_this_database_never_starts(machine: Installed) -> None:
    machine.add("two", machine.tree("two", 'op.execute("DROP TABLE held_listing")'))
    done = upgrade(machine)
    assert "cannot show" in done.stderr
    assert "nothing was changed" in done.stderr
    assert (done.returncode, machine.current, revision(machine)) == (1, "one", newest())
    assert (machine.folder / "latest").read_text() == "one\n"
    assert answers(machine)
