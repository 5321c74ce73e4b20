"""Connect to a name with several addresses side by side (RFC 8305). A dead address costs a quarter of a second."""

import errno
import os
import selectors
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from itertools import zip_longest
from typing import Any

#: Seconds after which the next address is tried, too.
NEXT_AFTER = 0.25
#: Addresses of one name that are tried.
MOST = 8

Address = tuple[socket.AddressFamily, Any]
Options = Iterable[tuple[int, int, int | bytes]]


class NonePermitted(OSError):
    """A name leads to `addresses` alone, and this node may connect to none of them."""

    def __init__(self, host: str, addresses: list[str]) -> None:
        super().__init__(f"{host} has no address that is to be spoken to")
        self.addresses = addresses


def connect(
    host: str,
    port: int,
    seconds: float,
    is_permitted: Callable[[str], bool],
    options: Options = (),
    source: tuple[str, int] | None = None,
) -> socket.socket:
    """A socket that is connected to the first permitted address of `host` that answers. Raises OSError.

    Each address is judged before a byte is sent to it. The look-up of the name has no limit here; the caller has one.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    permitted: list[Address] = [(family, at) for family, _, _, _, at in found if is_permitted(str(at[0]))]
    if not permitted:
        raise NonePermitted(host, sorted({str(at[0]) for *_, at in found}))
    with closing(_Attempts(options, source)) as attempts:
        return attempts.first(alternating(permitted), time.monotonic() + seconds)


def alternating(found: list[Address]) -> list[Address]:
    """The addresses in their order, the two families in turn, so that a dead family holds the other up only once."""
    first = [one for one in found if one[0] == found[0][0]]
    other = [one for one in found if one[0] != found[0][0]]
    return [one for pair in zip_longest(first, other) for one in pair if one][:MOST]


class _Attempts:
    """Connections that are being tried. All but the first that succeeds are closed."""

    def __init__(self, options: Options, source: tuple[str, int] | None) -> None:
        self._options, self._source = list(options), source
        self._selector = selectors.DefaultSelector()
        self._error = OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))

    def first(self, addresses: list[Address], ends: float) -> socket.socket:
        """The first socket that is connected in time. Raises the last error."""
        waiting = iter(addresses)
        more = self._try_next(waiting)
        while self._selector.get_map() and (left := ends - time.monotonic()) > 0:
            connected = self._wait(min(left, NEXT_AFTER) if more else left)
            if connected:
                connected.settimeout(max(ends - time.monotonic(), 0.001))
                return connected
            more = more and self._try_next(waiting)
        raise self._error

    def close(self) -> None:
        """Close all other sockets."""
        for key in list((self._selector.get_map() or {}).values()):
            with suppress(OSError):
                key.fileobj.close()  # type: ignore[union-attr]  # each is a socket
        self._selector.close()

    def _wait(self, seconds: float) -> socket.socket | None:
        """Wait for a connected socket. Sockets that failed are closed."""
        for key, _ in self._selector.select(seconds):
            tried = key.fileobj
            assert isinstance(tried, socket.socket)  # noqa: S101 - nothing else is registered
            self._selector.unregister(tried)
            code = tried.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if not code:
                return tried
            tried.close()
            self._error = OSError(code, os.strerror(code))
        return None

    def _try_next(self, waiting: Iterator[Address]) -> bool:
        """Begin to connect to the next address that a socket can be made for. False if none is left."""
        for family, address in waiting:
            try:
                self._begin(family, address)
            except OSError as error:
                self._error = error
            else:
                return True
        return False

    def _begin(self, family: socket.AddressFamily, address: Any) -> None:
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            for option in self._options:
                made.setsockopt(*option)
            if self._source:
                made.bind(self._source)
            made.setblocking(False)
            code = made.connect_ex(address)
            if code not in (0, errno.EINPROGRESS):
                raise OSError(code, os.strerror(code))
            self._selector.register(made, selectors.EVENT_WRITE)
        except OSError:
            made.close()
            raise
