"""Makers of keys, roots, documents and registries for tests: always the same keys, all on one day."""

import copy
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from federation.documents import ChapterRoot, HqRoot
from federation.encodings import network_id, to_instant
from federation.envelope import Envelope, Kind, seal
from federation.keys import SigningKey
from federation.trust import Root, genesis, successor

#: A Monday.
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Members = dict[str, Any]


@cache
def key(name: str) -> SigningKey:
    """The key of this name, the same in every test run."""
    return SigningKey(hashlib.sha256(f"runtalkrun test key: {name}".encode()).hexdigest())


def write(members: object) -> str:
    """Compact JSON."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def sealed(kind: Kind, members: object, *keys: SigningKey) -> Envelope:
    """An envelope around these members, signed by these keys."""
    return seal(kind, write(members), keys)


def envelope_bytes(payload_type: str, payload: object, signatures: object) -> bytes:
    """An envelope of parts that may be wrong."""
    return write({"payload": payload, "payloadType": payload_type, "signatures": signatures}).encode()


def point(**changes: Any) -> Members:
    """A meeting point's members."""
    return {
        "name": "The Monument",
        "address": "Fish Street Hill, London EC3R",
        "directions": "At the foot of the column, by the steps.",
        "lat_e4": 515101,
        "lon_e4": -860,
    } | changes


def schedule(**changes: Any) -> Members:
    """A schedule's members: Thursdays at 18:30."""
    return {
        "timezone": "Europe/London",
        "dtstart": "2026-06-04T18:30",
        "rrule": "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH",
        "duration_minutes": 45,
        "arrive_minutes_before": 10,
    } | changes


def said(date: str, state: str = "confirmed", **changes: Any) -> Members:
    """A date state's members."""
    return {"date": date, "state": state, "at": "2026-06-01T08:45:00Z"} | changes


def listing(**changes: Any) -> Members:
    """A listing's members."""
    return {
        "id": "thursday",
        "name": "Thursday evening run",
        "kind": "run-walk",
        "schedule": schedule(),
        "meeting_point": point(),
        "distance_m": 5000,
        "dates": [],
    } | changes


@dataclass
class ChapterMaker:
    """A chapter with one root key, and a new signing key with each root."""

    name: str = "london"
    roots: list[Envelope] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root_key = key(f"{self.name} root")
        self.signing_key = key(f"{self.name} signing 1")
        self.roots.append(sealed("chapter-root", self.root_members(), self.root_key))
        self.id = network_id(self.roots[0].digest)

    def root_members(self, version: int = 1, **changes: Any) -> Members:
        """A root's members. From version 2 on they have the chapter's id."""
        members: Members = {
            "version": version,
            "root_keys": [self.root_key.public],
            "root_threshold": 1,
            "signing_keys": [self.signing_key.public],
            "base_url": f"https://{self.name}.example.org",
        }
        return members | ({"chapter": self.id} if version > 1 else {}) | changes

    def rotate(self) -> Envelope:
        """The next root, with a new signing key."""
        version = len(self.roots) + 1
        self.signing_key = key(f"{self.name} signing {version}")
        self.roots.append(sealed("chapter-root", self.root_members(version), self.root_key))
        return self.roots[-1]

    @property
    def chain(self) -> list[Root[ChapterRoot]]:
        """The verified roots."""
        found = [genesis(self.roots[0], ChapterRoot)]
        for envelope in self.roots[1:]:
            found.append(successor(found[-1], envelope))
        return found

    def members(self, issued: datetime = NOW, **changes: Any) -> Members:
        """A chapter document's members, issued at that time."""
        return {
            "chapter": self.id,
            "root_version": len(self.roots),
            "version": int(issued.timestamp()),
            "issued": to_instant(issued),
            "fresh_until": to_instant(issued + 2 * DAY),
            "expires": to_instant(issued + 14 * DAY),
            "profile": {"name": self.name.title(), "place": self.name.title(), "country": "GB", "about": ""},
            "listings": [listing()],
        } | changes

    def document(self, issued: datetime = NOW, **changes: Any) -> Envelope:
        """A sealed chapter document."""
        return sealed("chapter", self.members(issued, **changes), self.signing_key)

    def entry(self, **changes: Any) -> Members:
        """This chapter's entry in a registry bin."""
        return {
            "chapter": self.id,
            "root_version": 1,
            "root_digest": self.roots[0].digest,
            "status": "active",
            "since": "2026-05-01T09:00:00Z",
        } | changes


@dataclass
class HqMaker:
    """An HQ with one registry key, and three root keys of which two sign."""

    roots: list[Envelope] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root_keys = [key(f"hq root {number}") for number in (1, 2, 3)]
        self.registry_key, self.bulletin_key = key("hq registry"), key("hq bulletin")
        self.roots.append(sealed("hq-root", self.root_members(), *self.root_keys[:2]))
        self.id = network_id(self.roots[0].digest)

    def root_members(self, version: int = 1, **changes: Any) -> Members:
        """A root's members. From version 2 on they have HQ's id."""
        members: Members = {
            "version": version,
            "root_keys": [root.public for root in self.root_keys],
            "root_threshold": 2,
            "registry_keys": [self.registry_key.public],
            "bulletin_keys": [self.bulletin_key.public],
            "expires": "2031-06-01T09:00:00Z",
        }
        return members | ({"hq": self.id} if version > 1 else {}) | changes

    def rotate(self, **changes: Any) -> Envelope:
        """The next root, signed by two root keys."""
        members = self.root_members(len(self.roots) + 1, **changes)
        self.roots.append(sealed("hq-root", members, *self.root_keys[:2]))
        return self.roots[-1]

    @property
    def root(self) -> Root[HqRoot]:
        """The newest verified root."""
        found = genesis(self.roots[0], HqRoot)
        for envelope in self.roots[1:]:
            found = successor(found, envelope)
        return found

    def registry_members(self, contents: list[bytes], issued: datetime = NOW, **changes: Any) -> Members:
        """A registry's members. It names these bins, all with the prefix ""."""
        return {
            "hq": self.id,
            "version": int(issued.timestamp()),
            "issued": to_instant(issued),
            "fresh_until": to_instant(issued + 7 * DAY),
            "profile": {"name": "HQ", "contact": "hq@example.org"},
            "bins": [{"prefix": "", "digest": sha256(content), "count": _count(content)} for content in contents],
        } | changes

    def registry(self, contents: list[bytes], issued: datetime = NOW, **changes: Any) -> Envelope:
        """A sealed registry."""
        return sealed("registry", self.registry_members(contents, issued, **changes), self.registry_key)


def registry_bin(entries: Collection[Members]) -> bytes:
    """A registry bin's bytes."""
    return write({"chapters": list(entries)}).encode()


def sha256(content: bytes) -> str:
    """SHA-256 as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def without(members: Members, *names: str) -> Members:
    """A copy without the members of these names."""
    return {name: copy.deepcopy(member) for name, member in members.items() if name not in names}


def _count(content: bytes) -> int:
    return len(json.loads(content)["chapters"])
