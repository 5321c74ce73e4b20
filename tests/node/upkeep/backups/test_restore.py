"""A node is put back whole from a backup, or nothing is touched."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyrage
import pytest

from federation.keys import SigningKey
from node import file_lock, jobs
from node.chapter import dates
from node.config import Settings
from node.directory import listings
from node.models import Counter
from node.upkeep.backups import backup, backup_files, backup_key, backup_notes, restore
from node.upkeep.backups.archive import BadBackup, Progress
from node.upkeep.backups.backup_key import Pair
from node.upkeep.backups.restore import FolderInUse

from ....support.network import BRISBANE, LONDON, Clock, LocalFederation, LocalNode, a_run, held_digests

FIRST = date(2026, 6, 4)


def silent(_: str) -> Callable[[int, int], None]:
    return lambda done, whole: None


def put_back(file: Path, pair: Pair, data: Path) -> None:
    restore.put_back(file, backup_key.identity(pair.secret), data, silent)


def everything(folder: Path) -> dict[str, bytes]:
    """Each file below a folder, with what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@dataclass
class Place:
    """A folder where nodes are put, beside a backup of London's."""

    file: Path
    folder: Path
    pair: Pair

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def is_refused(self, file: Path, pair: Pair | None = None) -> str:
        """The one line of the refusal, after which nothing is touched."""
        before = everything(self.folder)
        with pytest.raises(BadBackup) as refused:
            put_back(file, pair or self.pair, self.data)
        with pytest.raises(BadBackup):
            restore.rehearse(file, backup_key.identity((pair or self.pair).secret), self.folder, silent)
        assert everything(self.folder) == before
        assert not self.data.exists()
        said = str(refused.value)
        assert "\n" not in said
        return said

    def changed(self, change: Callable[[Path], object], name: str = "changed") -> Path:
        """A backup with something else inside, sealed as anybody can who knows the public key."""
        inside = self.folder.parent / f"{name}-inside"
        identity = backup_key.identity(self.pair.secret)
        inside.mkdir()
        packed = inside.with_suffix(".tar.gz")
        packed.write_bytes(pyrage.decrypt(self.file.read_bytes(), [identity]))
        subprocess.run(["tar", "-xzf", packed, "-C", inside], check=True)
        change(inside)
        names = sorted(str(path.relative_to(inside)) for path in inside.rglob("*") if not path.is_dir())
        subprocess.run(["tar", "-czf", packed, "-C", inside, *names], check=True)
        file = self.folder.parent / f"{name}.age"
        file.write_bytes(pyrage.encrypt(packed.read_bytes(), [identity.to_public()]))
        return file


@pytest.fixture
def place(settings: Settings, pair: Pair, london: LocalNode, tmp_path: Path) -> Place:
    london.announce(a_run())
    file = tmp_path / "copy.age"
    shutil.copy(backup.make(replace(settings, backup_keys="all")).path, file)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Place(file, folder, pair)


def test_the_folder_is_whole_and_its_owners_alone(place: Place, settings: Settings) -> None:
    put_back(place.file, place.pair, place.data)
    assert set(everything(place.data)) == {"node.sqlite", "settings.env", "keys/signing.key"}
    assert {path.stat().st_mode & 0o777 for path in place.data.rglob("*") if path.is_file()} == {0o600}
    assert {one.stat().st_mode & 0o777 for one in (place.data, place.data / "keys")} == {0o700}
    assert (place.folder / "data-keys/members.key").read_bytes() == settings.members_key_file.read_bytes()
    assert {path.name for path in place.folder.iterdir()} == {"data", "data-keys"}


def test_an_empty_folder_may_be_there_already(place: Place) -> None:
    place.data.mkdir()
    put_back(place.file, place.pair, place.data)
    assert (place.data / "node.sqlite").exists()


def test_the_feed_has_another_name_than_before(place: Place, london: LocalNode) -> None:
    put_back(place.file, place.pair, place.data)
    with closing(sqlite3.connect(place.data / "node.sqlite")) as database, london.session() as session:
        [(feed,)] = database.execute("SELECT feed FROM counter")
        assert feed != session.get_one(Counter, 1).feed


