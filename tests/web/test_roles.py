"""Every route of the URL map refuses every method to everybody outside of its audience."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from node.chapter import runs
from node.database import writing
from node.members import coming
from node.models import Person, Run
from node.upkeep.backups import backup_files
from web.http import security

from ..support.network import LONDON, LocalFederation, LocalNode
from ..support.web_client import Phone, words
from .role_table import audiences

#: The audiences of a chapter's site that sign in, the least first.
SIGNED_IN = ("member", "co-lead", "lead")
#: Rooms whose addresses name a run that may be none, or a link that may open nothing.
_BY_LINK = ("coming.", "private_link.", "first_visit.", "inbox.", "message_link.")
#: Pages by a token that is unknown, used or over.
BY_TOKEN = (
    "signin.show_link", "codes.show_link", "other_ways.show_invitation", "taps.show", "check_taps.show_tap",
    "setup.show_link",
)  # fmt: skip
#: Pages, calendars, feeds, pictures and papers of a chapter or of its run, which may be none.
OF_A_CHAPTER = (
    "listings.show", "listings.chapter", "calendars.series", "calendars.one_date", "calendars.chapter",
    "feeds.chapter", "pictures.chapter", "pictures.run", "posters.poster", "posters.cards", "saved.page",
)  # fmt: skip
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


def routes(app: Flask, audience: str) -> Iterator[tuple[Rule, str]]:
    """(rule, endpoint) of every route for `audience`."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and security.audience_of(app, rule.endpoint) == audience:
            yield rule, rule.endpoint


def visitor(node: LocalNode, who: str) -> Phone:
    """Somebody: without a sign-in, with private links that were opened here, or signed in with a role."""
    phone = Phone(node)
    if who == "link":
        for path in (f"/signin/{phone.link(node.add_lead().id)}", _private_link(node)):
            assert phone.get(path).status_code == 200
    return phone if who in ("anonymous", "link") else phone.sign_in(role=who)


def _private_link(node: LocalNode) -> str:
    """Of somebody who comes on Thursday, if there is a run."""
    with node.session() as session:
        run = runs.all_runs(session)[0]
        token = coming.say(session, node.settings, run.id, date(2026, 6, 4), coming.Given(), node.clock(), "f" * 22)
    return f"/c/{token}"


def may(who: str, audience: str) -> bool:
    """Whether the roles are in that order."""
    return who in SIGNED_IN and SIGNED_IN.index(who) >= SIGNED_IN.index(audience)


def address(rule: Rule, run: Run | None = None, **known: str) -> str:
    """An address of the rule. Its parts name things that exist, where there are any."""
    numbers = dict.fromkeys(("version", "person_id", "rule_id", "holiday_id"), "1")
    values = {"run_id": run.id if run else "x", "day": "2026-06-04", **numbers, **known}
    return re.sub(r"<(?:[^<>:]*:)?(\w+)>", lambda name: values.get(name[1], "x"), rule.rule)


def open_as(phone: Phone, rule: Rule, method: str, run: Run | None = None, **known: str) -> TestResponse:
    """Ask for what the rule answers, as a page of the node itself would ask."""
    url = phone.node.settings.base_url
    path = address(rule, run, **known)
    return phone.client.open(path, method=method, base_url=url, headers={"Origin": url}, buffered=True)


def is_refused(response: TestResponse) -> bool:
    """Whether somebody was sent away: to sign in, or with the words that this is for others."""
    to_sign_in = response.status_code == 303 and response.headers["Location"] == "/signin"
    return to_sign_in or response.status_code in (401, 403)


@contextmanager
def nothing_written(node: LocalNode) -> Iterator[None]:
    """While the block runs, no transaction changes the database, not even a private one."""
    watching = sqlite3.connect(node.settings.database)
    before = watching.execute("PRAGMA data_version").fetchone()
    yield
    assert watching.execute("PRAGMA data_version").fetchone() == before
    watching.close()


def test_every_view_is_in_the_table_with_its_audience(london: LocalNode, federation: LocalFederation) -> None:
    for node, of_hq in ((london, False), (federation.hq, True)):
        endpoints = {rule.endpoint for rule in node.app.url_map.iter_rules()} - {"static"}
        found = {one: security.audience_of(node.app, one) for one in endpoints}
        assert {one: said for one, said in found.items() if said != "node"} == audiences(of_hq=of_hq)


def test_a_view_without_an_audience_is_refused(london: LocalNode) -> None:
    stray = Blueprint("stray", __name__)
    stray.add_url_rule("/stray", "view", lambda: "secret")
    london.app.register_blueprint(stray)
    for phone in (Phone(london), Phone(london).sign_in()):
        response = phone.get("/stray")
        assert response.status_code == 403
        assert "secret" not in response.text


@pytest.mark.parametrize("who", ["anonymous", "link", "member", "co-lead", "lead"])
def test_nobody_gets_into_a_view_that_is_not_theirs_nor_changes_anything(london: LocalNode, run: Run, who: str) -> None:
    phone = visitor(london, who)
    closed = [name for name in SIGNED_IN if not may(who, name)]
    seen = 0
    with nothing_written(london):
        for rule, method in [
            (rule, method) for name in closed for rule, _ in routes(london.app, name) for method in METHODS
        ]:
            response = open_as(phone, rule, method, run)
            fair = is_refused(response) or response.status_code == 405
            assert fair or (method == "OPTIONS" and not response.data), (method, rule, response.status)
            assert method == "HEAD" or run.name not in response.text
            seen += 1
    assert seen >= 20 * len(closed)


