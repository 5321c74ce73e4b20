"""What Prometheus reads of a node: numbers by its conventions, and nothing about a person."""

import re

from sqlalchemy import delete

from node.models import CheckResult
from node.upkeep import metrics, watch

from ...support.network import LocalNode

_LINE = re.compile(r'([a-z_]+)(\{[a-z]+="(?:[^"\\]|\\.)*"\})? (-?[0-9.e+-]+)')


def numbers(node: LocalNode) -> dict[str, float]:
    text = metrics.text(node.handle)
    assert text.endswith("\n")
    found = [_LINE.fullmatch(line) for line in text.splitlines() if not line.startswith("#")]
    assert all(found)
    return {f"{one[1]}{one[2] or ''}": float(one[3]) for one in found if one}


def test_each_measure_says_what_it_is_before_its_numbers(london: LocalNode) -> None:
    lines = metrics.text(london.handle).splitlines()
    heads = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(heads) == len(set(heads)) > 8
    for line in lines:
        name = re.split(r"[{ ]", line.removeprefix("# HELP ").removeprefix("# TYPE "))[0]
        assert name in heads
        assert name.startswith(("rtr_", "process_"))


def test_the_numbers_are_those_of_the_node(london: LocalNode) -> None:
    london.handle.seen.note_job("poll", london.clock(), failed=True)
    london.handle.seen.visitors.note("8.8.8.8")
    watch.look(london.handle)
    found = numbers(london)
    assert found["rtr_ready"] == 1
    assert found['rtr_job_failures_total{job="poll"}'] == 1
    assert found['rtr_requests_total{address="public"}'] == 1
    assert found['rtr_check_well{check="jobs"}'] == 0
    assert found['rtr_check_well{check="database"}'] == 1
    assert found["rtr_database_bytes"] == london.settings.database.stat().st_size
    assert found["process_resident_memory_bytes"] > 1 << 20
    assert found["rtr_document_fresh_until_timestamp_seconds"] > london.clock().timestamp()


def test_what_is_not_known_has_no_number(london: LocalNode) -> None:
    assert not {"rtr_backup_timestamp_seconds", "rtr_peer_answer_timestamp_seconds"} & set(numbers(london))


def test_a_broken_database_leaves_the_numbers_of_the_process(london: LocalNode) -> None:
    with london.handle.writing() as transaction:
        transaction.execute(delete(CheckResult))
        transaction.connection().exec_driver_sql("DROP TABLE check_result")
    found = numbers(london)
    assert found["rtr_ready"] == 0
    assert found["process_open_fds"] > 0


def test_no_address_of_a_visitor_is_in_it(london: LocalNode) -> None:
    for address in ("8.8.8.8", "192.168.1.4"):
        london.handle.seen.visitors.note(address)
    text = metrics.text(london.handle)
    assert "8.8.8.8" not in text
    assert "192.168" not in text
