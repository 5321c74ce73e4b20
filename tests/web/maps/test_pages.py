"""The maps of the search, of the chapters and of HQ's home page, as a browser gets them."""

import gzip
import html
import re
from collections.abc import Iterator
from datetime import date, time
from urllib.parse import parse_qs, urlsplit

import pytest

from federation.documents import MeetingPoint
from node.chapter import dates
from node.models import Run

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone

pytestmark = pytest.mark.usefixtures("gazetteer")

THURSDAY = date(2026, 6, 4)
_PINS = re.compile(r'<a href="([^"]*)" aria-label="([^"]*)" class="map-pin( map-off)?" transform=')


def shown(page: str) -> str:
    """The map of a page."""
    return page.partition('<section class="map"')[2].partition("</section>")[0]


def pins(page: str) -> list[tuple[str, str, str]]:
    """(address, words, class) of each pin."""
    return [(html.unescape(href), html.unescape(words), off) for href, words, off in _PINS.findall(shown(page))]


def transforms(page: str) -> list[str]:
    """How the land of a map is moved and enlarged: another view has another one."""
    return re.findall(r'<g transform="([^"]*)"', shown(page))


def at(node: LocalNode, lat: float, lon: float, name: str, **changes: object) -> Run:
    return node.announce(a_run(name=name, point_name=name, lat_e4=round(lat * 1e4), lon_e4=round(lon * 1e4), **changes))


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london)


@pytest.fixture
def both(federation: LocalFederation) -> Iterator[LocalFederation]:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    london.announce(a_run())
    at(brisbane, -27.477, 153.02, "Dawn walk", timezone="Australia/Brisbane", starts_at=time(6, 0))
    federation.settle()
    federation.london = london
    return federation


def test_a_run_near_the_place_is_a_pin_with_a_name_that_leads_to_its_date(phone: Phone, run: Run) -> None:
    (pin,) = pins(phone.get("/runs?near=London").text)
    assert pin[0].endswith(f"/{run.id}?date=2026-06-04")
    assert pin[1] == "Thursday evening run, The Monument, London: Thursday 4\u00a0June, 18:30"
    assert phone.get(pin[0]).status_code == 200
    assert "The Monument" in shown(phone.get("/runs?near=London").text)


def test_a_run_that_is_off_is_a_pin_that_says_so(phone: Phone, run: Run) -> None:
    node = phone.node
    with node.session() as session:
        dates.cancel(session, node.settings, run.id, THURSDAY, "weather", "", node.clock())
    (pin,) = pins(phone.get("/runs?near=London&when=days&from=2026-06-04").text)
    assert pin[1].endswith("18:30. Cancelled")
    assert pin[2]


def test_a_planned_gap_is_a_pin_that_says_what_the_list_beside_it_says(phone: Phone) -> None:
    phone.node.announce(a_run(exdates=(THURSDAY,)))
    page = phone.get("/runs?near=London&when=days&from=2026-06-04&to=2026-06-04").text
    (pin,) = pins(page)
    assert pin[1].endswith("18:30. No run on this date")
    assert pin[2]
    assert page.count("No run on this date") > 1


def test_a_run_that_moved_is_drawn_where_it_is_held(phone: Phone, run: Run) -> None:
    node = phone.node
    before = shown(phone.get("/runs?near=London&map=51.51,-0.09,10").text)
    with node.session() as session:
        elsewhere = MeetingPoint(name="Tower Hill", lat_e4=515101, lon_e4=-560, address="", directions="")
        dates.move(session, node.settings, run.id, THURSDAY, None, elsewhere, "", node.clock())
    after = shown(phone.get("/runs?near=London&map=51.51,-0.09,10").text)
    assert "Tower Hill" in after
    assert "Tower Hill" not in before


def test_runs_that_crowd_are_a_cluster_that_counts_runs_and_leads_closer(phone: Phone) -> None:
    for number in range(4):
        at(phone.node, 51.50 + number / 100, -0.09, f"Run {number}")
    far = phone.get("/runs?near=London&map=51.5,-0.1,5").text
    (cluster,) = pins(far)
    assert cluster[1] == "4 runs near London: a closer view"
    for _ in range(3):
        assert urlsplit(cluster[0]).fragment == "map"
        apart = pins(phone.get(cluster[0]).text)
        cluster = apart[0]
        if len(apart) > 1:
            return
    raise AssertionError("they stay together")


def test_runs_at_one_point_lead_to_their_list(phone: Phone) -> None:
    for number in range(2):
        at(phone.node, 51.51, -0.09, f"Run {number}")
    (cluster,) = pins(phone.get("/runs?near=London").text)
    assert cluster[1] == "2 runs: a list"
    listed = phone.get(cluster[0]).text
    assert "Run 0" in listed
    assert "Run 1" in listed


def test_the_searched_place_under_a_cluster_is_named_by_the_cluster(phone: Phone) -> None:
    for number in range(2):
        at(phone.node, 51.50 + number / 100, -0.12, f"Run {number}")
    names = re.findall(
        r'<text class="map-name[^>]*>([^<]*)<', shown(phone.get("/runs?near=London&map=51.5,-0.1,6").text)
    )
    assert names.count("London") == 1


