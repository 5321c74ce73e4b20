"""Parts of pages are drawn once, and what is kept costs and tells nobody anything."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import request_started
from sqlalchemy import event

from node.chapter import dates
from node.database import writing
from node.models import Chapter, Run
from web import close, create_app
from web.context import db
from web.http import security

from ...node.test_database import rename_and_fail
from ...support.network import LocalFederation, LocalNode
from ...support.web_client import Phone, words
from ..test_roles import address, routes
from .test_page_cache import THURSDAY, Drawn, cache_of, kept, rename, revision


@pytest.fixture
def drawn(london: LocalNode) -> Iterator[Drawn]:
    counting = Drawn()
    request_started.connect(counting, london.app)
    yield counting
    request_started.disconnect(counting, london.app)


def test_a_weak_or_listed_tag_counts_too(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    tag = phone.get("/runs").headers["ETag"]
    for known in (f"W/{tag}", f'"other", {tag}', "*"):
        assert phone.get("/runs", headers={"If-None-Match": known}).status_code == 304


def test_the_same_cards_and_filters_on_another_page_are_not_drawn_again(
    london: LocalNode, run: Run, drawn: Drawn, gazetteer: None
) -> None:
    Phone(london).get("/runs")
    parts = list(cache_of(london).parts)
    assert len(parts) == 3  # two cards and the filters
    assert "Thursday evening run" in Phone(london).get("/runs?map=51.51,-0.09,9").text
    assert drawn.count == 2
    assert list(cache_of(london).parts) == parts
    Phone(london).get("/runs?near=London")
    assert len(list(cache_of(london).parts)) == 6


def test_a_cancellation_is_on_the_card_of_every_next_search(london: LocalNode, run: Run) -> None:
    assert "Cancelled" not in words(Phone(london).get("/runs"))
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "weather", "", london.clock())
    for query in ("", "?map=51.51,-0.09,9"):
        assert "Cancelled" in words(Phone(london).get(f"/runs{query}"))


def test_a_leads_pages_neither_use_nor_keep_parts(london: LocalNode, run: Run) -> None:
    assert "Thursday evening run" in Phone(london).sign_in().get("/runs").text
    assert list(cache_of(london).parts) == []


def test_what_every_page_says_of_its_node_is_read_once_in_a_minute(london: LocalNode, run: Run) -> None:
    asked: list[str] = []
    with london.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    def own_profile_was_read(phone: Phone, path: str) -> bool:
        asked.clear()
        assert phone.get(path).status_code == 200
        return any("FROM chapter \n" in statement for statement in asked)

    phone = Phone(london)
    assert own_profile_was_read(phone, "/help")
    assert not own_profile_was_read(phone, "/privacy")
    london.clock.tick(minutes=1)
    assert own_profile_was_read(phone, "/help")
    rename(london, "Elsewhere")
    assert own_profile_was_read(phone, "/privacy")
    assert "Run Talk Run Elsewhere" in phone.get("/help").text
    assert own_profile_was_read(Phone(london).sign_in(), "/privacy")


def test_no_private_page_is_ever_kept(london: LocalNode, run: Run, federation: LocalFederation) -> None:
    for node in (london, federation.hq):
        public = {address(rule) for rule, _ in routes(node.app, "public")}
        visitor = Phone(node)
        for rule in node.app.url_map.iter_rules():
            visitor.get(address(rule, run if node is london else None))
        seen = {one.path for one in kept(node)}
        assert "/runs" in seen
        assert seen <= public
        assert not any(path.startswith(("/lead", "/signin", "/hq", "/static", "/fed")) for path in seen)


def test_of_what_a_lead_sees_nothing_is_kept(london: LocalNode, run: Run) -> None:
    lead = Phone(london).sign_in()
    for rule in london.app.url_map.iter_rules():
        lead.get(address(rule, run))
    # The help lines are the same for everybody.
    assert {asked.path for asked in kept(london)} == {"/help"}


def test_the_help_lines_are_the_same_for_a_lead(london: LocalNode) -> None:
    lead, anybody = Phone(london).sign_in(), Phone(london)
    seen = lead.get("/help")
    london.clock.tick(minutes=1)
    assert anybody.get("/help").data == seen.data


def test_errors_are_not_kept(london: LocalNode) -> None:
    phone = Phone(london)
    assert [phone.get(path).status_code for path in ("/nothing", "/runs/x/y", "/chapters/x")] == [404, 404, 404]
    assert phone.post("/runs").status_code == 405
    assert not kept(london)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:9999", ""])
def test_an_unknown_host_is_refused_whatever_is_kept(london: LocalNode, host: str) -> None:
    Phone(london).get("/help")
    response = london.app.test_client().get("/help", headers={"Host": host})
    assert response.status_code == 400
    assert len(kept(london)) == 1


def test_a_kept_page_counts_like_any_other(london: LocalNode) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    assert [phone.get("/privacy").status_code for _ in range(121)] == [200] * 120 + [429]


def test_the_kept_help_lines_cost_nobody_anything(london: LocalNode, drawn: Drawn) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    assert {phone.get("/help").status_code for _ in range(200)} == {200}
    assert drawn.count == 1
    assert phone.get("/privacy").status_code == 200


def test_behind_a_proxy_a_kept_page_counts_for_its_reader(london: LocalNode) -> None:
    from dataclasses import replace

    app = create_app(replace(london.handle, settings=replace(london.settings, trusted_proxies=1)))
    client = app.test_client()
    for number in range(130):
        headers = {"X-Forwarded-For": f"203.0.113.{number % 2}"}
        assert client.get("/privacy", base_url=london.settings.base_url, headers=headers).status_code == 200
    close(app)


def test_each_change_raises_the_revision_and_nothing_else_does(london: LocalNode) -> None:
    before = revision(london)
    with london.session() as session, writing(session):
        session.get_one(Chapter, 1)
    assert revision(london) == before
    rename(london, "Elsewhere")
    assert revision(london) == before + 1
    london.add_lead()
    assert revision(london) == before + 2


def test_a_change_that_was_taken_back_raises_nothing(london: LocalNode) -> None:
    before = revision(london)
    with pytest.raises(RuntimeError):
        rename_and_fail(london)
    assert revision(london) == before


def test_nobody_commits_but_the_one_way_to_write() -> None:
    root = Path(security.__file__).parents[2]
    for path in (found for room in ("node", "web", "deploy") for found in (root / room).rglob("*.py")):
        calls = {
            node.func.attr
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        allowed = path.name == "database.py" or "gazetteer" in path.parts
        assert allowed or not calls & {"commit", "begin"}, path
