"""HQ's private contact of each chapter: for HQ's eyes alone, sealed, and changed without a word of what it said."""

from datetime import timedelta

import pytest

from node import jobs
from node.database import checkpoint
from node.models import HqAct

from ...support.network import LONDON, LocalFederation, LocalNode
from ...support.web_client import Phone, hidden, words

CONTACT = {"name": "Priya Q.", "email": "priya@example.org", "phone": "07700 900123"}


@pytest.fixture
def london(federation: LocalFederation) -> LocalNode:
    return federation.add_chapter(LONDON)


@pytest.fixture
def mara(federation: LocalFederation) -> Phone:
    return Phone(federation.hq).sign_in("Mara")


def path_of(node: LocalNode) -> str:
    return f"/hq/chapters/{node.chapter_id}/contact"


def save(phone: Phone, path: str, contact: dict[str, str]) -> int:
    return phone.post(path, data={**hidden(phone.get(path).text, path), **contact}).status_code


def test_the_people_of_hq_see_how_a_chapter_is_reached_and_nobody_else_does(
    federation: LocalFederation, london: LocalNode, mara: Phone
) -> None:
    assert save(mara, path_of(london), CONTACT) == 303
    page = mara.get(f"/hq/chapters/{london.chapter_id}").text
    assert all(one in page for one in CONTACT.values())
    assert 'href="tel:07700900123"' in page
    assert Phone(federation.hq).get(path_of(london)).status_code == 303
    federation.settle(1)
    public = [
        f"/chapters/{london.chapter_id}",
        "/chapters",
        f"/fed/v1/documents/{london.chapter_id}",
        "/fed/v1/changes",
    ]
    for node in (federation.hq, london):
        assert not any(one in Phone(node).get(path).text for path in public for one in CONTACT.values())


def test_the_board_says_how_to_reach_a_chapter_that_has_gone_silent(
    federation: LocalFederation, london: LocalNode, mara: Phone
) -> None:
    save(mara, path_of(london), CONTACT)
    federation.wire.down.add(london.settings.base_url)
    federation.clock.tick(days=3)
    page = mara.get("/hq").text.partition('id="silent"')[2].partition("</section>")[0]
    assert "priya@example.org" in page
    assert "07700 900123" in page


def test_the_history_says_that_it_was_changed_and_not_to_what(
    federation: LocalFederation, london: LocalNode, mara: Phone
) -> None:
    save(mara, path_of(london), CONTACT)
    page = mara.get("/hq/history").text
    assert "Mara changed how we reach it" in page
    assert not any(one in page for one in CONTACT.values())
    with federation.hq.session() as session:
        assert {act.reason for act in session.query(HqAct).filter_by(act="contact")} == {""}


def test_the_same_contact_again_is_no_change(federation: LocalFederation, london: LocalNode, mara: Phone) -> None:
    save(mara, path_of(london), CONTACT)
    save(mara, path_of(london), CONTACT)
    with federation.hq.session() as session:
        assert session.query(HqAct).filter_by(act="contact").count() == 1


def test_of_two_who_change_it_the_second_sees_what_the_first_wrote(
    federation: LocalFederation, london: LocalNode, mara: Phone
) -> None:
    path, sam = path_of(london), Phone(federation.hq).sign_in("Sam")
    old = hidden(sam.get(path).text, path)
    save(mara, path, CONTACT)
    late = sam.post(path, data={**old, "name": "Bo", "email": "", "phone": ""})
    assert late.status_code == 409
    assert 'value="Bo"' in late.text
    assert "Priya Q." in words(late)


@pytest.mark.parametrize("wrong", [{"email": "priya"}, {"phone": "1" * 41}, {"name": "x" * 81}])
def test_what_cannot_be_kept_stays_on_the_form(london: LocalNode, mara: Phone, wrong: dict[str, str]) -> None:
    path = path_of(london)
    page = mara.post(path, data={**hidden(mara.get(path).text, path), **CONTACT, **wrong})
    assert page.status_code == 422
    assert CONTACT["name"] in page.text or "name" in wrong


def test_a_chapter_that_hq_never_met_has_no_contact(mara: Phone) -> None:
    assert mara.get(f"/hq/chapters/{'a' * 24}/contact").status_code == 404
    assert mara.post(f"/hq/chapters/{'a' * 24}/contact", data=CONTACT).status_code == 404


def test_a_contact_is_sealed_and_nothing_is_left_of_it_once_it_is_emptied(
    federation: LocalFederation, london: LocalNode, mara: Phone
) -> None:
    save(mara, path_of(london), CONTACT)
    checkpoint(federation.hq.engine)
    file = federation.hq.settings.database
    assert not any(one.encode() in file.read_bytes() for one in CONTACT.values())
    with federation.hq.session() as session:
        from node.models import ChapterContact

        sealed = session.query(ChapterContact).one().phone or b""
    assert sealed in file.read_bytes()
    save(mara, path_of(london), dict.fromkeys(CONTACT, ""))
    assert sealed not in file.read_bytes()


def test_a_contact_goes_a_while_after_its_chapter_has_left(
    federation: LocalFederation, london: LocalNode, mara: Phone
) -> None:
    save(mara, path_of(london), CONTACT)
    federation.set_status(london, "left")
    federation.clock.tick(days=80)
    jobs.tidy(federation.hq.handle)
    assert "Priya Q." in mara.sign_in("Kim").get(f"/hq/chapters/{london.chapter_id}").text
    federation.clock.now += timedelta(days=11)
    jobs.tidy(federation.hq.handle)
    assert "Priya Q." not in mara.get(f"/hq/chapters/{london.chapter_id}").text
