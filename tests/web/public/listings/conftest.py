"""What tests of listings' pages share: a world for each test, and one that no test of a file changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ....support.network import Clock, LocalFederation
from .world import World


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that no test changes."""
    federation = LocalFederation(tmp_path_factory.mktemp("seen"), Clock())
    yield World(federation)
    federation.close()


@pytest.fixture
def world(seen: World, tmp_path: Path) -> Iterator[World]:
    """A world of the test's own."""
    made = seen.copied(tmp_path)
    yield made
    made.federation.close()
