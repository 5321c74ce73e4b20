"""HQ's pages of chapters: who waits, the list, each chapter, and what other sites see of it."""

import html
import re
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from node.chapter import dates
from node.database import writing
from node.directory.serving import SOFTWARE
from node.hq import admissions
from node.models import KnownPeer, RegistryChapter
from node.sync import joining
from node.wire.outbound import Answer, Unreachable
from web.hq import chapters as pages

from ...support.network import PETERBOROUGH, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, hidden, words


def act(phone: Phone, chapter: LocalNode, name: str, **data: str) -> TestResponse:
    path = f"/hq/chapters/{chapter.chapter_id}/{name}"
    response = phone.post(path, data=hidden(phone.get(path).text, path) | data)
    return phone.get(response.headers["Location"]) if response.status_code == 303 else response


def status(federation: LocalFederation, chapter: LocalNode) -> str:
    with federation.hq.session() as session:
        return session.get_one(RegistryChapter, chapter.chapter_id).status


def test_every_status_offers_only_what_has_a_page() -> None:
    assert {act for offered in pages.OFFERED.values() for act in offered} == set(pages.ACTIONS)
    assert set(pages.STATUSES) < set(pages.OFFERED)


def test_a_chapter_that_waits_is_let_in_and_then_listed(
    federation: LocalFederation, ada: Phone, waiting: LocalNode
) -> None:
    assert "Waiting for approval" in words(ada.get("/hq"))
    assert "Ada approved it" in words(act(ada, waiting, "admit"))
    assert status(federation, waiting) == "active"


