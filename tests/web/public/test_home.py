"""The home page of a chapter and of HQ, and the page that says what a node keeps."""

import re
from datetime import date, time
from pathlib import Path

import pytest

from node.chapter import dates

from ...support.many_chapters import list_many
from ...support.network import PETERBOROUGH, Clock, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words


def test_the_home_shows_the_next_run_its_state_and_its_place(london: LocalNode) -> None:
    london.announce(a_run(look_for="someone in an orange cap"))
    page = words(Phone(london).get("/"))
    assert "Thursday 4 June, 18:30" in page
    assert "Not confirmed yet" in page
    assert "The Monument , Fish Street Hill, London EC3R" in page
    assert "If it goes ahead, someone will be there from 18:20. Look for: someone in an orange cap" in page
    assert "Up to date at 10:00." in page


def test_for_whom_it_is_stands_on_the_home(london: LocalNode) -> None:
    london.announce(a_run(audience="women"))
    page = words(Phone(london).get("/"))
    assert page.index("Next run") < page.index("For women.") < page.index("What happens")


def test_of_several_runs_the_next_is_large_and_the_rest_follow(london: LocalNode) -> None:
    london.announce(a_run())
    london.announce(a_run(name="Sunday walk", starts_on=date(2026, 5, 31), starts_at=time(9, 30)))
    page = words(Phone(london).get("/"))
    assert page.index("Thursday 4 June, 18:30") < page.index("More dates") < page.index("Sunday 7 June, 09:30")


def test_a_cancelled_run_is_followed_by_the_next_that_is_on(london: LocalNode) -> None:
    run = london.announce(a_run())
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, date(2026, 6, 4), "weather", "Ice", london.clock())
        dates.confirm(session, london.settings, run.id, date(2026, 6, 18), london.clock())
    page = words(Phone(london).get("/"))
    assert "Cancelled" in page
    assert "It’s because of the weather. Ice" in page
    assert "Fish Street Hill" not in page
    assert (
        page.index("Cancelled") < page.index("The next run that’s going ahead") < page.index("Thursday 18 June, 18:30")
    )


def test_of_one_hour_what_is_promised_comes_first_and_what_is_off_last(london: LocalNode) -> None:
    off, _, sure = (london.announce(a_run(name=name)).id for name in ("Canal run", "Market run", "Tower run"))
    with london.session() as session:
        dates.cancel(session, london.settings, off, date(2026, 6, 4), "weather", "", london.clock())
        dates.confirm(session, london.settings, sure, date(2026, 6, 4), london.clock())
    page = words(Phone(london).get("/"))
    order = ["Next run · Tower run", "More dates", "Market run", "Canal run", "Cancelled"]
    assert [page.index(one) for one in order] == sorted(page.index(one) for one in order)


def test_where_none_is_confirmed_the_next_is_not_promised(london: LocalNode) -> None:
    run = london.announce(a_run())
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, date(2026, 6, 4), "weather", "", london.clock())
    page = words(Phone(london).get("/"))
    order = [
        "The next one isn’t confirmed yet Please wait until it’s confirmed before you set off.",
        "Thursday 11 June, 18:30",
    ]
    assert page.index(order[0]) < page.index(order[1])
    assert "The next run that’s going ahead" not in page


def test_a_run_that_has_begun_makes_room_for_the_next(london: LocalNode) -> None:
    run = london.announce(a_run())
    london.clock.tick(days=3)
    with london.session() as session:
        dates.confirm(session, london.settings, run.id, date(2026, 6, 4), london.clock())
    london.clock.tick(hours=8, minutes=40)
    page = words(Phone(london).get("/"))
    order = [
        "Thursday 11 June, 18:30",
        "Already under way",
        "Tonight, Thursday 4 June 18:30",
        "Started at 18:30. They’ve already set off.",
    ]
    assert [page.index(part) for part in order] == sorted(page.index(part) for part in order)


def test_peterboroughs_page_leads_to_its_own_runs(tmp_path: Path, clock: Clock, gazetteer: None) -> None:
    node = LocalNode(tmp_path / "peterborough", clock, 8102)
    node.found_chapter(PETERBOROUGH)
    link = re.search(r'href="(/runs\?near=[^"]+)"', Phone(node).get("/").text)
    assert link
    assert "of Peterborough, England, United Kingdom" in words(Phone(node).get(link[1]))
    node.close()


def test_a_chapter_without_runs_says_so_and_leads_on(london: LocalNode) -> None:
    response = Phone(london).get("/")
    assert "No runs at the moment" in words(response)
    assert 'href="/runs?near=London,+GB"' in response.text


