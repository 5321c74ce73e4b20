"""Floods: how often one visitor may ask, and that nobody can read back who that was."""

import logging
from datetime import date

import pytest
from flask import Flask, request

from node import leads
from web import limits

from .network import LocalFederation, LocalNode, a_run
from .web_client import Phone, words


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


def test_the_help_lines_are_never_held_up(london: LocalNode) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    assert {phone.get("/help").status_code for _ in range(130)} == {200}
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
        token_hash = leads.sessions_of(session, lead.lead.id)[0].token_hash
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
    odd = ("", "unix:", "fe80::1%eth0", "fe80::2%eth0", "::ffff:203.0.113.9%eth0", "203.0.113.9:80", "[2001:db8::1]")
    strange = ("2001:db8::1\0", "2001:db8::é", ":" * 5000)
    assert len({key_of(london.app, address) for address in (*odd, *strange)}) == len(odd) + len(strange)


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
    from dataclasses import replace

    from web import create_app

    app = create_app(replace(london.settings, trusted_proxies=1), london.clock)
    client = app.test_client()
    for number in range(11):
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "Origin": london.settings.base_url}
        assert client.post("/signin/guess", base_url=london.settings.base_url, headers=headers).status_code == 410


@pytest.mark.parametrize("role", ["chapter", "hq"])
def test_every_view_has_a_budget_but_the_static_files(
    london: LocalNode, federation: LocalFederation, role: str
) -> None:
    app = federation.hq.app if role == "hq" else london.app
    for rule in app.url_map.iter_rules():
        with app.test_request_context():
            request.url_rule = rule
            assert (limits.budget() is None) == (rule.endpoint == "static"), rule
