"""Each act of accounts and of people on a full disk: a page in words, nothing changed, and the same act works later."""

import sqlite3
from collections.abc import Mapping

import pytest

from node.members.accounts import invitations, recovery_codes

from ...support.full_disk import full_disk
from ...support.network import LocalNode
from ...support.web_client import Phone, words

Form = Mapping[str, str]
ACTS: tuple[tuple[str, Form], ...] = (
    ("/me/name", {"first_name": "Sami"}),
    ("/me/language", {"language": "en_US"}),
    ("/me/email", {"email": "sam@example.org", "form_id": "a"}),
    ("/me/phones/add", {}),
    ("/me/paper", {}),
    ("/me/erase", {}),
    ("/me/sign-out", {}),
    ("/lead/people", {"role": "lead", "form_id": "a"}),
    ("/lead/people/invitations/revoke", {"invitation": "{invitation}"}),
    ("/lead/people/{kim}/role", {"role": "co-lead", "seen": "lead"}),
    ("/lead/people/{kim}/remove", {}),
    ("/invited/{token}", {}),
)


def everything(node: LocalNode) -> list[str]:
    connection = sqlite3.connect(node.settings.database)
    found = list(connection.iterdump())
    connection.close()
    return found


@pytest.mark.parametrize(("path", "form"), ACTS, ids=[path for path, _ in ACTS])
def test_an_act_on_a_full_disk_changes_nothing_and_says_so(london: LocalNode, path: str, form: Form) -> None:
    kim, phone = london.add_lead("Kim"), Phone(london).sign_in("Sam")
    phone.get("/me")
    with london.session() as session:
        token = invitations.invite(session, london.settings, "lead", kim.id, "", "b", london.clock())
        invitation = invitations.open_ones(session, london.clock())[0].token_hash
    known = {"kim": str(kim.id), "token": token, "invitation": invitation}
    path, data = path.format(**known), {name: text.format(**known) for name, text in form.items()}
    before = everything(london)
    with full_disk(london):
        response = phone.post(path, data=data)
    assert response.status_code == 503
    assert "Nothing has been changed" in words(response)
    assert everything(london) == before
    assert phone.post(path, data=data).status_code in (200, 303)
    assert everything(london) != before


def test_a_code_on_paper_on_a_full_disk_stays_good(london: LocalNode) -> None:
    sam = london.add_lead("Sam")
    with london.session() as session:
        code = recovery_codes.make(session, london.settings, sam.id, london.clock())[0]
    phone = Phone(london)
    with full_disk(london):
        assert phone.post("/signin/paper", data={"code": code}).status_code == 503
    assert phone.post("/signin/paper", data={"code": code}).status_code == 303
