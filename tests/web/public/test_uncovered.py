"""Two hours before a run that nobody has promised, each page of each node says not to travel on it alone."""

from datetime import UTC, datetime, timedelta

import pytest

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.taps import confirm
from ...support.web_client import Phone, words

STARTS = datetime(2026, 6, 4, 17, 30, tzinfo=UTC)
SAYS = "Not confirmed: please don’t set off yet"


@pytest.fixture
def other(federation: LocalFederation) -> LocalNode:
    """Another node, which knows London's run."""
    federation.london = federation.add_chapter(LONDON)
    brisbane = federation.add_chapter(BRISBANE)
    return brisbane


@pytest.mark.parametrize("page", ["/runs/{chapter}/{run}", "/chapters/{chapter}", "/runs?on=2026-06-04"])
def test_two_hours_before_every_node_says_so_and_not_a_minute_earlier(
    federation: LocalFederation, other: LocalNode, page: str
) -> None:
    federation.clock.now = STARTS - timedelta(hours=20)
    run = federation.london.announce(a_run())
    federation.settle()
    path = page.format(chapter=federation.london.chapter_id, run=run.id)
    for node in (federation.london, other):
        federation.clock.now = STARTS - timedelta(hours=2, minutes=1)
        assert SAYS not in words(Phone(node).get(path))
        federation.clock.now = STARTS - timedelta(hours=2)
        assert SAYS in words(Phone(node).get(path))


def test_a_promise_takes_it_away_everywhere(federation: LocalFederation, other: LocalNode) -> None:
    federation.clock.now = STARTS - timedelta(hours=2)
    run = federation.london.announce(a_run())
    federation.settle()
    path = f"/runs/{federation.london.chapter_id}/{run.id}"
    assert SAYS in words(Phone(other).get(path))
    confirm(federation.london, run)
    federation.settle()
    assert SAYS not in words(Phone(other).get(path))
    assert "A lead will be there" in words(Phone(other).get(path))
