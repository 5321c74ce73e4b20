"""What a demo requires before it begins: free ports, and no node that runs in its folder."""

import errno
import socket
from collections.abc import Iterable
from pathlib import Path

import click

from node.config import SERVE_LOCK
from node.file_lock import is_held


def require_free_ports(ports: Iterable[int]) -> None:
    """Raise ClickException if a node could not listen on one of these ports of 127.0.0.1."""
    for port in ports:
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            what = "is in use" if error.errno == errno.EADDRINUSE else f"is not to be had ({error.strerror})"
            raise click.ClickException(f"port {port} {what}: stop what listens there, or give --port-base") from error


def require_unserved(folder: Path) -> None:
    """Raise ClickException if a process serves a node in `folder`."""
    for pid_file in sorted(folder.glob("*/serve.pid")):
        # The lock is asked and not the process: another program may have its number by now.
        if is_held(pid_file.with_name(SERVE_LOCK)):
            pid = pid_file.read_text().strip()
            raise click.ClickException(
                f"process {pid} serves {pid_file.parent}: stop it, or give another --dir and --port-base"
            )
