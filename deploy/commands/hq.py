"""`rtr hq`: HQ's work on its chapters and keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from federation.keys import SigningKey
from federation.words import Status
from node.chapter import identity
from node.handle import Node
from node.hq import admissions, founding, registry, rotation, take_over
from node.hq.history import Actor
from node.keys import read_key, write_key

from .folder import base_url, made, network, opened, port, warn_of_root


@click.group("hq")
def command() -> None:
    """Found an HQ, invite chapters, say who is one."""


@command.command("init")
@base_url
@click.option("--name", prompt="HQ's name", help="e.g. Run Talk Run HQ")
@click.option("--contact", prompt="A public e-mail address", help="Where people may write; every node shows it.")
@port
@network
@click.option(
    "--root-keys",
    "keys",
    type=click.Path(path_type=Path, readable=False),
    required=True,
    help="A new folder for the three root keys, to be taken off this computer.",
)
@click.pass_obj
def init(data: Path, base_url: str, name: str, contact: str, port: int, network: str, keys: Path) -> None:
    """Found an HQ: three root keys of which two sign, and the online keys that stay on this server."""
    if keys.exists():
        raise click.ClickException(f"{keys} exists already: choose another folder for the root keys")
    values = {"BASE_URL": base_url, "ROLE": "hq", "NETWORK": network, "PORT": str(port)}
    with made(data, values) as node, node.sessions() as session:
        roots = founding.create_hq(session, node.settings, founding.HqInput(name, contact), node.clock())
        write_root_keys(keys, roots)
    click.echo(f"HQ lives in {data}. Its root keys are in {keys}:")
    click.echo("give each file to another person, off this computer, and delete the folder. Two of the three sign.")


@command.command("invite")
@click.option("--note", default="", help="Who it is for; only HQ sees it.")
@click.option("--ask", is_flag=True, help="A person at HQ admits the chapter; without it, it is let in at once.")
@click.pass_obj
def invite(data: Path, note: str, ask: bool) -> None:
    """Print an invitation: good once, for 14 days. Send it to the chapter's lead in private."""
    with _opened(data) as node, node.sessions() as session:
        click.echo(str(admissions.invite(session, node.settings, note, not ask, node.clock())))


@command.command("revoke")
@click.argument("invitation")
@click.pass_obj
def revoke(data: Path, invitation: str) -> None:
    """Take an open invitation back. INVITATION: its first letters, as `rtr hq list` shows them."""
    with _opened(data) as node, node.sessions() as session:
        found = [one for one in admissions.issued(session, node.clock()) if one.secret_hash.startswith(invitation)]
        if len(found) != 1:
            raise click.ClickException(f"{len(found)} open invitations begin with {invitation}")
        admissions.revoke(session, found[0].secret_hash, node.clock())
    click.echo(f"{invitation} is over")


@command.command("list")
@click.pass_obj
def list_(data: Path) -> None:
    """List chapters (status and since when), those that wait to be admitted, and open invitations."""
    with _opened(data) as node, node.sessions() as session:
        for id_, entry in registry.entries(session).items():
            click.echo(f"{id_} {entry.status} since {entry.since}")
        for asked in admissions.waiting(session):
            profile = admissions.profile_of(asked)
            calls_itself = f"{profile.name}, {profile.place}" if profile else ""
            told = ": ".join(part for part in (asked.base_url, calls_itself, asked.note) if part)
            click.echo(f"{asked.chapter} waiting: {told}")
        for one in admissions.issued(session, node.clock()):
            click.echo(f"invitation {one.secret_hash[:12]} until {one.expires_at:%Y-%m-%d} {one.note}".rstrip())
        warn_of_root(node)


_reason = click.option("--reason", default="", help="Why; only the people of HQ see it.")


@command.command("admit")
@click.argument("chapter")
@_reason
@click.pass_obj
def admit(data: Path, chapter: str, reason: str) -> None:
    """Let in a chapter that waits, or list a paused or suspended one as active again."""
    with _acting(data) as node, node.sessions() as session:
        if chapter in registry.entries(session):
            registry.set_status(session, node.settings, chapter, "active", node.clock(), Actor(reason=reason))
        else:
            admissions.admit(session, node.settings, chapter, node.clock(), Actor(reason=reason))
    click.echo(f"{chapter} is active")


@command.command("turn-down")
@click.argument("chapter")
@_reason
@click.pass_obj
def turn_down(data: Path, chapter: str, reason: str) -> None:
    """Say no to a chapter that waits; its invitation is over, too."""
    with _opened(data) as node, node.sessions() as session:
        if admissions.find(session, chapter) is None:
            raise click.ClickException(f"no chapter {chapter} waits to be admitted")
        admissions.turn_down(session, chapter, node.clock(), Actor(reason=reason))
    click.echo(f"{chapter} is turned down")


