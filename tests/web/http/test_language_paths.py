"""The language of a page: by the first part of its address, or else by the browser. No cookie."""

import re
from xml.etree import ElementTree

import pytest

from node.models import Run
from web.language import LANGUAGES

from ...support.network import LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

AMERICAN = {"Accept-Language": "en-US,en;q=0.9"}
ALTERNATE = re.compile(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">')
#: What a page leads to on its own site, beside its style sheets, its other languages and its canonical address.
LINK = re.compile(r'<(?:a|form)[^>]* (?:href|action|formaction)="(/[^"]*)"(?![^>]*hreflang)')


def language_of(page: str) -> str:
    (found,) = re.findall(r'<html lang="([^"]+)" dir="ltr">', page)
    return str(found)


def test_the_address_decides_and_every_link_of_the_page_stays_in_its_language(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    for path in ("/", "/runs", "/runs?near=London", "/chapters", "/help", "/privacy", "/signin", "/contact"):
        answer = phone.get(f"/en-us{path}")
        assert language_of(answer.text) == "en-US"
        links = LINK.findall(answer.text)
        assert len(links) >= 6
        assert [link for link in links if not link.startswith("/en-us/")] == []
        assert "Accept-Language" not in answer.headers.get("Vary", "")
        assert "Set-Cookie" not in answer.headers


def test_leads_stay_in_the_language_of_the_address_through_forms_and_redirects(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    away = phone.get("/en-us/lead")
    assert away.headers["Location"] == "/en-us/signin"
    phone.sign_in()
    board = phone.get("/en-us/lead")
    assert "Thursday, June 4" in words(board)
    assert [link for link in LINK.findall(board.text) if not link.startswith("/en-us/")] == []
    tapped = phone.tap(f"/en-us/lead/runs/{run.id}/dates/2026-06-04/confirm")
    assert tapped.status_code == 303
    assert tapped.headers["Location"].startswith("/en-us/lead")
    form = phone.get(f"/en-us/lead/runs/{run.id}/edit").text
    assert f'action="/en-us/lead/runs/{run.id}/edit"' in form


def test_without_a_language_in_the_address_the_browser_decides_and_the_answer_says_so(
    london: LocalNode, run: Run
) -> None:
    phone = Phone(london)
    for path in ("/", "/runs", "/signin", "/nowhere"):
        for headers, expected in ((AMERICAN, "en-US"), ({"Accept-Language": "en-AU"}, "en-GB"), ({}, "en-GB")):
            answer = phone.get(path, headers=headers)
            assert language_of(answer.text) == expected
            assert "Accept-Language" in answer.headers["Vary"]


def test_a_kept_page_is_never_shown_in_another_language_nor_with_links_to_another(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    for _ in range(2):
        assert 'href="/en-us/runs"' in phone.get("/en-us/").text
        assert 'href="/runs"' in phone.get("/", headers=AMERICAN).text
        assert "Thursday, June 4" in words(phone.get("/", headers=AMERICAN))
        british = phone.get("/en-gb/", headers=AMERICAN)
        assert "Thursday 4 June" in words(british)
        assert 'href="/en-gb/runs"' in british.text


@pytest.mark.parametrize(
    "path",
    [
        *("/fr-fr/", "/en-us/en-us/", "/en-us/en-gb/runs", "/en-us/fed/v1/status", "/en-us/static/site.css"),
        *("/en-us/robots.txt", "/en-us/sitemap.xml", "/en-us/offline.js", "/EN-US/static/site.css", "/en-us/nowhere/"),
        *("/EN-us/nowhere", "/en_us/runs", "/en-us/EN-GB/runs", "/en-us/fed/v1/status/", "/static/en-us/site.css"),
    ],
)
def test_any_other_beginning_is_the_page_for_what_is_not_there(london: LocalNode, path: str) -> None:
    answer = Phone(london).get(path)
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/en-us", "/en-us/"),
        ("/EN-us/", "/en-us/"),
        ("/En-Us/runs?near=Leeds", "/en-us/runs?near=Leeds"),
        ("/en-us/runs/", "/en-us/runs"),
        ("/EN-US/runs//", "/en-us/runs"),
    ],
)
def test_an_address_that_is_almost_one_leads_to_it(london: LocalNode, path: str, leads_to: str) -> None:
    answer = Phone(london).get(path)
    assert (answer.status_code, answer.headers["Location"]) == (308, leads_to)


@pytest.mark.parametrize("path", ["/en-us//evil.example/", "/EN-us//evil.example/", "/en-us/\\evil.example/"])
def test_no_address_leads_to_another_host(london: LocalNode, path: str) -> None:
    leads_to = Phone(london).get(path).headers.get("Location", "/en-us/")
    assert re.match(rf"(?:{re.escape(london.settings.base_url)})?/en-us/", leads_to)


@pytest.mark.parametrize(
    "accepted", ["x" * 8000, "en-US;q=x," * 800, "*", ";;,,==", "en-US;q=0", "\xff\xfe", "i-klingon"]
)
def test_a_header_that_makes_no_sense_gets_the_first_language(london: LocalNode, accepted: str) -> None:
    assert language_of(Phone(london).get("/help", headers={"Accept-Language": accepted}).text) == "en-GB"


def test_a_public_page_names_its_versions_and_the_one_for_everybody(london: LocalNode, run: Run) -> None:
    base = london.settings.base_url
    for prefix in ("", "/en-us", "/en-gb"):
        page = Phone(london).get(f"{prefix}/runs?near=Leeds&when=week").text
        assert ALTERNATE.findall(page) == [
            ("en-GB", f"{base}/en-gb/runs?near=Leeds&amp;when=week"),
            ("en-US", f"{base}/en-us/runs?near=Leeds&amp;when=week"),
            ("x-default", f"{base}/runs?near=Leeds&amp;when=week"),
        ]
        assert f'<meta property="og:url" content="{base}/runs">' in page


def test_the_switch_is_plain_links_that_say_their_language(london: LocalNode, run: Run) -> None:
    foot = Phone(london).get("/en-us/runs?near=Leeds").text.partition("<footer")[2]
    british, american = re.findall(r'<a href="([^"]+)" lang="([^"]+)" hreflang="([^"]+)"([^>]*)>([^<]+)</a>', foot)
    assert british == ("/en-gb/runs?near=Leeds", "en-GB", "en-GB", "", "English (UK)")
    assert american == ("/en-us/runs?near=Leeds", "en-US", "en-US", ' aria-current="true"', "English (US)")


def test_an_endless_query_is_not_repeated_by_each_version(london: LocalNode, run: Run) -> None:
    assert "x" * 600 not in Phone(london).get(f"/runs?near=London&y={'x' * 10_000}").text.partition("<footer")[2]


def test_the_sitemap_names_the_versions_of_each_page(london: LocalNode, run: Run) -> None:
    tree = ElementTree.fromstring(Phone(london).get("/sitemap.xml").data)  # noqa: S314 - our own
    tags = {one.get("hreflang") for one in tree.iter("{http://www.w3.org/1999/xhtml}link")}
    assert tags == {"en-GB", "en-US", "x-default"}
    links = [one.get("href", "") for one in tree.iter("{http://www.w3.org/1999/xhtml}link")]
    phone = Phone(london)
    for link in links:
        assert phone.get(link.removeprefix(london.settings.base_url)).status_code == 200


def test_what_is_copied_elsewhere_names_no_language(federation: LocalFederation) -> None:
    """Another site may run an older program, and a link that is sent on is read by somebody else."""
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    page = Phone(london).get(f"/en-us/runs/{london.chapter_id}/{run.id}").text
    address = f"{london.settings.base_url}/runs/{london.chapter_id}/{run.id}"
    assert f'<link rel="canonical" href="{address}">' in page
    assert f'data-url="{address}"' in page
    lead = Phone(london).sign_in()
    invited = lead.post("/en-us/lead/people", data={"role": "lead", "form_id": "a"}).text
    assert f"{london.settings.base_url}/invited/" in invited
    assert "/en-us/invited/" not in invited


def test_each_language_has_a_name_for_its_readers() -> None:
    assert dict(LANGUAGES) == {"en_GB": "English (UK)", "en_US": "English (US)"}
