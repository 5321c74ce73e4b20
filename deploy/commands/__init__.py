"""The `rtr` command. Each command is a file that is imported when it is called, so that `serve` stays small."""

import importlib
import os
from pathlib import Path

import click

from federation.errors import FederationError
from node import logs
from node.errors import InvalidInput, NodeError

from . import container, refusals

#: Command to the module below this package that holds it as `command`.
COMMANDS = {
    "backup": "upkeep.backup",
    "close": "chapter.close",
    "demo": "demo",
    "doctor": "upkeep.doctor",
    "health": "upkeep.health",
    "hq": "hq",
    "init": "chapter.init",
    "join": "chapter.join",
    "lead": "lead",
    "mail": "mail",
    "migrate": "upkeep.migrate",
    "move": "chapter.move",
    "restore": "upkeep.restore",
    "root": "chapter.root",
    "serve": "serve",
    "setup-link": "chapter.setup_link",
    "signin-link": "signin_link",
    "sync": "sync",
    "upgrade": "upkeep.upgrade",
}

_PROBLEMS = {
    "required": "must be given",
    "too_long": "is too long",
    "personal": "must hold no e-mail address, web address or phone number",
    "control": "holds a character that cannot be printed",
    "range": "is out of range",
    "unknown_zone": "is no time zone that this computer knows, such as Europe/London",
    "unknown_country": "is no country of ISO 3166-1, such as GB (not UK), IE, US or AU",
    "not_found": "does not exist",
    "too_many": "is one too many",
    "taken": "is taken already",
    "same": "is the one it has now",
    "no_address": "must be https:// and a lower-case host name, without port and path",
    "circle": "goes on as this one already",
}


class Commands(click.Group):
    """Finds the module of each command, and says every refusal in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import only the command that is called."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".{COMMANDS[cmd_name]}", __package__)
        found: click.Command = module.command
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. A refusal of the node is an answer, not a crash."""
        try:
            with refusals.in_a_line(ctx.params["data"]):
                return super().invoke(ctx)
        except InvalidInput as error:
            lines = [f"{name.replace('_', ' ')} {_PROBLEMS.get(code, code)}" for name, code in error.problems.items()]
            raise click.ClickException("; ".join(lines)) from error
        except (NodeError, FederationError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    type=click.Path(path_type=Path, readable=False),
    default=Path("data"),
    envvar="RTR_DATA",
    show_default=True,
)
@click.option("--in-container", is_flag=True, help="Refuse a data folder that would be lost with its container.")
@click.pass_context
def main(context: click.Context, data: Path, in_container: bool) -> None:
    """runtalkrun: a chapter's own node, and the directory of runs that all of them share.

    --data is the folder that holds this node (or set RTR_DATA).
    """
    context.obj = data
    if in_container:
        container.require_new_names(os.environ)
        container.require_volumes(data, os.environ, Path("/proc/self/mountinfo").read_text())
    # Files of every command are their owner's alone: keys, sign-in links, what people have typed.
    os.umask(0o077)
    logs.start()
