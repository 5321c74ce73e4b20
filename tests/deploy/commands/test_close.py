"""`rtr close` and `rtr move` as a lead meets them: real folders, one line for each refusal, and what is printed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.commands import main
from node import config
from node.handle import utc_now
from node.upkeep import closing
from web.closed import create_closed_app

from ...support.leads import add_lead
from ...support.network import BRISBANE, LONDON, Clock, LocalFederation, LocalNode, a_run, free_ports, served


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalFederation]:
    made = LocalFederation(tmp_path_factory.mktemp("closing"), Clock(utc_now()), iter(free_ports(6)))
    made.add_chapter(BRISBANE)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for half a minute for nodes that do not answer; tests/test_keys_and_moves.py does."""
    monkeypatch.setattr("deploy.commands.chapter.spreading.PATIENCE", 2.0)


@pytest.fixture
def london(federation: LocalFederation) -> LocalNode:
    """London's folder as `rtr init` leaves it, with a run and a lead. Nobody serves it."""
    node = federation.add_chapter(LONDON)
    values = {name.upper(): str(getattr(node.settings, name)) for name in ("base_url", "network", "port", "mail")}
    config.write(node.settings.data, values)
    node.announce(a_run())
    add_lead(node, "Wilhelmina")
    return node


def rtr(node: LocalNode, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["--data", str(node.settings.data), *words], input=typed)


def test_a_chapter_closes_in_one_go_and_prints_a_proof_that_names_nobody(
    london: LocalNode, federation: LocalFederation
) -> None:
    data = london.settings.data
    looked = rtr(london, "close", "--dry-run")
    assert "1 runs end" in looked.output
    assert looked.output.endswith("Nothing has been changed.\n")
    wrong = rtr(london, "close", typed="Leeds\n")
    assert (wrong.exit_code, "that is another name: nothing was changed" in wrong.output) == (1, True)
    assert closing.read_proof(data) is None

    # Nobody has the last document yet: nothing is erased.
    waits = rtr(london, "close", typed="London\n")
    assert (waits.exit_code, "HQ does not have the last document, and nothing was erased" in waits.output) == (1, True)
    assert london.settings.database.exists()

    london.close()
    with served(federation.hq):
        done = rtr(london, "close")
    assert done.exit_code == 0, done.output
    assert "Type the chapter's name" not in done.output
    assert "Erased: 1 accounts, 0 comers" in done.output
    assert "Wilhelmina" not in done.output
    assert not london.settings.database.exists()
    again = rtr(london, "close")
    assert (again.exit_code, "Erased: 1 accounts" in again.output) == (0, True)

    page = create_closed_app((data / closing.PAGE).read_text()).test_client()
    for path in ("/", "/lead", "/c/secret", "/runs/a/b", "/fed/v1/status"):
        answer = page.get(path)
        assert (answer.status_code, "has closed" in answer.text) == (410, True)
        assert f"{federation.hq.settings.base_url}/runs?near=London" in answer.text
    assert page.post("/lead/runs/x").status_code == 410
    assert page.get("/static/theme.css", buffered=True).status_code == 200


def test_a_move_says_where_to_go_on_and_can_be_given_up(london: LocalNode) -> None:
    left = rtr(london, "move", "--to", "http://127.0.0.1:8990", "--now")
    assert left.exit_code == 0, left.output
    assert "nothing can be changed on this server" in left.output
    assert "root --new-address http://127.0.0.1:8990 --new-signing-key" in left.output
    again = rtr(london, "move", "--now")
    assert (again.exit_code, "has moved to http://127.0.0.1:8990" in again.output) == (1, True)
    for words in (("signin-link",), ("lead", "add", "Ben"), ("lead", "remove", "Wilhelmina")):
        refused = rtr(london, *words)
        assert (refused.exit_code, "nothing is changed here any more" in refused.output) == (1, True)
    assert "lives on this server" in rtr(london, "move", "--here").output
    wrong = rtr(london, "move", "--to", "example", "--now")
    assert (wrong.exit_code, "new address must be https://" in wrong.output) == (1, True)


@pytest.mark.parametrize("command", ["move", "close", "root"])
def test_hqs_folder_is_refused(federation: LocalFederation, command: str) -> None:
    hq = federation.hq
    values = {name.upper(): str(getattr(hq.settings, name)) for name in ("base_url", "network", "port", "role")}
    config.write(hq.settings.data, values)
    refused = rtr(hq, command, *(["--stolen"] if command == "root" else []))
    assert refused.exit_code == 1
    assert "this folder is HQ's" in refused.output


def test_a_folder_without_a_node_is_refused(tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["--data", str(tmp_path / "none"), "close"])
    assert refused.exit_code == 1
    assert len(refused.output.splitlines()) == 1
