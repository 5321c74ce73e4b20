"""`rtr hq` and `rtr lead` at HQ, as they are typed: what they say, what they change, and what they leave alone."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from deploy.commands import main
from federation.invitation import read_invitation
from node import config
from node.chapter import identity
from node.database import writing
from node.directory import registry
from node.hq import take_over
from node.keys import load_signing_key, write_key
from node.models import HeldRegistry, HqAct, IssuedInvitation, RegistryChapter
from node.sync import joining
from node.sync.joining import NotJoined

from ...node.sync.test_hostile_peers import copy_database
from ...support.network import BRISBANE, LONDON, Clock, LocalFederation, LocalNode, free_ports, served
from ...support.web_client import Phone, words
from ...web.hq.test_acts import acts


class Desk:
    """HQ's folder, and whoever types at its server."""

    def __init__(self, folder: Path) -> None:
        self.federation = LocalFederation(folder, Clock(), iter(free_ports(4)))
        self.hq = self.federation.hq
        settings = self.hq.settings
        values = {"BASE_URL": settings.base_url, "ROLE": "hq", "NETWORK": "loopback", "PORT": str(settings.port)}
        config.write(settings.data, values)

    def rtr(self, *typed: str) -> Result:
        """What the command answers, a few seconds later."""
        self.federation.clock.tick(seconds=5)
        return CliRunner().invoke(main, ["--data", str(self.hq.settings.data), *typed])

    def says(self, *typed: str) -> str:
        """The one line of a command that went well."""
        result = self.rtr(*typed)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    def refuses(self, *typed: str) -> str:
        """The one line of a refusal."""
        result = self.rtr(*typed)
        line = result.output.strip().splitlines()[-1]
        assert (result.exit_code, line.startswith("Error: ")) == (1, True), result.output
        return line

    def status(self, chapter: LocalNode) -> str:
        with self.hq.session() as session:
            return session.get_one(RegistryChapter, chapter.chapter_id).status

    def root_keys(self, *numbers: int) -> list[str]:
        """Words that give these root keys, each in a file."""
        given = []
        for number in numbers:
            path = self.hq.settings.data.parent / f"root-{number}.key"
            if not path.exists():
                write_key(path, self.federation.hq_root_keys[number - 1])
            given += ["--root-key", str(path)]
        return given


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(tmp_path)
    monkeypatch.setattr("node.handle.utc_now", made.federation.clock)
    yield made
    made.federation.close()


@pytest.fixture
def london(desk: Desk) -> LocalNode:
    return desk.federation.add_chapter(LONDON)


@pytest.fixture
def waiting(desk: Desk) -> LocalNode:
    node = desk.federation.add_chapter(BRISBANE, admit=False)
    assert desk.federation.join(node, needs_a_person=True) == "waiting"
    return node


def join(desk: Desk, node: LocalNode, text: str) -> str:
    invitation = read_invitation(text)
    return joining.join(node.handle, invitation)


@pytest.mark.parametrize(("asks", "answer"), [([], "admitted"), (["--ask"], "waiting")])
def test_an_invitation_lets_a_chapter_in_at_once_or_has_it_wait(desk: Desk, asks: list[str], answer: str) -> None:
    text = desk.says("hq", "invite", "--note", "Leeds, asked in May", *asks)
    assert join(desk, desk.federation.add_chapter(LONDON, admit=False), text) == answer


def test_an_invitation_that_was_taken_back_lets_nobody_in(desk: Desk) -> None:
    text = desk.says("hq", "invite", "--note", "Leeds")
    listed = desk.says("hq", "list")
    found = re.fullmatch(r"invitation (\w{12}) until 2026-06-15 Leeds", listed)
    assert found, listed
    assert desk.says("hq", "revoke", found[1]) == f"{found[1]} is over"
    assert desk.says("hq", "list") == ""
    with pytest.raises(NotJoined):
        join(desk, desk.federation.add_chapter(LONDON, admit=False), text)


def test_revoke_wants_letters_that_name_one_invitation(desk: Desk) -> None:
    for _ in range(2):
        desk.says("hq", "invite")
    assert desk.refuses("hq", "revoke", "") == "Error: 2 open invitations begin with"
    assert "0 open invitations" in desk.refuses("hq", "revoke", "xyz")
    with desk.hq.session() as session:
        assert len(session.scalars(select(IssuedInvitation)).all()) == 2


def test_the_list_has_chapters_who_waits_and_open_invitations(
    desk: Desk, london: LocalNode, waiting: LocalNode
) -> None:
    desk.says("hq", "invite", "--note", "York")
    lines = desk.says("hq", "list").splitlines()
    assert re.fullmatch(rf"{london.chapter_id} active since 2026-06-01T\S+", lines[0])
    assert lines[1] == f"{waiting.chapter_id} waiting: {waiting.settings.base_url}: Brisbane, Brisbane"
    assert re.fullmatch(r"invitation \w{12} until 2026-06-15 York", lines[2])


