"""What holds in a container alone: whatever is written outside a volume goes when the container goes."""

import re
from collections.abc import Mapping
from pathlib import Path

import click

#: Kinds of file systems that live in memory, or in the container itself.
_FLEETING = {"aufs", "fuse-overlayfs", "overlay", "ramfs", "tmpfs"}
#: Settings of mail that docker-compose.yml once handed over by these names.
_FORMER = ("MAIL", "MAIL_FROM", "MAIL_PASSWORD", "MAIL_A_DAY")


def require_volumes(data: Path, environ: Mapping[str, str], mounts: str) -> None:
    """Refuse to work where the node's data or its members' key would be lost with the container.

    `mounts`: the text of /proc/self/mountinfo. Raises ClickException.
    """
    keys = environ.get("RTR_KEYS_FOLDER")
    for folder in (data, Path(keys)) if keys else (data,):
        place, kind = _mount_of(folder.absolute(), mounts)
        if place == Path("/") or kind in _FLEETING:
            raise click.ClickException(
                f"what is written into {folder} would be lost with this container: put a volume there, as "
                f"docker-compose.yml does (by hand: docker run --volume node:/data --volume keys:/keys …)"
            )


def require_new_names(environ: Mapping[str, str]) -> None:
    """Refuse a setting by a former name, which would be passed over: nobody would be told that a run is cancelled."""
    for name in _FORMER:
        if environ.get(name):
            raise click.ClickException(f"{name} in .env has a new name: write RTR_{name}")


def _mount_of(folder: Path, mounts: str) -> tuple[Path, str]:
    """Where the file system of `folder` is mounted, and its kind. The folder itself need not exist."""
    found = {}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        # The kernel writes a space in a path as \040.
        written = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split()[4])
        found[Path(written)] = after.split()[0]  # a later mount hides an earlier one of the same place
    place = next(one for one in (folder, *folder.parents) if one in found)
    return place, found[place]
