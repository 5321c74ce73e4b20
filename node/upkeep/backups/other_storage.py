"""Backups copied to storage elsewhere, by rclone, which knows S3, SFTP and seventy others.

Its remotes stand in rclone.conf in the data folder, as `rclone config` writes them. That a backup is made never depends
on it.
"""

import os
import subprocess
from datetime import datetime, timedelta

from ...config import Settings
from ...errors import NodeError
from . import backup_files, backup_notes
from .backup import REMOTES
from .backup_notes import LastSending

#: Of the whole copying. rclone itself gives up sooner on a server that does not answer.
_SECONDS = 1800
_BOUNDS = ("--contimeout=15s", "--timeout=60s", "--retries=2", "--low-level-retries=3")
_MOST_WORDS = 300
#: What rclone may read of the environment: how it finds itself, its folder, a proxy and authorities.
_READ = ("PATH", "HOME", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


class NotSent(NodeError):
    """A backup was not copied to other storage. It is on this server all the same."""

    code = "backup-not-sent"


def send_newest(settings: Settings, now: datetime, before: datetime) -> None:
    """Copy the newest backup to RTR_BACKUP_TO, if one is set, and note how it went. Delete those there from `before`.

    Raises NotSent, which says what rclone said.
    """
    newest = backup_notes.last_backup(settings)
    if not settings.backup_to or newest is None:
        return
    name = newest.path.name
    try:
        _rclone(settings, "copyto", str(newest.path), _there(settings, name))
        _sweep(settings, before)
    except NotSent as error:
        backup_notes.note_sending(settings, LastSending(now, name, str(error)))
        raise
    backup_notes.note_sending(settings, LastSending(now, name))


def is_unsent(settings: Settings) -> bool:
    """Whether the newest backup was not copied to other storage yet, and is to be."""
    newest, sent = backup_notes.last_backup(settings), backup_notes.last_sending(settings)
    if not settings.backup_to or newest is None:
        return False
    return sent is None or bool(sent.failure) or sent.name != newest.path.name


def _sweep(settings: Settings, before: datetime) -> None:
    ours = backup_files.stem(settings)
    for name in _rclone(settings, "lsf", "--files-only", settings.backup_to).splitlines():
        made_at = backup_files.made_at(name)
        if made_at is not None and made_at < before and name.startswith(ours):
            _rclone(settings, "deletefile", _there(settings, name))


def _there(settings: Settings, name: str) -> str:
    folder = settings.backup_to
    return f"{folder}{'' if folder.endswith((':', '/')) else '/'}{name}"


def _rclone(settings: Settings, *words: str) -> str:
    """What rclone prints. It may ask for nothing, and learns no setting of ours.

    A variable that was meant for another program misleads it: with AWS_CA_BUNDLE, S3 always fails.
    """
    config = settings.data / REMOTES
    if not config.exists():
        raise NotSent(f"{config} does not name the storage: make it with `rclone --config {config} config`")
    try:
        done = subprocess.run(  # noqa: S603
            ["rclone", f"--config={config}", "--ask-password=false", *_BOUNDS, *words],  # noqa: S607
            capture_output=True,
            check=False,
            env={name: value for name, value in os.environ.items() if name.upper() in _READ},
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=_SECONDS,
        )
    except FileNotFoundError as error:
        raise NotSent("rclone is not installed: `apt-get install rclone`") from error
    except subprocess.TimeoutExpired as error:
        raise NotSent(f"the storage took longer than {timedelta(seconds=_SECONDS)}") from error
    if done.returncode:
        raise NotSent(f"rclone: {_last_line(done.stderr)}")
    return done.stdout


def _last_line(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip()[:_MOST_WORDS] if lines else "it gave no reason"
