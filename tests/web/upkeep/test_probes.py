"""What programs that watch over the process are told: that it answers, and whether it can do its work."""

import os
from collections.abc import Callable

import pytest

from node.upkeep import readiness

from ...support.network import LocalFederation, LocalNode
from ...support.web_client import Phone


def test_a_node_that_can_do_its_work_is_ready_and_names_its_chapter(london: LocalNode) -> None:
    answer = Phone(london).get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "why": None, "chapter": london.chapter_id})


def test_hqs_node_is_ready_and_names_hq(federation: LocalFederation) -> None:
    answer = Phone(federation.hq).get("/readyz")
    assert answer.json is not None
    assert answer.status_code == 200
    assert len(answer.json["chapter"]) == 24


def stopping(node: LocalNode, _: pytest.MonkeyPatch) -> None:
    node.handle.stopping.set()


def read_only(_: LocalNode, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("os.access", lambda *_: False)


def without_room(_: LocalNode, patch: pytest.MonkeyPatch) -> None:
    little = os.statvfs_result((4096, 4096, 10_000, 100, 100, 100, 50, 50, 0, 255))
    patch.setattr("os.statvfs", lambda _: little)


def of_another_version(node: LocalNode, _: pytest.MonkeyPatch) -> None:
    with node.handle.writing() as transaction:
        transaction.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")


def damaged(node: LocalNode, _: pytest.MonkeyPatch) -> None:
    """The table that says the version is gone, as after a write into the file by something else."""
    with node.handle.writing() as transaction:
        transaction.connection().exec_driver_sql("DROP TABLE alembic_version")


FAULTS: dict[readiness.Hindrance, Callable[[LocalNode, pytest.MonkeyPatch], None]] = {
    "stopping": stopping,
    "read-only": read_only,
    "no-room": without_room,
    "not-migrated": of_another_version,
    "database": damaged,
}


@pytest.mark.parametrize("why", FAULTS)
def test_a_node_that_cannot_do_its_work_says_why_in_a_word(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch, why: readiness.Hindrance
) -> None:
    phone = Phone(london)
    assert phone.get("/readyz").status_code == 200
    FAULTS[why](london, monkeypatch)
    answer = phone.get("/readyz")
    assert answer.json is not None
    assert (answer.status_code, answer.json["ready"], answer.json["why"]) == (503, False, why)
    live = phone.get("/livez")
    assert (live.status_code, live.json) == (200, {"live": True})


def test_no_answer_to_a_probe_is_kept(london: LocalNode) -> None:
    answers = [Phone(london).get(path) for path in ("/livez", "/readyz")]
    assert [answer.headers["Cache-Control"] for answer in answers] == ["no-store", "no-store"]


def test_probes_are_on_the_budget_of_pages(london: LocalNode) -> None:
    london.app.config["RATELIMIT_ENABLED"] = True
    phone = Phone(london)
    assert [phone.get("/livez").status_code for _ in range(121)] == [200] * 120 + [429]
