"""A theft, a move and a goodbye, rehearsed with real processes: `rtr root`, `rtr move`, `rtr close`."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from federation.envelope import seal
from federation.keys import SigningKey
from node import config
from node.upkeep.backups import backup_key

from .support.processes import Demo, LeadBrowser, demo, first_listing, free_port_base, rtr, wait_until
from .test_processes import cancelled_on, days_of, forget_documents

pytestmark = pytest.mark.processes

OTHERS = ("hq", "peterborough", "brisbane")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("theft") / "demo") as started:
        yield started


class Thief:
    """Somebody with a copy of London's signing key, and no other."""

    def __init__(self, running: Demo) -> None:
        self.running, self.chapter = running, str(running.node("london")["chapter"])
        self.key = SigningKey((running.folder / "london/keys/signing.key").read_text().strip())

    def puts(self, name: str) -> int:
        """The status of a PUT, to a node, of London's document without a single cancellation, newer than any."""
        payload = json.loads(
            requests.get(f"{self.running.url('hq')}/fed/v1/documents/{self.chapter}", timeout=10).json()["payload"]
        )
        for listing in payload["listings"]:
            listing["dates"] = []
        now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
        payload["version"] += 3600
        for member, ahead in {"issued": 0, "fresh_until": 48, "expires": 96}.items():
            payload[member] = (now + timedelta(hours=ahead)).isoformat() + "Z"
        body = seal("chapter", json.dumps(payload), [self.key]).to_bytes()
        url, headers = self.running.url(name), {"Content-Type": "application/json"}
        return requests.put(
            f"{url}/fed/v1/documents/{self.chapter}", data=body, headers=headers, timeout=10
        ).status_code


def root(running: Demo, *words: str) -> subprocess.CompletedProcess[str]:
    return rtr(running.folder / "london", "root", *words)


def root_version(running: Demo, name: str, chapter: str) -> int:
    with sqlite3.connect(running.folder / name / "node.sqlite") as connection:
        asked = connection.execute("SELECT max(version) FROM held_root WHERE author = ?", (chapter,))
        return int(asked.fetchone()[0])


def test_a_thief_is_outlived_by_every_node_also_by_one_that_was_down_and_by_one_that_knew_nothing(
    running: Demo,
) -> None:
    thief, lead = Thief(running), LeadBrowser(running, "london")
    path = "/runs/{}/{}".format(*first_listing(running, "london"))
    run, day = days_of(lead)[0]
    assert lead.post(f"/lead/runs/{run}/dates/{day}/cancel", reason="lead", note="").status_code == 303
    for name in OTHERS:
        wait_until(lambda name=name: cancelled_on(running, name, path, day), f"{name} to say cancelled", 20)

    # Before: the thief's word counts, and a cancellation is undone.
    running.kill("london")
    running.kill("brisbane")
    for name in ("hq", "peterborough"):
        assert thief.puts(name) in (200, 204)
        assert not cancelled_on(running, name, path, day)

    key = str(running.folder / "london-root.key")
    said = root(running, "--stolen", "--root-key", key)
    assert said.returncode == 0, said.stderr
    assert "Root 2 is signed" in said.stdout
    assert "HQ has it, 1 of 2 other nodes have it" in said.stdout

    # After: it is cancelled again, and stays so, whatever the thief signs.
    running.start("london")
    running.start("brisbane")
    forget = "peterborough"
    for name in OTHERS:
        wait_until(lambda name=name: root_version(running, name, thief.chapter) == 2, f"{name} to know root 2", 60)
        wait_until(lambda name=name: cancelled_on(running, name, path, day), f"{name} to say cancelled again", 60)
        assert thief.puts(name) == 403
        assert cancelled_on(running, name, path, day)
    running.kill(forget)
    forget_documents(running, forget, and_addresses=True)
    running.start(forget)
    wait_until(lambda: cancelled_on(running, forget, path, day), "a node that knew nothing to say cancelled", 60)
    assert thief.puts(forget) == 403
    # The lead's phone of before is signed out, and another link lets them in.
    assert lead.post(f"/lead/runs/{run}/dates/{day}/undo", state="cancelled").status_code == 401
    assert "/lead/runs/" in LeadBrowser(running, "london").get("/lead")


def test_the_command_wants_the_node_stopped_and_names_what_is_wrong_without_a_change(
    running: Demo, tmp_path: Path
) -> None:
    key = str(running.folder / "london-root.key")
    before = root_version(running, "london", str(running.node("london")["chapter"]))
    assert "stop `rtr serve` first" in root(running, "--stolen", "--root-key", key).stderr
    running.kill("london")
    wrong, typo = tmp_path / "wrong", tmp_path / "typo"
    wrong.write_text(SigningKey.generate().seed_hex())
    typo.write_text("8f3o" * 16)
    for said, words in {
        "say what has happened by an option": ["--root-key", key],
        "is none of the root keys that the chapter's root": ["--stolen", "--root-key", str(wrong)],
        "typo is no root key: the 4. character is none of 0 to 9 and a to f (perhaps 0)": [
            *("--stolen", "--root-key", str(typo))
        ],
        "the root key is typed on a terminal only: give --root-key FILE": ["--stolen"],
        "the new root key is shown on a terminal only": ["--new-root-key", "--root-key", key],
        "wrong exists already": ["--new-root-key-file", str(wrong), "--root-key", key],
        "new address is the one it has now": ["--new-address", running.url("london"), "--root-key", key],
        "new address must be https://": ["--new-address", "london", "--root-key", key],
    }.items():
        done = root(running, *words)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert said in done.stderr
    assert root_version(running, "london", str(running.node("london")["chapter"])) == before
    running.start("london")


