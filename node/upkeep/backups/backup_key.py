"""The key of backups: a pair of age. Its public half, the recipient, is the setting RTR_BACKUP_KEY.

Only the secret half opens a backup. It is a lead's, on paper or in a password manager, and on no server.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import NodeError

if TYPE_CHECKING:
    from pyrage import x25519


class NoBackupKey(NodeError):
    """What was given is no key of age. The message is one line and never repeats the key."""

    code = "no-backup-key"


@dataclass(frozen=True)
class Pair:
    """A new key: `recipient` (age1…) is public, `secret` (AGE-SECRET-KEY-1…) is to be written down once."""

    recipient: str
    secret: str = field(repr=False)


def make() -> Pair:
    """A new pair. It is kept nowhere."""
    from pyrage import x25519  # here and below: 2 MB that a serving node does without

    made = x25519.Identity.generate()
    return Pair(str(made.to_public()), str(made))


def recipient(typed: str) -> str:
    """The public half as RTR_BACKUP_KEY has it. Raises NoBackupKey."""
    from pyrage import RecipientError, x25519

    try:
        return str(x25519.Recipient.from_str(typed.strip().lower()))
    except RecipientError as error:
        raise NoBackupKey("this is no public key of age: it begins with age1 and has 62 letters and digits") from error


def identity(typed: str) -> "x25519.Identity":
    """The secret half, in capitals or not, with spaces between its letters or not. Raises NoBackupKey."""
    from pyrage import IdentityError, x25519

    try:
        return x25519.Identity.from_str("".join(typed.split()).upper())
    except IdentityError as error:
        raise NoBackupKey(
            "this is no secret key of a backup: it begins with AGE-SECRET-KEY-1 and has 74 letters and digits"
        ) from error


def fits(secret: str, public: str) -> bool:
    """Whether `secret` opens what is made for `public`. Raises NoBackupKey."""
    return str(identity(secret).to_public()) == recipient(public)
