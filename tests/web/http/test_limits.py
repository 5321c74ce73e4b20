"""How often one visitor may ask. Nobody can read back who the visitor was."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask, request, request_started

from node.config import Settings
from node.members import sign_in
from web import close, create_app
from web.http import limits
from web.http.limits import Counts

from ...support.network import LONDON, Clock, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_flood_of_sign_in_tries_is_held_up(london: LocalNode) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    statuses = [phone.post("/signin/guess").status_code for _ in range(11)]
    assert statuses == [410] * 10 + [429]
    response = phone.post("/signin/guess")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert "Wait a minute" in words(response)


def test_pages_share_one_budget(london: LocalNode) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    for number in range(120):
        assert phone.get("/signin" if number % 2 else "/privacy").status_code == 200
    assert phone.get("/runs").status_code == 429


def test_proposals_of_places_have_a_budget_of_their_own(london: LocalNode) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    assert {phone.get("/places?q=x").status_code for _ in range(240)} == {200}
    held_up = phone.get("/places?q=London")
    assert held_up.status_code == 429
    assert 1 <= int(held_up.headers["Retry-After"]) <= 60
    assert phone.get("/runs").status_code == 200, "the form finds a place without proposals"


def test_the_help_lines_are_never_held_up(london: LocalNode) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    assert {phone.get("/help").status_code for _ in range(130)} == {200}
    assert {phone.get("/help?country=GB").status_code for _ in range(130)} == {200}
    assert phone.get("/privacy").status_code == 200


def test_a_crowd_at_one_address_never_shuts_a_leads_taps(london: LocalNode) -> None:
    run = london.announce(a_run())
    lead, crowd = Phone(london).sign_in(), Phone(london)
    london.app.config["RATELIMIT_ENABLED"] = True
    assert [crowd.get(path).status_code for path in ("/privacy", "/lead") for _ in range(121)].count(429) == 2
    response = lead.post(f"/lead/runs/{run.id}/dates/2026-06-04/cancel", data={"reason": "lead"})
    assert response.status_code == 303


def test_a_lead_has_a_budget_too(london: LocalNode) -> None:
    lead = Phone(london).sign_in()
    london.app.config["RATELIMIT_ENABLED"] = True
    assert [lead.get("/lead/me").status_code for _ in range(121)] == [200] * 120 + [429]


def test_no_log_names_who_was_held_up(london: LocalNode, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    lead = Phone(london).sign_in()
    with london.session() as session:
        token_hash = sign_in.sessions_of(session, lead.lead.id)[0].token_hash
    london.app.config["RATELIMIT_ENABLED"] = True
    assert {lead.get(path).status_code for path in ("/privacy", "/lead/me") for _ in range(121)} == {200, 429}
    for secret in (token_hash, key_of(london.app, "127.0.0.1"), "127.0.0.1 "):
        assert secret not in caplog.text


def test_a_flood_can_be_let_through(london: LocalNode) -> None:
    phone = Phone(london)
    assert {phone.post("/signin/guess").status_code for _ in range(15)} == {410}


def key_of(app: Flask, address: str) -> str:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        return limits.visitor()


def test_a_visitors_key_does_not_hold_the_address(london: LocalNode) -> None:
    key = key_of(london.app, "203.0.113.9")
    assert key == key_of(london.app, "203.0.113.9")
    assert key != key_of(london.app, "203.0.113.10")
    assert "203" not in bytes.fromhex(key).decode("latin-1")


def test_a_household_is_one_visitor_whichever_of_its_ipv6_addresses_asks(london: LocalNode) -> None:
    key = key_of(london.app, "2001:db8:1:2::1")
    assert key == key_of(london.app, "2001:DB8:1:2:ffff:ffff:ffff:ffff")
    assert key != key_of(london.app, "2001:db8:1:3::1")


def test_an_ipv4_that_is_written_as_ipv6_is_that_ipv4(london: LocalNode) -> None:
    key = key_of(london.app, "203.0.113.9")
    assert key == key_of(london.app, "::ffff:203.0.113.9") == key_of(london.app, "::FFFF:cb00:7109")
    assert key != key_of(london.app, "::ffff:203.0.113.10")


def test_what_is_no_plain_address_is_counted_as_it_is(london: LocalNode) -> None:
    odd = ("", "unix:", "fe80::1%eth0", "fe80::2%eth0", "::ffff:203.0.113.9%eth0", "203.0.113.9:x", "[2001:db8::1")
    strange = ("2001:db8::1\0", "2001:db8::é", ":" * 5000)
    assert len({key_of(london.app, address) for address in (*odd, *strange)}) == len(odd) + len(strange)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("203.0.113.9:443", "203.0.113.9"),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::1"),
        ("[2001:db8:1:2::1]", "2001:db8:1:2::1"),
        ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
    ],
)
def test_a_port_makes_nobody_another_visitor(london: LocalNode, written: str, address: str) -> None:
    assert key_of(london.app, written) == key_of(london.app, address)


def test_a_kept_page_is_counted_by_the_household_too(london: LocalNode) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    taken = [limits.take_page(london.app, f"2001:db8::{number:x}") for number in range(121)]
    assert taken == [True] * 120 + [False]


def test_tomorrow_the_same_visitor_has_another_key() -> None:
    salt = limits.Salt()
    today = salt.of(date(2026, 6, 1))
    assert salt.of(date(2026, 6, 1)) == today
    assert salt.of(date(2026, 6, 2)) != today


def test_behind_a_proxy_each_visitor_has_a_budget(london: LocalNode) -> None:
    app = create_app(replace(london.handle, settings=replace(london.settings, trusted_proxies=1)))
    client = app.test_client()
    for number in range(11):
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "Origin": london.settings.base_url}
        assert client.post("/signin/guess", base_url=london.settings.base_url, headers=headers).status_code == 410


#: A page's photos and its script for the way are asked for with the page, as its style sheets are.
FILES = ("static", "first_visit.photo", "saved.worker")


@pytest.mark.parametrize("role", ["chapter", "hq"])
def test_no_view_no_file_and_no_error_goes_without_a_budget(
    london: LocalNode, federation: LocalFederation, role: str
) -> None:
    app = federation.hq.app if role == "hq" else london.app
    app.config["RATELIMIT_ENABLED"] = True
    rules = list(app.url_map.iter_rules())
    assert rules
    for rule in rules:
        with app.test_request_context():
            request.url_rule = rule
            assert (limits.budget() is limits.files) == (rule.endpoint in FILES), rule
            assert limits.budget() is not limits.astray, rule


@pytest.mark.parametrize(
    ("method", "path", "host", "status"),
    [
        ("GET", "/nothing-here", "", 404),
        ("GET", "/fed/v1/nothing-here", "", 404),
        ("POST", "/help", "", 405),
        ("POST", "/fed/v1/changes", "", 405),
        ("GET", "/help?x", "", 200),
        ("GET", "/help?country=GB&x", "", 200),
        ("GET", "/help?country=qx", "", 200),
        ("GET", "/help?country=gb", "", 200),
        ("HEAD", "/help?country=GB", "", 200),
        ("GET", "/static/theme.css", "", 200),
        ("GET", "/static/nothing-here.css", "", 404),
        ("GET", "/runs", "somebody-else.example", 400),
        ("GET", "/runs/nobody/nothing", "", 404),
        ("POST", "/signin/guess", "", 410),
    ],
)
def test_whatever_is_asked_is_counted(london: LocalNode, method: str, path: str, host: str, status: int) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    base = f"http://{host}" if host else london.settings.base_url
    client, headers = london.app.test_client(), {"Origin": london.settings.base_url}
    statuses = []
    while 429 not in statuses and len(statuses) <= 601:
        with client.open(path, method=method, base_url=base, headers=headers) as answer:
            statuses.append(answer.status_code)
    assert set(statuses) == {status, 429}


def test_who_makes_much_work_meets_the_budget_before_the_count(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = iter(range(1_000_000))
    # Each request takes a second of a processor.
    monkeypatch.setattr(limits.time, "thread_time", lambda: float(next(spent)))
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    statuses = [phone.get(f"/runs?n={number}").status_code for number in range(6)]
    assert statuses == [200, 200, 200, 200, 200, 429]
    assert phone.get("/help").status_code == 200


def test_a_flood_beyond_its_budget_is_answered_without_a_page(london: LocalNode) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    answers = [phone.post("/signin/guess") for _ in range(21)]
    assert [answer.mimetype for answer in answers[10:]] == ["text/html"] * 10 + ["text/plain"]
    assert "/help" in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_the_help_lines_lie_ready_for_whatever_cookie(london: LocalNode) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    phone.get("/help")
    drawn: list[object] = []
    with request_started.connected_to(lambda app, **_: drawn.append(app), london.app):
        for number in range(300):
            cookie = f"{sign_in.cookie_name(london.settings)}=x{number}"
            assert phone.get("/help", headers={"Cookie": cookie}).status_code == 200
    assert not drawn


def test_an_operator_is_told_once_that_a_proxy_hides_who_asks(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data=tmp_path, base_url="https://london.example.org")
    node = LocalNode(tmp_path / "node", clock, 8198)
    node.found_chapter(LONDON)
    app = create_app(replace(node.handle, settings=replace(settings, data=node.settings.data)))
    client = app.test_client()
    for _ in range(11):
        client.post(
            "/signin/guess",
            base_url=settings.base_url,
            headers={"Origin": settings.base_url},
            environ_base={"REMOTE_ADDR": "172.18.0.1"},
        )
    assert "What is in front of the node" in caplog.text
    assert "172.18" not in caplog.text
    close(app)
    node.close()


def test_each_key_is_counted_for_itself() -> None:
    counts = Counts()
    assert [counts.add(key) for key in ("a", "a", "b", "a")] == [1, 2, 1, 3]


def test_a_minute_begins_with_the_first_time() -> None:
    counts = Counts()
    with time_machine.travel(NOON, tick=False) as clock:
        counts.add("a")
        clock.shift(59)
        assert counts.add("a") == 2
        assert counts.ends_at("a") == NOON.timestamp() + 60
        clock.shift(1)
        assert counts.add("a") == 1


def test_a_key_whose_minute_is_over_is_not_held_long() -> None:
    counts = Counts()
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(1000):
            counts.add(f"visitor {number}")
        clock.shift(55)
        counts.add("late")
        assert len(counts) == 1001
        clock.shift(15)
        counts.add("late")
        assert len(counts) == 1


def test_no_count_is_lost_between_threads_and_none_is_started() -> None:
    counts, before = Counts(), threading.active_count()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counts.add("a"), range(4000)))
    assert counts.add("a") == 4001
    assert threading.active_count() == before


def test_a_flood_of_visitors_is_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST", 100)
    counts = Counts()
    for number in range(1000):
        counts.add(f"visitor {number}")
    assert len(counts) <= 100
