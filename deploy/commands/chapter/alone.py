"""A chapter's folder for commands that change what a serving process holds in memory: its keys, its address."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from node import jobs
from node.handle import Node

from ..folder import opened


@contextmanager
def alone(data: Path) -> Iterator[Node]:
    """The chapter's node, while no `rtr serve` works on the folder: it would go on with the former key and address."""
    with opened(data) as node:
        if node.settings.is_hq:
            raise click.ClickException("this folder is HQ's, not a chapter's: see `rtr hq`")
        try:
            with jobs.only_here(node.settings):
                yield node
        except jobs.AlreadyRunning as error:
            raise click.ClickException("stop `rtr serve` first, and start it again afterwards") from error
