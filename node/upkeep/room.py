"""Whether a node's folder can be written, and how much room its disk has. Light: `rtr health` asks twice a minute."""

import os
from pathlib import Path

#: Bytes. With less room on the disk a lead's tap may fail.
ROOM = 16 << 20


def is_writable(folder: Path) -> bool:
    """Whether this process may write into `folder`. Raises OSError where there is no such folder."""
    return not os.statvfs(folder).f_flag & os.ST_RDONLY and os.access(folder, os.W_OK)


def room_in(folder: Path) -> int:
    """Free bytes on the disk of `folder`. Raises OSError."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
