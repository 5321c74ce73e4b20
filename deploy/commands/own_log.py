"""Whether the log beside a database is its own. Apart from folder.py: `rtr backup` does without what that imports."""

from pathlib import Path

import click

from node import file_lock, foreign_log
from node.config import Settings

from . import refusals


def require_own_log(data: Path, settings: Settings) -> None:
    """Raise ClickException for a database beside the log of another one. While the node serves, the log is its own."""
    if not file_lock.is_held(settings.serve_lock) and foreign_log.is_foreign(settings.database):
        raise click.ClickException(refusals.foreign_log(data))
