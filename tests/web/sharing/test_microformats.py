"""Dates as events, and chapters as cards, as a reader of microformats that others wrote finds them."""

from typing import Any

import mf2py
import pytest

from node.models import Run

from ...support.network import LocalNode
from ...support.taps import cancel, confirm
from ...support.web_client import Phone


def items(node: LocalNode, path: str, kind: str) -> list[dict[str, Any]]:
    page = Phone(node).get(path).text
    found = mf2py.parse(doc=page, url=node.settings.base_url + path)["items"]
    return [one["properties"] for one in found if kind in one["type"]]


@pytest.mark.usefixtures("gazetteer")
def test_a_runs_page_and_a_card_are_events(london: LocalNode, run: Run) -> None:
    confirm(london, run)
    path = f"/runs/{london.chapter_id}/{run.id}"
    [shown] = items(london, path, "h-event")
    assert shown["name"] == ["Thursday evening run"]
    assert shown["start"] == ["2026-06-04T18:30:00+0100"]
    assert shown["url"] == [london.settings.base_url + path]
    assert shown["location"][0]["properties"]["name"] == ["The Monument"]
    assert shown["organizer"][0]["properties"]["name"] == ["London"]
    first = items(london, "/runs?near=London", "h-event")[0]
    assert (first["name"], first["start"]) == (shown["name"], shown["start"])
    assert first["url"] == [f"{london.settings.base_url}{path}?date=2026-06-04"]
    assert first["location"] == ["The Monument, London"]


def test_a_cancelled_date_is_no_event(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    path = f"/runs/{london.chapter_id}/{run.id}"
    assert all("2026-06-04T18:30:00+0100" not in one.get("start", []) for one in items(london, path, "h-event"))
    assert items(london, f"{path}?date=2026-06-11", "h-event")


def test_a_chapters_page_is_its_card(london: LocalNode) -> None:
    path = f"/chapters/{london.chapter_id}"
    [card] = items(london, path, "h-card")
    assert (card["name"], card["locality"], card["url"]) == (["London"], ["London"], [london.settings.base_url + path])
