"""What this node asks of a peer, and how the peer answers (PROTOCOL.md §11). This module uses no database."""

import json
import math
import random
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic, sleep
from typing import Annotated

import msgspec
from msgspec import Meta

from federation import BASE_PATH
from federation.acceptance import claimed_author
from federation.encodings import Digest, Instant, NetworkId, PositiveInt, from_instant
from federation.envelope import MAX_ENVELOPE, Envelope, read
from federation.errors import FederationError, Malformed, one_line
from federation.feed import MAX_BLOCK, Block, read_block
from federation.payloads import MAX_BIN
from federation.strict_json import parse

from ..errors import NodeError
from . import deadlines
from .outbound import Answer, Unreachable, Wire

#: A refusal as this protocol spells it (§12, RFC 9457). Any other page of that status is a proxy's, and says nothing.
_PROBLEM_TYPE = "application/problem+json"
#: Codes of refusals which say that a peer does not have what was asked for.
_NONE = frozenset({"not-found", "unknown-chapter", "not-active"})
#: Bytes of an unpacked block of the feed: its envelopes, one more, and the last line.
_BLOCK_CAP = MAX_BLOCK + MAX_ENVELOPE + 4096
_MAX_PROBLEM = MAX_ENVELOPE


class PeerRefused(NodeError):
    """A peer answered with a refusal. `status`: HTTP's. `code`: the protocol's."""

    def __init__(self, base_url: str, status: int, code: str, detail: str) -> None:
        super().__init__(one_line(f"{base_url} refused: {detail or code or status}"))
        self.status = status
        self.code = code


class Named(msgspec.Struct, frozen=True):
    """A document or registry, named by its version and digest."""

    version: PositiveInt
    digest: Digest


class Counts(msgspec.Struct, frozen=True):
    """How many chapters, documents and listings a node holds."""

    chapters: int
    documents: int
    listings: int


class Status(msgspec.Struct, frozen=True):
    """What a node says of itself (PROTOCOL.md §11)."""

    clock: Instant
    software: Annotated[str, Meta(max_length=100)]
    counts: Counts
    #: The chapter that it speaks for. It is the own host of no other chapter, whatever a root says.
    chapter: NetworkId | None = None
    hq: NetworkId | None = None
    registry: Named | None = None

    def __post_init__(self) -> None:
        from_instant(self.clock)

    @property
    def time(self) -> datetime:
        """The node's clock when it answered."""
        return from_instant(self.clock)


@dataclass(frozen=True)
class Handed:
    """What became of a put document. `acknowledged`: the peer has it, or a newer one. `held`: the newer one."""

    acknowledged: bool
    held: bytes = b""


@dataclass
class Allowance:
    """The seconds that one peer may take of one round, so that a slow peer holds up no other for long."""

    left: float


