"""`rtr doctor`: what is well with this node and what is not, and the way to mend it, one line each."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from node import logs
from node.upkeep import doctor
from node.upkeep.doctor import Check

_MARKS = {"well": "ok", "look": "look", "broken": "MEND", "unknown": "?"}
_WIDTH = max(map(len, doctor.NAMES))


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects for a program.")
@click.pass_obj
def command(data: Path, as_json: bool) -> None:
    """Look at this folder's node from all sides. The exit status is 1 if something has to be mended.

    It changes nothing, and works while the node is down, its settings are wrong or its database is broken.
    """
    checks = doctor.examine(data)
    if as_json:
        click.echo(json.dumps([{"name": one.name, **asdict(one.found)} for one in checks], indent=2))
    else:
        for one in checks:
            _say(one)
    if any(one.found.state == "broken" for one in checks):
        raise click.exceptions.Exit(1)


def _say(check: Check) -> None:
    mark, says = _MARKS[check.found.state], logs.printable(check.found.says)
    click.echo(f"{mark:<4}  {check.name:<{_WIDTH}}  {says}")
    if check.found.fix:
        click.echo(f"{'':<{_WIDTH + 6}}  → {logs.printable(check.found.fix)}")