def test_before_it_suspends_a_chapter_hq_reads_which_runs_people_might_set_off_for(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    page = words(ada.get(f"/hq/chapters/{london.chapter_id}/suspend"))
    assert page.index("Runs people might set off for") < page.index("Thursday 4 June, 18:30")
    assert "Runs people might set off for" not in words(ada.get(f"/hq/chapters/{london.chapter_id}/pause"))


def test_nobody_sets_off_for_a_cancelled_date(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    path = f"/hq/chapters/{london.chapter_id}/suspend"
    run = london.announce(a_run(name="Canal run"))
    federation.settle()
    assert "Canal run" in words(ada.get(path))
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, date(2026, 6, 4), "weather", "", london.clock())
    federation.settle()
    assert "Canal run" not in words(ada.get(path))


def test_hq_without_a_chapter_is_led_to_its_first_invitation(federation: LocalFederation, ada: Phone) -> None:
    page = ada.get("/hq/chapters")
    assert "There are no chapters here yet. Invite a chapter" in words(page)
    assert "No chapters found." in words(ada.get("/hq/chapters?text=York"))


def test_a_country_is_found_by_its_name(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    for text in ("kingdom", "United Kingdom", "uk", "GB"):
        assert "No chapters found" not in words(ada.get(f"/hq/chapters?text={text}"))
    assert "No chapters found" in words(ada.get("/hq/chapters?text=Ireland"))


def test_the_list_of_chapters_has_the_next_run_of_each(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    federation.add_chapter(PETERBOROUGH)
    federation.settle()
    page = words(ada.get("/hq/chapters"))
    assert re.search(r"London United Kingdom Thursday 4 June, 18:30 London time ○ Not confirmed yet", page)
    assert re.search(r"Peterborough United Kingdom none in two weeks", page)


def test_public_pages_have_a_way_back_for_hq_alone(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    back = f'href="/hq/chapters/{london.chapter_id}"'
    board = ada.get("/hq").text
    pages = [*re.findall(r'href="(/runs/[^"?]+)', board), f"/chapters/{london.chapter_id}"]
    assert len(pages) > 1
    for page in pages:
        assert back in ada.get(page).text
        assert back not in Phone(federation.hq).get(page).text
        assert back not in Phone(london).sign_in().get(page).text


def test_a_suspended_chapter_goes_from_another_node(federation: LocalFederation, ada: Phone, london: LocalNode) -> None:
    other = federation.add_chapter(PETERBOROUGH)
    federation.settle()
    page = f"/chapters/{london.chapter_id}"
    assert Phone(other).get(page).status_code == 200
    act(ada, london, "suspend", reason="Somebody was hurt.")
    federation.settle()
    assert Phone(other).get(page).status_code == 404


def asked(phone: Phone, chapter: LocalNode, name: str) -> dict[str, str]:
    """The mark in the form of an act, if the page is opened now."""
    path = f"/hq/chapters/{chapter.chapter_id}/{name}"
    return hidden(phone.get(path).text, path)


def test_a_chapters_page_says_which_software_its_node_runs(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    path = f"/hq/chapters/{london.chapter_id}"
    with federation.hq.session() as session, writing(session):
        session.merge(KnownPeer(base_url=london.settings.base_url, software=""))
    assert "Software not known yet" in words(ada.get(path))
    with federation.hq.session() as session, writing(session):
        session.merge(KnownPeer(base_url=london.settings.base_url, software="runtalkrun 9.9"))
    assert "Software runtalkrun 9.9" in words(ada.get(path))
    assert "runtalkrun 9.9" in words(ada.get("/hq/chapters"))
    with federation.hq.session() as session, writing(session):
        session.merge(KnownPeer(base_url=london.settings.base_url, software=SOFTWARE))
    assert "runtalkrun" not in words(ada.get("/hq/chapters")), "what most of them run is not said of each"


def test_chapters_are_found_by_name_place_country_and_status(
    federation: LocalFederation, ada: Phone, london: LocalNode
) -> None:
    federation.add_chapter(PETERBOROUGH).announce(a_run())
    federation.settle()
    act(ada, london, "pause")
    for query, found in {
        "text=lond": "London",
        "status=paused": "London",
        "text=gb&status=active": "Peterborough",
    }.items():
        page = ada.get(f"/hq/chapters?{query}").text
        other = {"London": "Peterborough", "Peterborough": "London"}[found]
        assert f">{found}</a>" in page, query
        assert f">{other}</a>" not in page, query


def test_pages_of_chapters_follow_each_other_without_a_gap(
    federation: LocalFederation, ada: Phone, london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    from node.hq import chapters

    federation.add_chapter(PETERBOROUGH)
    federation.settle()
    monkeypatch.setattr(chapters, "PAGE", 1)
    seen, path = [], "/hq/chapters"
    while path:
        page = ada.get(path).text
        seen += re.findall(r'<th scope="row"><a href="/hq/chapters/(\w+)"', page)
        following = re.search(r'href="(/hq/chapters\?[^"]*after=[^"]+)"', page)
        path = html.unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen)) == 2


def test_hq_says_on_its_privacy_page_what_it_keeps(federation: LocalFederation, london: LocalNode) -> None:
    assert "for two years" in words(Phone(federation.hq).get("/privacy"))
    assert "for two years" not in words(Phone(london).get("/privacy"))


def test_who_waits_is_let_in_under_its_own_name_and_hqs_note(federation: LocalFederation, ada: Phone) -> None:
    node = federation.add_chapter(PETERBOROUGH, admit=False)
    with federation.hq.session() as session:
        invitation = admissions.invite(session, federation.hq.settings, "York, asked in May", False, federation.clock())
    joining.join(node.handle, invitation)
    for page in ("", f"/chapters/{node.chapter_id}", f"/chapters/{node.chapter_id}/admit"):
        text = ada.get("/hq" + page).text
        assert "York, asked in May" in text, page
        assert "Peterborough" in text, page
    assert "<title>Approve Peterborough?" in ada.get(f"/hq/chapters/{node.chapter_id}/admit").text


def test_a_chapter_that_was_let_in_has_its_name_before_it_is_heard(
    federation: LocalFederation, ada: Phone, waiting: LocalNode
) -> None:
    act(ada, waiting, "admit")
    assert "Peterborough" in words(ada.get("/hq/chapters"))
    assert waiting.chapter_id not in words(ada.get("/hq/chapters"))
    assert "Peterborough : Ada approved it" in words(ada.get("/hq/history"))


def test_a_chapter_whose_document_cannot_be_read_is_called_by_the_note(
    federation: LocalFederation, ada: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = federation.add_chapter(PETERBOROUGH, admit=False)
    send = federation.wire.send

    def without_documents(method: str, base_url: str, path: str, **rest: Any) -> Answer:
        if path.startswith("/fed/v1/documents/") and method == "GET":
            raise Unreachable("cut off")
        return send(method, base_url, path, **rest)

    monkeypatch.setattr(federation.wire, "send", without_documents)
    with federation.hq.session() as session:
        invitation = admissions.invite(session, federation.hq.settings, "York, asked in May", False, federation.clock())
    assert joining.join(node.handle, invitation) == "waiting"
    asked = ada.get(f"/hq/chapters/{node.chapter_id}/admit").text
    assert "<title>Approve York, asked in May?" in asked
    act(ada, node, "admit")
    assert "York, asked in May" in words(ada.get("/hq/chapters"))


def test_a_document_that_is_over_when_its_chapter_is_let_in_keeps_it_not_out(
    federation: LocalFederation, ada: Phone, waiting: LocalNode
) -> None:
    federation.clock.tick(days=20)
    act(ada, waiting, "admit")
    assert status(federation, waiting) == "active"
