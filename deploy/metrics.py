"""The numbers of this node for a Prometheus on the same machine: on 127.0.0.1 alone, and only where a port is set."""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from node.handle import Node

from .listening import listening
from .server import create_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("rtr")

_HERE = "127.0.0.1"


@contextmanager
def served(node: Node) -> Iterator[None]:
    """Answer at /metrics while the block runs. Raises ClickException where the port is taken."""
    port = node.settings.metrics_port
    if not port:
        yield
        return
    try:
        sockets = listening(_HERE, port)
    except OSError as error:
        raise click.ClickException(f"port {port} of RTR_METRICS_PORT cannot be had: {error.strerror}") from error
    server = create_server(_app(node), sockets, threads=1)
    thread = threading.Thread(target=server.run, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.close()
        thread.join(timeout=5)


def _app(node: Node) -> "WSGIApplication":
    hosts = {f"{name}:{node.settings.metrics_port}" for name in (_HERE, "localhost")}

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        from node.upkeep import metrics  # here, so that nobody has it in memory who has not asked

        # A page in a browser on this machine may lead a name of its own to 127.0.0.1, and then read what is there.
        is_ours = environ.get("HTTP_HOST", "") in hosts
        if environ["PATH_INFO"] != "/metrics" or environ["REQUEST_METHOD"] != "GET" or not is_ours:
            start_response("404 NOT FOUND", [("Content-Type", "text/plain")])
            return [b"The numbers are at /metrics.\n"]
        try:
            body = metrics.text(node).encode()
        except Exception:
            log.exception("the numbers could not be read")
            start_response("500 INTERNAL SERVER ERROR", [("Content-Type", "text/plain")])
            return [b"The numbers cannot be read: the node's log says why.\n"]
        start_response("200 OK", [("Content-Type", metrics.MEDIA_TYPE), ("Content-Length", str(len(body)))])
        return [body]

    return answer
