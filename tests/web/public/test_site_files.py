"""Files and addresses for machines: robots.txt, favicon.ico, the sitemap, canonical addresses, a slash too many."""

import json
import re
import struct
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from PIL import Image

from node.hq import registry
from node.models import Run
from web.http import security

from ...support.network import LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone

FILES = ("/robots.txt", "/favicon.ico", "/sitemap.xml", "/manifest.webmanifest")
#: The views of the forms that anybody may fill in.
FORMS = (
    "coming.ask",
    "coming.say",
    "inbox.ask",
    "inbox.send_question",
    "inbox.ask_what",
    "inbox.send_report",
    "inbox.wish",
    "inbox.send_wish",
)
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def sitemap(node: LocalNode) -> list[str]:
    """The paths that the sitemap names, each at the node's own address."""
    response = Phone(node).get("/sitemap.xml")
    assert response.mimetype == "application/xml"
    named = [str(one.text) for one in ElementTree.fromstring(response.data).iter(LOC)]  # noqa: S314 - our own
    assert all(one.startswith(node.settings.base_url + "/") for one in named)
    return [one.removeprefix(node.settings.base_url) for one in named]


def canonical(page: str) -> list[str]:
    return re.findall(r'<link rel="canonical" href="([^"]+)">', page)


@pytest.fixture
def two(federation: LocalFederation) -> tuple[LocalNode, LocalNode, Run, Run]:
    """The nodes of London and Peterborough. Each holds a run of both chapters."""
    london, peterborough = federation.add_chapter(LONDON), federation.add_chapter(PETERBOROUGH)
    runs = london.announce(a_run()), peterborough.announce(a_run(name="By the river"))
    federation.clock.tick(minutes=1)
    federation.settle(1)
    return london, peterborough, *runs


def test_the_sitemap_has_our_own_chapter_and_runs_and_no_others(two: tuple[LocalNode, LocalNode, Run, Run]) -> None:
    london, _, run, _ = two
    own = london.chapter_id
    assert sitemap(london) == ["/", f"/chapters/{own}", f"/runs/{own}/{run.id}", "/help", "/privacy"]
    for path in sitemap(london):
        assert Phone(london).get(path).status_code == 200, path


def test_hqs_sitemap_has_the_directory_and_no_chapter(federation: LocalFederation) -> None:
    federation.add_chapter(LONDON).announce(a_run())
    federation.settle(1)
    assert sitemap(federation.hq) == ["/", "/runs", "/chapters", "/help", "/privacy"]


def test_what_hq_does_not_list_is_in_no_sitemap(
    federation: LocalFederation, two: tuple[LocalNode, LocalNode, Run, Run]
) -> None:
    london = two[0]
    with federation.hq.session() as session:
        registry.set_status(session, federation.hq.settings, london.chapter_id, "suspended", federation.clock())
    federation.poll(london, federation.hq)
    assert sitemap(london) == ["/", "/help", "/privacy"]


def test_a_run_that_is_withdrawn_leaves_the_sitemap_with_its_last_date(london: LocalNode) -> None:
    from node.chapter import series

    run = london.announce(a_run())
    with london.session() as session:
        series.withdraw(session, london.settings, run.id, london.clock())
    london.clock.tick(days=30)
    assert not any(run.id in path for path in sitemap(london))


@pytest.mark.parametrize("role", ["chapter", "hq"])
def test_robots_may_read_what_is_public_and_nothing_else(
    federation: LocalFederation, london: LocalNode, role: str
) -> None:
    node = federation.hq if role == "hq" else london
    response = Phone(node).get("/robots.txt")
    assert response.mimetype == "text/plain"
    reader = RobotFileParser()
    reader.parse(response.text.splitlines())
    assert reader.site_maps() == [f"{node.settings.base_url}/sitemap.xml"]
    seen = set()
    for rule in node.app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        audience = "public" if rule.endpoint == "static" else security.audience_of(node.app, rule.endpoint)
        # The forms that anybody may fill in stand among the public pages. Their answers say that they are not to be
        # listed.
        fair = (audience == "public" and path != "/signin") or rule.endpoint in FORMS
        assert reader.can_fetch("any", path) == fair, path
        seen.add((audience, fair))
    assert len(seen) > 3
    assert all(reader.can_fetch("any", path) for path in sitemap(node))


def test_robots_leave_the_views_of_maps_alone_which_have_no_end(london: LocalNode) -> None:
    london.announce(a_run())
    rules = re.findall(r"^Disallow: (.*\*.*)$", Phone(london).get("/robots.txt").text, re.MULTILINE)
    forbidden = re.compile("|".join(re.escape(rule).replace(r"\*", ".*") for rule in rules))
    for path in ("/runs", "/chapters", "/en-us/runs"):
        views = re.findall(r'class="map-view" href="([^"]+)"', Phone(london).get(path).text)
        assert views
        assert all(forbidden.match(view) for view in views)
    assert not any(forbidden.match(path) for path in (*sitemap(london), "/runs?near=London"))


def test_the_icon_is_one_with_three_sizes(london: LocalNode) -> None:
    icon = Phone(london).get("/favicon.ico").data
    assert struct.unpack_from("<HHH", icon) == (0, 1, 3)
    for number, size in enumerate((16, 32, 48)):
        width, height, *_, length, offset = struct.unpack_from("<BBBBHHII", icon, 6 + 16 * number)
        assert (width, height) == (size, size)
        assert icon[offset : offset + 8] == b"\x89PNG\r\n\x1a\n"
        assert offset + length <= len(icon) < 4000


