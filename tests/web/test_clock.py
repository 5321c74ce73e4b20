"""A node whose clock other nodes contradict. Its board says so, and its pages go by that clock (§14.5)."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from deploy.commands import main
from federation.errors import OutOfTime
from node import config
from node.database import writing
from node.directory import listings
from node.directory.listings import Expired
from node.models import KnownPeer
from node.sync import intake

from ..node.sync.test_sync import held_envelope
from ..support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ..support.web_client import Phone, words

SAID = "clock is more than ten minutes out from the other servers"


def contradict(node: LocalNode, seconds: int) -> None:
    """Note what five nodes have just said of their clocks."""
    with node.session() as session, writing(session):
        for number in range(5):
            session.merge(KnownPeer(base_url=f"https://{number}", status_at=node.clock(), clock_off_seconds=seconds))


@pytest.mark.parametrize(("is_hq", "board"), [(False, "/lead"), (True, "/hq")])
def test_the_first_page_of_who_looks_after_a_node_says_that_its_clock_is_wrong(
    federation: LocalFederation, is_hq: bool, board: str
) -> None:
    node = federation.hq if is_hq else federation.add_chapter(LONDON)
    phone = Phone(node).sign_in("Ada")
    for seconds, is_said in ((599, False), (601, True), (-601, True)):
        contradict(node, seconds)
        assert (SAID in words(phone.get(board))) == is_said, seconds


def test_rtr_sync_says_that_the_clock_is_wrong(federation: LocalFederation, monkeypatch: pytest.MonkeyPatch) -> None:
    hq = federation.hq
    values = {"BASE_URL": hq.settings.base_url, "ROLE": "hq", "NETWORK": "loopback", "PORT": str(hq.settings.port)}
    config.write(hq.settings.data, values)
    monkeypatch.setattr("node.handle.utc_now", hq.clock)
    contradict(hq, 3600)
    result = CliRunner().invoke(main, ["--data", str(hq.settings.data), "sync"])
    assert result.stderr == "this computer's clock is over ten minutes off the other nodes': set it right\n"


def test_s14_5_a_clock_so_far_ahead_that_a_run_has_expired_takes_no_cancellation_in_either(
    federation: LocalFederation,
) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.settle()
    contradict(brisbane, -15 * 86_400)
    ahead = federation.clock() + timedelta(days=15)
    with brisbane.session() as session, pytest.raises(Expired):
        listings.listing(session, london.chapter_id, run.id, ahead)
    london.announce(a_run(name="Newer"))
    newer = held_envelope(london, london.chapter_id)
    with brisbane.session() as session, pytest.raises(OutOfTime):
        intake.put_document(session, brisbane.settings, london.chapter_id, newer, ahead)