def test_a_chapter_that_waits_is_let_in_once(desk: Desk, waiting: LocalNode) -> None:
    said = f"{waiting.chapter_id} is active"
    assert desk.says("hq", "admit", waiting.chapter_id, "--reason", "We met.") == said
    assert desk.says("hq", "admit", waiting.chapter_id) == said
    assert desk.status(waiting) == "active"
    assert [(name, why) for _, name, why in acts(desk.federation)] == [("invite", ""), ("admit", "We met.")]


def test_a_chapter_that_was_turned_down_waits_no_more(desk: Desk, waiting: LocalNode) -> None:
    assert desk.says("hq", "turn-down", waiting.chapter_id) == f"{waiting.chapter_id} is turned down"
    assert "waits to be admitted" in desk.refuses("hq", "turn-down", waiting.chapter_id)
    assert "waits to be admitted" in desk.refuses("hq", "admit", waiting.chapter_id)


@pytest.mark.parametrize(
    ("act", "then"), [("pause", "paused"), ("suspend", "suspended"), ("left", "left"), ("reactivate", "active")]
)
def test_each_act_changes_the_status_and_is_noted_with_its_reason(
    desk: Desk, london: LocalNode, act: str, then: str
) -> None:
    if act == "reactivate":
        desk.says("hq", "pause", london.chapter_id)
    assert desk.says("hq", act, london.chapter_id, "--reason", "They asked for it.") == f"{london.chapter_id} is {then}"
    assert desk.status(london) == then
    assert acts(desk.federation)[-1] == ("", act, "They asked for it.")
    before = len(acts(desk.federation))
    desk.says("hq", act, london.chapter_id)
    assert len(acts(desk.federation)) == before


def test_admit_lists_a_suspended_chapter_again(desk: Desk, london: LocalNode) -> None:
    desk.says("hq", "suspend", london.chapter_id)
    desk.says("hq", "admit", london.chapter_id)
    assert desk.status(london) == "active"


def test_a_reason_that_is_too_long_is_refused_and_nothing_is_changed(desk: Desk, london: LocalNode) -> None:
    refused = desk.refuses("hq", "suspend", london.chapter_id, "--reason", "x" * 1001)
    assert refused == "Error: reason is too long"
    assert desk.status(london) == "active"


def test_a_chapter_with_a_new_id_goes_on_as_the_old_one(desk: Desk, london: LocalNode) -> None:
    new = desk.federation.add_chapter(BRISBANE)
    said = desk.says("hq", "replaces", new.chapter_id, london.chapter_id)
    assert said == f"{new.chapter_id} goes on as {london.chapter_id}"
    assert desk.refuses("hq", "replaces", london.chapter_id, london.chapter_id) == "Error: former is the one it has now"
    assert "goes on as this one already" in desk.refuses("hq", "replaces", london.chapter_id, new.chapter_id)


@pytest.mark.parametrize("words", ["reactivate", "left", "turn-down", "replaces"])
def test_a_chapter_that_hq_does_not_know_is_refused_by_its_id(desk: Desk, words: str) -> None:
    former = ["b" * 24] if words == "replaces" else []
    assert "a" * 24 in desk.refuses("hq", words, "a" * 24, *former)


def test_a_command_in_a_folder_from_a_copy_takes_the_newer_list_over_first(desk: Desk, london: LocalNode) -> None:
    brisbane = desk.federation.add_chapter(BRISBANE)
    copy = sqlite3.connect(":memory:")
    copy_database(desk.hq, copy)
    desk.says("hq", "suspend", london.chapter_id)
    desk.federation.poll(brisbane, only=desk.hq)
    copy_database(desk.hq, copy, back=True)
    with served(brisbane):
        assert desk.says("hq", "pause", brisbane.chapter_id) == f"{brisbane.chapter_id} is paused"
    assert (desk.status(london), desk.status(brisbane)) == ("suspended", "paused")


def test_a_command_says_when_no_other_node_has_answered(desk: Desk, london: LocalNode) -> None:
    result = desk.rtr("hq", "pause", london.chapter_id)
    assert result.stderr == "no other node has answered whether it holds a newer list of chapters\n"
    assert desk.status(london) == "paused"


