"""Each backup is copied to a real SFTP server by rclone; whatever goes wrong there, the one on this server stays."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from node.config import Settings
from node.upkeep.backups import backup, backup_files, backup_notes, nightly, other_storage
from node.upkeep.backups.backup_key import Pair
from node.upkeep.backups.other_storage import NotSent

from ....support.network import LocalNode, free_ports
from ....support.processes import wait_until
from .conftest import opened

NOW = datetime(2026, 6, 4, 2, 30, tzinfo=UTC)
MONTH_AGO = NOW - timedelta(days=30)


class Storage:
    """An SFTP server on this machine, whose files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        [self.port] = free_ports(1)

    @contextmanager
    def up(self) -> Iterator[None]:
        """The server answers while the block runs."""
        command = ["rclone", "serve", "sftp", f"--addr=127.0.0.1:{self.port}", "--user=london", "--pass=secret"]
        with subprocess.Popen([*command, self.folder], stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr
            try:
                wait_until(lambda: "listening" in (process.stderr.readline() if process.stderr else ""), "the server")
                yield
            finally:
                process.terminate()

    def remote(self) -> str:
        """How rclone.conf names it."""
        hidden = subprocess.run(["rclone", "obscure", "secret"], capture_output=True, text=True, check=True).stdout
        return f"[storage]\ntype = sftp\nhost = 127.0.0.1\nport = {self.port}\nuser = london\npass = {hidden}"

    def names(self) -> set[str]:
        return {path.name for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "storage")


@pytest.fixture
def sending(settings: Settings, storage: Storage) -> Settings:
    """London's settings, by which backups are sent to the storage."""
    (settings.data / "rclone.conf").write_text(storage.remote())
    with (settings.data / "settings.env").open("a") as file:
        file.write("RTR_BACKUP_TO=storage:london\n")
    return replace(settings, backup_to="storage:london")


def test_a_backup_arrives_whole_and_that_is_noted(sending: Settings, storage: Storage) -> None:
    copy = backup.make(sending)
    with storage.up():
        other_storage.send_newest(sending, NOW, MONTH_AGO)
    assert (storage.folder / "london" / copy.path.name).read_bytes() == copy.path.read_bytes()
    noted = backup_notes.last_sending(sending)
    assert noted
    assert (noted.name, noted.failure) == (copy.path.name, "")
    assert not other_storage.is_unsent(sending)


def test_what_is_too_old_there_goes_and_nothing_of_anybody_else(sending: Settings, storage: Storage) -> None:
    there = storage.folder / "london"
    there.mkdir()
    old = backup_files.name_at(sending, MONTH_AGO - timedelta(seconds=1))
    others = {
        backup_files.name_at(sending, MONTH_AGO),
        backup_files.name_at(replace(sending, base_url="https://leeds.example.org"), MONTH_AGO - timedelta(days=9)),
        "letter-20200101T000000Z.txt",
    }
    for name in (old, *others):
        (there / name).touch()
    copy = backup.make(sending)
    with storage.up():
        other_storage.send_newest(sending, NOW, MONTH_AGO)
    assert storage.names() == {copy.path.name, *others}


def test_a_storage_that_does_not_answer_is_noted_and_tried_again(
    sending: Settings, storage: Storage, london: LocalNode
) -> None:
    london.clock.now = datetime.now(UTC)
    nightly.look(london.handle)
    [copy] = backup_files.all_of(sending)
    noted = backup_notes.last_sending(sending)
    assert noted
    assert "connection refused" in noted.failure
    assert other_storage.is_unsent(sending)
    with storage.up():
        nightly.look(london.handle)
    assert storage.names() == {copy.path.name}
    assert [one.path for one in backup_files.all_of(sending)] == [copy.path]


def test_a_wrong_password_is_said_without_it(sending: Settings, storage: Storage) -> None:
    backup.make(sending)
    config = sending.data / "rclone.conf"
    wrong = subprocess.run(["rclone", "obscure", "wrong-one"], capture_output=True, text=True, check=True).stdout
    config.write_text(f"[storage]\ntype = sftp\nhost = 127.0.0.1\nport = {storage.port}\nuser = london\npass = {wrong}")
    with storage.up(), pytest.raises(NotSent, match="rclone: ") as refused:
        other_storage.send_newest(sending, NOW, MONTH_AGO)
    assert "wrong-one" not in str(refused.value)
    assert wrong.strip() not in str(refused.value)


def test_what_is_set_for_another_program_does_not_mislead_rclone(
    sending: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With AWS_CA_BUNDLE, rclone of Debian 12 cannot reach any S3: "unsupported transport"."""
    backup.make(sending)
    [port] = free_ports(1)
    (sending.data / "rclone.conf").write_text(
        f"[storage]\ntype = s3\nprovider = Other\nendpoint = http://127.0.0.1:{port}\nregion = eu-west-2\n"
        "access_key_id = AKIDEXAMPLE\nsecret_access_key = secret\n"
    )
    monkeypatch.setenv("AWS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    with pytest.raises(NotSent, match="connection refused"):
        other_storage.send_newest(sending, NOW, MONTH_AGO)


def test_a_storage_that_nothing_describes_is_said(settings: Settings) -> None:
    backup.make(settings)
    with pytest.raises(NotSent, match=r"rclone\.conf does not name the storage"):
        other_storage.send_newest(replace(settings, backup_to="storage:x"), NOW, MONTH_AGO)


def test_a_machine_without_rclone_is_told_how_to_get_it(sending: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    backup.make(sending)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotSent, match="apt-get install rclone"):
        other_storage.send_newest(sending, NOW, MONTH_AGO)


def test_a_restored_node_sends_its_backups_as_before(sending: Settings, pair: Pair, tmp_path: Path) -> None:
    found = opened(backup.make(sending).path, pair, tmp_path / "opened")
    assert (found / "rclone.conf").read_text() == (sending.data / "rclone.conf").read_text()
