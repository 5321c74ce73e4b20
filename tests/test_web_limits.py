"""Floods: how often one visitor may ask, and that nobody can read back who that was."""

from datetime import date

from flask import Flask

from web import limits

from .network import LocalNode
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
    assert phone.get("/help").status_code == 429


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
