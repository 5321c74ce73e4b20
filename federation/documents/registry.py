"""Which chapters there are, as HQ says (PROTOCOL.md §6)."""

from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from ..encodings import Digest, Instant, NetworkId, PositiveInt, Prefix, from_instant
from ..strict_json import MAX_INTEGER
from ..words import Word
from .base import Document, Name, require_visible


class HqProfile(Document, frozen=True):
    """HQ as every node shows it: a name and one public address that people may write to."""

    name: Name
    contact: Annotated[str, Meta(max_length=200, pattern=r"^[^@\s<>\"']+@[^@\s<>\"']+\Z")]

    def __post_init__(self) -> None:
        require_visible(self.name)


class BinReference(Document, frozen=True):
    """A registry bin: all chapters whose id starts with `prefix`, named by the SHA-256 of its bytes."""

    prefix: Prefix
    digest: Digest
    count: Annotated[int, Meta(ge=0, le=MAX_INTEGER)]


class Registry(Document, frozen=True):
    """HQ's signed table of bins (§6)."""

    hq: NetworkId
    version: PositiveInt
    issued: Instant
    fresh_until: Instant
    profile: HqProfile
    bins: Annotated[list[BinReference], Meta(min_length=1, max_length=1024)]

    def __post_init__(self) -> None:
        if from_instant(self.issued) > from_instant(self.fresh_until):
            raise ValueError("issued <= fresh_until")
        prefixes = sorted(ref.prefix for ref in self.bins)
        # In sorted order, a prefix comes right before what begins with it.
        if any(longer.startswith(prefix) for prefix, longer in pairwise(prefixes)):
            raise ValueError("bins do not overlap")


class Registered(Document, frozen=True):
    """What decides whether a chapter's documents are taken. Its roots pass through `root_digest` at `root_version`."""

    chapter: NetworkId
    root_version: PositiveInt
    root_digest: Digest
    status: Word


class RegistryEntry(Registered, frozen=True):
    """One chapter in the registry."""

    since: Instant
    replaces: NetworkId | None = None

    def __post_init__(self) -> None:
        from_instant(self.since)


class RegistryBin(Document, frozen=True):
    """Some chapters of the registry. It has no signature: the registry names its digest."""

    chapters: list[RegistryEntry]
