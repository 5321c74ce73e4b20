"""/privacy says what is kept and for how long, with this site's own numbers, and when it last swept."""

import pytest

from node import jobs
from node.upkeep.backups import backup_key

from ...support.network import PETERBOROUGH, LocalFederation, LocalNode
from ...support.web_client import Phone, words


def page(node: LocalNode) -> str:
    return words(Phone(node).get("/privacy"))


def test_the_numbers_are_those_of_the_settings(london: LocalNode) -> None:
    own = LocalNode(london.settings.data, london.clock, 8101, keep_coming_days=3, keep_idle_days=90, keep_copies_days=1)
    said = page(own)
    assert "3 days after the date" in said
    assert "haven’t used it for 90 days" in said
    assert "deleted after 1 day." in said
    own.close()


def test_nightly_copies_are_named_where_they_are_made(london: LocalNode) -> None:
    assert "Made before each new version" in page(london)
    own = LocalNode(london.settings.data, london.clock, 8101, backup_key=backup_key.make().recipient, backup_to="x:y")
    said = page(own)
    own.close()
    assert "Made every night, and before each new version of the program, and deleted after 30 days." in said
    assert "The nightly copies are locked" in said
    assert "also sent to a storage service" in said


def test_a_page_that_is_saved_for_the_way_is_named(london: LocalNode, federation: LocalFederation) -> None:
    for node in (london, federation.hq):
        assert "If you tap “Save for the way”, your phone keeps a copy of the meeting point" in page(node)


def test_the_last_sweep_is_told_and_a_new_one_at_once(london: LocalNode) -> None:
    assert "That hasn’t happened here yet" in page(london)
    jobs.tidy(london.handle)
    assert "last deleted just now" in page(london)
    london.clock.tick(hours=3)
    assert "last deleted 3 hours ago" in page(london)


def test_complaints_go_to_the_operators_address_or_else_to_hq(london: LocalNode, federation: LocalFederation) -> None:
    own = LocalNode(london.settings.data, london.clock, 8101, complaints="privacy@example.org")
    assert "Write to privacy@example.org" in page(own)
    own.close()
    assert "Tell a lead at a run" in page(london)
    joined = federation.add_chapter(PETERBOROUGH)
    federation.settle()
    assert "Write to hq@example.org" in page(joined)


@pytest.mark.parametrize("what", ["account", "coming", "emergency contact"])
def test_hq_keeps_nothing_of_members_and_says_so(federation: LocalFederation, what: str) -> None:
    said = page(federation.hq)
    assert "There is nowhere on this site to record it" in said
    assert f"An {what}" not in said


def test_an_account_empties_no_kept_page(london: LocalNode) -> None:
    """Whoever signs in changes nothing that a stranger could see, not even how fast a page comes."""
    from node.database import RevisionReader

    reader = RevisionReader(london.engine)
    before = reader()
    phone = Phone(london).sign_in(role="member")
    before_codes = reader()
    phone.post("/me/paper")
    phone.post("/signin/mail", data={"email": "robin@example.org", "form_id": "a"})
    phone.post("/me/email", data={"email": "kim@example.org", "form_id": "b"})
    assert reader() == before_codes >= before
    reader.close()
