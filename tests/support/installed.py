"""A node as install.sh leaves it: versions of the program, the link `current`, and a unit that serves the folder.

systemd needs a machine of its own, so a small `systemctl` stands in for it. Programs, processes and databases are real.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from node import migrations

ROOT = Path(__file__).parents[2]
PACKAGES = ("deploy", "federation", "node", "web")

_SYSTEMCTL = """#!/bin/sh
# systemctl start|stop|restart|show … of one unit, whose process number is in a file.
cd "$(dirname "$0")"
alive() { [ -e pid ] && kill -0 "$(cat pid)" 2>/dev/null; }
stop() { if alive; then kill "$(cat pid)"; while alive; do sleep 0.02; done; fi; rm -f pid; }
start() { alive || { setsid ../programs/current/bin/rtr serve >> log 2>&1 < /dev/null & echo $! > pid; }; }
case "$1" in
start) start ;;
stop) stop ;;
restart) stop; start ;;
show) if alive; then echo ActiveState=active; else echo ActiveState=failed; fi ;;
esac
"""

_RTR = """#!/bin/sh
export PYTHONPATH={tree} RTR_DATA="${{RTR_DATA:-{data}}}" RTR_POLL_SECONDS=0 RTR_TRUSTED_PROXIES=1
exec {python} -m deploy.commands "$@"
"""


class Installed:
    """A machine below `folder`. `data` holds a node that is served on its own port."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder, self.data, self.programs = folder, data, folder / "programs"
        (folder / "unit").mkdir()
        self.programs.mkdir()
        systemctl = folder / "unit" / "systemctl"
        systemctl.write_text(_SYSTEMCTL)
        systemctl.chmod(0o755)

    def add(self, version: str, tree: Path = ROOT) -> Path:
        """A version whose code is in `tree`, as make-version would have built it. Returns a source folder of it."""
        command = self.programs / version / "bin" / "rtr"
        command.parent.mkdir(parents=True)
        command.write_text(_RTR.format(tree=tree, data=self.data, python=sys.executable))
        command.chmod(0o755)
        (self.programs / version / "whole").touch()
        script = self.folder / f"source-{version}" / "deploy" / "install" / "make-version"
        script.parent.mkdir(parents=True)
        script.write_text(f"#!/bin/sh\necho {self.programs / version}\n")
        script.chmod(0o755)
        return self.folder / f"source-{version}"

    def tree(self, name: str, *step: str, **files: str) -> Path:
        """Today's code with a migration of the lines `step`. `files`: module of deploy/commands to its text."""
        made = self.folder / f"tree-{name}"
        for package in PACKAGES:
            shutil.copytree(ROOT / package, made / package, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite"))
        for data in ("node/data/places.sqlite", "web/maps/land.sqlite"):
            (made / data).symlink_to(ROOT / data)
        if step:
            head = f'from alembic import op\nrevision = "9000"\ndown_revision = "{migrations.newest()}"\n'
            body = "".join(f"    {line}\n" for line in step)
            later = made / "node/migrations/versions/9000_one_more.py"
            later.write_text(f"{head}\n\ndef upgrade() -> None:\n{body}")
        for module, text in files.items():
            (made / "deploy/commands" / f"{module.replace('__', '/')}.py").write_text(text)
        return made

    def upgrade(self, *words: str | Path, check: bool = False) -> "subprocess.CompletedProcess[str]":
        """`rtr upgrade`, by the program that is current."""
        return subprocess.run(self.upgrade_command(*words), env=self.env, capture_output=True, text=True, check=check)

    def upgrade_command(self, *words: str | Path) -> list[str]:
        """The words of `rtr upgrade`."""
        command = [str(self.programs / "current/bin/rtr"), "upgrade", "--programs", str(self.programs)]
        return [*command, *map(str, words)]

    @property
    def env(self) -> dict[str, str]:
        """The environment in which `systemctl` is the small one."""
        return os.environ | {"PATH": f"{self.folder / 'unit'}:{os.environ['PATH']}"}

    @property
    def current(self) -> str:
        """The version that the link leads to."""
        return os.readlink(self.programs / "current")

    def systemctl(self, word: str) -> None:
        """As an operator calls it."""
        subprocess.run([self.folder / "unit/systemctl", word], check=True)

    def log(self) -> str:
        """What the served programs have said."""
        file = self.folder / "unit/log"
        return file.read_text() if file.exists() else ""


@contextmanager
def installed(folder: Path, data: Path, version: str = "one") -> Iterator[Installed]:
    """The machine with today's program as its first version, which is stopped at the end."""
    machine = Installed(folder, data)
    machine.add(version)
    (machine.programs / "current").symlink_to(version)
    try:
        yield machine
    finally:
        machine.systemctl("stop")


def kill_group(process: "subprocess.Popen[str]") -> None:
    """As the power fails for a command and what it has started; `setsid` has kept the served node out of it."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
