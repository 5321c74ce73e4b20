"""A chapter that moves: the server that it leaves changes nothing any more, and says where to.

The mark that it leaves is a file, so that no copy of the database takes it along to the new server. Once a root names
another address, the server at the former one needs no mark.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.encodings import is_base_url

from ...config import Settings
from ...database import Writing
from ...directory import chapters
from ...errors import InvalidInput, MovedAway
from ...models import Chapter

_MARK = "moved.json"


@dataclass(frozen=True)
class Move:
    """Where the chapter lives now. `is_here`: at this very address, on another server."""

    address: str
    is_here: bool


def away(session: Session, settings: Settings) -> Move | None:
    """Where the chapter has moved to from this server; None while it lives here."""
    if settings.is_hq:
        return None
    own = session.scalar(select(Chapter.id))
    named = chapters.base_url_of(session, own) if own else None
    if named and named != settings.base_url:
        return Move(named, is_here=False)
    marked = _marked(settings)
    return Move(marked, is_here=marked == settings.base_url) if marked else None


def require_home(session: Session, settings: Settings) -> None:
    """Raise MovedAway on a server that the chapter has left. A tap there would be lost on the other one."""
    found = away(session, settings)
    if found:
        raise MovedAway(found.address, is_here=found.is_here)


def leave(session: Writing, settings: Settings, address: str) -> None:
    """Change nothing on this server from now on. `address`: where the chapter goes; its own for another server.

    Under the write lock, so that what was tapped before is in the last backup, and what is tapped later is refused.
    Raises InvalidInput.
    """
    if not is_base_url(address, settings.network):
        raise InvalidInput({"new_address": "no_address"})
    session.flush()
    growing = _file(settings).with_suffix(".growing")
    growing.unlink(missing_ok=True)
    growing.touch(mode=0o600)
    with growing.open("w") as file:
        json.dump({"to": address}, file)
        file.flush()
        os.fsync(file.fileno())
    growing.replace(_file(settings))


def come_back(settings: Settings) -> bool:
    """Let the chapter live on this server, whatever mark came along with a copied folder. False if there was none."""
    was_marked = _file(settings).exists()
    _file(settings).unlink(missing_ok=True)
    return was_marked


def _marked(settings: Settings) -> str:
    try:
        return str(json.loads(_file(settings).read_text())["to"])
    except FileNotFoundError:
        return ""


def _file(settings: Settings) -> Path:
    return settings.data / _MARK
