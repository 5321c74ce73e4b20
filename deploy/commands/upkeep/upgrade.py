"""`rtr upgrade`: a new version of the program beside the old one, and back to that if it is not well."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import click

from node import file_lock

from ...upgrade.programs import Programs
from ...upgrade.service import Service
from ...upgrade.steps import Upgrade


@click.command("upgrade")
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path())
@click.option("--back", is_flag=True, help="Go back to the version before, with the database as it was then.")
@click.option("--programs", type=click.Path(path_type=Path), default=Path("/opt/runtalkrun"), show_default=True)
@click.option("--unit", default="runtalkrun", show_default=True, help="The unit of systemd.")
@click.option("--patience", type=float, help="Seconds in which it has to be well.  [default: by its rehearsal]")
@click.pass_obj
def command(data: Path, source: Path, back: bool, programs: Path, unit: str, patience: float | None) -> None:
    """Install the version in the folder SOURCE (this one), on a machine where install.sh has put this node.

    It is built and rehearsed while the node serves. If it is not well after its start, the version from before comes
    back. Called again, it goes on with what was cut off.
    """
    if not os.access(programs, os.W_OK):
        raise click.ClickException(
            f"{programs} is not to be written: run `rtr upgrade` as root, where install.sh was run"
        )
    here = Programs(programs)
    upgrade = Upgrade(here, Service(unit, data), _say, patience)
    with ExitStack() as until_the_end:
        try:
            until_the_end.enter_context(file_lock.held(programs / "upgrade.lock"))
        except file_lock.NotFree as error:
            raise click.ClickException("another `rtr upgrade` is at work: wait until it has ended") from error
        with _undisturbed():
            upgrade.go_on()
        if back:
            with _undisturbed():
                upgrade.back()
            return
        version = here.build(source.absolute())
        with _undisturbed():
            upgrade.to(version)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """In the block a broken connection to the machine, a closed terminal and Ctrl-C change nothing."""
    numbers = (signal.SIGHUP, signal.SIGINT)
    former = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, former, strict=True):
            signal.signal(number, handler)


def _say(line: str) -> None:
    with suppress(OSError):  # nobody reads it any more
        click.echo(line)
