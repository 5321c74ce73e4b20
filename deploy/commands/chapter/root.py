"""`rtr root`: the chapter's next root, after a loss or a theft, or for another address."""

import os
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import click

from federation.keys import SigningKey
from node import jobs
from node.chapter import identity
from node.chapter.home import rotation
from node.errors import KeyUnreadable, NodeError
from node.handle import Node
from node.input import paper_key
from node.keys import write_key

from . import spreading
from .alone import alone

_TRIES = 3
_WHAT = (
    ("stolen", "somebody broke into the server, or has a copy of its folder or of its signing key"),
    ("signing-key", "the signing key is gone, and nobody else has it (the disk died)"),
    ("paper-seen", "somebody may have seen the paper with the root key, and you still have it"),
    ("paper-lost", "the paper with the root key is lost"),
    ("address", "the chapter moves to another address"),
)
_PAPER_LOST = (
    "Without the root key nobody can sign a root for this chapter, and no copy of it is on any server. As long as the "
    "server and its signing key are safe, go on as before: nothing stops. Tell HQ now, not later.\n"
    "When the key or the address has to change, found the chapter anew (`rtr init` in a new folder), join with a new "
    "invitation, and ask HQ for `rtr hq replaces NEW FORMER` and `rtr hq left FORMER`: then everybody who asks for the "
    "former chapter is led to the new one."
)


@dataclass(frozen=True)
class _Asked:
    """What the options say, or the answers to the questions."""

    address: str
    stolen: bool
    new_signing_key: bool
    new_root_key: bool

    def __bool__(self) -> bool:
        return bool(self.address) or self.stolen or self.new_signing_key or self.new_root_key


@click.command("root")
@click.option(
    "--stolen", is_flag=True, help="Somebody else may have the signing key: make another; all phones are signed out."
)
@click.option("--new-signing-key", is_flag=True, help="The signing key is lost: make another.")
@click.option("--new-root-key", is_flag=True, help="Somebody may have seen the paper: make another root key.")
@click.option("--new-address", default="", metavar="URL", help="Where the chapter lives from now on (https://…).")
@click.option(
    "--root-key",
    "file",
    type=click.Path(path_type=Path, readable=False),
    help="The file that holds the root key. Without it you type it in, unseen.",
)
@click.option(
    "--new-root-key-file",
    "new_file",
    type=click.Path(path_type=Path, readable=False),
    help="Write the new root key here instead of showing it.",
)
@click.pass_obj
def command(
    data: Path,
    stolen: bool,
    new_signing_key: bool,
    new_root_key: bool,
    new_address: str,
    file: Path | None,
    new_file: Path | None,
) -> None:
    """Sign the chapter's next root with the root key on paper, after a loss or a theft, or for another address.

    Without options it asks what has happened. Stop `rtr serve` before, and start it again afterwards.
    """
    asked = _Asked(new_address.rstrip("/"), stolen, new_signing_key, new_root_key or new_file is not None) or _ask()
    _require_a_place(asked, new_file)
    with alone(data) as node:
        key = _root_key(node, asked, file)
        taken_over = _ask_others(node, asked)
        made = _new_root_key(new_file) if asked.new_root_key else None
        changes = rotation.Changes(asked.address, asked.new_signing_key or asked.stolen, made, asked.stolen)
        with node.sessions() as session:
            version = rotation.sign_next_root(session, node.settings, {"this key": key}, changes, node.clock())
        click.echo(f"Root {version} is signed. Other nodes are told.")
        spreading.say(spreading.spread(_with_address(node, asked)))
    _say(data, asked, taken_over)


def _ask() -> _Asked:
    """Ask what has happened. Ends the command where nothing can be signed."""
    if not sys.stdin.isatty():
        raise click.ClickException("say what has happened by an option: see `rtr root --help`")
    click.echo("What has happened?\n")
    for number, (_, words) in enumerate(_WHAT, 1):
        click.echo(f"  {number}  {words}")
    word = _WHAT[click.prompt("\nYour answer", type=click.IntRange(1, len(_WHAT))) - 1][0]
    if word == "paper-lost":
        click.echo(_PAPER_LOST)
        raise click.exceptions.Exit(1)
    address = click.prompt("The new address (https://…)").strip().rstrip("/") if word == "address" else ""
    # The former server may go on by itself: with another key it cannot sign.
    return _Asked(address, word == "stolen", word in ("signing-key", "address"), word == "paper-seen")


def _require_a_place(asked: _Asked, file: Path | None) -> None:
    if asked.new_root_key and file is None and not (sys.stdout.isatty() and sys.stdin.isatty()):
        raise click.ClickException("the new root key is shown on a terminal only: give --new-root-key-file FILE")
    if file is not None and file.exists():
        raise click.ClickException(f"{file} exists already: choose another file for the new root key")