@dataclass(frozen=True)
class Peer:
    """Another node, at `base_url`. Its methods raise Unreachable, PeerRefused, or FederationError for a bad answer."""

    wire: Wire
    base_url: str
    #: Seconds that each answer may take.
    deadline: float = deadlines.ANSWER
    #: The seconds that it may take in all. None: no bound.
    allowance: Allowance | None = field(default=None, compare=False)

    @property
    def is_over(self) -> bool:
        """Whether the peer has taken all its seconds, so that it is asked nothing more."""
        return self.allowance is not None and self.allowance.left <= 0

    def hq_root(self, hq: str, version: int) -> Envelope | None:
        """HQ's root `version`. None after the newest."""
        return self._envelope(f"/hq/{hq}/root/{version}")

    def registry(self, hq: str, held_digest: str) -> Envelope | None:
        """HQ's registry. None if it is the held one."""
        answer = self._send("GET", f"/hq/{hq}/registry", cap=MAX_ENVELOPE, etag=held_digest)
        # A 304 counts only if it names the digest that was asked about (RFC 9110 §15.4.5).
        unchanged = answer.status == 304 and held_digest and held_digest in answer.etag
        return None if unchanged else read(self._good(answer).body)

    def bin(self, hq: str, digest: str) -> bytes:
        """A registry bin's bytes, unchecked."""
        return self._good(self._send("GET", f"/hq/{hq}/bins/{digest}", cap=MAX_BIN)).body

    def chapter_root(self, chapter: str, version: int) -> Envelope | None:
        """A chapter's root. None if the peer has none of that version."""
        return self._envelope(f"/chapters/{chapter}/root/{version}")

    def document(self, chapter: str) -> Envelope | None:
        """A chapter's document. None if the peer has none."""
        return self._envelope(f"/documents/{chapter}")

    def says_of(self, chapter: str) -> Envelope | str:
        """A chapter's document, or the protocol's name of the reason why the peer has none."""
        return self._envelope_or_code(f"/documents/{chapter}")

    def changes(self, cursor: str) -> Block | None:
        """The block of the feed after `cursor`. None if the peer does not know the cursor."""
        answer = self._send("GET", f"/changes?after={cursor}", cap=_BLOCK_CAP)
        if _code(answer) == "unknown-cursor":
            return None
        return read_block(self._good(answer).body)

    def status(self) -> Status:
        """What the peer says of itself."""
        return self.greet()[1]

    def greet(self) -> tuple[Answer, Status]:
        """What the peer says of itself, and the answer in which it does."""
        answer = self._good(self._send("GET", "/status", cap=_MAX_PROBLEM))
        try:
            return answer, msgspec.convert(parse(answer.body, cap=_MAX_PROBLEM), Status)
        except msgspec.ValidationError as error:
            raise Malformed(f"a status: {error}") from error

    def look_at(self, author: str) -> dict[str, object]:
        """What the peer sees at the host of a chapter, or of HQ, as it says it (node.wire.looks reads it)."""
        answer = self._good(self._send("POST", f"/chapters/{author}/look", cap=_MAX_PROBLEM))
        return parse(answer.body, cap=_MAX_PROBLEM)

    def is_home_of(self, chapter: str) -> bool:
        """Whether the peer is the chapter's own node. Every node gives every chapter's root and document."""
        return self.status().chapter == chapter

    def serves_root(self, chapter: str, digest: str) -> bool:
        """Whether the peer answers with the root version 1 of this `digest`."""
        root = self.chapter_root(chapter, 1)
        return root is not None and root.digest == digest

    def put_document(self, chapter: str, envelope: bytes, roots: list[bytes]) -> Handed:
        """Put a document, within twice deadlines.URGENT. The peer gets the roots, too, if it lacks them."""
        ends = monotonic() + 2 * deadlines.URGENT
        try:
            answer = self._put(f"/documents/{chapter}", envelope, ends)
            if _code(answer) == "missing-root":
                for version, root in enumerate(roots, 1):
                    self._put(f"/chapters/{chapter}/root/{version}", root, ends)
                answer = self._put(f"/documents/{chapter}", envelope, ends)
        except Unreachable:
            return Handed(False)
        return _handed(answer, read(envelope).digest, chapter)

    def ask_admission(self, secret: str, root: str) -> str:
        """Ask HQ to be let in with an invitation's secret: `admitted` or `waiting`."""
        body = json.dumps({"secret": secret, "root": root}).encode()
        answer = self._good(self._send("POST", "/admissions", cap=_MAX_PROBLEM, body=body))
        status = _read(answer).get("status")
        if not isinstance(status, str):
            raise Malformed("an answer to an admission is admitted or waiting")
        # A later HQ may use other words: whatever is not `admitted` means waiting.
        return "admitted" if status == "admitted" else "waiting"

    def _put(self, path: str, body: bytes, ends: float) -> Answer:
        """Put again while the peer answers that it is taking in too many documents."""
        while True:
            left = ends - monotonic()
            if left <= 0:
                raise Unreachable(f"{self.base_url}: too slow")
            answer = self._send("PUT", path, cap=_MAX_PROBLEM, body=body, within=min(left, deadlines.URGENT))
            if _code(answer) != "busy":
                return answer
            # In a storm many nodes send at once. A random pause keeps them from coming again at the same moment.
            sleep(random.uniform(*deadlines.URGENT_AGAIN))  # noqa: S311 - no secret

    def _envelope(self, path: str) -> Envelope | None:
        found = self._envelope_or_code(path)
        return found if isinstance(found, Envelope) else None

    def _envelope_or_code(self, path: str) -> Envelope | str:
        answer = self._send("GET", path, cap=MAX_ENVELOPE)
        code = _code(answer)
        return code if code in _NONE else read(self._good(answer).body)

    def _send(
        self,
        method: str,
        path: str,
        *,
        cap: int,
        body: bytes | None = None,
        etag: str = "",
        within: float | None = None,
    ) -> Answer:
        allowance = self.allowance or Allowance(math.inf)
        began, seconds = monotonic(), min(within or self.deadline, allowance.left)
        if seconds <= 0:
            raise Unreachable(f"{self.base_url}: it has taken all of its time")
        try:
            return self.wire.send(
                method, self.base_url, BASE_PATH + path, cap=cap, body=body, etag=etag, deadline=seconds
            )
        finally:
            allowance.left -= monotonic() - began

    def _good(self, answer: Answer) -> Answer:
        if answer.status >= 300:
            detail = str(_read(answer).get("detail", "")) if answer.media_type == _PROBLEM_TYPE else ""
            raise PeerRefused(self.base_url, answer.status, _code(answer), detail[:200])
        return answer


def _handed(answer: Answer, digest: str, chapter: str) -> Handed:
    """A peer that has the document names its digest. A peer that has a newer one gives that, or says so."""
    if answer.status in (200, 201, 204):
        return Handed(digest in answer.etag)
    if answer.status != 409 or _code(answer) == "older":
        return Handed(answer.status == 409)
    try:
        newer = read(answer.body)
        return Handed(newer.kind == "chapter" and claimed_author(newer) == chapter, answer.body)
    except FederationError:
        return Handed(False)


def _code(answer: Answer) -> str:
    """The protocol's name of a refusal. Empty for an answer that is no problem document of its own status."""
    if answer.media_type != _PROBLEM_TYPE:
        return ""
    problem = _read(answer)
    return str(problem.get("code", ""))[:40] if problem.get("status") == answer.status else ""


def _read(answer: Answer) -> dict[str, object]:
    try:
        return parse(answer.body, cap=_MAX_PROBLEM)
    except FederationError:
        return {}