def test_a_folder_in_use_is_refused_and_stays_as_it_is(place: Place, settings: Settings) -> None:
    before = {name: content for name, content in everything(settings.data).items() if "sqlite" not in name}
    with pytest.raises(FolderInUse, match="in use already"):
        put_back(place.file, place.pair, settings.data)
    after = everything(settings.data)
    assert {name: after[name] for name in before} == before


def test_a_new_node_before_the_end_of_its_set_up_gives_way(place: Place, clock: Clock, settings: Settings) -> None:
    """Whoever installs the program anew has started it once."""
    new = LocalNode(place.data, clock, 8109)
    new.close()
    with file_lock.held(new.settings.serve_lock), pytest.raises(FolderInUse, match="stop it"):
        put_back(place.file, place.pair, place.data)
    put_back(place.file, place.pair, place.data)
    assert (place.data / "keys/signing.key").read_bytes() == settings.signing_key_file.read_bytes()
    assert (place.folder / "data-keys/members.key").read_bytes() == settings.members_key_file.read_bytes()
    assert {path.name for path in place.folder.iterdir()} == {"data", "data-keys"}


def test_a_database_that_lost_its_chapter_is_no_new_node(place: Place, london: LocalNode, settings: Settings) -> None:
    with closing(sqlite3.connect(settings.database)) as database, database:
        database.execute("DELETE FROM chapter")
    with pytest.raises(FolderInUse, match="in use already"):
        put_back(place.file, place.pair, settings.data)


def test_another_members_key_in_its_place_is_never_overwritten(place: Place) -> None:
    other = place.folder / "data-keys/members.key"
    other.parent.mkdir()
    other.write_text("ab" * 32 + "\n")
    with pytest.raises(FolderInUse, match="another members' key"):
        put_back(place.file, place.pair, place.data)
    assert everything(place.folder) == {"data-keys/members.key": b"ab" * 32 + b"\n"}


def test_the_wrong_key_is_refused(place: Place) -> None:
    assert "does not open" in place.is_refused(place.file, backup_key.make())


@pytest.mark.parametrize("kept", [0, 10, 150, 0.5, 0.98, -17, -1])
def test_one_that_was_cut_off_is_refused(place: Place, tmp_path: Path, kept: float) -> None:
    whole = place.file.read_bytes()
    cut = tmp_path / "cut.age"
    cut.write_bytes(whole[: int(len(whole) * kept)] if isinstance(kept, float) else whole[: int(kept)])
    assert "no whole backup" in place.is_refused(cut)


@pytest.mark.parametrize("at", [0.002, 0.02, 0.3, 0.7, 0.999])
def test_one_that_was_tampered_with_is_refused(place: Place, tmp_path: Path, at: float) -> None:
    content = bytearray(place.file.read_bytes())
    content[int(len(content) * at)] ^= 1
    bad = tmp_path / "bad.age"
    bad.write_bytes(content)
    assert place.is_refused(bad)


