"""`rtr serve`: the pages, the exchange with other nodes and the scheduler, in one process."""

import errno
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import Flask
from sqlalchemy.orm import Session

from node import config, jobs, logs, migrations, sealed_fields
from node.chapter.home import moving, signing_key
from node.config import Settings
from node.errors import CannotUnseal
from node.handle import Node, Render
from node.keys import load_signing_key
from node.upkeep import closing
from web import close, create_app
from web.closed import create_closed_app

from .. import memory, metrics
from ..listening import keep, kept, listening
from ..server import create_server
from ..stopping import stopped_gently
from . import refusals
from .chapter import first_start
from .folder import database_of, opened

if TYPE_CHECKING:
    from email.message import EmailMessage

log = logging.getLogger("rtr")


@click.command("serve")
@click.pass_obj
def command(data: Path) -> None:
    """Serve this node until it is told to stop (Ctrl-C or SIGTERM). An empty folder begins with its set-up."""
    settings = config.load(data)
    memory.keep_small()
    logging.getLogger().setLevel(settings.log_level)
    logs.write_as(settings.log_format)
    if closing.read_proof(data):
        _serve_goodbye(data, settings)
        return
    # Whatever prevents a start does so before anything is changed.
    is_new = first_start.is_new(settings)
    if not is_new:
        settings = _settled(data, settings)
        if not first_start.is_unfounded(settings):
            load_signing_key(settings)
    with ExitStack() as until_the_end:
        sockets = [until_the_end.enter_context(one) for one in _listen(settings)]
        if not is_new:
            _migrate_if_needed(data, settings)
        if is_new or first_start.is_unopened(settings):
            # It makes the folder, too.
            _call(data, "setup-link")
        _serve(until_the_end.enter_context(opened(data)), sockets)


def _serve_goodbye(data: Path, settings: Settings) -> None:
    """Answer every address of a chapter that has closed with its one page."""
    app = create_closed_app((data / closing.PAGE).read_text())
    with ExitStack() as until_the_end:
        sockets = [until_the_end.enter_context(one) for one in _listen(settings)]
        signal.signal(signal.SIGTERM, _stop)
        log.info("%s has closed: one page says so", settings.base_url)
        create_server(app, sockets, threads=settings.threads).run()


def _serve(node: Node, sockets: list[socket.socket]) -> None:
    _make_members_key(node)
    _say_if_away(node)
    app = create_app(node)
    server = create_server(
        app,
        sockets,
        threads=node.settings.threads,
        # Without a trusted proxy no X-Forwarded-For counts.
        clear_untrusted_proxy_headers=not node.settings.trusted_proxies,
    )
    signal.signal(signal.SIGTERM, _stop)
    node.render = _renderer(app)
    with jobs.running(node), _pid_file(node.settings), metrics.served(node):
        log.info("serving %s", node.settings.base_url)
        try:
            with stopped_gently(server, node.stopping.set):
                server.run()
        finally:
            close(app)


def _say_if_away(node: Node) -> None:
    with node.sessions() as session:
        away = moving.away(session, node.settings)
    if away:
        log.warning("the chapter has moved to %s: nothing is changed on this server any more", away.address)


def _renderer(app: Flask) -> Render:
    """Writes letters. What that needs is read when the first one is due."""

    def render(letter_id: int, address: str) -> "EmailMessage | None":
        from web import letters

        return letters.renderer(app)(letter_id, address)

    return render


def _make_members_key(node: Node) -> None:
    """Make the members' key where there never was one. Where it is gone, runs and dates are served all the same."""
    try:
        with node.writing() as transaction:
            sealed_fields.make_if_new(transaction, node.settings)
    except CannotUnseal as error:
        log.error("what members told this chapter cannot be read: %s", error)


def _listen(settings: Settings) -> list[socket.socket]:
    try:
        made = listening(settings.host, settings.port, kept())
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(
                f"port {settings.port} is in use: stop what listens there, or set RTR_PORT to another"
            ) from error
        raise click.ClickException(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
    try:
        keep(made)
    except OSError as error:
        log.warning("systemd keeps no socket for the next start: %s", error.strerror)
    return made


def _migrate_if_needed(data: Path, settings: Settings) -> None:
    """Upgrade in a process of its own, since Alembic's memory would stay with the server for ever."""
    with database_of(data, settings) as engine:
        needed = migrations.current(engine) != migrations.newest()
    if not needed:
        return
    _call(data, "migrate")


def _call(data: Path, command: str) -> None:
    """Call a command on this folder in a process of its own. What it prints stands in this one's log."""
    done = subprocess.run([sys.executable, "-m", "deploy.commands", "--data", data, command], check=False)  # noqa: S603
    if done.returncode:
        raise click.exceptions.Exit(done.returncode)  # it has said why


def _settled(data: Path, settings: Settings) -> Settings:
    """The settings, once a new key and a new address that an `rtr root` left waiting are in their places.

    Refuses a damaged database, which would look well until its damaged part is read. 100 MB take 0.13 s a start.
    """
    with database_of(data, settings) as engine:
        with engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
                raise click.ClickException(refusals.damaged(data))
        with Session(engine) as session:
            return signing_key.settle(session, settings)


@contextmanager
def _pid_file(settings: Settings) -> Iterator[None]:
    settings.pid_file.write_text(f"{os.getpid()}\n")
    try:
        yield
    finally:
        settings.pid_file.unlink(missing_ok=True)


def _stop(*_: object) -> None:
    raise SystemExit(0)
