"""A fresh Debian that boots with systemd of its own, on this machine's network: a container of systemd-nspawn."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .container_engine import run
from .processes import wait_until

_PACKAGES = "systemd,systemd-sysv,ca-certificates,git"
_NEEDED = ("debootstrap", "systemd-nspawn", "nsenter")


class Machine:
    """A running one. `root`: its disk, as this machine sees it. `said`: what the installation printed."""

    said = ""

    def __init__(self, root: Path, init: int) -> None:
        self.root, self._init = root, init

    def __call__(self, *words: str, may_fail: bool = False) -> str:
        """What a command of root prints there."""
        entered = ["nsenter", "-t", str(self._init), "-m", "-u", "-i", "-p", "-r", "-w", "env", "-i"]
        environ = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"]
        # What this machine trusts beyond Debian's list.
        environ.append("PIP_CERT=/etc/ssl/certs/ca-certificates.crt")
        done = subprocess.run([*entered, *environ, *words], capture_output=True, text=True, check=False)
        assert may_fail or done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout + done.stderr

    def memory(self, unit: str) -> float:
        """MB that the main process of a unit has."""
        process = self("systemctl", "show", "--property=MainPID", "--value", unit).strip()
        status = self("cat", f"/proc/{process}/status")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@contextmanager
def booted(folder: Path, suite: str = "bookworm") -> Iterator[Machine]:
    """A machine that has never seen the project. AssertionError where none can be had."""
    missing = [name for name in _NEEDED if not shutil.which(name)]
    assert not missing, f"apt-get install debootstrap systemd-container: {missing} missing"
    assert os.geteuid() == 0, "only root can start a machine"
    root = folder / "root"
    run("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", suite, str(root), "http://deb.debian.org/debian")
    _share(root)
    options = ["--register=no", "--keep-unit", "--resolv-conf=off", "--machine=runtalkrun-try", "--boot"]
    with (folder / "boot.log").open("wb") as log:
        process = subprocess.Popen(["systemd-nspawn", *options, "-D", str(root)], stdout=log, stderr=log, stdin=-3)
    try:
        init = _init(process.pid)
        machine = Machine(root, init)
        wait_until(lambda: "running" in machine("systemctl", "is-system-running", may_fail=True), "systemd there")
        yield machine
    finally:
        # The shutdown that systemd knows by this signal.
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=90)


def _share(root: Path) -> None:
    """The names of other machines, and whose certificates this machine trusts."""
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copytree("/usr/local/share/ca-certificates", root / "usr/local/share/ca-certificates", dirs_exist_ok=True)
    run("chroot", str(root), "update-ca-certificates")


def _init(parent: int) -> int:
    children = Path(f"/proc/{parent}/task/{parent}/children")
    wait_until(lambda: bool(children.read_text().split()), "the machine's first process")
    return int(children.read_text().split()[0])
