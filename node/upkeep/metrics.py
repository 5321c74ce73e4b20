"""How this node does, in numbers, as Prometheus reads them (text format 0.0.4). No number is of a person or a visitor.

Written by hand: the format is a line for each number. The library for it took 1.1 MB of memory.
"""

import os
import resource
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ..directory.serving import SOFTWARE
from ..handle import Node
from ..mail import outbox
from . import readiness, watch
from .backups import backup_notes
from .room import room_in

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Measure(NamedTuple):
    """One measure: its name, what it means, and its values, each with the label that tells it from the others."""

    name: str
    help: str
    kind: Literal["gauge", "counter"]
    values: list[tuple[str, float]]


def text(node: Node) -> str:
    """All numbers. Those that a broken database cannot give are left out."""
    with node.seldom() as session:
        measures = [*_of_process(node), *_of_folder(node)]
        try:
            measures += _of_database(node, session)
        except DBAPIError:
            measures.append(_one("rtr_ready", "Whether the node can do its work.", 0))
    return "".join(line for measure in measures for line in _lines(measure))


def _lines(measure: Measure) -> Iterator[str]:
    if measure.values:
        yield f"# HELP {measure.name} {measure.help}\n# TYPE {measure.name} {measure.kind}\n"
    for label, value in measure.values:
        yield f"{measure.name}{label} {value:.15g}\n"


def _of_process(node: Node) -> Iterator[Measure]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    jobs = sorted(node.seen.jobs.items())
    came = node.seen.visitors
    yield _one("rtr_build_info", "Which program this is.", 1, _label("software", SOFTWARE))
    yield _one("process_start_time_seconds", "When the process began.", node.began.timestamp())
    yield _count("process_cpu_seconds_total", "Processor time.", [("", used.ru_utime + used.ru_stime)])
    yield _one("process_resident_memory_bytes", "Memory.", (watch.memory_mb() or 0) << 20)
    yield _one("process_open_fds", "Open files and connections.", len(os.listdir("/proc/self/fd")) if _HAS_PROC else 0)
    ended = [(_label("job", name), float(run.ended)) for name, run in jobs]
    yield _count("rtr_job_runs_total", "How often each job ended.", ended)
    failed = [(_label("job", name), float(run.failed)) for name, run in jobs]
    yield _count("rtr_job_failures_total", "How often each job failed.", failed)
    by_kind = [(_label("address", "public"), float(came.public)), (_label("address", "private"), float(came.private))]
    yield _count("rtr_requests_total", "Requests by the kind of address that they seem to come from.", by_kind)


def _of_folder(node: Node) -> Iterator[Measure]:
    last = backup_notes.last_backup(node.settings)
    yield _one("rtr_disk_free_bytes", "Room on the disk of the data folder.", room_in(node.settings.data))
    yield _one("rtr_database_bytes", "Size of the database.", node.settings.database.stat().st_size)
    yield _moment("rtr_backup_timestamp_seconds", "When the last backup was made.", last.made_at if last else None)


def _of_database(node: Node, session: Session) -> list[Measure]:
    now = node.clock()
    checks = [(_label("check", row.name), float(row.state != "broken")) for row in watch.results(session)]
    answered, fresh_until = watch.last_answer(session, now), watch.fresh_until(node, session)
    return [
        _one("rtr_ready", "Whether the node can do its work.", readiness.hindrance(node, session) is None),
        Measure("rtr_check_well", "Whether the last hourly look found this well.", "gauge", checks),
        _one("rtr_letters_waiting", "Letters that are not sent yet.", outbox.tally(session, now).waiting),
        _moment("rtr_document_fresh_until_timestamp_seconds", "Until when what is signed here is fresh.", fresh_until),
        _moment("rtr_peer_answer_timestamp_seconds", "When another node last answered.", answered),
    ]


_HAS_PROC = Path("/proc/self/fd").exists()


def _one(name: str, words: str, value: float, label: str = "") -> Measure:
    return Measure(name, words, "gauge", [(label, value)])


def _count(name: str, words: str, values: list[tuple[str, float]]) -> Measure:
    return Measure(name, words, "counter", values)


def _moment(name: str, words: str, at: datetime | None) -> Measure:
    return Measure(name, words, "gauge", [("", at.timestamp())] if at else [])


def _label(name: str, value: str) -> str:
    escaped = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'{{{name}="{escaped}"}}'
