"""A cursor may hold anything, since strangers write some. The page says that it is lost, or begins at the start."""

import base64
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from ...support.network import LocalNode, a_run
from ...support.web_client import Phone

PLACES = some.tuples(
    some.integers(-1, 2**41) | some.floats() | some.booleans(),
    some.integers(-1, 2**41),
    some.text(max_size=30),
    some.text(max_size=10),
    some.dates().map(str) | some.text(max_size=12),
)


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    for repeats in ("weekly", "fortnightly", "monthly", "once"):
        london.announce(a_run(repeats=repeats))
    return Phone(london)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example((2**40 - 1, 0, "a", "b", "9999-12-31"))
@example((253_402_300_799, 0, "a", "b", "2026-06-04"))
@given(PLACES)
def test_no_cursor_breaks_the_search(phone: Phone, place: tuple[object, ...]) -> None:
    after = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    for near in ({}, {"near": "51.5101,-0.0860"}):
        assert phone.get("/runs", query_string={"after": after, **near}).status_code == 200
