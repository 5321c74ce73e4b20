"""What `rtr doctor` and the leads' page look at. Each check is a function in a module of its kind.

The checks of the folder come first: they work while the node is down, its database is broken, or both.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from ... import config
from ...config import Settings
from ...database import make_engine
from ...errors import NodeError, Stopping
from ...handle import Node, open_node
from . import address, clock, copies, database, federation, folder, keys, mail, program, serving
from .checks import Check, FolderLook, Found, Ground, Look, State, broken, unknown, well

__all__ = ["NAMES", "Check", "Found", "State", "examine", "examine_node"]

log = logging.getLogger(__name__)

_FOLDER: dict[str, FolderLook] = {
    "disk": folder.disk,
    "files": folder.files,
    "journal": folder.journal,
    "database": database.database,
}
_NODE: dict[str, Look] = {
    "migrations": database.version,
    "keys": keys.keys,
    "root": keys.root,
    "name": address.name,
    "outside": address.outside,
    "certificate": address.certificate,
    "visitors": serving.as_served("visitors", address.visitors),
    "clock": clock.clock,
    "mail": mail.server,
    "letters": mail.letters,
    "jobs": serving.as_served("jobs", serving.jobs),
    "peers": federation.peers,
    "document": federation.document,
    "registry": federation.registry,
    "backup": copies.backup,
    "rehearsal": copies.rehearsal,
}
#: Every check, in the order in which they are told.
NAMES = ("version", "sqlite", "settings", "serving", *_FOLDER, *_NODE)


def examine(data: Path) -> list[Check]:
    """Look at the node in the folder `data`, whatever is wrong with it. For a process that does not serve."""
    found = [Check("version", program.version()), Check("sqlite", program.sqlite())]
    try:
        settings = config.load(data)
    except (NodeError, OSError) as error:
        found.append(Check("settings", broken(str(error), "mend it, and look again")))
        return [*found, *_unlooked(NAMES[3:], "the settings cannot be read")]
    found.append(Check("settings", well(f"the settings are right; this is {settings.base_url}")))
    found.append(Check("serving", _safely("serving", lambda: serving.serving(settings))))
    found += _of_folder(settings)
    states = {check.name: check.found.state for check in found}
    if states["database"] != "well":
        return [*found, *_unlooked(_NODE, "the database cannot be opened")]
    engine = make_engine(settings.database)
    try:
        return [*found, *_of_node(open_node(settings, engine), is_serving=False)]
    finally:
        engine.dispose()


def examine_node(node: Node) -> list[Check]:
    """Look at the node that this process serves."""
    found = [Check("version", program.version()), Check("sqlite", program.sqlite())]
    return [*found, *_of_folder(node.settings), *_of_node(node, is_serving=True)]


def _of_folder(settings: Settings) -> Iterator[Check]:
    is_foreign = False
    for name, look_at in _FOLDER.items():
        if name == "database" and is_foreign:
            yield from _unlooked([name], "another database's log lies beside it")
            return
        check = Check(name, _safely(name, partial(look_at, settings)))
        is_foreign |= name == "journal" and check.found.state != "well"
        yield check


def _of_node(node: Node, *, is_serving: bool) -> Iterator[Check]:
    # One moment for all checks.
    now = node.clock()
    with node.seldom() as session:
        ground = Ground(replace(node, clock=lambda: now), session, is_serving)
        for name, look_at in _NODE.items():
            yield Check(name, _safely(name, partial(look_at, ground)))


def _safely(name: str, look_at: Callable[[], Found]) -> Found:
    """What a check finds. One that fails says so, and the others go on."""
    try:
        return look_at()
    except Stopping:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return broken(f"{where}{error.strerror or error}", "run this as the user that owns the folder, or as root")
    except Exception as error:
        log.debug("the check %s failed", name, exc_info=error)
        return unknown(f"it could not be looked at ({type(error).__name__})", "RTR_LOG_LEVEL=DEBUG says more")


def _unlooked(names: Iterable[str], why: str) -> Iterator[Check]:
    return (Check(name, unknown(f"not looked at: {why}")) for name in names)
