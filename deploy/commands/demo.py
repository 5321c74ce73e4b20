"""`rtr demo`: a small federation on this machine, to look at."""

import signal
import time
from pathlib import Path

import click

from ..demo.federation import Federation
from ..demo.movement import MOST_NODES, chapters
from ..demo.story import CHAPTERS
from . import refusals

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command("demo")
@click.option(
    "--nodes",
    type=click.IntRange(1 + len(CHAPTERS), MOST_NODES),
    default=1 + len(CHAPTERS),
    show_default=True,
    help="How many real nodes; 24 is the movement as it stood in September 2019.",
)
@click.option(
    "--chapters",
    "paper",
    type=click.IntRange(0, 20_000),
    default=0,
    show_default=True,
    help="That many chapters more, on paper: signed documents that HQ lists, without processes of their own.",
)
@click.option(
    "--port-base",
    type=click.IntRange(1, 65_536 - MOST_NODES),
    default=8100,
    show_default=True,
    help="HQ's port; the chapters listen on the next ones.",
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, readable=False),
    default=Path("demo"),
    show_default=True,
    help="Where the nodes live; an earlier demo there is replaced.",
)
def command(nodes: int, paper: int, port_base: int, folder: Path) -> None:
    """Run HQ and some chapters (London, Peterborough, Brisbane, …), each its own process, until Ctrl-C."""
    began = time.monotonic()
    _stop_on_signals()
    federation = Federation(folder, port_base, chapters(nodes - 1), paper)
    try:
        with refusals.in_a_line(folder):
            _run(federation, began)
    except KeyboardInterrupt:
        click.echo("stopping")
    finally:
        # A second Ctrl-C, or the hang-up that follows it, would leave processes behind.
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        federation.stop()


def _run(federation: Federation, began: float) -> None:
    federation.start(click.echo)
    for line in federation.describe():
        click.echo(line)
    count, listings = federation.wait_until_converged()
    click.echo(f"converged: {count} nodes, {listings} listings, {time.monotonic() - began:.1f} s")
    click.echo(
        f"{federation.memory() / 1e6:.0f} MB of memory in all; "
        f"each node asks others every {federation.hq.poll_seconds} s. Ctrl-C stops all of it."
    )
    federation.watch(click.echo)


def _stop_on_signals() -> None:
    """SIGTERM and a closed terminal stop the demo as Ctrl-C does.

    A parent that ignores SIGHUP, such as nohup, wants the demo to outlive its terminal.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
