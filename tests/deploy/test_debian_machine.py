"""The script that installs a node on Debian itself, run for real on a Debian that has just been made.

Not in the default run: it needs root, ports 80, 443 and 8100 of this machine, and minutes. `make container` runs it.
"""

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from ..support.cloned import cloned
from ..support.debian_machine import Machine, booted
from ..support.processes import wait_until

pytestmark = pytest.mark.container

HOST = "london.localhost"
INSTALL = ("/root/runtalkrun/deploy/install/install.sh", HOST)
AUTHORITY = "var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt"
INIT = ("rtr", "init", "--name", "London", "--place", "London", "--country", "GB", "--timezone", "Europe/London")

AS_THE_NODE = "setpriv --reuid runtalkrun --regid runtalkrun --init-groups /opt/runtalkrun/current/bin/python"
#: What the last page of the set-up does.
FINISH = """
from pathlib import Path
from deploy.commands.folder import opened
from node.setup import steps
with opened(Path("/var/lib/runtalkrun/node")) as node, node.sessions() as session:
    steps.finish(session, node.clock())
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, booted(Path(folder)) as made:
        cloned(made.root / "root/runtalkrun")
        began = time.monotonic()
        made.said = made(*INSTALL)
        print(f"\ninstalled in {time.monotonic() - began:.0f} s")
        # Commands instead of the set-up in the browser.
        made("systemctl", "stop", "runtalkrun")
        made("rm", "-rf", "/var/lib/runtalkrun/node", "/var/lib/runtalkrun-keys/members.key")
        made(*INIT, "--root-key-file", "/var/lib/runtalkrun/root.key")
        began = time.monotonic()
        made("systemctl", "restart", "runtalkrun")
        wait_until(lambda: page(made) != "", "the first page over https")
        print(f"started and answering in {time.monotonic() - began:.1f} s")
        yield made


def page(machine: Machine) -> str:
    """The first page as somebody sees it who trusts that machine's own authority; empty without an answer."""
    known = ["--cacert", str(machine.root / AUTHORITY), "--resolve", f"{HOST}:443:127.0.0.1"]
    command = ["curl", "--silent", "--fail", *known, f"https://{HOST}/"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_the_first_page_is_served_over_https(machine: Machine) -> None:
    assert "<h1" in page(machine)


def test_the_script_ends_with_a_link_that_begins_the_set_up(machine: Machine) -> None:
    assert re.search(rf"^https://{HOST}/setup/begin/\S+$", machine.said, re.MULTILINE)


def test_the_process_is_nobody_in_particular_and_may_do_little(machine: Machine) -> None:
    process = machine("systemctl", "show", "--property=MainPID", "--value", "runtalkrun").strip()
    status = machine("cat", f"/proc/{process}/status")
    user = machine("id", "-u", "runtalkrun").strip()
    assert re.search(rf"^Uid:\s+{user}\s+{user}\s+{user}\s+{user}$", status, re.MULTILINE)
    assert re.search(r"^CapBnd:\s+0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
    assert re.search(r"^Seccomp:\s+2$", status, re.MULTILINE)


def test_systemd_there_judges_the_unit_as_well(machine: Machine) -> None:
    said = machine("systemd-analyze", "security", "--no-pager", "runtalkrun", may_fail=True)
    found = re.search(r"Overall exposure level for runtalkrun.service: ([0-9.]+)", said)
    assert found, said
    assert float(found[1]) <= 2.0


def test_all_files_are_readable_by_those_who_need_them_alone(machine: Machine) -> None:
    modes = machine("stat", "-c", "%a %U %n", "/var/lib/runtalkrun/node", "/var/lib/runtalkrun-keys").splitlines()
    assert [line.split()[:2] for line in modes] == [["700", "runtalkrun"]] * 2
    unreadable = ("find", "/opt/runtalkrun", "/etc/runtalkrun", "!", "-perm", "-o=r", "!", "-type", "l")
    assert machine(*unreadable) == ""


def test_a_command_of_a_lead_works_as_root_and_leaves_nothing_of_roots(machine: Machine) -> None:
    machine("rtr", "lead", "add", "Ada")
    assert f"https://{HOST}/" in machine("rtr", "signin-link")
    assert machine("find", "/var/lib/runtalkrun/node", "!", "-user", "runtalkrun") == ""


def test_whoever_asks_while_the_node_starts_again_waits(machine: Machine) -> None:
    with ThreadPoolExecutor() as operator:
        restarts = operator.submit(lambda: [machine("systemctl", "restart", "runtalkrun") for _ in range(3)])
        statuses = []
        while not restarts.done():
            asked = requests.get("http://127.0.0.1:8100/livez", headers={"Host": HOST}, timeout=30)
            statuses.append(asked.status_code)
        restarts.result()
    assert set(statuses) == {200}


def test_once_more_changes_nothing_and_takes_no_time(machine: Machine) -> None:
    before = machine("ls", "-l", "/opt/runtalkrun")
    began = time.monotonic()
    machine(*INSTALL)
    print(f"\nonce more in {time.monotonic() - began:.0f} s")
    assert machine("ls", "-l", "/opt/runtalkrun") == before
    wait_until(lambda: "<h1" in page(machine), "the first page again")


def test_once_more_after_the_set_up_says_how_to_sign_in_and_calls_that_no_error(machine: Machine) -> None:
    machine("rtr", "setup-link")
    machine("sh", "-c", f"set -a; . /etc/runtalkrun/environment; {AS_THE_NODE} -c '{FINISH}'")
    said = machine(*INSTALL)
    assert said.splitlines()[-1] == "the set-up is done already: sign in with a link of `rtr signin-link`"


def test_both_processes_fit_the_smallest_machine(machine: Machine) -> None:
    node, caddy = machine.memory("runtalkrun"), machine.memory("caddy")
    print(f"\nmemory: node {node:.0f} MB, Caddy {caddy:.0f} MB")
    assert node + caddy <= 160