def _add_status_command(act: str, status: Status, about: str) -> None:
    @command.command(act, help=about)
    @click.argument("chapter")
    @_reason
    @click.pass_obj
    def set_status(data: Path, chapter: str, reason: str) -> None:
        with _acting(data) as node, node.sessions() as session:
            registry.set_status(session, node.settings, chapter, status, node.clock(), Actor(reason=reason))
        click.echo(f"{chapter} is {status}")


_add_status_command("pause", "paused", "Show a chapter as paused everywhere: its runs stay visible, marked as paused.")
_add_status_command("suspend", "suspended", "Take a chapter out of the directory everywhere.")
_add_status_command("reactivate", "active", "List a paused, suspended or left chapter as active again.")
_add_status_command("left", "left", "Note that a chapter has left: its runs go from the directory everywhere.")


@command.command("replaces")
@click.argument("chapter")
@click.argument("former")
@_reason
@click.pass_obj
def replaces(data: Path, chapter: str, former: str, reason: str) -> None:
    """Say that CHAPTER is the one whose id was FORMER, before its root key was lost."""
    with _acting(data) as node, node.sessions() as session:
        registry.let_replace(session, node.settings, chapter, former, node.clock(), Actor(reason=reason))
    click.echo(f"{chapter} goes on as {former}")


@command.command("root")
@click.option(
    "--root-key",
    "files",
    type=click.Path(path_type=Path, readable=False),
    multiple=True,
    required=True,
    help="The file of one of HQ's root keys; give it once for each that signs (two of the three).",
)
@click.option("--new-online-keys", is_flag=True, help="The registry key was lost: make new keys for this server.")
@click.option(
    "--stolen",
    is_flag=True,
    help="The registry key is in other hands: make new keys, and trust no list that others hold.",
)
@click.option(
    "--new-root-keys",
    "new_roots",
    type=click.Path(path_type=Path, readable=False),
    help="A new folder for three new root keys; the former ones sign this once more and are worth nothing then.",
)
@click.pass_obj
def root(data: Path, files: tuple[Path, ...], new_online_keys: bool, stolen: bool, new_roots: Path | None) -> None:
    """Sign HQ's next root: good for five years, and with new keys where you say so."""
    if new_roots and new_roots.exists():
        raise click.ClickException(f"{new_roots} exists already: choose another folder for the root keys")
    signers = {str(file): read_key(file) for file in files}
    with _opened(data) if stolen else _acting(data) as node, node.sessions() as session:
        rotation.require_signers(session, signers)
        made = [SigningKey.generate() for _ in range(founding.ROOT_KEYS)] if new_roots else []
        if new_roots:
            write_root_keys(new_roots, made)
        version = rotation.sign_next_root(
            session,
            node.settings,
            signers,
            node.clock(),
            new_online_keys=new_online_keys or stolen,
            new_root_keys=made,
        )
        taken_over = identity.own(session).taken_over_at
    click.echo(f"HQ's root {version} is signed. Other nodes follow when they read HQ next, within the hour.")
    if stolen and taken_over:
        click.echo(
            f"This folder took the list of chapters over from another node at {taken_over:%Y-%m-%d %H:%M} UTC. The "
            "thief may have signed it: look through `rtr hq list`, or do this again on a copy from before the theft."
        )
    if new_roots:
        click.echo(f"The new root keys are in {new_roots}: give each file to another person, and delete the folder.")


def write_root_keys(folder: Path, keys: list[SigningKey]) -> None:
    """One file a key in the new folder (0700): root-1.key and so on."""
    folder.mkdir(mode=0o700, parents=True)
    for number, key in enumerate(keys, 1):
        write_key(folder / f"root-{number}.key", key)


@contextmanager
def _opened(data: Path) -> Iterator[Node]:
    """The node of HQ's folder. A chapter's folder has a registry and a key, too, and is refused."""
    with opened(data) as node:
        if not node.settings.is_hq:
            raise click.ClickException("this folder is a chapter's, not HQ's")
        yield node


@contextmanager
def _acting(data: Path) -> Iterator[Node]:
    """HQ's node, for commands that sign its registry. A folder restored from a copy first takes over a newer one."""
    with _opened(data) as node:
        with node.sessions() as session:
            if not take_over.ask_once(session, node):
                click.echo("no other node has answered whether it holds a newer list of chapters", err=True)
        yield node
