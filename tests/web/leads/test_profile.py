"""The chapter's profile, and a lead's first name in listings."""

import pytest

from node.chapter import leads
from node.directory import chapters, parsed
from node.models import HeldDocument

from ...support.network import LocalNode, a_run
from ...support.web_client import Phone, words


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def test_a_profiles_problems_are_said_at_once(phone: Phone) -> None:
    page = words(phone.post("/lead/profile", data=PROFILE | {"name": "", "country": "XX", "timezone": "London"}))
    for say in ("Please fill this in.", "We don’t know this country", "We don’t know this time zone"):
        assert say in page, say


def test_a_first_name_is_listed_only_after_its_own_yes(london: LocalNode, phone: Phone) -> None:
    london.announce(a_run(lead_id=phone.lead.id))

    def listed() -> str | None:
        with london.session() as session:
            document = parsed.document_of(session.get(HeldDocument, chapters.own_id(session)))
            assert document is not None
            return document.listings[0].lead_first_name

    assert listed() is None
    assert "Saved." in words(phone.post("/lead/me", data={"public_name": "yes"}, follow_redirects=True))
    assert listed() == "Sam"
    phone.post("/lead/me", data={"public_name": "no"})
    assert listed() is None


def test_a_name_is_each_leads_own(london: LocalNode, phone: Phone) -> None:
    kim = Phone(london).sign_in("Kim")
    kim.post("/lead/me", data={"public_name": "yes"})
    with london.session() as session:
        assert not leads.get(session, phone.lead.id).public_name


PROFILE = {"name": "London", "place": "London", "country": "gb", "timezone": "Europe/London", "about": "By the river."}


def test_the_profile_is_kept_and_shown(phone: Phone) -> None:
    response = phone.tap("/lead/profile", data=PROFILE, follow_redirects=True)
    assert "Saved. This site shows it" in words(response)
    assert "By the river." in words(phone.get("/"))


@pytest.mark.parametrize(
    ("field", "typed", "say"),
    [
        ("name", "", "Please fill this in."),
        ("place", "x" * 81, "up to 80 characters"),
        ("country", "Atlantis", "We don’t know this country"),
        ("timezone", "London", "We don’t know this time zone"),
        ("about", "write to sam@example.org", "looks like an email address"),
    ],
)
def test_a_profile_that_cannot_be_kept_keeps_what_was_typed(phone: Phone, field: str, typed: str, say: str) -> None:
    response = phone.post("/lead/profile", data=PROFILE | {"about": "By the canal.", field: typed})
    assert response.status_code == 422
    assert say in words(response)
    assert typed in response.text
    assert field == "about" or "By the canal." in response.text
    assert "By the canal." not in phone.get("/").text
