"""What `rtr demo --nodes 24` shows: the movement of September 2019, and what its leads have said."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.commands.folder import opened
from deploy.demo import movement
from deploy.demo.federation import poll_seconds
from deploy.demo.happenings import let_happen
from deploy.demo.movement import MOST_NODES
from deploy.demo.nodes import DemoNode
from deploy.demo.paper import list_paper_chapters
from deploy.demo.story import CHAPTERS, DemoChapter, Happening
from node.chapter import runs
from node.directory import chapters, listings, serving

from ...support.network import LocalNode

pytestmark = pytest.mark.usefixtures("gazetteer")


def test_it_is_hq_and_23_chapters_of_which_19_are_british_3_american_and_one_is_brisbane() -> None:
    everyone = movement.chapters(MOST_NODES - 1)
    assert Counter(one.profile.country for one in everyone) == {"GB": 19, "US": 3, "AU": 1}
    assert len({one.key for one in everyone}) == MOST_NODES - 1


def test_the_smallest_demo_is_the_three_that_have_always_been_in_it() -> None:
    assert movement.chapters(len(CHAPTERS)) == CHAPTERS


def test_each_meets_in_the_town_that_the_gazetteer_knows_and_on_its_clock() -> None:
    for one in movement.chapters(MOST_NODES - 1):
        assert one.run.timezone == one.profile.timezone
        assert (
            one.profile.timezone.split("/")[0]
            == {"GB": "Europe", "US": "America", "AU": "Australia"}[one.profile.country]
        )


def test_some_are_held_less_often_and_things_happen_to_some() -> None:
    everyone = movement.chapters(MOST_NODES - 1)
    assert {one.run.repeats for one in everyone} >= {"weekly", "fortnightly", "monthly", "monthly-last"}
    assert {one.happening for one in everyone} == set(SHOWN)


@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda one: one.key)
def test_a_first_date_is_not_over_yet_at_any_hour_of_the_demo(chapter: DemoChapter, hour: int) -> None:
    for day in range(1, 8):
        now = datetime(2026, 6, day, hour, 59, tzinfo=UTC)
        run = chapter.next_run(now)
        assert run.starts_on.weekday() == chapter.weekday
        assert datetime.combine(run.starts_on, run.starts_at, ZoneInfo(run.timezone)) > now


#: State, moved, paused, as everybody sees it.
SHOWN: dict[Happening, tuple[str, bool, bool]] = {
    "confirmed": ("confirmed", False, False),
    "unconfirmed": ("unconfirmed", False, False),
    "cancelled": ("cancelled", False, False),
    "moved": ("confirmed", True, False),
    "new hour": ("moved", True, False),
    "paused": ("unconfirmed", False, True),
    "chapter paused": ("unconfirmed", False, True),
}


@pytest.mark.parametrize("happening", SHOWN)
def test_what_has_happened_is_seen_by_everybody(london: LocalNode, happening: Happening) -> None:
    london.add_lead(CHAPTERS[0].lead)
    now = london.clock()
    with london.session() as session:
        run = runs.announce(session, london.settings, CHAPTERS[0].next_run(now), None, now)
        let_happen(session, london.settings, run, happening, now)
        seen = listings.on_day(session, chapters.own_id(session) or "", run.id, run.starts_on, now)
    assert seen
    assert (seen.state, seen.moved, seen.paused) == SHOWN[happening]


@pytest.mark.parametrize("chapter", movement.chapters(MOST_NODES - 1), ids=lambda one: one.key)
def test_every_chapters_run_is_one_that_a_node_lists(london: LocalNode, chapter: DemoChapter) -> None:
    london.add_lead(chapter.lead)
    now = london.clock()
    with london.session() as session:
        run = runs.announce(session, london.settings, chapter.next_run(now), None, now)
        let_happen(session, london.settings, run, chapter.happening, now)
        assert run.starts_on > date(2026, 1, 1)


def test_chapters_on_paper_are_listed_and_held_by_hq_and_live_at_its_address(tmp_path: Path) -> None:
    hq = DemoNode("hq", tmp_path / "hq", "http://127.0.0.1:8100", 2)
    hq.make_hq(CHAPTERS)
    assert list_paper_chapters(hq, 7) == 21
    with opened(hq.folder, {}) as folder, folder.sessions() as session:
        now = datetime.now(UTC)
        assert serving.status(session, now)["counts"] == {"chapters": 7, "documents": 7, "listings": 21}
        assert {url for _, url in chapters.hosts(session)} == {hq.url}


def test_the_more_there_are_the_less_often_each_asks() -> None:
    assert [poll_seconds(4), poll_seconds(MOST_NODES), poll_seconds(4, 10_000)] == [2, 4, 10]
