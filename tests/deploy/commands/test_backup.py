"""`rtr backup` and `rtr restore` as a lead meets them: two commands from a server that is gone to one that serves."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from node import config
from node.upkeep.backups import backup_key
from node.upkeep.backups.backup_key import Pair

from .test_commands import data, read_terminal, rtr

__all__ = ["data"]


@pytest.fixture
def pair(data: Path) -> Pair:
    """The key of backups of the folder `data`."""
    made = backup_key.make()
    assert rtr(data, "backup", "key", made.recipient).exit_code == 0
    return made


def key_file(pair: Pair, folder: Path) -> Path:
    """As `age-keygen` writes it."""
    file = folder / "key.txt"
    file.write_text(f"# created: 2026-06-04T18:30:00Z\n# public key: {pair.recipient}\n{pair.secret}\n")
    return file


def on_terminal(data: Path, *words: str, typed: bytes = b"", prompt: str = "") -> str:
    """What a command shows on a terminal, where `typed` is typed at the first prompt that ends with `prompt`."""
    command = [sys.executable, "-m", "deploy.commands", "--data", str(data), *words]
    ours, theirs = os.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        said = b""
        while typed and prompt not in said.decode():
            said += os.read(ours, 4096)
        found = re.search(r"AGE-SECRET-KEY-1[0-9A-Z]+", said.decode())
        os.write(ours, typed.replace(b"LAST", found[0][-6:].encode() if found else b""))
        said += read_terminal(ours).encode()
    os.close(ours)
    assert process.returncode == 0, said
    return said.decode()


def test_a_new_key_is_shown_once_and_used_once_its_end_was_typed(data: Path) -> None:
    said = on_terminal(data, "backup", "key", typed=b"WRONG!\nLAST\n", prompt="from what you wrote: ")
    secrets = re.findall(r"AGE-SECRET-KEY-1[0-9A-Z]{58}", said)
    assert len(secrets) == 1
    assert "not how it ends" in said
    settings = config.load(data)
    assert backup_key.fits(secrets[0], settings.backup_key)
    assert not any(secrets[0].encode() in path.read_bytes() for path in data.rglob("*") if path.is_file())


def test_a_new_key_is_shown_on_a_terminal_alone(data: Path) -> None:
    result = rtr(data, "backup", "key")
    assert result.exit_code == 1
    assert "on a terminal only" in result.output
    assert "AGE-SECRET" not in result.output
    assert not config.load(data).backup_key


def test_the_key_of_backups_is_replaced_only_when_that_is_said(data: Path, pair: Pair) -> None:
    other = backup_key.make().recipient
    refused = rtr(data, "backup", "key", other)
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert config.load(data).backup_key == pair.recipient
    assert rtr(data, "backup", "key", "--replace", other).exit_code == 0
    assert config.load(data).backup_key == other


def test_a_secret_key_in_place_of_the_public_half_is_not_kept(data: Path) -> None:
    result = rtr(data, "backup", "key", backup_key.make().secret)
    assert result.exit_code == 1
    assert "no public key" in result.output
    assert not config.load(data).backup_key


def test_without_a_key_a_backup_says_what_to_do(data: Path) -> None:
    result = rtr(data, "backup")
    assert result.exit_code == 1
    assert "run `rtr backup key`" in result.output
    listed = rtr(data, "backup", "list").output
    assert "no backup is made: there is no key" in listed
    assert "failed: there is no key" in listed


def test_a_node_is_put_back_by_two_commands(data: Path, pair: Pair, tmp_path: Path) -> None:
    assert rtr(data, "lead", "add", "Ada").exit_code == 0
    made = rtr(data, "backup")
    file = Path(made.output.split(" (")[0])
    assert str(file) in rtr(data, "backup", "list").output
    kept = shutil.copy(file, tmp_path / "kept.age")
    shutil.rmtree(data)
    result = rtr(data, "restore", str(kept), "--key-file", str(key_file(pair, tmp_path)))
    assert result.exit_code == 0, result.output
    assert "London (https://london.example.org" in result.output
    assert "off for good" in result.output
    assert "Ada" in rtr(data, "lead", "list").output


def test_the_secret_key_is_asked_for_and_never_shown(data: Path, pair: Pair, tmp_path: Path) -> None:
    file = rtr(data, "backup").output.split(" (")[0]
    said = on_terminal(
        tmp_path / "new", "restore", file, typed=f"{pair.secret}\n".encode(), prompt="(AGE-SECRET-KEY-1…): "
    )
    assert pair.secret not in said
    assert "decrypting 100 %" in said
    assert "unpacking 100 %" in said
    assert (tmp_path / "new/node.sqlite").exists()


def test_without_a_terminal_a_file_with_the_key_is_needed(data: Path, pair: Pair, tmp_path: Path) -> None:
    file = rtr(data, "backup").output.split(" (")[0]
    result = rtr(tmp_path / "new", "restore", file)
    assert result.exit_code == 1
    assert "--key-file" in result.output


def test_a_rehearsal_says_what_is_inside_and_is_listed(data: Path, pair: Pair, tmp_path: Path) -> None:
    file = rtr(data, "backup").output.split(" (")[0]
    result = rtr(data, "restore", "--check", file, "--key-file", str(key_file(pair, tmp_path)))
    assert "whole: London" in result.output
    assert "last rehearsed" in rtr(data, "backup", "list").output


def test_a_restore_into_a_folder_in_use_is_refused_in_a_line(data: Path, pair: Pair, tmp_path: Path) -> None:
    file = rtr(data, "backup").output.split(" (")[0]
    result = rtr(data, "restore", file, "--key-file", str(key_file(pair, tmp_path)))
    assert result.exit_code == 1
    assert "in use already" in result.output


def test_missing_keys_are_named_with_their_places(data: Path, pair: Pair, tmp_path: Path) -> None:
    config.change(data, {"BACKUP_KEYS": "none"})
    file = rtr(data, "backup").output.split(" (")[0]
    result = rtr(tmp_path / "new", "restore", file, "--key-file", str(key_file(pair, tmp_path)))
    assert str(tmp_path / "new/keys/signing.key") in result.output


def test_the_log_of_another_database_keeps_the_node_from_starting(data: Path, tmp_path: Path) -> None:
    shutil.copy(data / "node.sqlite", tmp_path / "copy.sqlite")
    (data / "node.sqlite-wal").write_bytes(os.urandom(5000))
    with (data / "node.sqlite").open("r+b") as file:
        file.seek(18)
        file.write(b"\1\1")  # as a copy that SQLite has made
    before = (data / "node.sqlite").read_bytes()
    for words in (["serve"], ["migrate"], ["lead", "list"], ["backup"]):
        result = rtr(data, *words)
        assert result.exit_code == 1, (words, result.output)
        assert "node.sqlite-wal is the log of another database" in result.output
    assert (data / "node.sqlite").read_bytes() == before
