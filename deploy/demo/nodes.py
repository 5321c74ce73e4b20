"""One node of the demo: made, started, watched, and its lead's sign-in link."""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import click

from federation.acceptance import claimed_author
from federation.envelope import read
from federation.errors import FederationError
from federation.invitation import Invitation
from federation.keys import SigningKey
from node import sealed_fields
from node.chapter import leads, runs
from node.chapter.identity import create_chapter
from node.errors import NodeError
from node.handle import Node, utc_now
from node.hq import admissions, founding
from node.keys import write_key
from node.mail import closed
from node.members import sign_in
from node.models import Person
from node.wire.client import Peer, PeerRefused
from node.wire.outbound import Unreachable, Wire

from ..commands.folder import made, opened
from ..commands.hq import write_root_keys
from .happenings import let_happen
from .story import HQ, DemoChapter

#: A node that has joined hands its document to HQ the next time that its relay looks.
_RELAY_SECONDS = "2"


@dataclass
class DemoNode:
    """One node of the demo. `chapter`: its id, None for HQ."""

    name: str
    folder: Path
    url: str
    poll_seconds: int
    chapter: str | None = None
    process: subprocess.Popen[bytes] | None = None
    signin_url: str | None = None
    #: The digest of each chapter's document, as far as this node's feed has been read, and the position reached.
    documents: dict[str, str] = field(default_factory=dict)
    cursor: str = ""

    @property
    def letters(self) -> Path:
        """The folder that takes the node's letters in place of a mail server."""
        return self.folder.with_name("letters") / self.name

    def make_hq(self, chapters: tuple[DemoChapter, ...]) -> list[Invitation]:
        """Found HQ. One invitation for each chapter."""
        with made(self.folder, self._settings("hq")) as node, node.sessions() as session:
            roots = founding.create_hq(session, node.settings, HQ, node.clock())
            write_root_keys(self.folder.with_name("hq-root-keys"), roots)
            return [
                admissions.invite(session, node.settings, chapter.profile.name, True, node.clock())
                for chapter in chapters
            ]

    def make_chapter(self, chapter: DemoChapter) -> None:
        """Found a chapter with its lead and its run, and say what is said of the run."""
        root_key, signing = SigningKey.generate(), SigningKey.generate()
        now = utc_now()
        with made(self.folder, self._settings("chapter")) as node, node.sessions() as session:
            self.chapter = create_chapter(session, node.settings, chapter.profile, signing, root_key, now).id
            write_key(self.folder.with_name(f"{self.name}-root.key"), root_key)
            lead_id = leads.add(session, chapter.lead, now).id
            run = runs.announce(session, node.settings, chapter.next_run(now), None, now)
            let_happen(session, node.settings, run, chapter.happening, now)
        # Only now: the members' key lies beside the folder, which has its name at the end.
        with opened(self.folder, {}) as node:
            _give_address(node, lead_id, f"{self.name}@example.org")

    def serve(self) -> None:
        """Start the node's process."""
        with (self.folder / "serve.log").open("ab") as log:
            command = [sys.executable, "-m", "deploy.commands", "--data", str(self.folder), "serve"]
            # In a session of its own: Ctrl-C is for the demo, which then stops its nodes in order.
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # noqa: S603

    def require_alive(self) -> None:
        """Raise ClickException if the process has ended."""
        if self.process and self.process.poll() is not None:
            raise click.ClickException(f"{self.name} could not start: see {self.folder / 'serve.log'}")

    def pid(self) -> int | None:
        """The process that serves the folder, even if somebody started it again by hand. None if there is none."""
        try:
            pid = int((self.folder / "serve.pid").read_text())
            Path(f"/proc/{pid}").stat()
        except (OSError, ValueError):
            return None
        return None if self.process and self.process.pid == pid and self.process.poll() is not None else pid

    def read_on(self, wire: Wire) -> dict[str, str]:
        """Read the node's feed on from `cursor` and return `documents`. Errors are tried again the next time."""
        more = True
        while more:
            try:
                block = Peer(wire, self.url).changes(self.cursor)
            except (Unreachable, PeerRefused, FederationError):
                break
            if block is None:  # another feed than the one that was begun
                self.cursor, self.documents = "", {}
                continue
            documents = (one for one in map(read, block.envelopes) if one.kind == "chapter")
            self.documents |= {claimed_author(one): one.digest for one in documents}
            self.cursor, more = str(block.cursor), block.more
        return self.documents

    def memory(self) -> int:
        """Bytes of memory. What several processes share counts for each in part (PSS)."""
        try:
            rollup = Path(f"/proc/{self.pid()}/smaps_rollup").read_text()
        except OSError:
            return 0
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        return int(found[1]) * 1024 if found else 0

    def renew_link(self) -> None:
        """Keep `signin_url` a link that still works. It is None while no link can be made."""
        now = utc_now()
        try:
            with opened(self.folder, {}) as node, node.sessions() as session:
                token = (self.signin_url or "").rsplit("/", 1)[-1]
                if sign_in.peek_link(session, token, now) is None:
                    token = sign_in.make_link(session, leads.all_leads(session)[0].id, now)
                    self.signin_url = f"{self.url}/signin/{token}"
        except (NodeError, click.ClickException):
            self.signin_url = None

    def _settings(self, role: str) -> dict[str, str]:
        return {
            "BASE_URL": self.url,
            "ROLE": role,
            "NETWORK": "loopback",
            "PORT": self.url.rsplit(":", 1)[1],
            "POLL_SECONDS": str(self.poll_seconds),
            "RELAY_SECONDS": _RELAY_SECONDS,
            "MAIL": f"folder:{self.letters.absolute()}",
        }


def _give_address(node: Node, lead_id: int, email: str) -> None:
    """Let a lead get letters, as if the address had been confirmed."""
    with node.writing() as transaction:
        sealed_fields.make_if_new(transaction, node.settings)
        lead = transaction.get_one(Person, lead_id)
        lead.email = sealed_fields.load(node.settings).seal("person.email", lead_id, email)
        lead.email_index, lead.email_confirmed_at = closed.index_of(node.settings, email), node.clock()
