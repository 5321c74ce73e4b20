"""What is relayed to a node that is slow, busy or broken."""

import threading
from concurrent.futures import Future
from datetime import date

import pytest
from sqlalchemy import select

from federation.envelope import read
from node.chapter import dates
from node.directory import parsed
from node.errors import InvalidInput
from node.models import HeldDocument, RelayItem
from node.relay.courier import Courier
from node.wire.outbound import Unreachable

from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run, held_digests
from .test_hostile_peers import THURSDAY, Three


@pytest.fixture
def three(federation: LocalFederation) -> tuple[LocalNode, LocalNode, LocalNode]:
    london, peterborough, brisbane = (federation.add_chapter(p) for p in (LONDON, PETERBOROUGH, BRISBANE))
    federation.settle()
    return london, peterborough, brisbane


def test_a_slow_node_holds_no_other_up_and_gets_the_newest_later(federation: LocalFederation, three: Three) -> None:
    london, peterborough, brisbane = three
    run = london.announce(a_run())
    federation.settle()
    slow, may_go, told = peterborough.settings.base_url, threading.Event(), []

    def send(base_url: str, chapter: str, envelope: bytes) -> bool:
        if base_url == slow:
            may_go.wait(10)
        told.append((base_url, read(envelope).digest))
        return True

    courier = Courier(london.handle, send)
    futures = []
    for reason in ("weather", "venue"):
        with london.session() as session:
            now = federation.clock.tick(seconds=5)
            dates.cancel(session, london.settings, run.id, THURSDAY, reason, "", now)
        futures.append(courier.round())
        [future.result(5) for future in futures[-1] if not waits_for(future)]
    newest = held_digests(london)[london.chapter_id]
    assert (brisbane.settings.base_url, newest) in told
    may_go.set()
    [future.result(5) for future in futures[0]]
    [future.result(5) for future in courier.round()]
    assert (slow, newest) in told
    courier.close()


def waits_for(future: Future[bool]) -> bool:
    """Whether it is the slow one's: it cannot be done before it may go."""
    try:
        future.result(0.5)
    except TimeoutError:
        return True
    return False


def test_other_changes_that_wake_the_relay_burn_no_tries(federation: LocalFederation, three: Three) -> None:
    london = three[0]
    run = london.announce(a_run())
    federation.settle()
    federation.wire.down.add(federation.hq.settings.base_url)
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "weather", "", federation.clock.tick(seconds=5))
    for _ in range(20):
        federation.relay(london)
    with london.session() as session:
        item = session.scalars(select(RelayItem).order_by(RelayItem.id.desc())).first()
        assert item is not None
        assert (item.tries_left, item.done_at) == (12 - 3, None)


def test_a_delivery_that_breaks_counts_as_not_acknowledged(federation: LocalFederation, three: Three) -> None:
    london = three[0]
    run = london.announce(a_run())
    federation.settle()

    def send(base_url: str, chapter: str, envelope: bytes) -> bool:
        raise RuntimeError(base_url) if base_url.endswith("0") else Unreachable(base_url)

    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "weather", "", federation.clock.tick(seconds=5))
    courier = Courier(london.handle, send)
    assert [future.result(5) for future in courier.round()] == [False] * 3
    courier.close()


def test_a_full_document_has_room_for_a_cancellation_all_the_same(federation: LocalFederation, three: Three) -> None:
    london = three[0]
    long = "走" * 1000
    announced = [london.announce(a_run(directions=long, what_happens=long)) for _ in range(7)]
    with pytest.raises(InvalidInput, match="too_many"):
        london.announce(a_run(directions=long, what_happens=long))
    for run in announced:
        for week in range(8):
            day = date.fromordinal(THURSDAY.toordinal() + 7 * week)
            with london.session() as session:
                now = federation.clock.tick(seconds=5)
                dates.cancel(session, london.settings, run.id, day, "weather", "雨" * 300, now)
    with london.session() as session:
        document = parsed.document_of(session.get(HeldDocument, london.chapter_id))
        assert document is not None
        assert all(len(one.dates) == 8 for one in document.listings)