def test_a_chapter_moves_and_no_tap_is_lost(running: Demo, tmp_path: Path) -> None:
    old, name = running.folder / "peterborough", "peterborough"
    chapter, new_url = str(running.node(name)["chapter"]), f"http://127.0.0.1:{free_port_base(1)}"
    path = "/runs/{}/{}".format(*first_listing(running, name))
    pair, secret = backup_key.make(), tmp_path / "secret"
    secret.write_text(pair.secret)
    config.change(old, {"BACKUP_KEY": pair.recipient})
    lead = LeadBrowser(running, name)
    run, first = days_of(lead)[0]
    later = sorted(day for id_, day in days_of(lead) if id_ == run)[-1]
    assert lead.post(f"/lead/runs/{run}/dates/{first}/cancel", reason="lead", note="").status_code == 303

    said = rtr(old, "move", "--to", new_url, "--now")
    assert said.returncode == 0, said.stderr
    refused = lead.post(f"/lead/runs/{run}/dates/{later}/cancel", reason="lead", note="")
    assert refused.status_code == 410
    assert f'href="{new_url}/lead/runs/{run}/dates/{later}/cancel"' in refused.text

    new = running.folder / "peterborough-new"
    [copy] = (old / "backups").glob("*.age")
    done = rtr(new, "restore", str(copy), "--key-file", str(secret))
    assert done.returncode == 0, done.stderr
    shutil.copytree(old.with_name("peterborough-keys"), new.with_name("peterborough-new-keys"))
    key = str(running.folder / "peterborough-root.key")
    done = rtr(new, "root", "--new-address", new_url, "--new-signing-key", "--root-key", key)
    assert done.returncode == 0, done.stderr

    with subprocess.Popen([sys.executable, "-m", "deploy.commands", "--data", str(new), "serve"]) as serving:
        try:
            wait_until(lambda: answers(new_url), "the new server to answer")
            # The same link lets the same lead in, and both cancellations are everywhere: at the former server, too.
            http = requests.Session()
            assert http.post(rtr(new, "signin-link").stdout.strip(), headers={"Origin": new_url}, timeout=20).ok
            tapped = http.post(
                f"{new_url}/lead/runs/{run}/dates/{later}/cancel",
                data={"reason": "lead", "note": ""},
                headers={"Origin": new_url},
                timeout=20,
                allow_redirects=False,
            )
            assert tapped.status_code == 303
            for other in ("hq", "brisbane", name):
                for day in (first, later):
                    wait_until(lambda one=other, day=day: cancelled_on(running, one, path, day), f"{other}: {day}", 60)
            page = running.page(name, path)
            assert "This is the former site, and nothing can be changed here." in page
            assert f'href="{new_url}{path}"' in page
            assert f'href="{new_url}{path}"' in running.page("hq", path)
            status = requests.get(f"{running.url(name)}/fed/v1/chapters/{chapter}/root/2", timeout=20).status_code
            assert status == 200
        finally:
            serving.terminate()


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/fed/v1/status", timeout=5).ok
    except requests.RequestException:
        return False


def test_a_chapter_says_goodbye_and_then_knows_nothing(running: Demo) -> None:
    folder, chapter = running.folder / "brisbane", str(running.node("brisbane")["chapter"])
    running.kill("brisbane")
    done = rtr(folder, "close", "--goodbye", "Thank you for all the miles.", typed="Brisbane\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Erased: " in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["closed.html", "closed.json", "settings.env"]
    assert not folder.with_name("brisbane-keys").exists()
    for name in ("hq", "london"):
        page = running.page(name, f"/chapters/{chapter}")
        assert "has closed for good" in page
        assert "Thank you for all the miles." in page
        assert f"/runs/{chapter}/" not in running.page(name, "/runs")
    url = running.url("brisbane")
    with subprocess.Popen([sys.executable, "-m", "deploy.commands", "--data", str(folder), "serve"]) as serving:
        try:
            wait_until(lambda: says_closed(url), "the last page")
            assert f"{running.url('hq')}/runs?near=Brisbane" in requests.get(f"{url}/lead", timeout=20).text
        finally:
            serving.terminate()


def says_closed(url: str) -> bool:
    try:
        return requests.get(f"{url}/c/secret", timeout=5).status_code == 410
    except requests.RequestException:
        return False
