"""A node that cannot write says so in words. It changes nothing, and shows what was typed, to be copied."""

import fcntl
from datetime import date

import pytest

from node.chapter import dates
from node.models import Run

from ..support.full_disk import full_disk
from ..support.network import LocalNode
from ..support.web_client import Phone, words

THURSDAY = date(2026, 6, 4)


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def state(london: LocalNode, run: Run) -> str:
    with london.session() as session:
        return dates.coming(session, run, london.clock())[0].state


def test_a_tap_on_a_full_disk_says_that_nobody_has_been_told(
    london: LocalNode, run: Run, phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    path, form = f"/lead/runs/{run.id}/dates/{THURSDAY}/cancel", {"reason": "other", "note": "The bridge is shut."}
    with full_disk(london):
        answer = phone.post(path, data=form)
    assert answer.status_code == 503
    assert "no one has been told" in words(answer)
    assert "have someone wait at the meeting point" in words(answer)
    assert "Back to your runs" in words(answer)
    assert "The bridge is shut." in answer.text
    assert "disk" in caplog.text
    assert "The bridge is shut." not in caplog.text
    assert state(london, run) == "unconfirmed"
    assert phone.post(path, data=form).status_code == 303
    assert state(london, run) == "cancelled"


def test_so_does_a_tap_while_somebody_holds_the_lock_for_long(
    london: LocalNode, run: Run, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.database.PATIENCE", 0.01)
    with (london.settings.data / "node.sqlite.lock").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        answer = phone.post(f"/lead/runs/{run.id}/dates/{THURSDAY}/confirm")
    assert answer.status_code == 503
    assert "no one has been told" in words(answer)
    assert answer.headers["Retry-After"] == "5"


def test_a_board_opens_though_it_cannot_be_noted_that_the_phone_was_used(
    london: LocalNode, run: Run, phone: Phone
) -> None:
    london.clock.tick(hours=3)
    with full_disk(london):
        assert run.name in words(phone.get("/lead"))


def test_a_made_up_sign_in_link_waits_for_no_lock(london: LocalNode) -> None:
    with (london.settings.data / "node.sqlite.lock").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert Phone(london).post("/signin/made-up").status_code < 500
