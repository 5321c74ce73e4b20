"""A chapter's node that is being set up, and somebody who goes through the pages."""

import re
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from federation.keys import SigningKey
from node.input import paper_key
from node.setup import links, steps

from .network import Clock, LocalNode
from .web_client import Phone


def being_set_up(folder: Path, clock: Clock, port: int = 8101, **settings: Any) -> LocalNode:
    """A node as `rtr serve` begins it in an empty folder."""
    node = LocalNode(folder, clock, port, mail="", **settings)
    with node.handle.writing() as transaction:
        steps.open_new(transaction)
    return node


class Founder(Phone):
    """Whoever sets up, on one phone."""

    def link(self) -> str:  # type: ignore[override]
        """The address of a new one-time link."""
        with self.node.session() as session:
            return f"/setup/begin/{links.make(session, self.node.clock())}"

    def begin(self) -> "Founder":
        """Open the set-up with a new link."""
        assert self.post(self.link()).status_code == 303
        return self

    def choose_town(self, town: str = "Leeds") -> TestResponse:
        """Type a town and take the first place that is offered."""
        offered = self.post("/setup/chapter", {"place": town, "asked": ""}).text
        number = re.search(r'name="town" type="radio" value="(\d+)"', offered)
        assert number, offered
        return self.post("/setup/chapter", {"place": town, "asked": town, "town": number[1]})

    def paper(self) -> dict[str, str]:
        """The form of the page that asks for two lines, with the right ones."""
        key = field(self.post("/setup/root-key/show").text, "key")
        asked = field(self.post("/setup/root-key/check", {"key": key}).text, "numbers")
        lines = paper_key.lines_of(SigningKey(key))
        first, second = (lines[int(one) - 1] for one in asked.split("-"))
        return {"key": key, "numbers": asked, "first": first, "second": second}

    def backup_paper(self) -> dict[str, str]:
        """The same of the key for backups."""
        shown = self.post("/setup/backup-key/show").text
        kept = {name: field(shown, name) for name in ("key", "seen")}
        asked = field(self.post("/setup/backup-key/check", kept).text, "numbers")
        first, second = (kept["key"][12 + 4 * int(one) : 16 + 4 * int(one)] for one in asked.split("-"))
        return {**kept, "numbers": asked, "first": first, "second": second}

    def leave(self, *steps: str) -> None:
        """Leave steps for later."""
        for step in steps:
            self.post(f"/setup/later/{step}")

    def found(self) -> TestResponse:
        """Take the first two steps."""
        self.choose_town()
        return self.post("/setup/root-key", self.paper())

    def at(self) -> str:
        """Where the set-up goes on."""
        return self.get("/setup").location


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]
