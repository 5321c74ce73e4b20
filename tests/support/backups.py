"""A node with a key for backups."""

from dataclasses import replace

from node.config import Settings
from node.upkeep.backups.backup_key import Pair

from .network import LocalNode


def with_backup_key(node: LocalNode, pair: Pair) -> Settings:
    """The node's settings with a key for backups, and a file of settings as `rtr init` writes it."""
    made = replace(node.settings, backup_key=pair.recipient)
    (made.data / "settings.env").write_text(
        f"RTR_BASE_URL={made.base_url}\nRTR_NETWORK=loopback\nRTR_PORT={made.port}\nRTR_BACKUP_KEY={pair.recipient}\n"
    )
    return made
