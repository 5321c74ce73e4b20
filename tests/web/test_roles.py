"""Every route of the URL map refuses every method to everybody outside of its audience."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import Rule

from node.models import Run

from ..support.network import LONDON, LocalFederation, LocalNode
from ..support.web_client import Phone

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


def routes(app: Flask, audience: str) -> Iterator[tuple[Rule, str]]:
    """(rule, endpoint) of every route for `audience`."""
    audiences = app.config["AUDIENCES"]
    for rule in app.url_map.iter_rules():
        if audiences.get(rule.endpoint.rpartition(".")[0]) == audience:
            yield rule, rule.endpoint


def address(rule: Rule, run: Run | None = None, **known: str) -> str:
    """An address of the rule. Its parts name things that exist, where there are any."""
    values = {"run_id": run.id if run else "x", "day": "2026-06-04", "version": "1", "person_id": "1", **known}
    return re.sub(r"<(?:[^<>:]*:)?(\w+)>", lambda name: values.get(name[1], "x"), rule.rule)


def test_every_view_has_an_audience(london: LocalNode, federation: LocalFederation) -> None:
    for app in (london.app, federation.hq.app):
        for rule in app.url_map.iter_rules():
            room = rule.endpoint.rpartition(".")[0]
            assert rule.endpoint == "static" or app.config["AUDIENCES"][room] in ("public", "lead", "hq", "node"), rule


def test_a_view_without_an_audience_is_refused(london: LocalNode) -> None:
    stray = Blueprint("stray", __name__)
    stray.add_url_rule("/stray", "view", lambda: "secret")
    london.app.register_blueprint(stray)
    response = Phone(london).get("/stray")
    assert response.status_code == 403
    assert "secret" not in response.text


def test_an_anonymous_reader_gets_into_no_view_of_a_lead(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    seen = 0
    for rule, _ in routes(london.app, "lead"):
        for method in METHODS:
            response = phone.client.open(
                address(rule, run), method=method, base_url=london.settings.base_url,
                headers={"Origin": london.settings.base_url},
            )  # fmt: skip
            fair = response.status_code in (401, 403, 405) or (
                response.status_code == 303 and response.headers["Location"] == "/signin"
            )
            assert fair or (method == "OPTIONS" and not response.data), (method, rule, response.status)
            seen += 1
    assert seen > 80


def test_an_anonymous_reader_changes_nothing(london: LocalNode, run: Run) -> None:
    test_an_anonymous_reader_gets_into_no_view_of_a_lead(london, run)
    assert "Not confirmed yet" in Phone(london).get("/").text
    assert "Thursday evening run" in Phone(london).get("/").text


def test_a_wrong_or_ended_cookie_is_no_sign_in(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    phone.post("/lead/sign-out")
    assert phone.get("/lead").status_code == 303
    phone.client.set_cookie("rtr-00000000", "nonsense", domain="127.0.0.1")
    assert phone.get("/lead").status_code == 303


def test_a_lead_gets_into_every_view_of_a_lead(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in()
    for rule, _ in routes(london.app, "lead"):
        if "GET" in (rule.methods or ()):
            assert phone.get(address(rule, run)).status_code == 200, rule


@pytest.mark.parametrize("role", ["chapter", "hq"])
def test_anybody_gets_into_every_public_view_without_a_cookie(
    london: LocalNode, federation: LocalFederation, role: str
) -> None:
    node = federation.hq if role == "hq" else london
    phone = Phone(node)
    for rule, endpoint in routes(node.app, "public"):
        response = phone.get(address(rule))
        expected = {"listings.show": 404, "listings.chapter": 404, "signin.show_link": 410, "signin.use_link": 410}
        assert response.status_code == expected.get(endpoint, 200), rule
        assert "Set-Cookie" not in response.headers, rule


def test_no_room_of_a_lead_is_on_hqs_node_and_none_of_hqs_on_a_chapters(
    federation: LocalFederation, london: LocalNode, run: Run
) -> None:
    hq, chapter = federation.hq, london
    for audience, home, other in (("lead", chapter, hq), ("hq", hq, chapter)):
        phone, seen = Phone(other).sign_in(), 0
        assert not list(routes(other.app, audience))
        for rule, _ in routes(home.app, audience):
            assert phone.get(address(rule, run)).status_code == 404, rule
            assert phone.post(address(rule, run)).status_code == 404, rule
            seen += 1
        assert seen > 10


def test_an_anonymous_reader_gets_into_no_view_of_hq(federation: LocalFederation) -> None:
    phone, seen = Phone(federation.hq), 0
    for rule, _ in routes(federation.hq.app, "hq"):
        for method in METHODS:
            url = federation.hq.settings.base_url
            response = phone.client.open(address(rule), method=method, base_url=url, headers={"Origin": url})
            fair = response.status_code in (401, 405) or response.headers.get("Location") == "/signin"
            assert fair or (method == "OPTIONS" and not response.data), (method, rule, response.status)
            seen += 1
    assert seen > 80


def test_the_people_of_hq_get_into_every_view_of_hq(federation: LocalFederation) -> None:
    chapter = federation.add_chapter(LONDON)
    phone = Phone(federation.hq).sign_in()
    known = {"chapter_id": chapter.chapter_id, "act": "suspend", "person_id": str(phone.lead.id)}
    for rule, _ in routes(federation.hq.app, "hq"):
        if "GET" in (rule.methods or ()):
            response = phone.get(address(rule, **known))
            assert response.status_code == 200, rule
            assert response.headers["Cache-Control"] == "no-store", rule


def test_a_lead_of_one_node_is_nobody_on_another(federation: LocalFederation, london: LocalNode) -> None:
    from ..support.network import PETERBOROUGH

    other = federation.add_chapter(PETERBOROUGH)
    here = Phone(london).sign_in()
    cookie = here.client.get_cookie(next(iter(here.client._cookies.values())).key, "127.0.0.1")
    assert cookie is not None
    there = Phone(other)
    there.client.set_cookie(cookie.key, cookie.value, domain="127.0.0.1")
    assert there.get("/lead").status_code == 303


def test_days_in_addresses_are_days(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in()
    assert phone.post(f"/lead/runs/{run.id}/dates/2026-02-31/confirm").status_code == 404
    assert phone.post(f"/lead/runs/{run.id}/dates/{date(2026, 6, 4)}/confirm").status_code == 303
