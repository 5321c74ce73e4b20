"""Who leads: inviting by a link, roles, and removing."""

import re

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from node.chapter import leads
from node.database import writing
from node.directory import chapters
from node.mail import closed
from node.members import people
from node.members.accounts import invitations
from node.members.people import LastLead
from node.models import Person, RoleInvitation, Run

from ...support.leads import add_lead
from ...support.members.letters import sent, text_of
from ...support.network import LocalNode, a_run
from ...support.web_client import Phone, words


@pytest.fixture
def sam(london: LocalNode) -> Phone:
    return Phone(london).sign_in("Sam")


def invite(lead: Phone, role: str = "co-lead", email: str = "", form_id: str = "a") -> TestResponse:
    return lead.post("/lead/people", data={"role": role, "email": email, "form_id": form_id})


def path_in(page: str) -> str:
    found = re.search(r"/invited/[\w-]+", page)
    assert found
    return found[0]


def role_of(node: LocalNode, person_id: int) -> str:
    with node.session() as session:
        return session.get_one(Person, person_id).role


def act(lead: Phone, person_id: int, role: str, seen: str) -> TestResponse:
    path = f"/lead/people/{person_id}/role"
    return lead.post(path, data={"role": role, "seen": seen}, follow_redirects=True)


@pytest.mark.parametrize(("role", "path"), [("co-lead", "/lead/runs/new"), ("lead", "/lead/people")])
def test_an_invitation_makes_somebody_what_it_says(london: LocalNode, sam: Phone, role: str, path: str) -> None:
    invitation = path_in(invite(sam, role).text)
    guest = Phone(london)
    assert "Sam invites you" in words(guest.get(invitation))
    response = guest.post(invitation, data={"first_name": "Kim"})
    assert response.headers["Location"] == "/lead?done=signed-in"
    assert guest.get(path).status_code == (200 if role == "lead" else 403)
    assert "Kim" in words(sam.get("/lead/people"))


def test_looking_at_an_invitation_uses_nothing_up_and_it_works_once(london: LocalNode, sam: Phone) -> None:
    invitation = path_in(invite(sam).text)
    for _ in range(3):
        assert Phone(london).get(invitation).status_code == 200
    assert Phone(london).post(invitation, data={"first_name": "Kim"}).status_code == 303
    again = Phone(london).post(invitation, data={"first_name": "Eve"})
    assert again.status_code == 410
    assert "Eve" not in words(sam.get("/lead/people"))


def test_an_invitation_that_was_never_made_says_what_a_used_one_says(london: LocalNode, sam: Phone) -> None:
    used = path_in(invite(sam).text)
    Phone(london).post(used, data={"first_name": "Kim"})
    answers = [Phone(london).get(path) for path in (used, "/invited/nothing")]
    assert {answer.status_code for answer in answers} == {410}
    assert len({answer.text for answer in answers}) == 1


def test_an_invitation_ends_after_seven_days(london: LocalNode, sam: Phone) -> None:
    invitation = path_in(invite(sam).text)
    london.clock.tick(days=7)
    assert Phone(london).get(invitation).status_code == 410


def test_an_invitation_is_taken_back(london: LocalNode, sam: Phone) -> None:
    invitation = path_in(invite(sam).text)
    page = sam.get("/lead/people").text
    mark = re.search(r'name="invitation" value="(\w+)"', page)
    assert mark
    assert mark[1] not in invitation
    sam.post("/lead/people/invitations/revoke", data={"invitation": mark[1]})
    assert Phone(london).get(invitation).status_code == 410


@pytest.mark.parametrize("after", ["co-lead", "removed"])
def test_the_invitations_of_somebody_who_is_no_lead_any_more_open_nothing(
    london: LocalNode, sam: Phone, after: str
) -> None:
    kim = Phone(london).sign_in("Kim")
    invitation = path_in(invite(kim, "lead").text)
    if after == "removed":
        sam.post(f"/lead/people/{kim.lead.id}/remove")
    else:
        act(sam, kim.lead.id, "co-lead", "lead")
    assert Phone(london).get(invitation).status_code == 410


def test_a_double_tap_makes_one_invitation(sam: Phone) -> None:
    assert path_in(invite(sam).text) == path_in(invite(sam).text)
    assert words(sam.get("/lead/people")).count("-lead, until") == 1


