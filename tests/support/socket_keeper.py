"""What systemd does with the sockets of a service that starts again: it keeps them for the next start."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

_MOST = 8
#: Puts the descriptors that it is told of where sd_listen_fds(3) says that they are, and becomes the service.
_HAND_OVER = """
import fcntl, os, sys
numbers = [int(one) for one in sys.argv[1].split(",") if one]
# First out of the way, so that none is written over before it was moved.
numbers = [fcntl.fcntl(number, fcntl.F_DUPFD, 100) for number in numbers]
for place, number in enumerate(numbers):
    os.dup2(number, 3 + place)
    os.close(number)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(numbers)))
os.execvp(sys.argv[2], sys.argv[2:])
"""


class SocketKeeper:
    """Keeps the sockets of one service."""

    def __init__(self, folder: Path) -> None:
        self._at = str(folder / "notify")
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(self._at)
        self._line.setblocking(False)
        self._kept: dict[str, list[int]] = {}

    def start(self, command: list[str], **options: Any) -> "subprocess.Popen[bytes]":
        """Start the service with the sockets that it gave at its last start."""
        numbers = self.kept()
        environ = options.pop("env", os.environ) | {"NOTIFY_SOCKET": self._at}
        handing = [sys.executable, "-c", _HAND_OVER, ",".join(map(str, numbers))]
        return subprocess.Popen([*handing, *command], env=environ, pass_fds=numbers, **options)

    def kept(self) -> list[int]:
        """The descriptors that it keeps now."""
        while (message := self._next()) is not None:
            text, numbers = message
            said = dict(line.split("=", 1) for line in text.splitlines())
            if "FDSTOREREMOVE" in said:
                self._forget(said["FDNAME"])
            if "FDSTORE" in said:
                self._kept.setdefault(said["FDNAME"], []).extend(numbers)
        return [number for numbers in self._kept.values() for number in numbers]

    def close(self) -> None:
        """Forget everything, as systemd does once a service is stopped."""
        self.kept()
        for name in [*self._kept]:
            self._forget(name)
        self._line.close()

    def _forget(self, name: str) -> None:
        for number in self._kept.pop(name, []):
            os.close(number)

    def _next(self) -> tuple[str, list[int]] | None:
        try:
            text, numbers, _, _ = socket.recv_fds(self._line, 4096, _MOST)
        except BlockingIOError:
            return None
        return text.decode(), [*numbers]
