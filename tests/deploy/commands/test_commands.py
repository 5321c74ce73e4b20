"""The `rtr` command as an operator meets it: real folders, one-line refusals, keys that only their owner reads."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.commands import COMMANDS, main
from node.input import paper_key

from ...support.processes import free_port_base, wait_until

INIT = ["--base-url", "https://london.example.org", "--name", "London", "--place", "London", "--country", "gb"]
INIT += ["--timezone", "Europe/London"]
HQ_INIT = ["--base-url", "https://hq.example.org", "--name", "HQ", "--contact", "hq@example.org"]


def rtr(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), *words])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A chapter's folder made by `rtr init`."""
    result = rtr(tmp_path / "data", "init", *INIT, "--root-key-file", str(tmp_path / "root.key"))
    assert result.exit_code == 0, result.output
    return tmp_path / "data"


@pytest.fixture
def hq(tmp_path: Path) -> Path:
    """HQ's folder."""
    result = rtr(tmp_path / "hq", "hq", "init", *HQ_INIT, "--root-keys", str(tmp_path / "roots"))
    assert result.exit_code == 0, result.output
    return tmp_path / "hq"


def test_keys_and_settings_are_their_owners_alone(data: Path) -> None:
    files = [data / "keys/signing.key", data / "settings.env", data.parent / "root.key"]
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600] * 3
    assert data.stat().st_mode & 0o777 == 0o700


def test_the_root_key_is_nowhere_in_the_folder(data: Path) -> None:
    root_key = (data.parent / "root.key").read_bytes().strip()
    assert not any(root_key in path.read_bytes() for path in data.rglob("*") if path.is_file())


def test_the_root_key_goes_to_a_terminal_or_a_file_and_nowhere_else(tmp_path: Path) -> None:
    result = rtr(tmp_path / "data", "init", *INIT)
    assert result.exit_code == 1
    assert "--root-key-file" in result.output
    assert not (tmp_path / "data").exists()


def test_on_a_terminal_the_root_key_is_printed_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.commands", "--data", str(tmp_path / "data"), "init", *INIT]
    ours, theirs = os.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = read_terminal(ours)
    os.close(ours)
    assert process.returncode == 0, said
    lines = re.findall(r"^    ([0-9a-f ]{22})\r?$", said, re.MULTILINE)
    public = paper_key.read(" ".join(lines)).public
    assert (len(lines), public.encode() in (tmp_path / "data/node.sqlite").read_bytes()) == (4, True)


def read_terminal(descriptor: int) -> str:
    said = b""
    while True:
        try:
            piece = os.read(descriptor, 4096)
        except OSError:  # the other end is closed
            return said.decode()
        if not piece:
            return said.decode()
        said += piece


def test_a_used_folder_is_refused(data: Path) -> None:
    result = rtr(data, "init", *INIT, "--root-key-file", str(data.parent / "other.key"))
    assert (result.exit_code, "in use already" in result.output) == (1, True)


def test_a_failed_init_leaves_nothing_behind(tmp_path: Path) -> None:
    words = [*INIT[:-1], "Europe/Nowhere", "--root-key-file", str(tmp_path / "root.key")]
    result = rtr(tmp_path / "data", "init", *words)
    assert result.exit_code == 1
    assert "time zone" in result.output
    assert list(tmp_path.iterdir()) == []


def test_init_asks_for_what_it_was_not_given(tmp_path: Path) -> None:
    words = ["--data", str(tmp_path / "data"), "init", "--root-key-file", str(tmp_path / "root.key")]
    answers = "https://london.example.org\nLondon\nLondon\nGB\nEurope/London\n"
    result = CliRunner().invoke(main, words, input=answers)
    assert result.exit_code == 0, result.output
    assert "The chapter's name" in result.output


def test_leads_are_added_listed_and_removed(data: Path) -> None:
    assert "lead 1 Ada" in rtr(data, "lead", "add", "Ada").output
    rtr(data, "lead", "add", "Priya")
    assert rtr(data, "lead", "list").output == "1 Ada\n2 Priya\n"
    assert rtr(data, "lead", "remove", "Ada").exit_code == 0
    assert rtr(data, "lead", "list").output == "2 Priya\n"


def test_a_sign_in_link_needs_a_lead(data: Path) -> None:
    result = rtr(data, "signin-link")
    assert (result.exit_code, "rtr lead add" in result.output) == (1, True)


