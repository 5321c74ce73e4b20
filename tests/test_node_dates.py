"""Confirm, cancel and undo of one date."""

from datetime import date

from federation.documents import DateState
from node import dates, directory
from node.models import HeldDocument

from .network import LocalNode, a_run

THURSDAY = date(2026, 6, 4)


def signed_dates(node: LocalNode) -> list[DateState]:
    with node.session() as session:
        document = directory.read_held(session.get(HeldDocument, directory.own_id(session)))
        assert document is not None
        return document.listings[0].dates


def test_a_cancelled_date_stands_in_the_signed_document(london: LocalNode) -> None:
    run = london.announce(a_run())
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, THURSDAY, "weather", "Ice", london.clock.tick(hours=1))
    said = signed_dates(london)
    assert [(d.date, d.state, d.reason, d.note) for d in said] == [("2026-06-04", "cancelled", "weather", "Ice")]