def test_a_form_that_is_sent_again_after_its_link_was_used_says_by_whom_and_offers_a_new_one(
    london: LocalNode, sam: Phone
) -> None:
    used = path_in(invite(sam).text)
    Phone(london).post(used, data={"first_name": "Kim"})
    again = invite(sam)
    assert again.status_code == 409
    assert "Kim has used this invitation" in words(again)
    assert "/invited/" not in again.text
    assert Phone(london).get(used).status_code == 410
    form_id = re.search(r'name="form_id"[^>]*value="([^"]+)"', again.text)
    assert form_id
    assert path_in(invite(sam, form_id=form_id[1]).text) != used


def test_a_form_that_is_sent_again_revives_no_invitation_that_was_taken_back(london: LocalNode, sam: Phone) -> None:
    invitation = path_in(invite(sam).text)
    mark = re.search(r'name="invitation" value="(\w+)"', sam.get("/lead/people").text)
    assert mark
    sam.post("/lead/people/invitations/revoke", data={"invitation": mark[1]})
    again = invite(sam)
    assert again.status_code == 409
    assert "This invitation has expired or was taken back." in words(again)
    assert "-lead, until" not in words(again)
    assert Phone(london).get(invitation).status_code == 410


def test_whoever_used_an_invitation_is_forgotten_with_the_account(london: LocalNode, sam: Phone) -> None:
    kim = Phone(london)
    kim.post(path_in(invite(sam).text), data={"first_name": "Kim"})
    kim.post("/me/erase")
    again = words(invite(sam))
    assert "Someone who has since left has used this invitation" in again
    assert "Kim" not in again


def test_used_invitations_leave_room_for_new_ones_and_go_after_thirty_days(london: LocalNode, sam: Phone) -> None:
    for one in range(invitations.MOST + 1):
        with london.session() as session:
            settings, now = london.settings, london.clock()
            token = invitations.invite(session, settings, "co-lead", sam.lead.id, "", f"form {one}", now)
            invitations.accept(session, token, "Kim", "phone", "en", now)
    london.clock.tick(days=30)
    with london.session() as session, writing(session) as transaction:
        invitations.sweep(transaction, london.clock())
        assert transaction.scalars(select(RoleInvitation)).all() == []


def test_somebody_with_an_account_takes_a_role_and_never_loses_one(london: LocalNode, sam: Phone) -> None:
    kim = Phone(london).sign_in("Kim", role="member")
    kim.post(path_in(invite(sam, "co-lead").text))
    assert role_of(london, kim.lead.id) == "co-lead"
    other = Phone(london).sign_in("Ada")
    other.post(path_in(invite(sam, "co-lead", form_id="b").text))
    assert role_of(london, other.lead.id) == "lead"


def test_an_invitation_is_mailed_where_a_lead_gives_an_address(london: LocalNode, sam: Phone) -> None:
    page = invite(sam, "lead", "kim@example.org")
    letter = sent(london)[0]
    assert letter["To"] == "kim@example.org"
    assert path_in(text_of(letter)) == path_in(page.text)
    assert "Sam would like you to help" in text_of(letter)


def test_an_invitation_that_was_taken_back_is_not_mailed_any_more(london: LocalNode, sam: Phone) -> None:
    invite(sam, "lead", "kim@example.org")
    mark = re.search(r'name="invitation" value="(\w+)"', sam.get("/lead/people").text)
    assert mark
    sam.post("/lead/people/invitations/revoke", data={"invitation": mark[1]})
    assert sent(london) == []


@pytest.mark.parametrize("data", [{"role": "member"}, {"role": "chief"}, {"role": "lead", "email": "kim@"}, {}])
def test_what_is_no_role_or_address_invites_nobody(london: LocalNode, sam: Phone, data: dict[str, str]) -> None:
    assert sam.post("/lead/people", data={"form_id": "a", **data}).status_code == 422
    assert sent(london) == []
    assert "Open invitations" not in words(sam.get("/lead/people"))


def test_twenty_open_invitations_are_the_most(sam: Phone) -> None:
    for number in range(20):
        assert invite(sam, form_id=str(number)).status_code == 200
    refused = invite(sam, form_id="one more")
    assert refused.status_code == 422
    assert "Take one back first" in words(refused)


def test_a_role_is_changed_from_the_next_tap_on(london: LocalNode, sam: Phone) -> None:
    kim = Phone(london).sign_in("Kim")
    assert kim.get("/lead/runs/new").status_code == 200
    assert "Saved" in words(act(sam, kim.lead.id, "co-lead", "lead"))
    assert kim.get("/lead/runs/new").status_code == 403
    assert kim.get("/lead").status_code == 200


def test_an_old_page_changes_no_role(london: LocalNode, sam: Phone) -> None:
    kim = Phone(london).sign_in("Kim", role="co-lead")
    act(sam, kim.lead.id, "member", "lead")
    assert role_of(london, kim.lead.id) == "co-lead"


