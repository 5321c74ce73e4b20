"""London's node with a key for backups, and what tests do with the copies."""

from dataclasses import replace
from pathlib import Path

import pytest

from node.config import Settings
from node.upkeep.backups import archive, backup_key
from node.upkeep.backups.backup_key import Pair

from ....support.network import LocalNode


@pytest.fixture(scope="session")
def pair() -> Pair:
    return backup_key.make()


@pytest.fixture
def settings(london: LocalNode, pair: Pair) -> Settings:
    """London's, with a key for backups, and a file of settings as `rtr init` writes it."""
    made = replace(london.settings, backup_key=pair.recipient)
    (made.data / "settings.env").write_text(
        f"RTR_BASE_URL={made.base_url}\nRTR_NETWORK=loopback\nRTR_PORT={made.port}\nRTR_BACKUP_KEY={pair.recipient}\n"
    )
    return made


def opened(copy: Path, pair: Pair, into: Path) -> Path:
    """The folder `into` with what is in a backup."""
    into.mkdir()
    packed = into.with_suffix(".packed")
    archive.decrypt(copy, backup_key.identity(pair.secret), packed, lambda done, whole: None)
    archive.unpack(packed, into, lambda name: True, lambda done, whole: None)
    packed.unlink()
    return into
