"""HQ's people sign one another in, and out."""

import html
import re
from urllib.parse import unquote

import segno
from werkzeug.test import TestResponse

from node.chapter import leads

from ...support.network import LocalFederation
from ...support.web_client import Phone, words
from .test_acts import acts


def shown(page: TestResponse, field: str) -> str:
    found = re.search(rf'<textarea id="{field}"[^>]*>([^<]*)<', page.text)
    assert found
    return html.unescape(found[1])


def codes(page: TestResponse) -> list[str]:
    return [html.unescape(uri) for uri in re.findall(r'<img class="qr" src="(data:image/svg[^"]+)"', page.text)]


def test_somebody_new_signs_in_with_the_link_that_is_shown(federation: LocalFederation, ada: Phone) -> None:
    ada.post("/hq/people", data={"first_name": "Kim"})
    with federation.hq.session() as session:
        kim = leads.all_leads(session)[-1]
    page = ada.post(f"/hq/people/{kim.id}/link")
    link = shown(page, "link")
    made = segno.make(link, micro=False, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
    assert [unquote(uri) for uri in codes(page)] == [unquote(made)]
    phone = Phone(federation.hq)
    assert phone.post(link.removeprefix(federation.hq.settings.base_url)).status_code == 303
    assert phone.get("/hq").status_code == 200


def test_a_second_person_of_one_name_is_asked_for_another(federation: LocalFederation, ada: Phone) -> None:
    response = ada.post("/hq/people", data={"first_name": "ada"})
    assert response.status_code == 422
    assert "There’s already someone with that name" in words(response)
    assert acts(federation) == []


def test_who_is_removed_is_signed_out_at_once(federation: LocalFederation, ada: Phone, sam: Phone) -> None:
    assert sam.get("/hq").status_code == 200
    ada.post(f"/hq/people/{sam.lead.id}/remove")
    assert sam.get("/hq").status_code == 303
    assert acts(federation)[-1] == ("Ada", "remove-person", "Sam")


def test_the_last_person_is_not_removed(federation: LocalFederation, ada: Phone) -> None:
    response = ada.post(f"/hq/people/{ada.lead.id}/remove")
    assert response.status_code == 422
    assert "there has to be someone" in words(response)
    assert ada.get("/hq").status_code == 200


def test_a_sign_in_link_that_one_makes_for_another_is_in_the_history(
    federation: LocalFederation, ada: Phone, sam: Phone
) -> None:
    ada.post(f"/hq/people/{sam.lead.id}/link")
    page = ada.get("/hq/history").text
    assert acts(federation)[-1] == ("Ada", "link", "Sam")
    assert "Ada made a sign-in link" in page
    assert "/signin/" not in page