@pytest.mark.parametrize("who", ["member", "co-lead", "lead"])
def test_everybody_gets_into_each_view_that_is_theirs(london: LocalNode, run: Run, who: str) -> None:
    for audience in [name for name in SIGNED_IN if may(who, name)]:
        for rule, _ in routes(london.app, audience):
            for method in (rule.methods or set()) & {"GET", "POST"}:
                # Anew each time: one of the views signs out.
                response = open_as(visitor(london, who), rule, method, run)
                assert not is_refused(response), (method, rule)
                assert response.status_code < 500, (method, rule)
                assert response.headers["Cache-Control"] == "no-store", rule


def test_a_person_whose_role_is_no_word_of_ours_gets_into_nothing(london: LocalNode, run: Run) -> None:
    phone = visitor(london, "chief")
    for audience in SIGNED_IN:
        for rule, _ in routes(london.app, audience):
            assert is_refused(open_as(phone, rule, "GET", run)) or "GET" not in (rule.methods or ()), rule


def test_a_lead_who_becomes_a_member_is_out_of_the_board_with_the_next_tap(london: LocalNode, run: Run) -> None:
    phone = visitor(london, "lead")
    assert phone.get("/lead").status_code == 200
    with london.session() as session, writing(session) as transaction:
        transaction.get_one(Person, phone.lead.id).role = "member"
    response = phone.get("/lead")
    assert response.status_code == 403
    assert "for people who lead a run" in words(response)
    assert phone.post(f"/lead/runs/{run.id}/dates/2026-06-04/confirm").status_code == 403


def test_a_refused_person_reads_who_may_and_gets_back_to_what_is_theirs(london: LocalNode) -> None:
    page = words(visitor(london, "co-lead").get("/lead/runs/new"))
    assert "only a lead of the chapter can do this" in page
    assert "Back to your runs" in page
    assert "Back to your page" in words(visitor(london, "member").get("/lead"))


def test_a_co_lead_sees_no_button_that_would_be_refused(london: LocalNode, run: Run) -> None:
    phone = visitor(london, "co-lead")
    found = set(re.findall(r'(?:href|action)="(/lead[^"]*)"', phone.get("/lead").text))
    assert f"/lead/runs/{run.id}/dates/2026-06-04/confirm" in found
    adapter = london.app.url_map.bind("")
    for path in found:
        endpoints = [adapter.match(path, method)[0] for method in ("GET", "POST") if adapter.test(path, method)]
        assert all(may("co-lead", security.audience_of(london.app, one)) for one in endpoints), path


def test_a_wrong_or_ended_cookie_is_no_sign_in(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    phone.post("/me/sign-out")
    assert phone.get("/lead").status_code == 303
    phone.client.set_cookie("rtr-00000000", "nonsense", domain="127.0.0.1")
    assert phone.get("/lead").status_code == 303


@pytest.mark.parametrize("role", ["chapter", "hq"])
def test_anybody_gets_into_every_public_view_without_a_cookie(
    london: LocalNode, federation: LocalFederation, role: str
) -> None:
    node = federation.hq if role == "hq" else london
    phone = Phone(node)
    found = [*routes(node.app, "public"), *routes(node.app, "link")]
    for rule, endpoint in [(rule, endpoint) for rule, endpoint in found if "GET" in (rule.methods or ())]:
        response = phone.get(address(rule))
        of_nobody = dict.fromkeys(OF_A_CHAPTER, 404) | dict.fromkeys(BY_TOKEN, 410) | {"printed_list.show": 302}
        # Of a run that is none, and of a link that opens nothing. A printed list of no search leads to the search.
        # To some views a page only sends.
        fair = (303, 404) if endpoint.startswith(_BY_LINK) else ()
        assert response.status_code == of_nobody.get(endpoint, 200) or response.status_code in fair, rule
        assert "Set-Cookie" not in response.headers, rule


def test_no_room_of_a_lead_is_on_hqs_node_and_none_of_hqs_on_a_chapters(
    federation: LocalFederation, london: LocalNode, run: Run
) -> None:
    hq, chapter = federation.hq, london
    for audience, home, other in (
        ("member", chapter, hq), ("co-lead", chapter, hq), ("lead", chapter, hq), ("hq", hq, chapter),
    ):  # fmt: skip
        phone, seen = Phone(other).sign_in(), 0
        assert not list(routes(other.app, audience))
        for rule, _ in routes(home.app, audience):
            assert phone.get(address(rule, run)).status_code == 404, rule
            assert phone.post(address(rule, run)).status_code == 404, rule
            seen += 1
        assert seen > 2


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
    settings = federation.hq.settings
    backup = backup_files.folder(settings) / backup_files.name_at(settings, federation.clock())
    backup.parent.mkdir()
    backup.write_bytes(b"sealed")
    known = {"chapter_id": chapter.chapter_id, "act": "suspend", "person_id": str(phone.lead.id), "name": backup.name}
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
