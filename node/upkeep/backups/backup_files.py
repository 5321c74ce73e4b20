"""The backups of a node on its own disk: one file of age each, named by its host and its time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from ...config import Settings

_TIME = "%Y%m%dT%H%M%SZ"
_END = ".age"
#: The folder of backups in a data folder.
FOLDER = "backups"
#: What a backup in the making is called. It holds everything in the clear, or half of a backup.
GROWING = ".growing"


@dataclass(frozen=True)
class Copy:
    """One whole backup. `size`: bytes."""

    path: Path
    made_at: datetime
    size: int


def folder(settings: Settings) -> Path:
    """Where the backups of this node are."""
    return settings.data / FOLDER


def lock(settings: Settings) -> Path:
    """The lock file that whoever makes a backup holds."""
    return settings.data / "backup.lock"


def name_at(settings: Settings, made_at: datetime) -> str:
    """The name of a backup that was made then, as in london.example.org-20260604T020000Z.age."""
    return f"{stem(settings)}{made_at.strftime(_TIME)}{_END}"


def stem(settings: Settings) -> str:
    """How the name of each backup of this node begins: other nodes may keep theirs in the same place."""
    return f"{urlsplit(settings.base_url).netloc.replace(':', '-')}-"


def made_at(name: str) -> datetime | None:
    """When the backup of that name was made; None for the name of any other file."""
    try:
        return datetime.strptime(name.removesuffix(_END).rsplit("-", 1)[-1], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def all_of(settings: Settings) -> list[Copy]:
    """All whole backups, the newest first."""
    found = [(path, made_at(path.name)) for path in folder(settings).glob(f"*{_END}")]
    copies = [Copy(path, at, path.stat().st_size) for path, at in found if at is not None]
    return sorted(copies, key=lambda one: one.made_at, reverse=True)


def find(settings: Settings, name: str) -> Copy | None:
    """The backup of that name. A name is never a path."""
    return next((one for one in all_of(settings) if one.path.name == name), None)


def sweep(settings: Settings, before: datetime) -> None:
    """Delete the backups that were made before `before`, since they hold what has been erased after it."""
    for copy in all_of(settings):
        if copy.made_at < before:
            copy.path.unlink(missing_ok=True)


def mend(settings: Settings, now: datetime) -> None:
    """A backup whose time lies ahead was made by a wrong clock: it counts as made now, else it would stay for years."""
    ahead = [copy for copy in all_of(settings) if copy.made_at > now]
    for seconds, copy in enumerate(ahead):
        copy.path.rename(folder(settings) / name_at(settings, now - timedelta(seconds=seconds)))


def drop_unfinished(settings: Settings) -> None:
    """Delete what a killed backup left. The caller holds the lock."""
    for growing in folder(settings).glob(f"*{GROWING}*"):
        if growing.is_file():
            growing.unlink(missing_ok=True)
