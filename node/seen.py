"""What one process has seen of itself, in memory alone: when its jobs ran, and where its visitors seem to come from."""

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

#: So many private addresses are told apart. More than one means that visitors are.
_PRIVATE_KEPT = 2


@dataclass
class JobRun:
    """How often a job ended since the process began, how often it failed, and when it last ended well."""

    ended: int = 0
    failed: int = 0
    well_at: datetime | None = None
    #: Whether the last run failed.
    is_failing: bool = False


@dataclass
class Visitors:
    """How many requests came from public addresses and how many from private ones. No public address is kept."""

    public: int = 0
    private: int = 0
    private_addresses: set[str] = field(default_factory=set)

    def note(self, address: str | None) -> None:
        """Count one request. What is no address counts as none."""
        try:
            found = ipaddress.ip_address(address or "")
        except ValueError:
            return
        if found.is_global:
            self.public += 1
            return
        self.private += 1
        if len(self.private_addresses) < _PRIVATE_KEPT:
            self.private_addresses.add(str(found))


@dataclass
class Seen:
    """What one process has seen of itself. Its threads write it."""

    visitors: Visitors = field(default_factory=Visitors)
    jobs: dict[str, JobRun] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def note_job(self, name: str, now: datetime, *, failed: bool) -> None:
        """Note that a job has ended."""
        with self._lock:
            run = self.jobs.setdefault(name, JobRun())
            run.ended, run.failed, run.is_failing = run.ended + 1, run.failed + failed, failed
            run.well_at = run.well_at if failed else now
