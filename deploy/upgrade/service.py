"""The node as systemd's unit, and as the user to whom its folder belongs."""

import os
import subprocess
import time
from pathlib import Path

#: Seconds between two looks at whether the node is well.
_LOOK_EVERY = 0.5


class Service:
    """The unit `unit`, which serves the folder `data`. This process is root's, or the folder's owner's."""

    def __init__(self, unit: str, data: Path) -> None:
        self.unit, self.data = unit, data

    def restart(self) -> bool:
        """Start it again. systemd waits until it has begun, not until it answers."""
        return self._systemctl("restart") == 0

    def start(self) -> bool:
        """Start it."""
        return self._systemctl("start") == 0

    def stop(self) -> bool:
        """Stop it, and wait until it has ended."""
        return self._systemctl("stop") == 0

    def is_given_up(self) -> bool:
        """Whether its process has ended by itself: systemd waits to start it again, or does so no more."""
        command = ["systemctl", "show", "--property=ActiveState,SubState", self.unit]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout  # noqa: S603
        return "ActiveState=failed" in said or "SubState=auto-restart" in said or "ActiveState=inactive" in said

    def becomes_well(self, program: Path, seconds: float) -> bool:
        """Wait until the program's `rtr health` says that the node can do its work; at most so many seconds."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if self.ask(program, "health").returncode == 0:
                return True
            if self.is_given_up():
                return False
            time.sleep(_LOOK_EVERY)
        return False

    def ask(self, program: Path, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of `program` on the node's folder as the user to whom it belongs, so that files stay theirs."""
        owner = self.data.stat()
        user = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        command = [program, "--data", self.data.absolute(), *words]
        # Its home may be closed to that user.
        return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **user)  # type: ignore[call-overload,no-any-return]  # noqa: S603

    def _systemctl(self, word: str) -> int:
        return subprocess.run(["systemctl", word, self.unit], check=False).returncode  # noqa: S603, S607
