"""Fixtures for every test: a clock, and a London node in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cachetools import FIFOCache

from deploy.gazetteer import build
from node.models import Person, Run
from node.places import gazetteer as places

from .support.compiled_once import compile_rules_once
from .support.leads import add_lead
from .support.network import LONDON, Clock, LocalFederation, LocalNode, a_run

compile_rules_once()

#: They take five to ten minutes each. Begun last, one of them alone would keep everything waiting.
_LONG = ("tests/test_pages.py", "tests/web/test_any_input.py", "tests/web/languages/test_in_browser.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files."""
    items.sort(key=lambda one: not one.nodeid.startswith(_LONG))


@pytest.fixture(autouse=True)
def _no_warning_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process logs a warning once. Another test's nodes have the same addresses."""
    monkeypatch.setattr("node.logs._logged", FIFOCache(500))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def london(tmp_path: Path, clock: Clock) -> Iterator[LocalNode]:
    """A chapter's node with a profile and no run yet."""
    node = LocalNode(tmp_path / "london", clock, 8101)
    node.found_chapter(LONDON)
    yield node
    node.close()


@pytest.fixture
def run(london: LocalNode) -> Run:
    """London's run: Thursdays at 18:30, from 4 June on."""
    return london.announce(a_run())


@pytest.fixture
def ada(london: LocalNode) -> Person:
    """London's first lead, who can be mailed."""
    return add_lead(london, "Ada")


@pytest.fixture
def ben(london: LocalNode, ada: Person) -> Person:
    """London's second lead, who can be mailed."""
    return add_lead(london, "Ben")


@pytest.fixture
def federation(tmp_path: Path, clock: Clock) -> Iterator[LocalFederation]:
    """HQ's node alone; tests add chapters."""
    made = LocalFederation(tmp_path, clock)
    yield made
    made.close()


@pytest.fixture(scope="session")
def gazetteer() -> None:
    """The places, as `make install` builds them; built here if they are missing or too old, never skipped."""
    try:
        places.get(0)
    except places.GazetteerMissing:
        build(places.GAZETTEER)