def test_the_manifest_opens_the_first_page_by_the_address_that_all_have(london: LocalNode) -> None:
    response = Phone(london).get("/manifest.webmanifest")
    assert response.mimetype == "application/manifest+json"
    said = json.loads(response.text)
    assert (said["name"], said["start_url"]) == ("Run Talk Run London", "/")
    for icon in said["icons"]:
        with Image.open(BytesIO(Phone(london).get(icon["src"]).data)) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]


@pytest.mark.parametrize("path", FILES)
def test_a_file_of_the_site_sets_no_cookie_and_may_be_kept(london: LocalNode, path: str) -> None:
    for phone in (Phone(london), Phone(london).sign_in()):
        response = phone.get(path)
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
        assert re.fullmatch(r"public, max-age=\d+", response.headers["Cache-Control"])
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", FILES)
def test_a_file_of_the_site_is_on_the_budget_of_pages(london: LocalNode, path: str) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    assert [phone.get(path).status_code for _ in range(121)][-2:] == [200, 429]


@pytest.mark.parametrize("path", FILES)
def test_no_file_of_the_site_is_given_under_another_name(london: LocalNode, path: str) -> None:
    assert london.app.test_client().get(path, base_url="http://evil.example").status_code == 400


def test_a_runs_page_names_the_chapters_own_node_on_every_node(two: tuple[LocalNode, LocalNode, Run, Run]) -> None:
    london, peterborough, run, _ = two
    path = f"/runs/{london.chapter_id}/{run.id}"
    for node in (london, peterborough):
        assert canonical(Phone(node).get(path).text) == [london.settings.base_url + path]
        assert canonical(Phone(node).get(f"{path}?date=2026-06-11").text) == [london.settings.base_url + path]


def test_a_chapters_page_names_the_chapters_own_node_on_every_node(two: tuple[LocalNode, LocalNode, Run, Run]) -> None:
    london, peterborough = two[:2]
    path = f"/chapters/{peterborough.chapter_id}"
    for node in (london, peterborough):
        assert canonical(Phone(node).get(path).text) == [peterborough.settings.base_url + path]


def test_a_first_page_names_its_own_node(federation: LocalFederation, london: LocalNode) -> None:
    for node in (federation.hq, london):
        assert canonical(Phone(node).get("/").text) == [node.settings.base_url + "/"]


@pytest.mark.parametrize("path", ["/help", "/runs", "/chapters", "/privacy", "/signin", "/robots.txt"])
def test_a_slash_too_many_leads_to_the_page(london: LocalNode, path: str) -> None:
    for asked in (f"{path}/", f"{path}//"):
        response = Phone(london).get(f"{asked}?near=London&unit=mi&x=%2F%2F")
        assert response.status_code == 308
        assert response.headers["Location"] == f"{path}?near=London&unit=mi&x=%2F%2F"
    assert Phone(london).client.head(f"{path}/", base_url=london.settings.base_url).status_code == 308


def test_a_slash_after_a_run_a_chapter_and_a_leads_page_is_taken_off(
    two: tuple[LocalNode, LocalNode, Run, Run],
) -> None:
    london, _, run, _ = two
    for path in (f"/runs/{london.chapter_id}/{run.id}", f"/chapters/{london.chapter_id}", "/lead"):
        assert Phone(london).get(f"{path}/").headers["Location"] == path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/", "///evil.example/", "/\\evil.example/", "//evil.example/runs/", "/%2f%2fevil.example/",
        "/%5cevil.example/", "/https://evil.example/", "/.//evil.example/", "/nothing/", "/runs/x/y/z/",
        "/runs/\\r\\nX: y/z/",
    ],
)  # fmt: skip
def test_a_slash_leads_nobody_to_another_host(london: LocalNode, path: str) -> None:
    # Asked as the server reads it, since a client takes two slashes for the name of another host.
    response = Phone(london).get("/", environ_overrides={"PATH_INFO": unquote(path)})
    to = response.headers.get("Location", "")
    assert response.status_code == 404 or re.match(r"(/|http://127\.0\.0\.1:\d+/)(?![/\\])", to), to
    assert "evil" not in to or to.startswith(london.settings.base_url)


def test_a_form_is_not_sent_on(london: LocalNode) -> None:
    assert Phone(london).sign_in().post("/me/sign-out/").status_code == 404


def test_the_protocols_addresses_are_as_it_says(london: LocalNode) -> None:
    response = Phone(london).get("/fed/v1/status/")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_under_another_name_nobody_is_sent_on(london: LocalNode) -> None:
    response = london.app.test_client().get("/runs/", base_url="http://evil.example")
    assert (response.status_code, response.headers.get("Location")) == (400, None)


def test_a_slash_after_a_link_that_lets_somebody_in_is_kept_nowhere(london: LocalNode) -> None:
    lead = london.add_lead()
    with london.session() as session:
        from node.members import sign_in

        token = sign_in.make_link(session, lead.id, london.clock() + timedelta(0))
    response = Phone(london).get(f"/signin/{token}/")
    assert response.headers["Location"] == f"/signin/{token}"
    assert response.headers["Cache-Control"] == "no-store"
