"""`rtr demo`: a small federation on this machine, to look at."""

import signal
import time
from pathlib import Path

import click

from ..demo.federation import Federation

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command("demo")
@click.option(
    "--port-base",
    type=click.IntRange(1, 65_532),
    default=8100,
    show_default=True,
    help="HQ's port; the chapters listen on the next three.",
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where the four nodes live; an earlier demo there is replaced.",
)
def command(port_base: int, folder: Path) -> None:
    """Run HQ and three chapters (London, Peterborough, Brisbane), each its own process, until Ctrl-C."""
    began = time.monotonic()
    _stop_on_signals()
    federation = Federation(folder, port_base)
    try:
        federation.start()
        for line in federation.describe():
            click.echo(line)
        nodes, listings = federation.wait_until_converged()
        click.echo(f"converged: {nodes} nodes, {listings} listings, {time.monotonic() - began:.1f} s")
        click.echo("Ctrl-C stops all of it.")
        federation.watch(click.echo)
    except KeyboardInterrupt:
        click.echo("stopping")
    finally:
        # A second Ctrl-C, or the hang-up that follows it, would leave processes behind.
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        federation.stop()


def _stop_on_signals() -> None:
    """SIGTERM and a closed terminal stop the demo as Ctrl-C does; under nohup a closed terminal does not."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
