"""A process with one processor and little memory, as on the machine that a chapter has."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_MB = 1024 * 1024


@dataclass(frozen=True)
class Limited:
    """How a command is run in bounds. `prefix`: the words before it. `how`: what bounds it, in words."""

    prefix: list[str]
    how: str
    folders: tuple[Path, ...] = ()

    def peak_mb(self) -> float | None:
        """The most memory that was ever in use, with the pages of files; None where nobody counts it."""
        for folder in self.folders:
            for name in ("memory.max_usage_in_bytes", "memory.peak"):
                if (folder / name).exists():
                    return int((folder / name).read_text()) / _MB
        return None

    def was_out_of_memory(self) -> bool:
        """Whether the kernel ever ended a process for want of memory."""
        for folder in self.folders:
            for name in ("memory.oom_control", "memory.events"):
                if (folder / name).exists():
                    words = dict(line.split() for line in (folder / name).read_text().splitlines())
                    return int(words.get("oom_kill", 0)) > 0
        return False


@contextmanager
def limited(memory_mb: int) -> Iterator[Limited]:
    """Bounds for commands: a cgroup of either version; else, plainly said, limits that bind less."""
    folders: list[Path] = []
    try:
        try:
            bounds = _by_cgroup(folders, memory_mb * _MB)
        except OSError:
            bounds = _by_rlimit(memory_mb)
        yield bounds
    finally:
        for folder in folders:
            folder.rmdir()


def _by_cgroup(folders: list[Path], memory: int) -> Limited:
    """One processor and so much memory, swap included. Raises OSError where this process may make no cgroup."""
    name = f"runtalkrun-{os.getpid()}"
    if (_ROOT / "cgroup.controllers").exists():
        made = {_ROOT / name: {"memory.max": memory, "memory.swap.max": 0, "cpu.max": "100000 100000"}}
    else:
        made = {
            _ROOT / "memory" / name: {"memory.limit_in_bytes": memory},
            _ROOT / "cpu" / name: {"cpu.cfs_period_us": 100_000, "cpu.cfs_quota_us": 100_000},
        }
    for folder, values in made.items():
        folder.mkdir()
        folders.append(folder)
        for file, value in values.items():
            (folder / file).write_text(str(value))
    entering = " && ".join(f"echo $$ > {folder}/cgroup.procs" for folder in folders)
    return Limited(["sh", "-c", f'{entering} && exec "$@"', "sh"], "cgroup", tuple(folders))


def _by_rlimit(memory_mb: int) -> Limited:
    command = f'ulimit -v {4 * memory_mb * 1024} && exec taskset -c 0 "$@"'
    return Limited(["sh", "-c", command, "sh"], f"no cgroup here: one core, {4 * memory_mb} MB of addresses")