def test_the_guidelines_stand_on_the_home(london: LocalNode) -> None:
    page = words(Phone(london).get("/"))
    for guideline in (
        "slowest person sets the pace",
        "don’t give advice",
        "What’s said on the run stays on the run",
        "isn’t a race",
        "tracked",
    ):
        assert guideline in page


def test_no_page_says_how_many_come(london: LocalNode) -> None:
    london.announce(a_run())
    for path in ("/", "/runs"):
        assert "going" not in words(Phone(london).get(path)).lower()


def test_every_page_is_one_tap_from_help_and_names_its_language(london: LocalNode) -> None:
    for path in ("/", "/runs", "/chapters", "/privacy", "/signin", "/nothing-here"):
        page = Phone(london).get(path).text
        assert 'href="/help"' in page.partition("<main")[0], path
        assert '<html lang="en-GB" dir="ltr">' in page
        assert page.count("<h1") == 1, path
        assert 'class="skip" href="#main"' in page


def test_a_node_without_an_hq_offers_no_letter_to_it(london: LocalNode) -> None:
    assert "mailto:" not in Phone(london).get("/").text


def test_hqs_address_is_offered_where_hq_is_known(federation: LocalFederation) -> None:
    from ...support.network import LONDON

    node = federation.add_chapter(LONDON)
    page = Phone(node).get("/").text
    assert ">I’d like a run here</a>" in page
    assert "mailto:hq@example.org?subject=Something%20didn%E2%80%99t%20feel%20right" in page


def test_a_registry_past_its_time_is_said_on_every_page(federation: LocalFederation) -> None:
    from ...support.network import LONDON

    node = federation.add_chapter(LONDON)
    assert "We haven’t heard from HQ" not in Phone(node).get("/").text
    federation.clock.tick(days=8)
    page = Phone(node).get("/").text
    assert "We haven’t heard from HQ since Monday 1\u00a0June" in page


def test_hqs_own_pages_never_say_that_hq_has_not_been_heard_from(federation: LocalFederation) -> None:
    federation.clock.tick(days=8)
    page = Phone(federation.hq).get("/").text
    assert "mailto:hq@example.org?subject=Something%20didn%E2%80%99t%20feel%20right" in page
    assert "We haven’t heard from HQ" not in page


def test_hqs_home_says_what_this_is_and_how_to_find_a_run(federation: LocalFederation) -> None:
    from ...support.network import LONDON

    federation.add_chapter(LONDON)
    federation.settle()
    response = Phone(federation.hq).get("/")
    assert "Run, and talk about how you really are" in words(response)
    assert "London" in words(response)
    assert "hq@example.org" in words(response)
    assert 'action="/runs#found"' in response.text
    assert "/lead" not in response.text


def test_a_chapter_that_hq_has_suspended_shows_no_runs_of_its_own(federation: LocalFederation) -> None:
    from node.hq import registry

    from ...support.network import LONDON

    node = federation.add_chapter(LONDON)
    node.announce(a_run())
    with federation.hq.session() as session:
        registry.set_status(session, federation.hq.settings, node.chapter_id, "suspended", federation.clock())
    federation.settle()
    page = words(Phone(node).get("/"))
    assert "HQ doesn’t list this chapter at the moment" in page
    assert "Thursday evening run" not in page


def test_the_page_on_what_is_kept_credits_geonames(london: LocalNode) -> None:
    page = words(Phone(london).get("/privacy"))
    assert "We set no cookies" in page
    assert "GeoNames" in page
    assert "CC BY 4.0" in page


@pytest.mark.parametrize(("chapters", "leads_on"), [(24, False), (25, True)])
def test_hqs_home_names_a_few_chapters_and_of_many_leads_to_the_search(
    federation: LocalFederation, chapters: int, leads_on: bool
) -> None:
    list_many(federation.hq, chapters)
    page = Phone(federation.hq).get("/").text
    assert len(re.findall(r'href="/chapters/\w+"', page)) == (0 if leads_on else 24)
    assert ('action="/chapters"' in page) == (">All chapters</a>" in page) == leads_on


def test_the_page_on_what_is_kept_credits_where_postcodes_come_from(london: LocalNode) -> None:
    page = words(Phone(london).get("/privacy"))
    assert "Source: Office for National Statistics licensed under the Open Government Licence v.3.0" in page
    assert "Contains OS data © Crown copyright and database right 2025" in page
    assert "Contains Royal Mail data © Royal Mail copyright and database right 2025" in page
    assert "zipcodes" in page
