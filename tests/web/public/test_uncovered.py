"""Two hours before a run that nobody has promised, each page of each node says not to travel on it alone."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.taps import confirm
from ...support.web_client import Phone, words

STARTS = datetime(2026, 6, 4, 17, 30, tzinfo=UTC)
SAYS = "Not confirmed: please don’t set off yet"
SAYS_WHY = "The run starts soon, and no lead has confirmed yet. Please don’t set off until"
#: What sounds like a promise.
FIRM = re.compile(r"someone(’s| is| will be)|turn up|a lead (is|will be)", re.IGNORECASE)
#: What may be said of a run that nobody has promised.
IFS = ("If it goes ahead, someone will be there", "until this says “A lead will be there”")


@pytest.fixture
def other(federation: LocalFederation) -> LocalNode:
    """Another node, which knows London's run."""
    federation.london = federation.add_chapter(LONDON)
    brisbane = federation.add_chapter(BRISBANE)
    return brisbane


@pytest.mark.parametrize(
    ("page", "says"),
    [("/runs/{chapter}/{run}", SAYS), ("/chapters/{chapter}", SAYS_WHY), ("/runs?on=2026-06-04", SAYS_WHY)],
)
def test_two_hours_before_every_node_says_so_and_not_a_minute_earlier(
    federation: LocalFederation, other: LocalNode, page: str, says: str
) -> None:
    federation.clock.now = STARTS - timedelta(hours=20)
    run = federation.london.announce(a_run())
    federation.settle()
    path = page.format(chapter=federation.london.chapter_id, run=run.id)
    for node in (federation.london, other):
        federation.clock.now = STARTS - timedelta(hours=2, minutes=1)
        assert says not in words(Phone(node).get(path))
        federation.clock.now = STARTS - timedelta(hours=2)
        assert says in words(Phone(node).get(path))


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


@pytest.mark.parametrize("page", ["/", "/runs/{chapter}/{run}", "/runs/{chapter}/{run}/coming?date=2026-06-04"])
@pytest.mark.parametrize("before", [timedelta(minutes=30), timedelta(hours=20), timedelta(days=2)])
def test_no_page_of_a_run_that_nobody_has_promised_sounds_as_if_somebody_had(
    federation: LocalFederation, other: LocalNode, before: timedelta, page: str
) -> None:
    federation.clock.now = STARTS - before
    run = federation.london.announce(a_run(look_for="Sam, in a yellow jacket"))
    said = words(Phone(federation.london).get(page.format(chapter=federation.london.chapter_id, run=run.id)))
    assert "onfirmed yet" in said or "please don’t set off yet" in said
    for allowed in IFS:
        said = said.replace(allowed, "")
    assert FIRM.search(said) is None