def test_the_next_root_has_new_keys_where_that_is_said(desk: Desk, tmp_path: Path) -> None:
    former = load_signing_key(desk.hq.settings).public
    said = desk.says("hq", "root", *desk.root_keys(1, 3))
    assert said == "HQ's root 2 is signed. Other nodes follow when they read HQ next, within the hour."
    assert load_signing_key(desk.hq.settings).public == former
    desk.says("hq", "root", *desk.root_keys(1, 3), "--new-online-keys")
    assert load_signing_key(desk.hq.settings).public != former
    assert "give each file" in desk.says("hq", "root", *desk.root_keys(1, 2), "--new-root-keys", str(tmp_path / "new"))
    assert [path.name for path in sorted((tmp_path / "new").iterdir())] == ["root-1.key", "root-2.key", "root-3.key"]
    assert "none of the root keys" in desk.refuses("hq", "root", *desk.root_keys(1, 2))
    new = [word for number in (1, 2) for word in ("--root-key", str(tmp_path / "new" / f"root-{number}.key"))]
    assert "root 5" in desk.says("hq", "root", *new)


def test_wrong_files_are_refused_and_nothing_is_changed(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("correct horse battery staple")
    online = ["--root-key", str(desk.hq.settings.signing_key_file)]
    before = state(desk)
    for given, said in {
        "none of the root keys": [*desk.root_keys(1), *online],
        "wants 2 different root keys; this is 1": desk.root_keys(2),
        "is no key: it must be 64 hex digits": [*desk.root_keys(1), "--root-key", str(tmp_path / "words")],
        "cannot be read (No such file": [*desk.root_keys(1), "--root-key", str(tmp_path / "nothing")],
    }.items():
        refused = desk.refuses("hq", "root", *said, "--stolen", "--new-root-keys", str(tmp_path / "new"))
        assert given in refused, refused
    assert state(desk) == before
    assert not (tmp_path / "new").exists()


def state(desk: Desk) -> tuple[object, ...]:
    with desk.hq.session() as session:
        held = session.get_one(HeldRegistry, 1).digest
        roots = [root.digest for root in registry.chain_of(session)]
        done = session.scalars(select(HqAct.id)).all()
    keys = {path.name: path.read_text() for path in desk.hq.settings.signing_key_file.parent.iterdir()}
    return held, roots, done, keys


def test_with_a_stolen_key_nobody_is_asked_for_a_newer_list(
    desk: Desk, london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(take_over, "ask_once", lambda *given: asked.append(given) or True)
    former = load_signing_key(desk.hq.settings).public
    desk.says("hq", "root", *desk.root_keys(1, 2), "--stolen")
    assert asked == []
    assert load_signing_key(desk.hq.settings).public != former
    desk.says("hq", "root", *desk.root_keys(1, 2), "--new-online-keys")
    assert len(asked) == 1


def test_a_list_that_was_taken_over_is_no_word_to_trust_after_a_theft(desk: Desk) -> None:
    assert "may have signed it" not in desk.says("hq", "root", *desk.root_keys(1, 2), "--stolen")
    with desk.hq.session() as session, writing(session):
        identity.own(session).taken_over_at = desk.hq.clock()
    assert "at 2026-06-01 09:00 UTC. The thief may have signed it" in desk.says(
        "hq", "root", *desk.root_keys(1, 2), "--stolen"
    )


def test_a_folder_for_new_root_keys_that_is_there_is_refused(desk: Desk, tmp_path: Path) -> None:
    refused = desk.refuses("hq", "root", *desk.root_keys(1, 2), "--new-root-keys", str(tmp_path))
    assert refused == f"Error: {tmp_path} exists already: choose another folder for the root keys"


def test_hqs_people_are_added_and_removed_and_it_is_noted(desk: Desk) -> None:
    assert desk.says("lead", "add", "Ada").startswith("lead 1 Ada. Next:")
    assert desk.refuses("lead", "add", "ada") == "Error: first name is taken already"
    desk.says("lead", "add", "Sam")
    assert desk.says("lead", "remove", "Sam") == "Sam is no lead any more"
    noted = [("", "add-person", "Ada"), ("", "add-person", "Sam"), ("", "remove-person", "Sam")]
    assert acts(desk.federation) == noted


def test_hqs_last_person_stays_and_the_command_says_it_as_the_page_does(desk: Desk) -> None:
    phone = Phone(desk.hq).sign_in("Ada")
    refused = desk.refuses("lead", "remove", "Ada")
    assert refused == "Error: Ada is the only person here, and there has to be someone. Add someone else first."
    response = phone.post(f"/hq/people/{phone.lead.id}/remove")
    assert (response.status_code, refused.removeprefix("Error: ") in words(response)) == (422, True)
    assert desk.says("lead", "list") == "1 Ada"
    assert phone.get("/hq").status_code == 200


def test_a_chapters_last_lead_may_go(london: LocalNode, desk: Desk) -> None:
    from node.chapter import leads

    lead = london.add_lead("Priya")
    with london.session() as session:
        leads.remove(session, london.settings, lead.id, london.clock())
        assert leads.all_leads(session) == []
