"""Every error is a page in words. Under /fed/v1 it is a problem document."""

import logging
import re
from datetime import UTC, date, datetime

import pytest

from federation import errors as refusals
from node.chapter import dates
from node.directory import chapters
from node.directory.listings import Expired, Withdrawn
from node.errors import InvalidInput, NotFound, NotHeld
from web import errors

from ..support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ..support.web_client import Phone, words


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (refusals.Malformed(""), 422),
        (refusals.ForbiddenMember(""), 422),
        (refusals.WeakKey(""), 422),
        (refusals.OutOfTime(""), 422),
        (refusals.MissingRoot(""), 422),
        (refusals.BrokenChain(""), 422),
        (refusals.TooLarge(""), 413),
        (refusals.WrongSignature(""), 403),
        (refusals.NotActive(""), 403),
        (refusals.UnknownChapter(""), 404),
        (refusals.Older(""), 409),
        (refusals.UnknownCursor(""), 410),
        (NotFound(), 404),
        (NotHeld(), 404),
        (Withdrawn(), 410),
        (Expired("London", datetime(2026, 6, 1, tzinfo=UTC)), 404),
        (InvalidInput({}), 422),
    ],
)
def test_each_refusal_has_its_status(error: Exception, status: int) -> None:
    assert errors.status_of(error) == status


def test_a_refusal_to_a_node_is_a_problem_document(london: LocalNode) -> None:
    response = Phone(london).get("/fed/v1/changes?after=nonsense")
    assert response.content_type == "application/problem+json"
    assert set(response.json or {}) == {"type", "title", "status", "detail", "code"}
    assert (response.json or {})["type"] == "about:blank"
    assert (response.json or {})["status"] == response.status_code


@pytest.mark.parametrize(("path", "status"), [("/fed/v1/nothing", 404), ("/fed/v1/status", 405)])
def test_so_is_an_address_or_a_method_that_does_not_exist(london: LocalNode, path: str, status: int) -> None:
    response = Phone(london).post(path, data=b"{}", content_type="application/json")
    assert response.status_code == status
    assert response.content_type == "application/problem+json"


def test_a_page_that_is_not_there_says_where_to_go(london: LocalNode) -> None:
    response = Phone(london).get("/runs/of-yesterday")
    assert response.status_code == 404
    assert "We can’t find that page" in words(response)
    assert "please don’t set off until" in words(response)
    assert 'href="/runs"' in response.text
    assert 'href="/help"' in response.text


def test_of_other_pages_nobody_speaks_of_travelling(london: LocalNode) -> None:
    assert "travel" not in words(Phone(london).get("/nothing"))


def test_a_wrong_method_says_which_are_right(london: LocalNode) -> None:
    response = Phone(london).post("/help")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_withdrawn_run_says_the_chapters_other_runs(london: LocalNode) -> None:
    london.announce(a_run(name="Sunday walk"))
    with london.session() as session:
        from node.chapter.identity import own

        chapter = own(session).id
    response = Phone(london).get(f"/runs/{chapter}/gone")
    assert response.status_code == 410
    assert "This run has ended" in words(response)
    assert "Please don’t travel to it" in words(response)
    assert "Sunday walk" in words(response)
    assert 'href="/runs"' in response.text


def test_beside_a_withdrawn_run_the_other_that_is_on_first_comes_first(london: LocalNode) -> None:
    off = london.announce(a_run(name="Canal run"))
    london.announce(a_run(name="Sunday walk", starts_on=date(2026, 6, 7)))
    with london.session() as session:
        dates.cancel(session, london.settings, off.id, date(2026, 6, 4), "weather", "", london.clock())
        page = Phone(london).get(f"/runs/{chapters.own_id(session)}/gone")
    assert re.findall("Canal run|Sunday walk", words(page)) == ["Sunday walk", "Canal run"]


def test_the_run_of_a_chapter_that_is_not_heard_says_since_when(federation: LocalFederation) -> None:
    node, other = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = node.announce(a_run())
    federation.settle()
    federation.clock.tick(days=20)
    response = Phone(other).get(f"/runs/{node.chapter_id}/{run.id}")
    assert response.status_code == 404
    say = "We haven’t heard from London since Monday 1 June, so we don’t know whether its runs are on."
    assert say in words(response)
    assert 'href="/runs"' in response.text.partition("<main")[2]


TYPED = {"name": "Sunday <b>walk</b>", "what_happens": "We talk.\nWe walk.", "form_id": "f0rm", "kind": "walk"}


def test_what_was_typed_is_there_to_copy_when_a_sign_in_is_over(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    london.clock.tick(days=91)
    response = phone.post("/lead/runs/new", data=TYPED)
    assert response.status_code == 401
    assert "readonly>Sunday &lt;b&gt;walk&lt;/b&gt;</textarea>" in response.text
    assert "readonly>We talk.\nWe walk.</textarea>" in response.text
    assert "What happens" in words(response)
    assert "f0rm" not in response.text
    assert response.headers["Cache-Control"] == "no-store"


def test_what_was_typed_is_there_to_copy_when_too_much_was_asked(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    london.app.config["RATELIMIT_ENABLED"] = True
    for _ in range(120):
        phone.get("/lead/me")
    response = phone.post("/lead/runs/anything/dates/2026-06-04/cancel", data={"note": "Ice on the bridge"})
    assert response.status_code == 429
    assert "readonly>Ice on the bridge</textarea>" in response.text


def test_a_form_that_is_too_long_is_asked_to_be_shorter_without_a_promise(london: LocalNode) -> None:
    response = Phone(london).sign_in().post("/lead/runs/new", data=TYPED | {"bring": "x" * 300_000})
    assert response.status_code == 413
    assert "make it shorter" in words(response)
    assert "<textarea" not in response.text


def test_what_a_forged_form_says_is_not_shown(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    response = phone.post("/lead/runs/new", data=TYPED, headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    assert "We talk." not in response.text


def test_what_was_typed_for_a_run_that_is_gone_is_there_to_copy(london: LocalNode) -> None:
    response = Phone(london).sign_in().post("/lead/runs/gone/edit", data=TYPED)
    assert response.status_code == 404
    assert "readonly>We talk." in response.text


@pytest.mark.parametrize("path", ["/signin/a-token", "/runs", "/me/phones/sign-out"])
def test_no_other_form_is_shown_again(london: LocalNode, path: str) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    for _ in range(12):
        response = phone.post(
            path, data={"name": "a secret", "phone": "a hash"} if path == "/runs" else {"phone": "a hash"}
        )
    assert response.status_code in (401, 405, 429)
    assert "<textarea" not in response.text
    assert "a hash" not in response.text


def test_what_breaks_is_said_kindly_and_logged_without_what_was_typed(
    london: LocalNode, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    london.app.jinja_env.globals["site"] = None
    response = Phone(london).get("/runs?near=where-i-live")
    assert response.status_code == 500
    assert "our fault, not yours" in words(response)
    assert "/runs failed" in caplog.text
    assert "where-i-live" not in caplog.text


def test_what_was_typed_into_an_address_is_shown_as_text(london: LocalNode) -> None:
    page = Phone(london).get('/runs?near=<script>alert(1)</script>&within="><b>').text
    assert "<script>alert" not in page
    assert "><b>" not in page
