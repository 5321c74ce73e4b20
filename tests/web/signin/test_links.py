"""Sign-in by a one-time link, and the phones that are signed in."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from node.chapter import leads
from node.members import sign_in
from web.words.devices import device_words

from ...support.network import LONDON, Clock, LocalNode
from ...support.web_client import Phone, words

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0 Mobile Safari/537.36"
)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0 Edg/125.0"


def test_looking_at_a_link_says_whose_it_is_and_does_not_use_it_up(london: LocalNode) -> None:
    phone = Phone(london)
    path = f"/signin/{phone.link(london.add_lead('Sam').id)}"
    for _ in range(3):
        response = phone.get(path)
        assert "Hello Sam" in words(response)
        assert "Set-Cookie" not in response.headers
    assert phone.post(path).status_code == 303


def test_the_button_signs_in_and_leads_to_the_board(london: LocalNode) -> None:
    phone = Phone(london)
    response = phone.post(f"/signin/{phone.link(london.add_lead().id)}", follow_redirects=True)
    assert response.request.path == "/lead"
    assert "You’re signed in." in words(response)


def test_a_link_works_once(london: LocalNode) -> None:
    phone = Phone(london)
    path = f"/signin/{phone.link(london.add_lead().id)}"
    phone.post(path)
    again = Phone(london).post(path)
    assert again.status_code == 410
    assert "Ask for a new one" in words(again)


def test_a_double_tap_leads_to_the_board(london: LocalNode) -> None:
    phone = Phone(london)
    path = f"/signin/{phone.link(london.add_lead().id)}"
    again = [phone.post(path) for _ in range(2)][1]
    assert "If you’ve just tapped it, you’re signed in: your runs" in words(again)
    assert 'href="/lead"' in again.text
    assert phone.get("/lead").status_code == 200


def test_a_link_is_over_after_fifteen_minutes(london: LocalNode) -> None:
    phone = Phone(london)
    path = f"/signin/{phone.link(london.add_lead().id)}"
    london.clock.tick(minutes=15)
    assert phone.get(path).status_code == 410
    assert phone.post(path).status_code == 410


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(london: LocalNode) -> None:
    phone = Phone(london)
    cookie = phone.post(f"/signin/{phone.link(london.add_lead().id)}").headers["Set-Cookie"]
    assert cookie.startswith("rtr-")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7776000"):
        assert part in cookie
    assert "Domain" not in cookie


def test_on_the_internet_the_cookie_is_secure_and_bound_to_the_host(tmp_path: Path, clock: Clock) -> None:
    london = LocalNode(tmp_path / "london", clock, 8101)
    settings = replace(london.settings, network="internet", base_url="https://london.example.org")
    london.settings = london._made.settings = settings
    london.found_chapter(LONDON)
    client = london.app.test_client()
    link = Phone(london).link(london.add_lead().id)
    response = client.post(
        f"/signin/{link}", base_url=settings.base_url, headers={"Origin": "https://london.example.org"}
    )
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-rtr-")
    assert "Secure" in cookie
    london.close()


def test_signing_in_again_is_a_new_session_and_ends_the_old_one(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    phone.post(f"/signin/{phone.link(phone.lead.id)}")
    with london.session() as session:
        assert len(sign_in.sessions_of(session, phone.lead.id)) == 1


def test_a_phone_that_is_used_stays_signed_in(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    for _ in range(3):
        london.clock.tick(days=60)
        assert phone.get("/lead").status_code == 200


def test_a_phone_that_is_not_used_for_ninety_days_is_signed_out(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    london.clock.tick(days=91)
    assert phone.get("/lead").headers["Location"] == "/signin"


def test_one_phone_signs_another_out(london: LocalNode) -> None:
    one = Phone(london).sign_in()
    other = Phone(london)
    other.post(f"/signin/{other.link(one.lead.id)}", headers={"User-Agent": IPHONE})
    with london.session() as session:
        lost = next(s for s in sign_in.sessions_of(session, one.lead.id) if s.device == "iPhone, Safari")
    assert "iPhone, Safari" in words(one.get("/me/phones"))
    response = one.post("/me/phones/sign-out", data={"phone": lost.token_hash}, follow_redirects=True)
    assert "That phone is signed out" in words(response)
    assert other.get("/lead").status_code == 303
    assert one.get("/lead").status_code == 200


def test_no_lead_signs_another_lead_out(london: LocalNode) -> None:
    sam, kim = Phone(london).sign_in("Sam"), Phone(london).sign_in("Kim")
    with london.session() as session:
        of_sam = sign_in.sessions_of(session, sam.lead.id)[0].token_hash
    kim.post("/me/phones/sign-out", data={"phone": of_sam})
    assert sam.get("/lead").status_code == 200


def test_signing_out_here_takes_the_cookie_away(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    response = phone.post("/me/sign-out")
    assert "Max-Age=0" in response.headers["Set-Cookie"]
    assert "You’re signed out here" in words(phone.get(response.headers["Location"]))


def test_a_removed_lead_is_out_at_once(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    with london.session() as session:
        leads.remove(session, london.settings, phone.lead.id, london.clock())
    assert phone.get("/lead").status_code == 303


def test_a_token_never_reaches_the_log(london: LocalNode, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    london.app.jinja_env.globals["site"] = None  # every page breaks
    assert Phone(london).get("/signin/a-secret-token?also=secret").status_code == 500
    assert caplog.records
    assert "a-secret-token" not in caplog.text
    assert "also=secret" not in caplog.text


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (IPHONE, "iPhone, Safari"),
        (PIXEL, "Android, Chrome"),
        (EDGE, "Windows, Edge"),
        ("curl/8", "A device we don’t know"),
    ],
)
def test_a_phone_is_named_in_plain_words(london: LocalNode, agent: str, device: str) -> None:
    with london.app.test_request_context(base_url=london.settings.base_url):
        assert device_words(agent) == device


@pytest.mark.parametrize(("role", "path"), [("member", "/me"), ("co-lead", "/lead"), ("lead", "/lead")])
def test_the_foot_of_each_page_leads_whoever_is_signed_in_to_their_own_page(
    london: LocalNode, role: str, path: str
) -> None:
    phone = Phone(london).sign_in(role=role)
    assert 'href="/signin">For leads and members' in phone.get("/").text
    assert phone.get("/signin").headers["Location"] == path
