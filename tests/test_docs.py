"""Documentation is a part of each feature: what is not documented does not exist."""

import re
from dataclasses import MISSING
from pathlib import Path

import click
import pytest

from deploy.commands import COMMANDS, main
from node.config import SETTINGS

ROOT = Path(__file__).parent.parent
OPERATORS = (ROOT / "deploy/README.md").read_text()
NEWCOMERS = (ROOT / "README.md").read_text()


def all_commands() -> list[str]:
    context = click.Context(main)
    found = []
    for name in COMMANDS:
        command = main.get_command(context, name)
        inner = command.list_commands(context) if isinstance(command, click.Group) else []
        found += [f"rtr {name} {word}" for word in inner] or [f"rtr {name}"]
    return found


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    row = re.search(rf"^\| `RTR_{name}` \|(.*)$", OPERATORS, re.MULTILINE)
    assert row
    default = "empty" if SETTINGS[name] in ("", ()) else f"`{SETTINGS[name]}`"
    assert SETTINGS[name] is MISSING or default in row[1]


@pytest.mark.parametrize("command", all_commands())
def test_every_command_is_documented(command: str) -> None:
    assert f"`{command}" in OPERATORS


def test_no_documented_setting_is_gone() -> None:
    assert set(re.findall(r"RTR_([A-Z_]+)", OPERATORS)) <= {"DATA", *SETTINGS, *(f"{name}_FILE" for name in SETTINGS)}


@pytest.mark.parametrize("text", [OPERATORS, NEWCOMERS], ids=["deploy/README.md", "README.md"])
def test_no_documented_command_is_gone(text: str) -> None:
    known = {command.split()[1] for command in all_commands()}
    assert set(re.findall(r"`rtr (?:--data \S+ )?([a-z-]+)", text)) <= known


@pytest.mark.parametrize("page", ["README.md", "deploy/README.md", "federation/PROTOCOL.md", "web/DESIGN.md"])
def test_links_inside_the_project_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_the_readme_shows_the_two_commands_and_a_picture() -> None:
    assert "make demo" in NEWCOMERS
    assert "make test" in NEWCOMERS
    assert re.search(r"!\[[^\]]+\]\([^)]+\.png\)", NEWCOMERS)
