""" "I'd like a run here": asked from every site, kept at HQ, counted for HQ alone."""

import pytest

from node import jobs

from ...support.messages import filled, write
from ...support.network import LONDON, LocalFederation
from ...support.web_client import Phone, words


@pytest.fixture
def hq(federation: LocalFederation) -> Phone:
    return Phone(federation.hq).sign_in("Mara")


def test_every_site_leads_to_hqs_form_with_the_place_filled_in(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    there = f"{federation.hq.settings.base_url}/wish"
    assert f'href="{there}"' in Phone(london).get("/").text
    answer = Phone(london).get("/wish?place=Leeds %26 around")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{there}?place=Leeds+%26+around")
    assert 'value="Leeds &amp; around"' in Phone(federation.hq).get("/wish?place=Leeds %26 around").text
    assert Phone(london).post("/wish", data={"text": "Leeds"}).status_code == 404


def test_a_site_that_has_joined_no_hq_has_no_such_form(federation: LocalFederation) -> None:
    alone = federation.add_chapter(LONDON, admit=False)
    assert Phone(alone).get("/wish").status_code == 404
    assert "I’d like a run here" not in Phone(alone).get("/").text


def test_hq_reads_the_wishes_by_place_and_nobody_else_reads_any(federation: LocalFederation, hq: Phone) -> None:
    phone = Phone(federation.hq)
    write(phone, "/wish", "Leeds", email="robin@example.org", can_help="y")
    federation.clock.tick(minutes=1)
    write(phone, "/wish", " leeds")
    write(phone, "/wish", "Århus")
    page = words(hq.get("/hq/wishes"))
    assert "Leeds 2 people, 1 could help" in page
    assert "Århus 1 person" in page
    assert page.index("Leeds") < page.index("Århus")
    assert "robin@example.org" in page
    assert Phone(federation.hq).get("/hq/wishes").status_code == 303
    assert all("Leeds" not in phone.get(path).text for path in ("/", "/runs", "/fed/v1/status"))


def test_its_sender_and_hq_can_delete_a_wish(federation: LocalFederation, hq: Phone) -> None:
    phone = Phone(federation.hq)
    link = write(phone, "/wish", "Leeds")
    assert "Leeds" in words(phone.get(link))
    assert phone.post(f"{link}/erase").status_code == 303
    write(phone, "/wish", "Hull")
    page = hq.get("/hq/wishes").text
    assert "Leeds" not in page
    path = page.partition('action="/hq/wishes/')[2].partition('"')[0]
    assert hq.post(f"/hq/wishes/{path}").status_code == 303
    assert "Hull" not in hq.get("/hq/wishes").text


def test_a_wish_stays_for_a_year_and_no_longer(federation: LocalFederation) -> None:
    phone = Phone(federation.hq)
    link = write(phone, "/wish", "Leeds")
    federation.clock.tick(days=364)
    jobs.tidy(federation.hq.handle)
    assert phone.get(link).status_code == 200
    federation.clock.tick(days=2)
    jobs.tidy(federation.hq.handle)
    assert phone.get(link).status_code == 404


@pytest.mark.parametrize("place", ["", "x" * 81, "\u200b"])
def test_a_wish_names_a_place(federation: LocalFederation, place: str) -> None:
    phone = Phone(federation.hq)
    assert phone.post("/wish", data=filled(phone, "/wish", place)).status_code == 422
    assert phone.get("/wish?place=" + "x" * 10_000).status_code == 200
