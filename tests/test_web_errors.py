"""Every error as a page in words, and under /fed/v1 as a problem document."""

import logging

import pytest

from federation import errors as refusals
from node.errors import InvalidInput, NotFound, NotHeld
from node.listings import Withdrawn
from web import errors

from .network import LocalNode, a_run
from .web_client import Phone, words


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
    assert "There is nothing at this address" in words(response)
    assert 'href="/runs"' in response.text
    assert 'href="/help"' in response.text


def test_a_wrong_method_says_which_are_right(london: LocalNode) -> None:
    response = Phone(london).post("/help")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_withdrawn_run_says_what_the_chapter_still_holds(london: LocalNode) -> None:
    london.announce(a_run(name="Sunday walk"))
    with london.session() as session:
        from node.identity import own

        chapter = own(session).id
    response = Phone(london).get(f"/runs/{chapter}/gone")
    assert response.status_code == 410
    assert "This run is not listed any more" in words(response)
    assert "Sunday walk" in words(response)
    assert 'href="/runs"' in response.text


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