def test_the_last_lead_stays_a_lead(london: LocalNode, sam: Phone) -> None:
    Phone(london).sign_in("Kim", role="co-lead")
    assert "This is the only lead" in words(act(sam, sam.lead.id, "member", "lead"))
    assert "This is the only lead" in words(sam.post(f"/lead/people/{sam.lead.id}/remove", follow_redirects=True))
    assert role_of(london, sam.lead.id) == "lead"


def test_two_leads_who_remove_each_other_at_once_leave_one(london: LocalNode, sam: Phone) -> None:
    kim = Phone(london).sign_in("Kim")
    with london.session() as session:
        people.remove(session, london.settings, kim.lead.id, london.clock())
        with pytest.raises(LastLead):
            people.remove(session, london.settings, sam.lead.id, london.clock())


def test_a_removed_lead_is_out_with_the_next_tap(london: LocalNode, sam: Phone, run: Run) -> None:
    kim = Phone(london).sign_in("Kim")
    page = kim.get("/lead")
    assert page.status_code == 200
    sam.post(f"/lead/people/{kim.lead.id}/remove")
    assert kim.get("/lead").status_code == 303
    assert kim.post(f"/lead/runs/{run.id}/dates/2026-06-04/confirm").status_code == 401
    assert "Not confirmed yet" in Phone(london).get("/").text


def test_somebody_who_removes_themselves_is_signed_out(london: LocalNode, sam: Phone) -> None:
    kim = Phone(london).sign_in("Kim")
    response = kim.post(f"/lead/people/{kim.lead.id}/remove")
    assert response.headers["Location"] == "/signin?done=signed-out"
    assert "Max-Age=0" in response.headers["Set-Cookie"]


def test_whoever_leads_no_run_any_more_is_in_no_listing(london: LocalNode, sam: Phone) -> None:
    kim = Phone(london).sign_in("Kim")
    with london.session() as session:
        leads.set_public_name(session, london.settings, kim.lead.id, True, london.clock.tick(seconds=1))
    run = london.announce(a_run(lead_id=kim.lead.id))
    with london.session() as session:
        path = f"/runs/{chapters.own_id(session)}/{run.id}"
    assert "Kim" in Phone(london).get(path).text
    london.clock.tick(seconds=1)
    with london.session() as session:
        people.set_role(session, london.settings, kim.lead.id, "member", london.clock())
    assert "Kim" not in Phone(london).get(path).text


@pytest.mark.parametrize("role", ["member", "co-lead"])
def test_nobody_makes_themselves_a_lead(london: LocalNode, sam: Phone, role: str) -> None:
    kim = Phone(london).sign_in("Kim", role=role)
    forged = kim.post(f"/lead/people/{kim.lead.id}/role", data={"role": "lead", "seen": role})
    assert forged.status_code == 403
    assert kim.post("/lead/people", data={"role": "lead", "form_id": "a"}).status_code == 403
    assert role_of(london, kim.lead.id) == role


def test_no_lead_looks_up_removes_or_raises_a_member_by_their_number(london: LocalNode, sam: Phone) -> None:
    member = london.add_lead("Robin", "member")
    response = sam.get(f"/lead/people/{member.id}/remove")
    assert response.status_code == 404
    assert "Robin" not in response.text
    assert sam.post(f"/lead/people/{member.id}/remove").status_code == 404
    assert sam.post(f"/lead/people/{member.id}/role", data={"role": "lead", "seen": "member"}).status_code == 404
    assert role_of(london, member.id) == "member"


def test_leads_see_whom_no_letter_reaches_and_what_to_do(london: LocalNode, sam: Phone) -> None:
    for name, why in (("Ada", None), ("Ben", "stopped"), ("Kim", "bounced")):
        add_lead(london, name)
        with london.handle.writing() as transaction:
            if why:
                index = closed.index_of(london.settings, f"{name.lower()}@example.org")
                closed.close(transaction, index, why, london.clock())  # type: ignore[arg-type]  # one of the two
    london.add_lead("Nia")
    said = {
        one: sam.get("/lead/people").text.partition(f">{one}<")[2].partition("</li>")[0]
        for one in ("Ada", "Ben", "Kim", "Nia", "Sam")
    }
    assert "letter" not in said["Ada"].lower()
    assert "Has stopped all emails" in said["Ben"]
    assert "Emails to them bounce, so please ring them when a lead is missing, and ask them to look" in said["Kim"]
    assert "Hasn’t given an address" in said["Nia"]
    assert "No emails reach you." in said["Sam"]
    assert "ben@example.org" not in sam.get("/lead/people").text
