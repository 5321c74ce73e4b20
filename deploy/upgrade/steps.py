"""The steps of an upgrade. A kill after any of them leaves the old version or the new one, and the next call goes on.

One step changes what runs: the link `current`. Before it the old version serves and the new one is built and rehearsed
beside it. After it the unit starts again, and the new version brings the database along by itself, after a copy. So
whichever moment the power fails in, the machine starts one whole version with a database that it can read.

A version that is not well goes back. The database goes back with it only if nobody has said anything in the meantime.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NoReturn

from node.errors import NodeError
from node.migrations import copies

from .programs import Programs
from .service import Service

#: Seconds in which a version that was started has to be well, beside three times what its rehearsal took.
_PATIENCE = 90.0


class NotUpgraded(NodeError):
    """The new version does not run. The message says what does, and what to do."""


@dataclass(frozen=True)
class Journal:
    """What is under way, and afterwards what was done last.

    `revision`: the database's, as `former` left it. `seconds`: what `version` has to be well. `goes_back`: `former` is
    to come back. `at_any_price`: somebody has said so, whatever was written since.
    """

    former: str
    version: str
    revision: str
    seconds: float
    goes_back: bool = False
    at_any_price: bool = False


class Upgrade:
    """One upgrade of the node of `service` to a version among `programs`.

    `say`: tells whoever waits what is done. `patience`: seconds in which a version has to be well; None: by how long
    its rehearsal takes.
    """

    def __init__(
        self, programs: Programs, service: Service, say: Callable[[str], object], patience: float | None = None
    ) -> None:
        self._programs, self._service, self._say, self._patience = programs, service, say, patience
        self._under_way = programs.root / "upgrade.json"
        self._done = programs.root / "upgraded.json"

    def to(self, version: str) -> None:
        """Go to a version that is built. Raises NotUpgraded."""
        former = self._programs.current
        if former is None:
            raise NotUpgraded(f"nothing is installed in {self._programs.root}: install it first")
        if former == version:
            self._say(f"version {version} runs already")
            return
        self._back_up(former)
        began = time.monotonic()
        revision = self._rehearse(version)
        seconds = self._patience or _PATIENCE + 3 * (time.monotonic() - began)
        journal = Journal(former, version, revision, seconds)
        self._write(journal)
        self._programs.switch(version)
        self._begin(journal)

    def go_on(self) -> None:
        """Bring an upgrade to its end that was cut off. Raises NotUpgraded."""
        journal = _read(self._under_way)
        if journal is None:
            return
        self._say(f"an upgrade from {journal.former} to {journal.version} was cut off: going on with it")
        if journal.goes_back:
            self._go_back(journal)
        elif self._programs.current == journal.version:
            self._begin(journal)
        else:
            self._under_way.unlink()  # it had changed nothing

    def back(self) -> None:
        """Go back to the version before the one that runs, whatever was said since. Raises NotUpgraded."""
        done = _read(self._done)
        if done is None or done.version != self._programs.current or not self._programs.has(done.former):
            raise NotUpgraded("there is no former version to go back to")
        journal = replace(done, goes_back=True, at_any_price=True)
        self._write(journal)
        self._go_back(journal)

    def _back_up(self, version: str) -> None:
        """Make a backup by the version that serves, if there is a key for it."""
        done = self._service.ask(self._programs.command(version), "backup")
        if not done.returncode:
            self._say(f"backup: {done.stdout.strip()}")
        elif "rtr backup key" in done.stderr:
            self._say("no backup is made, since there is no key for it (`rtr backup key`); a copy of the database is")
        else:
            raise NotUpgraded(
                f"the backup failed: {_last_line(done.stderr)}. Nothing was changed, and {version} serves on"
            )

    def _rehearse(self, version: str) -> str:
        """The revision of the database, which the former version leaves."""
        self._say(f"rehearsing {version} on a copy of the database, while the node serves")
        done = self._ask(version, "--rehearse")
        if done.returncode:
            raise NotUpgraded(f"{_last_line(done.stderr)}. Nothing was changed, and {self._programs.current} serves on")
        return done.stdout.strip()

    def _begin(self, journal: Journal) -> None:
        """Start the version that is current now."""
        self._say(f"starting {journal.version}; whoever asks meanwhile waits a moment")
        self._service.restart()
        if self._is_well(journal.version, journal.seconds):
            self._write(journal, self._done)
            self._under_way.unlink()
            self._programs.keep_only(journal.version, journal.former)
            self._say(f"version {journal.version} runs. `rtr upgrade --back` goes back to {journal.former}")
            return
        self._say(f"version {journal.version} is not well: going back to {journal.former}")
        journal = replace(journal, goes_back=True)
        self._write(journal)
        self._go_back(journal)

    def _go_back(self, journal: Journal) -> None:
        """Go back, by itself only if nobody loses a word. Raises NotUpgraded, unless somebody has asked for it."""
        self._service.stop()
        copy = self._copy_for(journal)
        said = self._said_since(journal, copy) if copy and not journal.at_any_price else ""
        if said:
            self._stay(
                journal,
                f"version {journal.version} is not well, and people have used it since it began ({said}). To go back "
                "would take that from them, so it runs on. To go back all the same: `rtr upgrade --back`",
            )
        self._return(journal, copy)
        # There is no other version to go to, so it gets all the time that it may need.
        if not self._is_well(journal.former, max(journal.seconds, _PATIENCE)):
            raise NotUpgraded(f"version {journal.former} is back, and is not well either. {self._why()}")
        if not journal.at_any_price:
            raise NotUpgraded(
                f"version {journal.version} was not well, so {journal.former} runs again, and nothing that anybody has "
                f"said is lost. {self._why()}"
            )
        self._say(f"version {journal.former} runs again")

    def _return(self, journal: Journal, copy: Path | None) -> None:
        """Put the copy back, switch, start. Before and after each of them the version that is current can start."""
        if copy:
            done = self._ask(journal.version, "--put-back", str(copy))
            if done.returncode:
                self._stay(journal, f"the database from before cannot be put back: {_last_line(done.stderr)}")
            self._say(done.stdout.strip())
        self._programs.switch(journal.former)
        self._service.start()
        self._under_way.unlink()

    def _stay(self, journal: Journal, why: str) -> NoReturn:
        self._service.start()
        self._write(replace(journal, goes_back=False), self._done)
        self._under_way.unlink()
        raise NotUpgraded(f"{why}. {self._why()}")

    def _copy_for(self, journal: Journal) -> Path | None:
        """The database as the former version left it. None if that version can read the one that is there."""
        if self._revision(journal.version) == journal.revision:
            return None
        copy = copies.newest_of(self._service.data / "node.sqlite", {journal.revision})
        if copy is None:
            self._stay(journal, f"{journal.former} cannot read this database, and no copy from before is left")
        return copy

    def _revision(self, version: str) -> str:
        done = self._ask(version, "--show")
        if done.returncode:
            raise NotUpgraded(f"the database cannot be read: {_last_line(done.stderr)}")
        return done.stdout.strip()

    def _said_since(self, journal: Journal, copy: Path) -> str:
        done = self._ask(journal.version, "--changed-since", str(copy))
        if done.returncode:
            return f"what exactly cannot be read: {_last_line(done.stderr)}"
        return ", ".join(done.stdout.split())

    def _ask(self, version: str, *words: str) -> "subprocess.CompletedProcess[str]":
        return self._service.ask(self._programs.command(version), "migrate", *words)

    def _is_well(self, version: str, seconds: float) -> bool:
        return self._service.becomes_well(self._programs.command(version), seconds)

    def _why(self) -> str:
        return f"Why: `journalctl -u {self._service.unit} -n 50`"

    def _write(self, journal: Journal, file: Path | None = None) -> None:
        file = file or self._under_way
        growing = file.with_suffix(".new")
        with growing.open("w") as opened:
            json.dump(asdict(journal), opened)
            opened.flush()
            os.fsync(opened.fileno())
        growing.replace(file)


def _read(file: Path) -> Journal | None:
    return Journal(**json.loads(file.read_text())) if file.exists() else None


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("Error: ").rstrip(".") if lines else "it ended without a word"
