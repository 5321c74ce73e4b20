"""The key of backups: a pair of age, whose secret half is on no server."""

import pyrage
import pytest

from node.upkeep.backups import backup_key
from node.upkeep.backups.backup_key import NoBackupKey


def test_what_is_made_for_the_public_half_opens_with_the_secret_half_alone() -> None:
    mine, other = backup_key.make(), backup_key.make()
    made = pyrage.encrypt(b"a copy", [pyrage.x25519.Recipient.from_str(mine.recipient)])
    assert pyrage.decrypt(made, [backup_key.identity(mine.secret)]) == b"a copy"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(made, [backup_key.identity(other.secret)])


def test_a_pair_never_prints_its_secret_half() -> None:
    made = backup_key.make()
    assert made.recipient in repr(made)
    assert made.secret not in repr(made)


def test_a_secret_half_is_read_as_somebody_copies_it_from_paper() -> None:
    made = backup_key.make()
    in_groups = " ".join(made.secret[at : at + 6] for at in range(0, len(made.secret), 6)).lower()
    assert backup_key.fits(f"  {in_groups}\n", made.recipient)
    assert not backup_key.fits(in_groups, backup_key.make().recipient)


def test_a_public_half_is_taken_with_spaces_around_it_and_in_capitals() -> None:
    made = backup_key.make()
    assert backup_key.recipient(f" {made.recipient.upper()}\n") == made.recipient


@pytest.mark.parametrize("wrong", ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1"])
def test_what_is_no_public_half_is_refused(wrong: str) -> None:
    with pytest.raises(NoBackupKey, match="begins with age1"):
        backup_key.recipient(wrong)


def test_a_key_with_a_wrong_letter_is_refused_and_never_repeated() -> None:
    made = backup_key.make()
    for half, read in ((made.recipient, backup_key.recipient), (made.secret, backup_key.identity)):
        wrong = half[:-3] + ("q" if half[-3].lower() != "q" else "p") + half[-2:]
        with pytest.raises(NoBackupKey) as refused:
            read(wrong)
        assert half[10:40] not in str(refused.value)
