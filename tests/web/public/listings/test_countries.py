"""A search in a country: its border is what chapters say, and no distance from its middle."""

import re
from collections.abc import Iterator
from datetime import date, time
from html import unescape
from xml.etree import ElementTree

import pytest
from icalendar import Calendar

from node.chapter.profile import ProfileInput
from node.places import lookup
from web.public import printed_list

from ....support.network import LONDON, Clock, LocalFederation, LocalNode, a_run
from ....support.taps import cancel
from ....support.web_client import Phone, words

pytestmark = pytest.mark.usefixtures("gazetteer")

KEHL = ProfileInput("Kehl", "Kehl", "DE", "Europe/Berlin")
STRASBOURG = ProfileInput("Strasbourg", "Strasbourg", "FR", "Europe/Paris")
#: On both banks of one river, four kilometres apart.
ON_THE_BRIDGE = {"lat_e4": 485_733, "lon_e4": 78_050, "timezone": "Europe/Berlin"}
ON_THE_QUAY = {"lat_e4": 485_800, "lon_e4": 77_600, "timezone": "Europe/Paris"}
#: Further from the middle of Germany than the circle around it reached.
IN_THE_SOUTH = {"lat_e4": 474_100, "lon_e4": 102_800, "timezone": "Europe/Berlin"}


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    """A phone on London's site. It reads of a chapter in Germany and of one in France, just over the border."""
    federation = LocalFederation(tmp_path_factory.mktemp("countries"), Clock())
    london = federation.add_chapter(LONDON)
    kehl, strasbourg = federation.add_chapter(KEHL), federation.add_chapter(STRASBOURG)
    kehl.announce(a_run(name="Bridge run", **ON_THE_BRIDGE))
    off = kehl.announce(a_run(name="Alpine walk", kind="walk", starts_on=date(2026, 6, 5), **IN_THE_SOUTH))
    cancel(kehl, off, date(2026, 6, 12))
    strasbourg.announce(a_run(name="Quay run", **ON_THE_QUAY))
    strasbourg.announce(a_run(name="Run over the border", starts_at=time(9, 0), **ON_THE_BRIDGE))
    federation.settle()
    yield Phone(london)
    federation.close()


NAMES = ("Bridge run", "Alpine walk", "Quay run", "Run over the border")


def found(page: str) -> list[str]:
    return [name for name in NAMES if name in page]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("near=Germany", ["Bridge run", "Alpine walk"]),
        ("near=Deutschland", ["Bridge run", "Alpine walk"]),
        ("near=Germany+this+week", ["Bridge run", "Alpine walk"]),
        ("near=Germany&from=2026-06-04", ["Bridge run"]),
        ("near=Germany&from=2026-08-07&to=2026-08-09", ["Alpine walk"]),
        ("near=Germany&kind=walk", ["Alpine walk"]),
        ("near=Germany&day=TH", ["Bridge run"]),
        ("near=France", ["Quay run", "Run over the border"]),
        ("near=Kehl", ["Bridge run", "Quay run", "Run over the border"]),
    ],
)
def test_a_country_has_the_runs_of_its_own_chapters_however_far_and_no_neighbours(
    phone: Phone, query: str, names: list[str]
) -> None:
    page = phone.get(f"/runs?{query}", follow_redirects=True).text.partition('class="map"')[0]
    assert found(page) == names


def test_the_page_says_in_and_no_distance(phone: Phone) -> None:
    response = phone.get("/runs?near=Germany")
    page = words(response)
    assert "Runs in Germany, from Monday 1 June to Sunday 14 June." in page
    assert "<title>Runs in Germany" in response.text
    for unwanted in (" away", "Within", "within", "kilomet", "Distance"):
        assert unwanted not in page
    assert 'name="within"' not in response.text
    assert 'class="map-here"' not in response.text
    assert "Runs in the United Kingdom" in words(phone.get("/runs?near=UK"))


@pytest.mark.parametrize("within", ["within=5", "within=5&unit=mi", "within=-1", "within=nonsense", "within=1e9"])
def test_an_old_address_with_a_distance_means_the_country(phone: Phone, within: str) -> None:
    response = phone.get(f"/runs?near=Germany&{within}&kind=walk")
    assert response.status_code == 200
    assert found(response.text.partition('class="map"')[0]) == ["Alpine walk"]
    assert "couldn’t read" not in words(response)
    assert 'href="/runs/calendar.ics?near=Germany&amp;kind=walk"' in response.text
    assert phone.get(f"/runs/calendar.ics?near=Germany&{within}").status_code == 200


