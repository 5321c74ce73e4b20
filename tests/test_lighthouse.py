"""The three pages that a newcomer meets, as Lighthouse grades them. Its grade of speed is a benchmark's matter."""

from collections.abc import Iterator

import pytest

from .pages.world import World, world
from .support.lighthouse import grade

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PAGES = {
    "home": ("london", "/"),
    "HQ's home": ("hq", "/"),
    "search": ("london", "/runs?near=London"),
    "run": ("london", "/runs/{london}/{confirmed}"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, gazetteer: None) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("lighthouse")) as started:
        yield started


@pytest.mark.parametrize("name", PAGES)
def test_lighthouse_finds_nothing_to_mend(made: World, name: str) -> None:
    graded = grade(made.url(*PAGES[name]), ("accessibility", "best-practices", "seo"))
    assert graded.faults == {"accessibility": [], "best-practices": [], "seo": []}
    assert set(graded.score.values()) == {100}, graded.score
