"""`rtr backup`: make a backup now, make its key, list what there is."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from node import config
from node.config import Settings
from node.upkeep.backups import backup, backup_files, backup_key, backup_notes, nights, other_storage

from ..own_log import require_own_log

#: So many last characters of a new key are asked for: whoever has written it down has them.
_ASKED = 6


@click.group("backup", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Make a backup now, also while the node serves. It is encrypted: only the key of `rtr backup key` opens it."""
    if context.invoked_subcommand is not None:
        return
    settings = config.load(context.obj)
    require_own_log(context.obj, settings)
    made = backup.make(settings)
    click.echo(f"{made.path} ({_size(made.size)})")
    now = datetime.now(UTC)
    other_storage.send_newest(settings, now, nights.erased_before(settings, now))
    if settings.backup_to:
        click.echo(f"copied to {settings.backup_to}, too")


@command.command("key")
@click.argument("recipient", required=False)
@click.option("--replace", "is_replacing", is_flag=True, help="There is a key already, and new backups get another.")
@click.pass_obj
def key(data: Path, recipient: str | None, is_replacing: bool) -> None:
    """Make the key of backups, and show it once; or take the public half of one that you have, RECIPIENT (age1…).

    Write the secret half down. It is kept nowhere on this computer, and without it nobody can open a backup.
    """
    settings = config.load(data)
    if settings.backup_key and not is_replacing:
        raise click.ClickException(
            f"backups are made for {settings.backup_key} already; --replace takes another key for the next ones. "
            "Those that there are need the former key"
        )
    chosen = backup_key.recipient(recipient) if recipient else _made_and_written_down()
    config.change(data, {"BACKUP_KEY": chosen})
    click.echo(f"Backups are made for {chosen} from now on. The first one: rtr --data {data} backup")
    _warn_of_environment(chosen)


@command.command("list")
@click.pass_obj
def list_(data: Path) -> None:
    """List the backups on this server, and say what went wrong with the last one."""
    settings = config.load(data)
    for copy in backup_files.all_of(settings):
        click.echo(f"{copy.made_at:%Y-%m-%d %H:%M} UTC  {_size(copy.size):>9}  {copy.path}")
    for line in _remarks(settings):
        click.echo(line)


def _remarks(settings: Settings) -> list[str]:
    run, sending = backup_notes.last_run(settings), backup_notes.last_sending(settings)
    rehearsal = backup_notes.last_rehearsal(settings)
    said = []
    if not settings.backup_key:
        said.append("no backup is made: there is no key; run `rtr backup key`")
    if run and run.failure:
        said.append(f"the last one, {run.at:%Y-%m-%d %H:%M} UTC, failed: {run.detail}")
    if settings.backup_to and sending and sending.failure:
        said.append(f"the last one was not copied to {settings.backup_to}: {sending.failure}")
    if rehearsal:
        said.append(f"last rehearsed {rehearsal.at:%Y-%m-%d %H:%M} UTC, with that of {rehearsal.made_at:%Y-%m-%d}")
    return said


def _made_and_written_down() -> str:
    """The public half of a new pair, once somebody has its secret half on paper."""
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        raise click.ClickException(
            "the key is shown on a terminal only: run this there, or make a pair elsewhere (`age-keygen`) "
            "and give its public half: rtr backup key age1…"
        )
    pair = backup_key.make()
    click.echo("The key of your backups, shown once. Write it on paper, or put it into a password manager:\n")
    click.echo(f"    {pair.secret}\n")
    while click.prompt(f"Its last {_ASKED} characters, from what you wrote").strip().upper() != pair.secret[-_ASKED:]:
        click.echo("That is not how it ends. Look at what you wrote, and mend it.")
    return pair.recipient


def _warn_of_environment(chosen: str) -> None:
    given = os.environ.get("RTR_BACKUP_KEY")
    if given is not None and given != chosen:
        click.echo("RTR_BACKUP_KEY is set in the environment to something else, and the environment wins.", err=True)


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} KB"
