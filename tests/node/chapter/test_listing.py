"""Our run as the protocol spells it, and read back from that."""

from datetime import date

import pytest

from node.chapter import runs
from node.chapter.listing import listing_of, run_of
from node.models import Run

from ...support.network import LocalNode, a_run

LAST_SATURDAY = date(2026, 5, 30)


@pytest.mark.parametrize("repeats", runs.REPEATS)
def test_a_run_reads_back_from_its_listing_as_the_lead_described_it(london: LocalNode, repeats: str) -> None:
    run = a_run(
        repeats=repeats,
        starts_on=LAST_SATURDAY if repeats == "monthly-last" else date(2026, 6, 6),
        until=date(2026, 12, 31),
        exdates=(date(2026, 7, 4),) if repeats in ("weekly", "fortnightly") else (),
        duration_minutes=50,
        arrive_minutes_before=5,
        facilities=("water", "toilets"),
        languages=("en", "cy"),
        photos="none",
        minimum_age=16,
        precision_m=40,
    )
    with london.session() as session:
        row = Run(id="aaaaaaaa", **run.columns())
        assert runs.input_of(run_of(listing_of(session, row, london.clock()), None)) == run


def test_what_no_listing_tells_stays_as_it_was(london: LocalNode) -> None:
    run = london.announce(a_run(lead_id=london.add_lead().id))
    with london.session() as session:
        former = session.get_one(Run, run.id)
        assert run_of(listing_of(session, former, london.clock()), former).lead_id == former.lead_id
