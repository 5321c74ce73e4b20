"""One handle for one node: what it knows in memory is shared by its jobs and pages, and by no other node."""

from datetime import date

import pytest

from node.chapter import dates
from node.handle import Node
from node.models import Run
from web.context import session as session_of_the_page

from ..support.full_disk import full_disk
from ..support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run

THURSDAY = date(2026, 6, 4)


@pytest.fixture
def london(federation: LocalFederation) -> LocalNode:
    """A chapter beside another one, with a run; nothing waits to be told."""
    made = federation.add_chapter(LONDON)
    federation.add_chapter(BRISBANE)
    made.announce(a_run())
    federation.settle(1)
    for node in federation.wire.nodes.values():
        node.handle.queued.clear()
    return made


def cancel(node: LocalNode, handle: Node) -> None:
    with handle.sessions() as session:
        [run] = session.query(Run)
        dates.cancel(session, node.settings, run.id, THURSDAY, "lead", "", node.clock.tick(seconds=5))


def awake(federation: LocalFederation) -> list[LocalNode]:
    return [node for node in federation.wire.nodes.values() if node.handle.queued.is_set()]


def test_a_change_wakes_the_courier_of_its_own_node_alone(federation: LocalFederation, london: LocalNode) -> None:
    cancel(london, london.handle)
    assert awake(federation) == [london]


def test_so_does_a_change_from_a_page(federation: LocalFederation, london: LocalNode) -> None:
    with london.app.test_request_context(base_url=london.settings.base_url):
        session = session_of_the_page()
        [run] = session.query(Run)
        dates.cancel(session, london.settings, run.id, THURSDAY, "lead", "", london.clock.tick(seconds=5))
    assert awake(federation) == [london]


def test_a_change_that_is_not_kept_wakes_nobody(federation: LocalFederation, london: LocalNode) -> None:
    with full_disk(london), pytest.raises(Exception, match="disk"):
        cancel(london, london.handle)
    assert awake(federation) == []