@pytest.mark.parametrize("runs", [1, 2])
@pytest.mark.parametrize("off", [0.0, 0.004, 0.02])
def test_the_ring_of_the_searched_place_is_around_a_pin_that_it_would_lie_under(
    phone: Phone, runs: int, off: float
) -> None:
    for number in range(runs):
        at(phone.node, 51.5085 + off, -0.1257, f"Run {number}")
    drawn = shown(phone.get("/runs?near=London&map=51.5,-0.1,6").text)
    x, y, ring = map(float, one(r'<circle class="map-here" cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', drawn))
    across, down = map(float, one(r'class="map-pin" transform="translate\(([\d.]+) ([\d.]+)\)"', drawn))
    assert (x, y) == (across, down)
    assert ring == {1: 16, 2: 17}[runs]
    # The one name stands beyond the ring.
    at_x, at_y = map(float, one(r'<text class="map-name map-own" x="([\d.]+)" y="([\d.]+)"[^>]*>[^<]*London', drawn))
    assert abs(at_x - x) > ring or abs(at_y - y) > ring


def test_the_ring_of_the_searched_place_away_from_pins_is_small_and_no_name_lies_over_it(phone: Phone) -> None:
    at(phone.node, 51.30, -0.1257, "South")
    drawn = shown(phone.get("/runs?near=London&map=51.5,-0.1,6").text)
    _, y, ring = map(float, one(r'<circle class="map-here" cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', drawn))
    assert ring == 5
    assert y < float(one(r'class="map-pin" transform="translate\(([\d.]+) ([\d.]+)\)"', drawn)[1])


def one(pattern: str, drawn: str) -> tuple[str, ...]:
    """The parts of the only place in a map that is so."""
    (found,) = re.findall(pattern, drawn)
    return tuple(found)


def test_an_area_without_runs_is_drawn_with_the_place_alone(phone: Phone) -> None:
    page = phone.get("/runs?near=London").text
    assert pins(page) == []
    assert "map-here" in page
    assert "map-land" in page


def test_a_directory_without_runs_has_no_map(phone: Phone) -> None:
    assert shown(phone.get("/runs").text) == ""
    assert shown(phone.get("/chapters").text) == ""


@pytest.mark.parametrize(("lat", "lon"), [(-17.7, 179.99), (-17.7, -179.99), (64.8, -179.5), (89.9, 10), (-89.9, 0)])
def test_a_run_at_an_edge_of_the_world_has_its_pin(phone: Phone, lat: float, lon: float) -> None:
    at(phone.node, lat, lon, "At the edge")
    for address in ("/runs", f"/runs?near={lat},{lon}", "/chapters"):
        assert [words for _, words, _ in pins(phone.get(address).text)], address


def test_the_map_of_all_shows_every_chapters_runs(both: LocalFederation) -> None:
    for node, path in ((both.hq, "/"), (both.london, "/chapters"), (both.london, "/runs")):
        words = [words for _, words, _ in pins(Phone(node).get(path).text)]
        assert len(words) == 2, path
        assert any("Dawn walk" in one for one in words)


def test_a_chapter_that_is_no_longer_listed_has_no_pin(both: LocalFederation) -> None:
    brisbane = next(
        node for node in both.wire.nodes.values() if getattr(node, "chapter_id", "") and node is not both.london
    )
    both.set_status(brisbane, "suspended")
    both.settle()
    assert [words for _, words, _ in pins(Phone(both.london).get("/chapters").text) if "Dawn walk" in words] == []


def test_a_link_of_the_map_keeps_the_search_and_changes_the_view_alone(phone: Phone, run: Run) -> None:
    page = shown(phone.get("/runs?near=London&within=5&map=51.5,-0.1,8").text)
    links = [html.unescape(one) for one in re.findall(r'class="(?:map-view|tap)" href="([^"]*)"', page)]
    asked = [parse_qs(urlsplit(one).query) for one in links]
    closer, further, *moved, whole = [one.pop("map", [""])[0] for one in asked]
    assert (closer, further, whole) == ("51.5,-0.1,9", "51.5,-0.1,7", "")
    assert moved == ["51.5,-0.8,8", "51.85,-0.1,8", "51.15,-0.1,8", "51.5,0.6,8"], "west, north, south, east"
    assert all(one == {"near": ["London"], "within": ["5"]} for one in asked)


def test_a_map_of_everything_that_was_found_leads_nowhere_beside_it(phone: Phone, run: Run) -> None:
    page = shown(phone.get("/runs?near=London&within=5").text)
    assert 'aria-label="Zoom in"' in page
    assert "Move the map" not in page


@pytest.mark.parametrize("asked", ["x", "91,0,3", "0,0,99", '"><script>', "0" * 300])
def test_a_view_that_there_is_not_is_the_one_that_fits(phone: Phone, run: Run, asked: str) -> None:
    answer = phone.get("/runs", query_string={"near": "London", "map": asked})
    assert answer.status_code == 200
    assert transforms(answer.text) == transforms(phone.get("/runs?near=London").text)


@pytest.mark.parametrize("name", ['<svg onload="x">', "]]></text>", "\u202ereversed", "الحديقة", "﷽﷽﷽", "W" * 60])
def test_a_hostile_name_is_text(phone: Phone, name: str) -> None:
    at(phone.node, 51.51, -0.09, name)
    page = phone.get("/runs?near=London").text
    assert len(pins(page)) == 1
    assert "<svg onload" not in page
    assert shown(page).count("<svg") == shown(page).count("</svg>") == 1


def test_a_map_asks_nobody_and_has_no_style_of_its_own(phone: Phone, run: Run) -> None:
    page = shown(phone.get("/runs?near=London").text)
    assert not re.search(r'style=|<script|<image|href="(?!/)', page)


def test_the_map_of_a_country_is_small(phone: Phone, run: Run) -> None:
    for view in ("54.5,-3,3.5", "62,8,4", "64,-95,2.5", "38,24,5", "-2,118,3", "55,-130,4", "-50,-73,4.5"):
        page = phone.get(f"/runs?near=London&map={view}").text
        assert len(gzip.compress(shown(page).encode())) <= 12_000, view
        assert len(page.encode()) <= 60_000, view
