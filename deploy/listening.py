"""The sockets that a server listens on.

systemd keeps them open while the node starts again (its file descriptor store), so that whoever knocks meanwhile waits
until the node is back, and nobody is turned away. Without systemd they are opened at each start.
"""

import errno
import os
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

#: Seconds that a peer may leave what was sent to it unread (the kernel's TCP_USER_TIMEOUT).
UNREAD_SECONDS = 20
_MISSING = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
#: The first of the descriptors that systemd hands over (sd_listen_fds(3)), and what ours are called there.
_FIRST, _NAME = 3, b"FDNAME=doors"


def listening(host: str, port: int, kept: Iterable[socket.socket] = ()) -> list[socket.socket]:
    """A socket for each address that `host` stands for and this machine has; `::` stands for all. Raises OSError.

    One of the `kept` sockets where it has that address. The others of them are closed.
    """
    # All IPv4 addresses have a socket of their own: one for both would show them as IPv6, each visitor the same one.
    family_of_all = None if host == "::" else host
    found = socket.getaddrinfo(family_of_all, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    missing = None
    open_ones: dict[tuple[int, Any], socket.socket] = {(one.family, one.getsockname()): one for one in kept}
    with ExitStack() as undo:
        made = []
        for family, address in dict.fromkeys((one[0], one[4]) for one in found):
            try:
                same = open_ones.pop((family, address), None)
                made.append(undo.enter_context(same or _listening(family, address)))
            except OSError as error:
                if error.errno not in _MISSING:
                    raise
                missing = error
        if not made and missing:
            raise missing
        undo.pop_all()
    for one in open_ones.values():
        one.close()
    return made


def _listening(family: int, address: Any) -> socket.socket:
    made = socket.create_server(address, family=family)
    # Connections take it over from here. Linux's; elsewhere the server's own deadline alone sees to it.
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)
    return made


def kept() -> list[socket.socket]:
    """The sockets that systemd kept for this process since its last start. They are taken once."""
    who, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    if who != str(os.getpid()) or not count.isdecimal():
        return []
    found = [socket.socket(fileno=number) for number in range(_FIRST, _FIRST + int(count))]
    for one in found:
        one.set_inheritable(False)
    return found


def keep(sockets: Iterable[socket.socket]) -> None:
    """Let systemd keep these alone until the service is stopped (sd_notify(3)). Without it nothing happens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        # A name that begins so is none in the file system.
        line.connect("\0" + address[1:] if address.startswith("@") else address)
        line.send(b"FDSTOREREMOVE=1\n" + _NAME)
        socket.send_fds(line, [b"FDSTORE=1\n" + _NAME], [one.fileno() for one in sockets])
