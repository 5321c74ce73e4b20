"""A chapter that closes: everybody is told before anything is erased, and nothing of anybody is left."""

import json
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from node import config
from node.chapter import identity
from node.chapter.profile import ProfileInput
from node.database import checkpoint
from node.directory import chapter_list, listings
from node.errors import InvalidInput
from node.hq import watch
from node.mail import outbox
from node.models import Letter
from node.upkeep import closing

from ...support.leads import add_lead
from ...support.members.letters import sent
from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run

FIRST = date(2026, 6, 4)


@dataclass
class Closing:
    federation: LocalFederation
    london: LocalNode
    brisbane: LocalNode

    def announce(self, goodbye: str = "") -> None:
        with self.london.session() as session:
            closing.announce(session, self.london.settings, goodbye, self.federation.clock.tick(minutes=1))

    def sign_off(self) -> None:
        with self.london.session() as session:
            closing.sign_off(session, self.london.settings, self.federation.clock.tick(minutes=1))

    def seen(self, node: LocalNode) -> listings.ChapterView:
        with node.session() as session:
            return listings.chapter(session, self.london.chapter_id, self.federation.clock())

    def erase(self) -> closing.Proof:
        with self.london.session() as session:
            proof = closing.proof_of(session, self.london.settings, 2, 2, self.federation.clock())
        self.london.close()
        return closing.erase(self.london.settings.data, self.london.settings, proof, "<p>closed</p>")


@pytest.fixture
def world(federation: LocalFederation) -> Closing:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    london.announce(a_run())
    federation.settle()
    return Closing(federation, london, brisbane)


def test_first_every_date_is_cancelled_and_every_site_says_that_the_chapter_has_closed(world: Closing) -> None:
    world.announce("Thank you all. It was good.")
    world.federation.settle()
    for node in (world.federation.hq, world.brisbane):
        seen = world.seen(node)
        assert (seen.has_closed, seen.about) == (True, "Thank you all. It was good.")
        [run] = seen.listings
        assert {one.state for one in run.coming} == {"cancelled"}


def test_at_last_no_site_shows_a_run(world: Closing) -> None:
    world.announce()
    world.sign_off()
    world.federation.settle()
    for node in (world.federation.hq, world.brisbane):
        seen = world.seen(node)
        assert (seen.has_closed, seen.listings) == (True, [])
        with node.session() as session:
            lines = {one.id: one.has_closed for one in chapter_list.page(session, world.federation.clock()).lines}
        assert (lines[world.london.chapter_id], lines[world.brisbane.chapter_id]) == (True, False)


def test_hq_is_asked_to_note_that_the_chapter_has_left(world: Closing) -> None:
    hq = world.federation.hq
    assert needs(hq, world) == []
    world.announce()
    world.federation.settle()
    assert needs(hq, world) == [world.london.chapter_id]
    world.federation.set_status(world.london, "left")
    assert needs(hq, world) == []


def needs(hq: LocalNode, world: Closing) -> list[str]:
    with hq.session() as session:
        return [row.id for row in watch.needs(session, world.federation.clock()).closed]


def test_each_confirmed_address_gets_one_farewell_with_what_was_kept(world: Closing) -> None:
    add_lead(world.london, "Ada")
    world.announce()
    world.announce()
    with world.london.session() as session:
        kinds = [one.kind for one in session.scalars(select(Letter))]
        assert kinds.count("farewell") == 1
        assert closing.waiting(session, world.federation.clock()) == len(kinds)
    [letter] = [one for one in sent(world.london) if "has closed" in str(one["Subject"])]
    assert letter["To"] == "ada@example.org"
    assert "List-Unsubscribe" not in letter
    assert "Stop emails" not in str(letter)
    assert attached(letter)["account"]["first_name"] == "Ada"
    with world.london.session() as session:
        assert closing.waiting(session, world.federation.clock()) == 0


def attached(letter: EmailMessage) -> dict[str, dict[str, str]]:
    [part] = list(letter.iter_attachments())
    found: dict[str, dict[str, str]] = json.loads(part.get_content())
    return found


def test_a_goodbye_with_a_telephone_number_is_refused_and_nothing_ends(world: Closing) -> None:
    with pytest.raises(InvalidInput, match="personal"):
        world.announce("Call Ada on 020 7946 0123")
    world.federation.settle()
    assert not world.seen(world.brisbane).has_closed


def test_a_change_of_mind_before_the_erasure_is_told_everywhere(world: Closing) -> None:
    world.announce()
    with world.london.session() as session:
        closing.give_up(session, world.london.settings, world.federation.clock.tick(minutes=1))
    world.federation.settle()
    assert not world.seen(world.brisbane).has_closed


def test_nothing_is_left_but_the_proof_the_page_and_a_few_settings(world: Closing) -> None:
    settings = world.london.settings
    config.write(settings.data, {"BASE_URL": settings.base_url, "NETWORK": "loopback", "PORT": str(settings.port)})
    config.change(settings.data, {"MAIL_PASSWORD": "hunter2"})
    lead = add_lead(world.london, "Wilhelmina")
    for name in ("before-upgrade/node-0003.sqlite", "backups/london.age", "keys/next/signing.key"):
        path = settings.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Wilhelmina")
    members_key = settings.members_key_file
    assert members_key.exists()
    world.announce()
    outbox.send_due(world.london.handle)
    world.sign_off()
    checkpoint(world.london.engine)
    proof = world.erase()
    assert sorted(path.name for path in settings.data.iterdir()) == ["closed.html", "closed.json", "settings.env"]
    assert proof.left == ["closed.html", "closed.json", "settings.env"]
    assert not members_key.exists()
    assert not list(Path(settings.mail.removeprefix("folder:")).glob("*.eml"))
    left = "".join(path.read_text() for path in settings.data.iterdir())
    assert not any(word in left for word in ("Wilhelmina", "wilhelmina", "hunter2", str(lead.email)))
    assert (proof.is_done, proof.erased["accounts"], proof.erased["runs"]) == (True, 1, 1)
    assert [path.stat().st_mode & 0o777 for path in sorted(settings.data.iterdir())] == [0o600] * 3
    assert closing.read_proof(settings.data) == proof


def test_an_erasure_that_was_cut_off_goes_on_and_counts_all_that_went(
    world: Closing, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = world.london.settings
    world.announce()
    world.sign_off()

    def cut_off(*_: object) -> None:
        raise OSError("cut off")

    with monkeypatch.context() as cut:
        cut.setattr(closing, "_drop_folders", cut_off)
        with pytest.raises(OSError, match="cut off"):
            world.erase()
    begun = closing.read_proof(settings.data)
    assert begun
    assert not begun.is_done
    ended = closing.erase(settings.data, settings, begun, "<p>closed</p>")
    assert ended.is_done
    assert sorted(path.name for path in settings.data.iterdir()) == ["closed.html", "closed.json", "settings.env"]


def test_whoever_cannot_be_told_is_counted_beforehand(world: Closing) -> None:
    world.london.add_lead("Ada")
    with world.london.session() as session:
        found = closing.outlook(session, world.federation.clock())
        assert (found.runs, found.accounts, found.without_export, found.untold) == (1, 1, 1, 0)
        assert not closing.has_said_so(session)
        assert identity.own(session).closed_on is None


def test_a_chapter_without_a_run_closes_too(federation: LocalFederation) -> None:
    node = federation.add_chapter(ProfileInput("Leeds", "Leeds", "GB", "Europe/London"))
    made = Closing(federation, node, node)
    made.announce()
    made.sign_off()
    federation.settle()
    assert made.seen(federation.hq).has_closed
