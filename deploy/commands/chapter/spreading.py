"""Telling other nodes at once of what a command has signed, while no `rtr serve` works on the folder."""

import time

import click

from node import jobs
from node.handle import Node
from node.relay import queue
from node.relay.queue import Progress

#: How long a command waits for other nodes. `rtr serve` goes on with those that have not answered.
PATIENCE = 30.0
_PAUSE = 0.2


def spread(node: Node) -> Progress | None:
    """Tell other nodes of our newest urgent document, until enough have it. How far it has come; None if nobody is."""
    carrying = jobs.courier(node)
    ends = time.monotonic() + PATIENCE
    try:
        while True:
            deliveries = carrying.round()
            progress = _progress(node)
            if progress is None or progress.done or time.monotonic() > ends:
                return progress
            if not deliveries:
                time.sleep(_PAUSE)
    finally:
        carrying.close()


def say(progress: Progress | None) -> None:
    """Say how far it has come."""
    if progress is None:
        click.echo("This chapter has not joined an HQ, so there is nobody to tell.")
        return
    hq = {True: "HQ has it, ", False: "HQ does not answer, ", None: ""}[progress.hq]
    click.echo(f"{hq}{progress.acknowledged} of {progress.of} other nodes have it.")
    if not progress.done or progress.hq is False:
        click.echo("`rtr serve` goes on telling the others, and every node finds it when it reads HQ next.")


def _progress(node: Node) -> Progress | None:
    with node.sessions() as session:
        return queue.progress(session, node.settings, node.clock())
