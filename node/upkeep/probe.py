"""Ask the node that serves a folder, on this machine, whether it is ready. Light: `rtr health` asks twice a minute."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

from ..config import Settings

_PATIENCE_SECONDS = 5
_MOST = 65_536
#: How this machine reaches a server that listens everywhere. A machine may lack one kind of address, so the second is a
#: name, which stands for those that it has.
_HERE = {"0.0.0.0": "127.0.0.1", "::": "localhost"}  # noqa: S104 - asked, not listened on


def ask(settings: Settings) -> tuple[int | None, dict[str, Any]]:
    """The status of HTTP, and what `/readyz` says. None without an answer; nothing where it is some other page.

    The Host is the node's own: it refuses others.
    """
    connection = HTTPConnection(_HERE.get(settings.host, settings.host), settings.port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", "/readyz", headers={"Host": settings.hosts[0]})
        answer = connection.getresponse()
        return answer.status, _read(answer.read(_MOST))
    except (OSError, HTTPException):
        return None, {}
    finally:
        connection.close()


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:  # some other program's page
        return {}
    return found if isinstance(found, dict) else {}
