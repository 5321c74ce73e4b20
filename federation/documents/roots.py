"""Who may sign, for a chapter and for HQ (PROTOCOL.md §5)."""

from typing import Annotated

from msgspec import Meta

from ..encodings import Instant, NetworkId, PositiveInt, from_instant
from ..keys import check_root_keys
from .base import Document, Keys, Line


class ChapterRoot(Document, frozen=True):
    """Who may sign for a chapter and where it lives. Version 1 has no `chapter`: its digest makes the id (§5)."""

    version: Annotated[int, Meta(ge=1, le=256)]
    root_keys: Keys
    root_threshold: PositiveInt
    signing_keys: Keys
    base_url: Line
    chapter: NetworkId | None = None

    def __post_init__(self) -> None:
        check_root_keys(self.root_keys, self.root_threshold, self.signing_keys)
        if (self.version == 1) != (self.chapter is None):
            raise ValueError("chapter is absent from version 1 and present in every later one")

    @property
    def names(self) -> str | None:
        """The id this root states itself, if it does."""
        return self.chapter


class HqRoot(Document, frozen=True):
    """HQ's root: offline keys, a threshold, and the online keys they vouch for. After `expires` nodes only warn."""

    version: Annotated[int, Meta(ge=1, le=256)]
    root_keys: Keys
    root_threshold: PositiveInt
    registry_keys: Keys
    bulletin_keys: Keys
    expires: Instant
    hq: NetworkId | None = None

    def __post_init__(self) -> None:
        check_root_keys(self.root_keys, self.root_threshold, [*self.registry_keys, *self.bulletin_keys])
        from_instant(self.expires)
        if (self.version == 1) != (self.hq is None):
            raise ValueError("hq is absent from version 1 and present in every later one")

    @property
    def names(self) -> str | None:
        """The id this root states itself, if it does."""
        return self.hq
