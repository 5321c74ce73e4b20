"""`rtr close`: the chapter says goodbye, everybody is told, and all that it knows is erased."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from federation.text import tidy_line
from node import config
from node.chapter import identity
from node.handle import Node, Render
from node.mail import outbox
from node.relay.queue import Progress
from node.upkeep import closing
from node.upkeep.closing import Proof

from . import spreading
from .alone import alone

if TYPE_CHECKING:
    from flask import Flask

#: How long the command sends letters before it leaves the rest to `rtr serve`.
_PATIENCE = 120.0
_PAUSE = 0.5


@click.command("close")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--goodbye", default="", help="A few words that stay on the chapter's page for its runners.")
@click.option("--anyway", is_flag=True, help="Erase though somebody has not been told yet.")
@click.option("--back", is_flag=True, help="Before anything was erased: the chapter has not closed.")
@click.pass_obj
def command(data: Path, dry_run: bool, goodbye: str, anyway: bool, back: bool) -> None:
    """Close the chapter for good. Cut off, or stopped since somebody is not told yet, it goes on when called again."""
    proof = closing.read_proof(data)
    if proof is None:
        with alone(data) as node:
            if dry_run or back:
                _look(node) if dry_run else _go_back(node)
                return
            _require_yes(node)
            _say_goodbye(node, goodbye)
            _tell_people(node, anyway=anyway)
            progress = _sign_off(node, anyway=anyway)
            proof, page = _proof(node, progress)
    else:
        page = (data / closing.PAGE).read_text()
    if not proof.is_done:
        proof = closing.erase(data, config.load(data), proof, page)
    _show(data, proof)


def _look(node: Node) -> None:
    with node.sessions() as session:
        found = closing.outlook(session, node.clock())
    click.echo(
        f"{found.runs} runs end, and all of their dates are cancelled. Every site says that the chapter has closed."
    )
    click.echo(f"{found.comers} people who said that they come and {found.accounts} accounts are erased.")
    _warn(found)
    click.echo("Nothing has been changed.")


def _warn(found: closing.Outlook) -> None:
    if found.untold:
        click.echo(
            f"{found.untold} people who said that they come gave no address that was confirmed: no letter tells them. "
            "Have somebody at the meeting points until these dates are over."
        )
    if found.without_export:
        click.echo(
            f"{found.without_export} accounts have no confirmed address: what is kept of them is sent to nobody."
        )


def _go_back(node: Node) -> None:
    with node.sessions() as session:
        closing.give_up(session, node.settings, node.clock())
    spreading.say(spreading.spread(node))
    click.echo("The chapter has not closed. Its runs have ended: reinstate or announce them on the leads' page.")


def _require_yes(node: Node) -> None:
    """Ask for the chapter's name. Not again where the chapter has said already that it closes."""
    with node.sessions() as session:
        chapter, found = identity.own(session), closing.outlook(session, node.clock())
        name, is_going_on = chapter.name, closing.has_said_so(session)
    if is_going_on:
        return
    click.echo(f"This closes {name} for good: everybody is told, and everything on this server is erased.")
    _warn(found)
    if tidy_line(click.prompt("Type the chapter's name")) != tidy_line(name):
        raise click.ClickException("that is another name: nothing was changed")


def _say_goodbye(node: Node, goodbye: str) -> None:
    with node.sessions() as session:
        closing.announce(session, node.settings, goodbye, node.clock())
    click.echo("All dates are cancelled. Other nodes are told.")
    spreading.say(spreading.spread(node))


def _tell_people(node: Node, *, anyway: bool) -> None:
    """Send the letters. Nothing is erased while one of them waits."""
    ends = time.monotonic() + _PATIENCE
    writer = replace(node, render=_renderer(_app(node)))
    while (waiting := _waiting(node)) and time.monotonic() < ends:
        before = waiting
        outbox.send_due(writer)
        if _waiting(node) == before:
            time.sleep(_PAUSE)
    if waiting and not anyway:
        raise click.ClickException(
            f"{waiting} letters have not been sent, and nothing was erased: start `rtr serve`, which goes on sending "
            "them, and say `rtr close` again later. `--anyway` erases all the same"
        )


def _waiting(node: Node) -> int:
    with node.sessions() as session:
        return closing.waiting(session, node.clock()) if node.settings.has_mail else 0


def _sign_off(node: Node, *, anyway: bool) -> Progress | None:
    with node.sessions() as session:
        closing.sign_off(session, node.settings, node.clock())
    progress = spreading.spread(node)
    spreading.say(progress)
    if progress and progress.hq is False and not anyway:
        raise click.ClickException(
            "HQ does not have the last document, and nothing was erased: say `rtr close` again later. `--anyway` "
            "erases all the same"
        )
    return progress


def _proof(node: Node, progress: Progress | None) -> tuple[Proof, str]:
    from web import closed

    told, others = (
        (progress.acknowledged + bool(progress.hq), progress.of + (progress.hq is not None)) if progress else (0, 0)
    )
    with node.sessions() as session:
        proof = closing.proof_of(session, node.settings, told, others, node.clock())
    app = _app(node)
    return proof, closed.page(app)


def _app(node: Node) -> "Flask":
    from web import create_app

    return create_app(node)


def _renderer(app: "Flask") -> Render:
    from web import letters

    return letters.renderer(app)


def _show(data: Path, proof: Proof) -> None:
    click.echo(f"\n{proof.name} ({proof.chapter}) closed at {proof.closed_at}.")
    click.echo(
        f"Its last document is {proof.document}, version {proof.version}; {proof.told} of {proof.others} nodes have it."
    )
    click.echo("Erased: " + ", ".join(f"{count} {name}" for name, count in proof.erased.items()))
    click.echo(
        f"with {proof.files} files, {proof.bytes:,} bytes: database, keys, photos, letters, backups on this machine"
    )
    click.echo(f"Left in {data}: {', '.join(proof.left)}. The first is this proof; it names nobody.")
    click.echo(
        "Copies elsewhere are yours to delete: backups that you downloaded, the key on paper, snapshots of the server."
    )
    click.echo(f"`rtr --data {data} serve` now shows one page that says where to find another run.")
