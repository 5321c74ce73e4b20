"""The last backup, and the last rehearsal of putting one back."""

from datetime import timedelta

from ..backups import backup_notes, nightly
from .checks import Found, Ground, broken, look, well

#: One is made each night. With two nights missed something is wrong.
_LATE = timedelta(hours=50)
#: A rehearsal shows that the secret key is where somebody can find it.
_REHEARSED = timedelta(days=100)


def backup(ground: Ground) -> Found:
    """When the last backup was made, and whether it was copied elsewhere."""
    settings = nightly.as_set_now(ground.settings)
    if not settings.backup_key:
        return look("no backups are made: there is no key for them", "make one: rtr backup key")
    run, last = backup_notes.last_run(settings), backup_notes.last_backup(settings)
    failure = f" ({run.detail})" if run and run.failure else ""
    if last is None or ground.now - last.made_at > _LATE:
        made = f"the last backup is of {last.made_at:%Y-%m-%d %H:%M} UTC" if last else "no backup was made yet"
        return (look if last is None and not failure else broken)(
            f"{made}{failure}", "rtr backup, and see what it says"
        )
    says = f"the last backup is of {last.made_at:%Y-%m-%d %H:%M} UTC"
    sent = backup_notes.last_sending(settings) if settings.backup_to else None
    if sent and sent.failure:
        return broken(f"{says}; it was not copied elsewhere ({sent.failure})", "see RTR_BACKUP_TO, then: rtr backup")
    return well(says)


def rehearsal(ground: Ground) -> Found:
    """When somebody last opened a backup and found it whole."""
    last = backup_notes.last_rehearsal(ground.settings)
    fix = "try one, with the secret half of its key: rtr restore --check FILE"
    if last is None:
        return look("nobody has tried yet whether a backup can be put back", fix)
    says = f"a backup was last opened and found whole on {last.at:%Y-%m-%d}"
    return look(says, fix) if ground.now - last.at > _REHEARSED else well(says)