@pytest.mark.parametrize("content", [b"", b"a letter to the council\n" * 100, b"SQLite format 3\0" + bytes(5000)])
def test_another_file_is_refused(place: Place, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.age"
    file.write_bytes(content)
    assert "no whole backup" in place.is_refused(file)


def _sql(statement: str) -> Callable[[Path], None]:
    def change(inside: Path) -> None:
        with closing(sqlite3.connect(inside / "node.sqlite")) as database, database:
            database.execute(statement)

    return change


def _replaced(name: str, before: str, after: str) -> Callable[[Path], None]:
    def change(inside: Path) -> None:
        text = (inside / name).read_text()
        assert before in text
        (inside / name).write_text(text.replace(before, after))

    return change


def _damaged(inside: Path) -> None:
    with (inside / "node.sqlite").open("r+b") as file:
        file.seek(5 * 4096)
        file.write(os.urandom(20 * 4096))


INSIDE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a newer schema": (_replaced("manifest.json", '"revision":"0', '"revision":"9'), "a newer program made this"),
    "a newer shape": (_replaced("manifest.json", '"format":1', '"format":2'), "a newer program made this"),
    "a schema that is not the database's": (_sql("UPDATE alembic_version SET version_num = '0001'"), "another one"),
    "another chapter's database": (_sql("UPDATE chapter SET id = 'another'"), "another one than the backup says"),
    "a damaged database": (_damaged, "is damaged"),
    "no database": (lambda inside: (inside / "node.sqlite").unlink(), "holds no database"),
    "no manifest": (lambda inside: (inside / "manifest.json").unlink(), "does not say what it holds"),
    "another signing key": (
        lambda inside: (inside / "keys/signing.key").write_text(SigningKey.generate().seed_hex()),
        "not the chapter's",
    ),
    "no key": (lambda inside: (inside / "keys/signing.key").write_text("abc"), "cannot be read"),
    "another members' key": (lambda inside: (inside / "members.key").write_text("ab" * 32), "members' key"),
    "a file too many": (lambda inside: (inside / "hook.py").write_text("x"), "belongs in none"),
    "a link": (lambda inside: (inside / "keys/other.key").symlink_to("/etc/passwd"), "belongs in none"),
}


@pytest.mark.parametrize("what", INSIDE)
def test_what_does_not_belong_together_is_refused(place: Place, what: str) -> None:
    change, said = INSIDE[what]
    assert said in place.is_refused(place.changed(change))


def test_no_name_leads_out_of_the_folder(place: Place, tmp_path: Path) -> None:
    packed = tmp_path / "evil.tar.gz"
    (tmp_path / "x.key").write_text("x")
    subprocess.run(
        ["tar", "-czPf", packed, "--transform", "s,.*x.key,keys/../../x.key,", tmp_path / "x.key"], check=True
    )
    file = tmp_path / "evil.age"
    identity = backup_key.identity(place.pair.secret)
    file.write_bytes(pyrage.encrypt(packed.read_bytes(), [identity.to_public()]))
    assert "belongs in none" in place.is_refused(file)


