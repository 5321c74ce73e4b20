"""The jobs of a serving node: one that fails comes round again, none waits for another's network, all end at once."""

import fcntl
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from node import jobs
from node.config import Settings
from node.database import writing
from node.directory import expiry, listing_words
from node.handle import Node, utc_now
from node.models import Counter, Hq
from node.wire.outbound import Outbound

from ..support.full_disk import full_disk
from ..support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run, held_digests

PATIENCE = 20.0


def context_of(node: LocalNode, **changes: object) -> Node:
    real = {"wire": Outbound("loopback"), "clock": utc_now, "began": utc_now()}
    return node.restarted(**real | changes)


def every_second(_: Settings) -> int:
    return 1


def test_a_job_that_raises_is_logged_and_comes_round_again(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rounds, again = [], threading.Event()

    def fail(_: Node) -> None:
        rounds.append(1)
        if len(rounds) == 2:
            again.set()
        raise RuntimeError("on purpose")

    monkeypatch.setattr(jobs, "JOBS", (jobs.Job("failing", every_second, fail),))
    with jobs.running(context_of(london)):
        assert again.wait(PATIENCE)
    assert "the job 'failing' failed" in caplog.text


def test_so_does_a_job_that_could_not_write(london: LocalNode, caplog: pytest.LogCaptureFixture) -> None:
    def count(context: Node) -> None:
        with context.sessions() as session, writing(session):
            session.get_one(Counter, 1).seq += 1

    job, context = jobs.Job("counting", every_second, count), context_of(london)
    with full_disk(london):
        jobs._safely(job, context)
    assert "the job 'counting' failed" in caplog.text
    jobs._safely(job, context)


def test_what_only_this_node_does_never_waits_for_another_node(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, end = threading.Event(), threading.Event()
    waiting = [
        jobs.Job(f"waiting-{number}", every_second, lambda _: not end.wait(PATIENCE), "network") for number in range(3)
    ]
    monkeypatch.setattr(jobs, "JOBS", (*waiting, jobs.Job("here", every_second, lambda _: done.set())))
    with jobs.running(context_of(london)):
        assert done.wait(PATIENCE / 2)
        end.set()


def test_every_job_that_asks_others_is_among_those_that_may_wait() -> None:
    here = {job.name for job in jobs.JOBS if job.where == "here"}
    assert here == {"roll", "mend", "cover", "facts", "count", "tidy", "erase", "tell", "fold"}


@contextmanager
def silent_host() -> Iterator[tuple[str, threading.Event]]:
    """A host that takes connections and never answers; the event: that somebody has come."""
    came = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            held = []
            while True:
                try:
                    held.append(listening.accept()[0])
                except OSError:
                    break
                came.set()
            for one in held:
                one.close()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", came
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join(PATIENCE)


def test_stopping_waits_for_no_answer_and_counts_nothing_against_who_was_asked(
    federation: LocalFederation, caplog: pytest.LogCaptureFixture
) -> None:
    node, wire = federation.add_chapter(LONDON), Outbound("loopback")
    context = context_of(node, wire=wire, stopping=wire.stopping)
    context.is_answered.set()
    caplog.set_level(logging.WARNING)
    with silent_host() as (url, came):
        with node.session() as session, writing(session):
            session.get_one(Hq, 1).url = url
        reading = threading.Thread(target=jobs._safely, args=(jobs.JOBS[0], context))
        reading.start()
        assert came.wait(PATIENCE)
        wire.stopping.set()
        # Well before its deadline of ten seconds.
        reading.join(3)
        assert not reading.is_alive()
    assert caplog.text == ""


def test_stopping_waits_for_no_job_that_waits_for_another_program(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    began = threading.Event()

    def write(context: Node) -> None:
        began.set()
        with context.sessions() as session, writing(session):
            pass

    monkeypatch.setattr(jobs, "JOBS", (jobs.Job("writing", every_second, write),))
    with london.settings.database.with_suffix(".sqlite.lock").open("rb") as lock:
        with jobs.running(context_of(london)):
            fcntl.flock(lock, fcntl.LOCK_EX)
            began.clear()
            assert began.wait(PATIENCE)
            ends = time.monotonic()
        assert time.monotonic() - ends < 3
    assert caplog.text == ""


def test_a_round_that_could_not_write_leaves_the_next_one_all_to_read(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    federation.settle()
    london.announce(a_run())
    federation.clock.tick(minutes=20)
    with full_disk(brisbane), pytest.raises(Exception, match="disk"):
        federation.poll(brisbane, only=london)
    federation.clock.tick(minutes=20)
    federation.poll(brisbane, only=london)
    assert held_digests(brisbane)[london.chapter_id] == held_digests(london)[london.chapter_id]


CANARY = b"zzcanaryzz"


def holds_canary(node: LocalNode) -> bool:
    """Whether any file of the folder has the word, or what the index for search keeps of it."""
    files = [path.read_bytes() for path in node.settings.data.glob("node.sqlite*")]
    assert files
    return any(CANARY in content for content in files)


@pytest.mark.parametrize("others", [0, 300])
def test_withdrawn_words_are_gone_from_every_file_once_they_are_erased(
    federation: LocalFederation, others: int
) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    with brisbane.session() as session, writing(session):
        listing_words.keep(session, [(1000 + row, f"word{row} another{row} river bridge") for row in range(others)])
    london.announce(a_run(what_happens="We meet zzcanaryzz at the steps."))
    federation.settle()
    assert holds_canary(brisbane)
    context = context_of(brisbane, clock=federation.clock)
    with brisbane.session() as session:
        expiry.sweep(session, federation.clock.tick(days=60), federation.clock())
    jobs.erase(context)
    jobs.fold(context)
    assert not holds_canary(brisbane)


def test_erasing_again_finds_nothing_to_do(london: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    london.announce(a_run())
    jobs.erase(context_of(london))
    changed, merge = [], listing_words._merge
    monkeypatch.setattr(listing_words, "_merge", lambda *given: changed.append(merge(*given)) or changed[-1])
    jobs.erase(context_of(london))
    assert len(changed) == 1
    assert changed[0] < 2
