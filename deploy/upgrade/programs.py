"""The versions of the program on this machine: a folder each, and the link `current` to the one that runs."""

import os
import shutil
import subprocess
from pathlib import Path

from node.errors import NodeError

#: What deploy/install/make-version writes last into a folder.
_WHOLE = "whole"


class NotBuilt(NodeError):
    """A version could not be built. The message is one line."""


class Programs:
    """The folder `root`, /opt/runtalkrun as a rule."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._current = root / "current"

    @property
    def current(self) -> str | None:
        """The version that `current` leads to. None where nothing is installed."""
        return self._current.readlink().name if self._current.is_symlink() else None

    def has(self, version: str) -> bool:
        """Whether the whole version is there."""
        return (self.root / version / _WHOLE).exists()

    def command(self, version: str) -> Path:
        """The `rtr` of a version."""
        return self.root / version / "bin" / "rtr"

    def build(self, source: Path) -> str:
        """Build what stands in `source` beside the others, and return its version. A version that is there stays.

        The source's own script builds it, since a newer version may be built in another way. Raises NotBuilt.
        """
        script = source / "deploy" / "install" / "make-version"
        if not script.exists():
            raise NotBuilt(f"{source} holds no version of this program that can be installed: name its folder")
        built = subprocess.run([script], stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
        version = Path(built.stdout.strip()).name
        if built.returncode or not self.has(version):
            raise NotBuilt(f"what is in {source} could not be built, and nothing was changed: the lines above say why")
        return version

    def switch(self, version: str) -> None:
        """Let `current` lead to `version`, in one step: whoever looks finds the former or this one."""
        growing = self._current.with_name("current.new")
        growing.unlink(missing_ok=True)
        growing.symlink_to(version)
        growing.replace(self._current)
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def keep_only(self, *versions: str) -> None:
        """Delete all other versions, also those that were cut off half-built."""
        for folder in self.root.iterdir():
            if folder.is_dir() and not folder.is_symlink() and folder.name not in versions:
                shutil.rmtree(folder)