def _root_key(node: Node, asked: _Asked, file: Path | None) -> SigningKey:
    """The root key, read from a file or typed. Whatever the next root would be refused for is refused here."""
    with node.sessions() as session:
        changes = rotation.Changes(asked.address, asked.new_signing_key or asked.stolen)
        rotation.check(session, node.settings, changes)
        key = _read_file(file) if file else _typed()
        rotation.require_signers(session, {"this key": key})
    return key


def _read_file(file: Path) -> SigningKey:
    try:
        return paper_key.read(file.read_text())
    except (OSError, UnicodeError) as error:
        raise KeyUnreadable(f"{file} cannot be read: put the key's file there") from error
    except paper_key.Mistyped as error:
        raise KeyUnreadable(f"{file} is no root key: {error}") from error


def _typed() -> SigningKey:
    """The root key as somebody types it, a line at a time. It is not shown."""
    if not sys.stdin.isatty():
        raise click.ClickException("the root key is typed on a terminal only: give --root-key FILE")
    click.echo("Type the root key from the paper. It is not shown. Spaces and capitals do not matter.")
    first = _line(1)
    if len(first) > len("0" * 16):
        return paper_key.read(first)
    return SigningKey(first + "".join(_line(number) for number in range(2, paper_key.LINES + 1)))


def _line(number: int) -> str:
    for _ in range(_TRIES - 1):
        try:
            return _read_line(number)
        except paper_key.Mistyped as error:
            click.echo(f"{error}. Once more:")
    return _read_line(number)


def _read_line(number: int) -> str:
    """The digits of a line, or all of the key where somebody gives it at once."""
    text = click.prompt(f"Line {number} of {paper_key.LINES}", hide_input=True)
    if number == 1 and paper_key.is_whole(text):
        return paper_key.read(text).seed_hex()
    return paper_key.read_line(number, text)


def _ask_others(node: Node, asked: _Asked) -> datetime | None:
    """Take over what others hold and this folder lacks, so that nothing is signed away. Not a thief's.

    When something was taken over, if leads have not looked at it yet.
    """
    if not asked.stolen and not jobs.ask_for_our_own(node):
        click.echo("no other node has answered whether it holds something newer of this chapter", err=True)
    with node.sessions() as session:
        return identity.own(session).taken_over_at


def _new_root_key(file: Path | None) -> SigningKey:
    """Make another root key. It is safe on paper or in a file before any root names it."""
    key = SigningKey.generate()
    if file:
        write_key(file, key)
        return key
    lines = paper_key.lines_of(key)
    click.echo("The new root key, shown once. Write it on paper, all four lines:\n")
    for line in lines:
        click.echo(f"    {line}")
    for _ in range(_TRIES):
        if _same(click.prompt("\nType the last line from the paper, so that it is sure to be there"), lines[-1]):
            return key
        click.echo("That is not the last line: compare it with the paper, digit by digit.")
    raise NodeError("nothing was changed: the new root key is not on paper yet")


def _same(typed: str, line: str) -> bool:
    return "".join(typed.lower().split()) == "".join(line.split())


def _with_address(node: Node, asked: _Asked) -> Node:
    """The node at its new address, so that it does not tell itself."""
    return replace(node, settings=replace(node.settings, base_url=asked.address)) if asked.address else node


def _say(data: Path, asked: _Asked, taken_over: datetime | None) -> None:
    if asked.new_root_key:
        click.echo("From now on only the new root key counts. Destroy the former paper.")
    if asked.address:
        click.echo(f"The chapter lives at {asked.address} from now on.")
        if os.environ.get("RTR_BASE_URL", asked.address) != asked.address:
            click.echo("RTR_BASE_URL is set in the environment (by DOMAIN in .env): set it to the new address there.")
    if asked.stolen:
        _say_of_theft(data, taken_over)
    click.echo(f"Next: rtr --data {data} serve")


def _say_of_theft(data: Path, taken_over: datetime | None) -> None:
    click.echo("What the former signing key signs is refused by every node that has read the new root.")
    click.echo(
        f"All phones are signed out, and all passkeys are gone. Look through `rtr --data {data} lead list`, then let "
        "each lead in again by `rtr signin-link`."
    )
    click.echo("Look at every date of the coming weeks: cancel again what is off, confirm again what is on.")
    if taken_over:
        click.echo(
            f"This folder took something over from another node at {taken_over:%Y-%m-%d %H:%M} UTC. "
            "The thief may have signed it."
        )
    click.echo('What else to do, for the people whose details were there: deploy/README.md, "Keys, and moving".')
