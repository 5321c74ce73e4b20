"""London's node with a key for backups, and what tests do with the copies."""

from pathlib import Path

import pytest

from node.config import Settings
from node.upkeep.backups import archive, backup_key
from node.upkeep.backups.backup_key import Pair

from ....support.backups import with_backup_key
from ....support.network import LocalNode


@pytest.fixture(scope="session")
def pair() -> Pair:
    return backup_key.make()


@pytest.fixture
def settings(london: LocalNode, pair: Pair) -> Settings:
    return with_backup_key(london, pair)


def opened(copy: Path, pair: Pair, into: Path) -> Path:
    """The folder `into` with what is in a backup."""
    into.mkdir()
    packed = into.with_suffix(".packed")
    archive.decrypt(copy, backup_key.identity(pair.secret), packed, lambda done, whole: None)
    archive.unpack(packed, into, lambda name: True, lambda done, whole: None)
    packed.unlink()
    return into