def test_on_a_full_disk_nothing_is_left(place: Place) -> None:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, former[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            put_back(place.file, place.pair, place.data)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert not list(place.folder.iterdir())


KILLS = {
    "while it is decrypted": "archive.unpack = kill",
    "while it is looked through": "contents.read_all = kill",
    "before the members' key is in its place": "restore._put_members_key = kill",
    "before it is moved to its place": "pathlib.Path.rename = kill",
}
_KILLED = """
import os, pathlib, signal, sys
from node.upkeep.backups import archive, backup_key, contents, restore
def kill(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
{line}
identity = backup_key.identity(sys.stdin.read())
restore.put_back(pathlib.Path(sys.argv[1]), identity, pathlib.Path(sys.argv[2]), lambda step: lambda *_: None)
"""


@pytest.mark.parametrize("where", KILLS)
def test_one_that_was_killed_leaves_no_node_and_the_next_one_is_whole(place: Place, where: str) -> None:
    code = _KILLED.format(line=KILLS[where])
    command = [sys.executable, "-c", code, place.file, place.data]
    done = subprocess.run(command, input=place.pair.secret, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not place.data.exists()
    put_back(place.file, place.pair, place.data)
    assert {path.name for path in place.folder.iterdir()} == {"data", "data-keys"}


def test_a_rehearsal_touches_nothing_and_is_noted(place: Place, settings: Settings) -> None:
    before = set(everything(settings.data))
    beside = restore.place_of_rehearsal(settings.data)
    found = restore.rehearse(place.file, backup_key.identity(place.pair.secret), beside, silent)
    assert (found.runs, found.chapters, found.has_signing_key) == (1, 1, True)
    assert set(everything(settings.data)) == before
    now = datetime.now(UTC)
    assert restore.note_rehearsal(settings, found, now)
    noted = backup_notes.last_rehearsal(settings)
    assert noted
    assert (noted.at, noted.made_at) == (now, found.made_at)


def test_each_step_ends_so_that_what_it_found_stands_on_a_line_of_its_own(place: Place) -> None:
    last: dict[str, tuple[int, int]] = {}

    def steps(name: str) -> Progress:
        return lambda done, whole: last.update({name: (done, whole)})

    restore.rehearse(place.file, backup_key.identity(place.pair.secret), place.folder, steps)
    assert list(last) == ["decrypting", "unpacking", "checking"]
    assert all(done == whole for done, whole in last.values())


def test_a_rehearsal_of_another_nodes_backup_is_not_noted(place: Place, federation: LocalFederation) -> None:
    brisbane = federation.add_chapter(BRISBANE, admit=False)
    found = restore.rehearse(place.file, backup_key.identity(place.pair.secret), place.folder, silent)
    assert not restore.note_rehearsal(brisbane.settings, found, datetime.now(UTC))
    assert backup_notes.last_rehearsal(brisbane.settings) is None


def test_what_a_killed_rehearsal_left_in_the_clear_goes_with_the_sweep(place: Place, settings: Settings) -> None:
    left = backup_files.folder(settings) / f"rehearsal{backup_files.GROWING}-99"
    left.mkdir()
    (left / "packed").touch()
    backup.clean(settings)
    assert not left.exists()


@pytest.fixture
def restored(federation: LocalFederation, pair: Pair, tmp_path: Path) -> Iterator[tuple[LocalNode, str]]:
    """London's node, put back from a backup of the minute before a cancellation, and its run."""
    london, _ = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    settings = replace(london.settings, backup_key=pair.recipient)
    (settings.data / "settings.env").write_text(
        f"RTR_BASE_URL={settings.base_url}\nRTR_NETWORK=loopback\nRTR_PORT={settings.port}\n"
    )
    federation.settle()
    copy = backup.make(replace(settings, backup_keys="all"))
    federation.clock.tick(minutes=1)
    with london.session() as session:
        dates.cancel(session, settings, run.id, FIRST, "lead", "", federation.clock())
    federation.settle()
    federation.clock.tick(minutes=1)
    data = tmp_path / "new" / "london"
    put_back(copy.path, pair, data)
    node = LocalNode(data, federation.clock, settings.port, federation.wire)
    node.chapter_id = london.chapter_id
    federation.wire.nodes[settings.base_url] = node
    yield node, run.id
    node.close()
    london.close()


def state(node: LocalNode, chapter: str, run_id: str) -> str:
    """The state of the first date that a node's pages show."""
    with node.session() as session:
        view = listings.listing(session, chapter, run_id, node.clock())
        return next(one.state for one in view.coming if one.day == FIRST)


def test_a_restored_node_un_cancels_nothing(federation: LocalFederation, restored: tuple[LocalNode, str]) -> None:
    node, run_id = restored
    assert state(node, node.chapter_id, run_id) == "unconfirmed"
    process = node.restarted()
    jobs.ask(process)
    jobs.sign(process)
    federation.settle()
    assert [state(one, node.chapter_id, run_id) for one in federation.wire.nodes.values()] == ["cancelled"] * 3


def test_peers_take_what_a_restored_node_says_at_once(
    federation: LocalFederation, restored: tuple[LocalNode, str]
) -> None:
    node, _ = restored
    jobs.ask(node.restarted())
    federation.clock.tick(minutes=1)
    node.announce(a_run(name="Announced after the restore"))
    federation.settle()
    assert len({held_digests(one)[node.chapter_id] for one in federation.wire.nodes.values()}) == 1


def test_a_restored_node_signs_nothing_before_another_one_has_answered(
    federation: LocalFederation, restored: tuple[LocalNode, str]
) -> None:
    node, _ = restored
    before = held_digests(node)[node.chapter_id]
    federation.wire.down |= {url for url in federation.wire.nodes if url != node.settings.base_url}
    process = node.restarted()
    jobs.ask(process)
    federation.clock.tick(days=2)
    jobs.sign(process)
    assert held_digests(node)[node.chapter_id] == before