def test_of_two_leads_one_must_be_named(data: Path) -> None:
    for name in ("Ada", "Priya"):
        rtr(data, "lead", "add", name)
    assert "which lead?" in rtr(data, "signin-link").output
    assert rtr(data, "signin-link", "Priya").output.startswith("https://london.example.org/signin/")


def test_a_folder_without_a_node_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("RTR_BASE_URL=https://london.example.org\n")
    result = rtr(tmp_path, "lead", "list")
    assert (result.exit_code, "serve` begins one" in result.output) == (1, True)


def test_hq_init_writes_three_root_keys_into_files_of_their_own(hq: Path) -> None:
    keys = sorted((hq.parent / "roots").iterdir())
    assert [key.name for key in keys] == ["root-1.key", "root-2.key", "root-3.key"]
    assert all(key.stat().st_mode & 0o777 == 0o600 for key in keys)


def test_an_invitation_can_be_read_and_names_hq(hq: Path) -> None:
    from federation.invitation import read_invitation

    assert read_invitation(rtr(hq, "hq", "invite").output).hq_url == "https://hq.example.org"


def test_a_damaged_invitation_is_refused_in_a_line(data: Path, hq: Path) -> None:
    damaged = rtr(hq, "hq", "invite").output.strip()[:-9]
    result = rtr(data, "join", damaged)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)


@pytest.mark.parametrize("word", ["admit", "pause", "suspend"])
def test_hq_refuses_a_chapter_it_does_not_know(hq: Path, word: str) -> None:
    result = rtr(hq, "hq", word, "a" * 24)
    assert (result.exit_code, "a" * 24 in result.output) == (1, True)


@pytest.mark.parametrize("words", ["invite", "list", "admit x", "pause x", "suspend x"])
def test_hqs_commands_refuse_a_chapters_folder_in_a_line(data: Path, words: str) -> None:
    result = rtr(data, "hq", *words.split())
    assert (result.exit_code, result.output) == (1, "Error: this folder is a chapter's, not HQ's\n")


@pytest.mark.parametrize("words", ["hq list", "sync", "join"])
def test_an_old_root_of_hq_is_said_in_a_line(hq: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    words += f" {rtr(hq, 'hq', 'invite').output.strip()}" if words == "join" else ""
    monkeypatch.setattr("deploy.commands.chapter.join.join", lambda *_, **__: "waiting")
    in_five_years = datetime.now(UTC) + timedelta(days=5 * 365 - 59)
    monkeypatch.setattr("node.handle.utc_now", lambda: in_five_years)
    assert re.search(r"^HQ's root expires on \d{4}-\d\d-\d\d: HQ must", rtr(hq, *words.split()).output, re.MULTILINE)


def test_a_young_root_of_hq_is_not_spoken_of(hq: Path) -> None:
    assert rtr(hq, "hq", "list").output == ""


def test_every_command_can_be_asked_for_help(tmp_path: Path) -> None:
    for name in COMMANDS:
        assert rtr(tmp_path, name, "--help").exit_code == 0


@pytest.mark.processes
def test_health_is_an_exit_status_whether_the_node_answers(tmp_path: Path) -> None:
    data = loopback_node(tmp_path, free_port_base())
    assert (rtr(data, "health").exit_code, rtr(data, "health").output.count("\n")) == (1, 1)
    command = [sys.executable, "-m", "deploy.commands", "--data", str(data), "serve"]
    serving = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: rtr(data, "health").exit_code == 0, "the node to answer")
    finally:
        serving.terminate()
        serving.wait(timeout=20)


def loopback_node(folder: Path, port: int) -> Path:
    words = [*INIT, "--network", "loopback", "--port", str(port), "--root-key-file", str(folder / "root.key")]
    words[1] = f"http://127.0.0.1:{port}"
    assert rtr(folder / "data", "init", *words).exit_code == 0
    return folder / "data"


def serve(data: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.commands", "--data", str(data), "serve"]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env=os.environ | environ, check=False)


@pytest.mark.processes
def test_a_port_in_use_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    import socket

    port = free_port_base()
    data = loopback_node(tmp_path, port)
    with socket.create_server(("127.0.0.1", port)):
        done = serve(data)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"port {port} is in use" in done.stderr


@pytest.mark.processes
def test_a_missing_key_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    data = loopback_node(tmp_path, free_port_base())
    (data / "keys/signing.key").unlink()
    done = serve(data)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "signing.key cannot be read" in done.stderr


@pytest.mark.processes
def test_a_missing_setting_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    done = serve(tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "RTR_BASE_URL is not set: put RTR_BASE_URL=https:" in done.stderr
