"""Headers, hosts, forged requests, compression, sizes."""

import gzip

import pytest

from node.directory import chapters
from web.http import security

from ...support.network import LocalNode, a_run
from ...support.web_client import Phone

EVERYWHERE = ("/", "/runs", "/help", "/nothing-here", "/lead", "/signin", "/fed/v1/status", "/fed/v1/documents/x")


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_security_headers(london: LocalNode, path: str) -> None:
    response = Phone(london).get(path)
    wanted = security.HEADERS | ({"Referrer-Policy": "strict-origin"} if path == "/signin" else {})
    assert {name: response.headers.get(name) for name in wanted} == wanted


def test_static_files_carry_them_too(london: LocalNode) -> None:
    assert Phone(london).get("/static/site.css").headers["X-Content-Type-Options"] == "nosniff"


def test_the_policy_allows_nothing_inline_and_nobody_else(london: LocalNode) -> None:
    policy = Phone(london).get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:9999", "localhost:8101", ""])
@pytest.mark.parametrize("path", ["/", "/lead/", "/chapters/", "/fed/v1/status"])
def test_an_unknown_host_is_refused_before_it_can_be_reflected(london: LocalNode, host: str, path: str) -> None:
    response = london.app.test_client().get(path, headers={"Host": host})
    assert response.status_code == 400
    assert host not in response.text or not host
    assert "Location" not in response.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8101"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8102"},
        {},
    ],
)
def test_a_form_from_elsewhere_does_nothing_for_a_lead(london: LocalNode, headers: dict[str, str]) -> None:
    run = london.announce(a_run())
    phone = Phone(london).sign_in()
    path = f"/lead/runs/{run.id}/dates/2026-06-04/confirm"
    response = phone.client.post(path, base_url=london.settings.base_url, headers=headers)
    assert response.status_code == 403
    assert "Not confirmed yet" in phone.get("/").text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://127.0.0.1:8101"}]
)
def test_our_own_form_is_taken(london: LocalNode, headers: dict[str, str]) -> None:
    run = london.announce(a_run())
    phone = Phone(london).sign_in()
    path = f"/lead/runs/{run.id}/dates/2026-06-04/confirm"
    assert phone.client.post(path, base_url=london.settings.base_url, headers=headers).status_code == 303


def test_another_node_needs_neither_header_nor_cookie(london: LocalNode) -> None:
    response = london.app.test_client().put(
        "/fed/v1/documents/x", data=b"{}", content_type="application/json", base_url=london.settings.base_url
    )
    assert response.status_code in (404, 422)


@pytest.mark.parametrize("path", ["/lead", "/me/phones", "/lead/profile", "/lead/nothing-here", "/signin/token"])
def test_no_private_page_is_kept_anywhere(london: LocalNode, path: str) -> None:
    response = Phone(london).sign_in().get(path)
    assert response.headers["Cache-Control"] == "no-store"
    assert "Cookie" in response.vary


@pytest.mark.parametrize("path", ["/", "/runs", "/chapters", "/help", "/nothing-here"])
def test_a_public_page_is_asked_for_again_each_time(london: LocalNode, path: str) -> None:
    assert Phone(london).get(path).headers["Cache-Control"] == "no-cache"


def test_public_pages_do_not_vary_by_cookie(london: LocalNode) -> None:
    assert "Cookie" not in Phone(london).sign_in().get("/").vary


def test_a_form_that_says_what_to_change_leaves_compressed(london: LocalNode) -> None:
    response = Phone(london).sign_in().post("/lead/runs/new", headers={"Accept-Encoding": "gzip"})
    assert response.status_code == 422
    assert response.headers["Content-Encoding"] == "gzip"
    assert b"What to change" in gzip.decompress(response.data)


def test_a_long_page_leaves_compressed(london: LocalNode) -> None:
    response = Phone(london).get("/help", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response.vary
    assert b"Samaritans" in gzip.decompress(response.data)


@pytest.mark.parametrize("asked", ["", "br", "gzip;q=0", "identity"])
def test_who_cannot_unpack_it_gets_it_plain(london: LocalNode, asked: str) -> None:
    response = Phone(london).get("/help", headers={"Accept-Encoding": asked})
    assert "Content-Encoding" not in response.headers
    assert "Samaritans" in response.text


def test_the_change_feed_leaves_compressed(london: LocalNode) -> None:
    response = Phone(london).get("/fed/v1/changes", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.data) == Phone(london).get("/fed/v1/changes").data


def test_a_stored_document_is_left_as_its_author_sealed_it(london: LocalNode) -> None:
    with london.session() as session:
        own = chapters.own_id(session)
    response = Phone(london).get(f"/fed/v1/documents/{own}", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers


def test_a_static_file_with_its_mark_is_kept_for_a_year(london: LocalNode) -> None:
    with london.app.test_request_context(base_url=london.settings.base_url):
        from web.http.assets import asset

        path = asset("site.css")
    assert "max-age=31536000" in Phone(london).get(path).headers["Cache-Control"]
    assert "max-age=31536000" not in Phone(london).get("/static/site.css").headers["Cache-Control"]


def test_a_first_visit_is_small(london: LocalNode) -> None:
    london.announce(a_run())
    phone = Phone(london)
    paths = ("/", "/static/theme.css", "/static/site.css", "/static/mark.svg", "/static/icon.svg")
    sizes = [len(phone.get(path, headers={"Accept-Encoding": "gzip"}).data) for path in paths]
    assert sum(sizes) < 60_000


def test_pages_ask_nobody_else_for_anything(london: LocalNode) -> None:
    import re

    for path in ("/", "/runs", "/help", "/privacy", "/chapters", "/signin"):
        # A browser fetches neither a canonical address nor another form of the page.
        page = re.sub(r"<link rel=\"(?:canonical|alternate)\"[^>]*>", "", Phone(london).get(path).text)
        fetched = re.findall(r"<(?:img|script|link|iframe)[^>]*(?:src|href)=\"([^\"]+)\"", page)
        assert fetched
        assert all(address.startswith("/static/") or address == "/manifest.webmanifest" for address in fetched), path


def test_a_request_that_is_too_long_is_refused_in_words(london: LocalNode) -> None:
    response = Phone(london).sign_in().post("/lead/profile", data={"about": "x" * 300_000})
    assert response.status_code == 413
    assert "longer than this page can take" in response.text
