"""A node whose chapter is being set up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ...support.network import Clock, LocalNode
from ...support.set_up import being_set_up


@pytest.fixture
def node(tmp_path: Path, clock: Clock) -> Iterator[LocalNode]:
    made = being_set_up(tmp_path / "leeds", clock)
    yield made
    made.close()
