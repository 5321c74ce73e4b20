"""`rtr restore`: put a node back from a backup, or rehearse it."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node import config
from node.upkeep.backups import backup_key, restore
from node.upkeep.backups.archive import Progress
from node.upkeep.backups.contents import Contents

if TYPE_CHECKING:
    from pyrage import x25519


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", "is_rehearsal", is_flag=True, help="Only open it and look through all of it.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with the secret key. Without it the key is asked for.",
)
@click.pass_obj
def command(data: Path, file: Path, is_rehearsal: bool, key_file: Path | None) -> None:
    """Put a node back from the backup FILE into the folder --data, which must be new or empty.

    The secret key of the backup is asked for. With --check nothing is put anywhere, and nothing of yours is touched.
    """
    if is_rehearsal:
        _rehearse(data, file, key_file)
        return
    found = restore.put_back(file, _identity(key_file), data, _step)
    click.echo(f"{data} is {_words(found)}")
    _say_what_is_next(data, found)


def _rehearse(data: Path, file: Path, key_file: Path | None) -> None:
    found = restore.rehearse(file, _identity(key_file), restore.place_of_rehearsal(data), _step)
    click.echo(f"whole: {_words(found)}")
    if (data / config.SETTINGS_FILE).exists() and restore.note_rehearsal(config.load(data), found, datetime.now(UTC)):
        click.echo("noted: this backup was rehearsed today")


def _say_what_is_next(data: Path, found: Contents) -> None:
    settings = config.load(data)
    if not found.has_signing_key:
        click.echo(f"The signing key is in no such backup: put it into {settings.signing_key_file} (0600).")
    if found.needs_members_key and not settings.members_key_file.exists():
        click.echo(
            f"The members' key is not in this backup: put yours into {settings.members_key_file} (0600). "
            "Without it nobody can read what members told the chapter; runs go on all the same."
        )
    click.echo(
        "First make sure that the former server is off for good. "
        "Then start the node: systemctl start runtalkrun, docker compose up -d, or "
        f"rtr --data {data} serve. Whoever has erased their data since {found.made_at:%Y-%m-%d %H:%M} UTC "
        "is in it again: erase it again if you know of somebody."
    )


def _identity(key_file: Path | None) -> "x25519.Identity":
    """The secret key, from a file (that of age-keygen has comments), or typed where nobody sees it."""
    if key_file:
        lines = [line for line in key_file.read_text().splitlines() if line.strip() and not line.startswith("#")]
        return backup_key.identity("".join(lines))
    if not sys.stdin.isatty():
        raise click.ClickException("the key is asked for on a terminal: give --key-file FILE without one")
    return backup_key.identity(click.prompt("The secret key of the backup (AGE-SECRET-KEY-1…)", hide_input=True))


def _step(name: str) -> Progress:
    """Show how far a step is, on one line of a terminal; elsewhere only that it begins."""
    if not sys.stderr.isatty():
        click.echo(f"{name} …", err=True)
        return lambda done, whole: None
    shown = -1

    def show(done: int, whole: int) -> None:
        nonlocal shown
        percent = 100 * done // max(1, whole)
        if percent != shown:
            shown = percent
            click.echo(f"\r{name} {percent:3} %", nl=percent == 100, err=True)

    return show


def _words(found: Contents) -> str:
    said = found.manifest
    return (
        f"{said.name} ({said.base_url}, {said.chapter}) as of {said.made_at:%Y-%m-%d %H:%M} UTC: "
        f"{found.runs} runs, {found.people} people, the lists of {found.chapters} chapters"
    )
