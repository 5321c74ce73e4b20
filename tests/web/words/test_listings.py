"""The facts of a listing in words, and the page of a chapter that is not listed any more."""

from datetime import date
from typing import Any

import pytest

from federation.documents import Schedule
from federation.words import Status
from node.chapter import publishing
from node.chapter.listing import schedule_of
from node.hq import registry
from node.models import Run
from web.language.days import breakable
from web.words import listings

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

FIRST_VISIT = 60 * 1024


def schedule(**changes: Any) -> Schedule:
    """The listing of a run on Sunday 7 June 2026, with `changes`."""
    return schedule_of(Run(**a_run(**{"starts_on": date(2026, 6, 7)} | changes).columns()))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Every Sunday"),
        ({"repeats": "fortnightly", "starts_on": date(2026, 6, 4)}, "Every other Thursday"),
        ({"repeats": "monthly"}, "The first Sunday of the month"),
        ({"repeats": "monthly", "starts_on": date(2026, 6, 10)}, "The second Wednesday of the month"),
        ({"repeats": "monthly", "starts_on": date(2026, 5, 31)}, "The last Sunday of the month"),
        ({"repeats": "monthly-last", "starts_on": date(2026, 6, 25)}, "The last Thursday of the month"),
        ({"repeats": "once"}, "Once, on Sunday 7 June 2026"),
        ({"until": date(2026, 12, 31)}, "Every Sunday, until 31 December 2026"),
    ],
)
def test_how_often_a_run_is_held_is_said_as_people_say_it(
    london: LocalNode, changes: dict[str, Any], said: str
) -> None:
    with london.app.test_request_context(base_url=london.settings.base_url):
        assert breakable(listings.how_often(schedule(**changes))) == said


def test_what_a_lead_does_not_say_is_not_said(london: LocalNode) -> None:
    run = london.announce(a_run())
    page = words(Phone(london).get(f"/runs/{own(london)}/{run.id}"))
    for unsaid in ("Facilities", "Who it’s for", "Age", "Languages", "Photos", "Bank holidays", "For everyone"):
        assert unsaid not in page
    assert "Cost Free" in page


def test_whom_a_run_is_for_is_said_before_anybody_travels(london: LocalNode) -> None:
    run = london.announce(a_run(audience="over-60"))
    page = words(Phone(london).get(f"/runs/{own(london)}/{run.id}"))
    assert "For people over 60." in page.partition("Where")[0]
    assert "For people over 60." in words(Phone(london).get("/runs"))


def test_a_run_that_is_held_once_has_one_date(london: LocalNode) -> None:
    run = london.announce(a_run(repeats="once"))
    page = words(Phone(london).get(f"/runs/{own(london)}/{run.id}"))
    assert "Thursday 4 June, 18:30" in page
    assert "Upcoming dates" not in page


def test_a_first_visit_to_a_full_page_is_light(london: LocalNode) -> None:
    full = {"facilities": ("toilets", "water", "lit"), "what_happens": "x " * 499, "accessibility": "y " * 499}
    run = london.announce(a_run(**full))
    phone = Phone(london)
    path = f"/runs/{own(london)}/{run.id}"
    assets = [address for address in phone.get(path).text.split('"') if address.startswith("/static/")]
    assert assets
    # As a browser asks for them: what counts is what goes over the wire.
    packed = {"Accept-Encoding": "gzip"}
    assert sum(len(phone.get(address, headers=packed).data) for address in [path, *assets]) < FIRST_VISIT


@pytest.mark.parametrize("path", ["/chapters/{chapter}", "/runs/{chapter}/{run}"])
def test_a_chapter_that_goes_on_under_another_id_leads_to_its_new_page(federation: LocalFederation, path: str) -> None:
    former, new = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = former.announce(a_run())
    federation.settle()
    with federation.hq.session() as session:
        at = federation.clock.tick(seconds=5)
        registry.let_replace(session, federation.hq.settings, new.chapter_id, former.chapter_id, at)
    set_status(federation, former, "left")
    response = Phone(new).get(path.format(chapter=former.chapter_id, run=run.id))
    assert response.status_code == 404
    assert "Brisbane has a new page HQ says that the chapter has moved there." in words(response)
    assert f'href="/chapters/{new.chapter_id}"' in response.text


@pytest.mark.parametrize("status", ["left", "suspended"])
def test_a_chapter_that_hq_does_not_list_says_so_and_sends_nobody_there(
    federation: LocalFederation, status: Status
) -> None:
    former, reader = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = former.announce(a_run())
    federation.settle()
    set_status(federation, former, status)
    for path in (f"/chapters/{former.chapter_id}", f"/runs/{former.chapter_id}/{run.id}"):
        response = Phone(reader).get(path)
        assert response.status_code == 404
        assert "HQ doesn’t list it at the moment. Please don’t travel to any of its runs." in words(response)
        assert "Thursday evening run" not in words(response)


def set_status(federation: LocalFederation, node: LocalNode, status: Status) -> None:
    federation.set_status(node, status)
    federation.settle()


def own(node: LocalNode) -> str:
    with node.session() as session:
        return publishing.build(session, node.clock()).chapter
