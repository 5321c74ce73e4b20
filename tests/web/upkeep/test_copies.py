"""Leads see the backups, begin one, and take one along; nobody else does."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
import requests

from node.config import Settings
from node.members import sign_in
from node.upkeep.backups import backup, backup_files, backup_key, backup_notes
from node.upkeep.backups.backup_key import Pair
from node.upkeep.backups.backup_notes import LastRun, Rehearsal

from ...support.backups import with_backup_key
from ...support.network import LONDON, START, Clock, LocalFederation, LocalNode, free_ports, served
from ...support.processes import wait_until
from ...support.web_client import Phone, words

PAGE = "/lead/backups"


@pytest.fixture(scope="module")
def pair() -> Pair:
    return backup_key.make()


@pytest.fixture
def settings(london: LocalNode, pair: Pair) -> Settings:
    return with_backup_key(london, pair)


def test_without_a_key_the_page_says_what_to_do(london: LocalNode) -> None:
    phone = Phone(london).sign_in("Sam")
    said = words(phone.get(PAGE))
    assert "No backups are being made" in said
    assert "Make the key now" in said
    assert "Make one now" not in said
    assert phone.post(PAGE).status_code == 303
    assert not backup_files.folder(london.settings).exists()


def test_a_lead_begins_a_backup_and_finds_it_there(london: LocalNode, settings: Settings) -> None:
    phone = Phone(london).sign_in("Sam")
    answer = phone.post(PAGE)
    assert answer.headers["Location"].endswith("?done=backup-begun")
    wait_until(lambda: bool(backup_files.all_of(settings)), "the backup")
    wait_until(lambda: backup_notes.last_run(settings) is not None, "the note of it")
    assert "Download" in words(phone.get(PAGE))


def test_while_one_is_made_no_second_one_is_begun(london: LocalNode, settings: Settings) -> None:
    phone = Phone(london).sign_in("Sam")
    with backup.only_one(settings):
        phone.post(PAGE)
        assert "being made now" in words(phone.get(PAGE))
    assert not backup_files.all_of(settings)


def test_a_backup_is_taken_along_whole_and_kept_by_no_browser(
    london: LocalNode, settings: Settings, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    copy = backup.make(settings)
    with caplog.at_level("INFO"):
        answer = Phone(london).sign_in("Sam").get(f"{PAGE}/{copy.path.name}")
    assert answer.data == copy.path.read_bytes()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={copy.path.name}"
    assert pyrage.decrypt(answer.data, [backup_key.identity(pair.secret)])
    assert "a backup was downloaded" in caplog.text
    assert "Sam" not in caplog.text


@pytest.mark.parametrize("name", ["last.json", "..%2Fsettings.env", "..%2Fnode.sqlite", "none.age"])
def test_nothing_but_a_backup_can_be_taken_along(london: LocalNode, settings: Settings, name: str) -> None:
    backup.make(settings)
    assert Phone(london).sign_in("Sam").get(f"{PAGE}/{name}").status_code == 404


@pytest.mark.parametrize("role", ["member", "co-lead"])
def test_only_leads_see_them(london: LocalNode, settings: Settings, role: str) -> None:
    copy = backup.make(settings)
    phone = Phone(london).sign_in(role=role)
    for path in (PAGE, f"{PAGE}/{copy.path.name}"):
        assert phone.get(path).status_code == 403
    assert phone.post(PAGE).status_code == 403


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("no-room", "There isn’t enough space"),
        ("no-backup-key", "There’s a mistake in the key"),
        ("failed", "The server’s log says why"),
    ],
)
def test_a_failure_is_said_in_words(london: LocalNode, settings: Settings, code: str, said: str) -> None:
    backup_files.folder(settings).mkdir()
    backup_notes.note_run(settings, LastRun(london.clock(), code, "detail"))
    assert said in words(Phone(london).sign_in("Sam").get(PAGE))


def test_a_rehearsal_is_told(london: LocalNode, settings: Settings) -> None:
    phone = Phone(london).sign_in("Sam")
    assert "No one has tried one out yet" in words(phone.get(PAGE))
    backup_files.folder(settings).mkdir()
    backup_notes.note_rehearsal(settings, Rehearsal(london.clock() - timedelta(hours=3), london.clock()))
    assert "last tried out 3 hours ago" in words(phone.get(PAGE))


def test_hqs_people_have_the_same_page(federation: LocalFederation) -> None:
    assert "No backups are being made" in words(Phone(federation.hq).sign_in("Ada").get("/hq/backups"))


@pytest.fixture
def on_a_port(tmp_path: Path) -> Iterator[LocalNode]:
    [port] = free_ports(1)
    node = LocalNode(tmp_path / "served", Clock(), port)
    node.found_chapter(LONDON)
    yield node
    node.close()


def test_a_large_one_is_sent_from_the_disk_and_not_from_memory(on_a_port: LocalNode) -> None:
    size = 40 << 20  # more than may wait in memory for slow readers
    folder = backup_files.folder(on_a_port.settings)
    folder.mkdir()
    file = folder / backup_files.name_at(on_a_port.settings, START)
    with file.open("wb") as made:
        made.truncate(size)
    phone = Phone(on_a_port).sign_in("Sam")
    url = f"{on_a_port.settings.base_url}{PAGE}/{file.name}"
    before = peak_kb()
    with served(on_a_port), requests.get(url, cookies=cookies_of(phone), stream=True, timeout=20) as answer:
        assert answer.headers["Content-Length"] == str(size)
        assert sum(len(piece) for piece in answer.iter_content(1 << 16)) == size
    assert peak_kb() - before < 20 << 10


def cookies_of(phone: Phone) -> dict[str, str]:
    cookie = phone.client.get_cookie(sign_in.cookie_name(phone.node.settings), "127.0.0.1")
    assert cookie
    return {cookie.key: cookie.value}


def peak_kb() -> int:
    """The most memory that this process has had, in KB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])
