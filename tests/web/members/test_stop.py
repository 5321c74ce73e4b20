"""The link that stops letters: one click of a mail program is enough, and a look changes nothing (RFC 8058)."""

from datetime import timedelta

import pytest

from node import jobs
from node.mail import closed, letters
from web import letters as kinds
from web.letters.written import Kind, Words, Written

from ...support.full_disk import full_disk
from ...support.members.letters import sent, text_of
from ...support.network import LocalNode
from ...support.web_client import Phone, words

READER = "Robin@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def hello(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written("Thursday at 18:30", (Words("See you."),))
    for name in ("hello", "code"):
        monkeypatch.setitem(kinds.KINDS, name, Kind(lambda _: written, lambda: written, "for tests"))


def put(node: LocalNode, key: str = "hello", kind: str = "hello") -> None:
    now = node.clock()
    with node.handle.writing() as transaction:
        letters.queue(transaction, node.settings, kind, key, now, not_after=now + timedelta(days=2), address=READER)


@pytest.fixture
def link(london: LocalNode) -> str:
    """The path of the link in a letter to READER."""
    put(london)
    (letter,) = sent(london)
    return letter["List-Unsubscribe"].strip("<>").removeprefix(london.settings.base_url)


def why(node: LocalNode) -> str | None:
    with node.session() as session:
        return closed.why(session, closed.index_of(node.settings, READER))


def test_each_letter_names_its_one_click_address_in_header_and_words(london: LocalNode) -> None:
    put(london)
    (letter,) = sent(london)
    url = letter["List-Unsubscribe"].strip("<>")
    assert url.startswith(f"{london.settings.base_url}/stop/")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in text_of(letter)
    assert url in letter.get_body(("html",)).get_content()


def test_what_its_reader_asked_for_just_now_has_nothing_to_stop(london: LocalNode) -> None:
    put(london, kind="code")
    (letter,) = sent(london)
    assert letter["List-Unsubscribe"] is None
    assert "/stop/" not in text_of(letter)


def test_one_click_stops_letters_without_a_redirect(london: LocalNode, link: str) -> None:
    response = Phone(london).client.post(link, data=ONE_CLICK, base_url=london.settings.base_url)
    assert response.status_code == 200
    assert why(london) == "stopped"
    put(london, "another")
    assert sent(london) == []


def test_one_click_may_come_as_form_data(london: LocalNode, link: str) -> None:
    client = Phone(london).client
    response = client.post(link, data=ONE_CLICK, base_url=london.settings.base_url, content_type="multipart/form-data")
    assert response.status_code == 200
    assert why(london) == "stopped"


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://mail.example.net", "Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_one_click_works_with_a_leads_cookie_beside_it(london: LocalNode, link: str, headers: dict[str, str]) -> None:
    phone = Phone(london).sign_in()
    response = phone.client.post(link, data=ONE_CLICK, base_url=london.settings.base_url, headers=headers)
    assert response.status_code == 200
    assert why(london) == "stopped"


def test_a_scanner_that_follows_the_link_changes_nothing(london: LocalNode, link: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        Phone(london).client.open(link, method=method, base_url=london.settings.base_url)
    assert why(london) is None
    assert "Stop all emails?" in words(Phone(london).get(link))


def test_the_pages_own_buttons_stop_letters_and_start_them_again(london: LocalNode, link: str) -> None:
    phone = Phone(london)
    assert '<button class="button danger" type="submit" name="letters" value="stop">' in phone.get(link).text
    response = phone.post(link, {"letters": "stop"})
    assert (response.status_code, response.headers["Location"]) == (303, link)
    assert "You won’t get any more emails from us" in words(phone.get(link))
    phone.post(link, {"letters": "start"})
    assert why(london) is None
    put(london, "another")
    assert len(sent(london)) == 1


def test_a_second_click_changes_nothing(london: LocalNode, link: str) -> None:
    for _ in range(2):
        assert Phone(london).post(link, ONE_CLICK).status_code == 200
    assert why(london) == "stopped"


@pytest.mark.parametrize("forged", ["{index}/x", "{other}/{token}", "x/{token}", "{index}/{token}x", "%00/ü"])
def test_a_forged_link_does_nothing_and_reads_the_same_as_an_unknown_one(
    london: LocalNode, link: str, forged: str
) -> None:
    _, _, index, token = link.split("/")
    path = "/stop/" + forged.format(index=index, token=token, other="0" * 64)
    phone = Phone(london)
    for response in (phone.get(path), phone.post(path, ONE_CLICK)):
        assert response.status_code == 404
        assert response.headers["Cache-Control"] == "no-store"
    assert words(phone.get(path)) == words(phone.get("/stop/a/b"))
    assert why(london) is None


def test_the_page_of_the_link_stays_private(london: LocalNode, link: str) -> None:
    response = Phone(london).get(link)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in response.headers
    assert "example.org" not in words(response)


def test_a_stop_that_cannot_be_written_is_said(london: LocalNode, link: str) -> None:
    with full_disk(london):
        response = Phone(london).post(link, ONE_CLICK)
    assert response.status_code == 503
    assert why(london) is None


def test_a_letter_on_its_way_when_its_reader_stops_letters_is_not_sent(london: LocalNode, link: str) -> None:
    put(london, "another")
    Phone(london).post(link, ONE_CLICK)
    jobs.mail(london.handle)
    assert sent(london) == []


def test_the_link_counts_upper_and_lower_case_as_one_address(london: LocalNode, link: str) -> None:
    Phone(london).post(link, ONE_CLICK)
    with london.session() as session:
        assert closed.why(session, closed.index_of(london.settings, READER.lower())) == "stopped"