def test_a_place_that_was_chosen_by_its_id_is_the_country(phone: Phone) -> None:
    georgia = next(one for one in lookup.resolve("Georgia", "GB").every if one.is_country)
    page = words(phone.get(f"/runs?near=Georgia&place={georgia.id}&within=7"))
    assert "No runs in Georgia from" in page
    assert "Not this Georgia?" in page


def test_each_filter_says_how_many_runs_of_the_country_it_leaves(phone: Phone) -> None:
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", phone.get("/runs?near=Germany").text))
    counts = dict(re.findall(r"(A walk|A run|Friday|Thursday) (\d+) run", page))
    assert counts["A walk"] == counts["Friday"] == counts["Thursday"] == "1"
    away = words(phone.get("/runs?near=Germany&with=sign-language"))
    assert "No runs here have all of that on these dates." in away


def test_a_country_is_read_through_a_slip(phone: Phone) -> None:
    page = words(phone.get("/runs?near=Germnay"))
    assert "You typed “Germnay”. Did you mean Germany? Here’s what we found there." in page
    assert found(page) == ["Bridge run", "Alpine walk"]


def test_a_country_is_a_calendar_and_a_feed(phone: Phone) -> None:
    calendar = Calendar.from_ical(phone.get("/runs/calendar.ics?near=Germany&kind=walk").text)
    assert calendar["X-WR-CALNAME"] == "Runs in Germany: A walk"
    events = sorted((one["DTSTART"].dt.date(), str(one["SUMMARY"])) for one in calendar.walk("VEVENT"))
    assert [day for day, _ in events][:2] == [date(2026, 6, 5), date(2026, 6, 12)]
    assert events[1][1].startswith("Cancelled: ")
    assert all("Alpine walk" in name for _, name in events)
    feed = ElementTree.fromstring(phone.get("/runs/feed.atom?near=Germany").text)  # noqa: S314 - ours
    assert feed.findtext("{http://www.w3.org/2005/Atom}title") == "Runs in Germany"
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 4


def test_more_runs_than_a_page_holds_are_each_seen_once(london: LocalNode) -> None:
    for number in range(50):
        london.announce(a_run(name=f"Run number {number:02}", repeats="once"))
    client, address, seen = Phone(london), "/runs?near=United+Kingdom", []
    while address:
        page = client.get(address).text
        seen.append(re.findall(r"Run number \d\d", page.partition('class="map"')[0]))
        link = re.search(r'href="([^"]*)">More runs', page)
        address = unescape(link[1]) if link else ""
    assert len(seen) == 3
    assert sorted(name for page in seen for name in page) == [f"Run number {number:02}" for number in range(50)]


def test_a_country_without_a_run_says_so_and_shows_itself(phone: Phone) -> None:
    response = phone.get("/runs?near=Fiji")
    page = words(response)
    assert "No runs in Fiji from Monday 1 June to Sunday 14 June. We don’t know of any there or nearby" in page
    assert "Somewhere else tonight" in page
    assert 'id="map"' in response.text
    assert found(page) == []


def test_where_a_country_has_no_run_a_near_one_is_shown_without_a_distance(phone: Phone) -> None:
    page = words(phone.get("/runs?near=Switzerland"))
    assert "No runs in Switzerland" in page
    assert "The nearest is on" in page
    assert "Bridge run" in page
    assert " away" not in page


def test_on_days_without_a_run_the_countrys_own_next_ones_are_shown(phone: Phone) -> None:
    page = words(phone.get("/runs?near=Germany&when=today"))
    assert "No runs in Germany today, Monday 1 June. The next one there is on Thursday 4 June, but" in page
    assert found(page) == ["Bridge run", "Alpine walk"]


def test_where_all_that_was_found_is_off_the_countrys_own_next_ones_are_shown(phone: Phone) -> None:
    page = words(phone.get("/runs?near=Germany&from=2026-06-12"))
    assert "This run isn’t going ahead. The next one there is on" in page
    assert "Quay run" not in page.partition("Somewhere else tonight")[0]
    assert " away" not in page


def test_a_search_in_a_country_is_a_list_to_print(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 'href="/runs/print?near=Germany"' in phone.get("/runs?near=Germany").text
    page = words(phone.get("/runs/print?near=Germany"))
    assert "Runs in Germany" in page
    assert found(page) == ["Bridge run", "Alpine walk"]
    monkeypatch.setattr(printed_list, "MOST", 1)
    cut = phone.get("/runs/print?near=Germany&paper=a5").text
    assert "smaller distance" not in cut
    assert 'href="/runs/print?country=DE"' in cut
