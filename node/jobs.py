"""What a serving node does by itself: a table of jobs, each idempotent, and the thread that relays."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.orm import Session

from . import clocks, file_lock
from .chapter import identity, publishing
from .chapter.home import moving
from .config import Settings
from .database import CannotWrite, checkpoint, waiting_for_nobody, writing
from .directory import chapters, expiry, listing_rows, listing_words, roots
from .errors import NodeError, Stopping
from .facts import checks, later_changes, silence
from .handle import Node
from .hq import admissions, contacts, history, registry, take_over
from .mail import outbox
from .members import retention
from .members.comers import news
from .members.leading import cover as search_for_leads
from .migrations import copies
from .models import HeldDocument
from .relay.courier import Courier
from .sync import Sync, child, intake, neighbours, restored_folder
from .sync.checks import Checks
from .sync.own_document import Inquiry
from .upkeep import watch as server_watch
from .upkeep.backups import nightly
from .wire.client import Peer

log = logging.getLogger(__name__)

_EVIDENCE_KEPT = timedelta(days=30)
_JITTER = 0.1


class AlreadyRunning(NodeError):
    """Another process works on this folder."""


@dataclass(frozen=True)
class Job:
    """The scheduler calls `run` every `seconds(settings)` (0: never), plus or minus the fraction _JITTER of that."""

    name: str
    seconds: Callable[[Settings], int]
    run: Callable[[Node], None]
    #: The group of threads that runs it. A job that waits for another node holds up no job that does not.
    where: str = "here"
    #: Whether it runs on a server that the chapter has left, too (node.chapter.home.moving). There it would say what
    #: the new server says.
    also_away: bool = True


def poll(node: Node) -> None:
    """Read other nodes. A child process reads what is large, so that pages stay fast."""
    report = Sync(node).round(whole=False)
    if report.unfinished:
        child.run(node)
    with node.sessions() as session:
        is_unsigned = publishing.is_unsigned(session)
    if is_unsigned:
        sign(node)


def sign(node: Node) -> None:
    """Sign our document, or HQ's registry, again when that is due, so that it stays fresh. A run's change for later is
    made once its day has come near.

    Sign nothing until another node has answered what it holds of us, or a lead (at HQ a person) has changed something
    (§8.2). Until then the document may grow stale, and pages say so.
    """
    with node.sessions() as session:
        if not _may_sign(node, session):
            return
        later_changes.make_due(session, node.settings, node.clock())
        publishing.resign_if_due(session, node.settings, node.clock())
        if registry.is_due(session, node.settings, node.clock()) and _may_sign_for_hq(node, session):
            registry.resign_if_due(session, node.settings, node.clock())


def ask(node: Node) -> None:
    """Ask again what others hold of us until one answers. Until then pages do not show earlier promises."""
    if not node.is_answered.is_set():
        _ask_for_our_own(node)


def roll(node: Node) -> None:
    """Update the next start of each listing whose start has passed."""
    with node.sessions() as session:
        listing_rows.roll(session, node.clock())


def mend(node: Node) -> None:
    """Correct the times that were stored while this node's clock was ahead, once others say it is right (§14.5)."""
    now = node.clock()
    with node.seldom() as session:
        if neighbours.clock_is_vouched_for(session, node.settings, now) and (found := clocks.mend(session, now)):
            log.warning("this node's clock was ahead: %d times that it noted were taken back", found)
            listing_rows.roll(session, now, whole=True)


def cover(node: Node) -> None:
    """Ask the leads for dates that nobody has promised, as each run says how long before."""
    with node.seldom() as session:
        search_for_leads.look(session, node.settings, node.clock())


def ask_of_facts(node: Node) -> None:
    """Ask the leads whether what their runs say is still right, and warn leads who have gone quiet."""
    with node.seldom() as session:
        checks.look(session, node.settings, node.clock())
        silence.look(session, node.settings, node.clock())


def count(node: Node) -> None:
    """Keep the time that has surely come, so that a restart loses little of it."""
    with node.seldom() as session:
        _count(node, session, neighbours.clock_is_vouched_for(session, node.settings, node.clock()))


def _count(node: Node, session: Session, is_vouched_for: bool) -> datetime:
    with writing(session, is_private=True) as transaction:
        return retention.count(transaction, node.clock(), node.stopwatch.lap(), is_vouched_for=is_vouched_for)


def tidy(node: Node) -> None:
    """Delete what is over: evidence, copies, what members told, HQ's invitations, what was asked for in vain."""
    now = node.clock()
    with node.seldom() as session:
        is_vouched_for = neighbours.clock_is_vouched_for(session, node.settings, now)
        sure = _count(node, session, is_vouched_for)
        with writing(session) as transaction:
            retention.sweep(transaction, node.settings, sure, now)
            admissions.sweep(transaction, sure)
            history.sweep(transaction, sure)
            contacts.sweep(transaction, sure)
        copies.sweep(node.settings.database, sure - timedelta(days=node.settings.keep_copies_days))
        # By a wrong clock everything would seem over, and what others still hold would be asked for again (§14.5).
        if is_vouched_for:
            expiry.sweep(session, now, now - _EVIDENCE_KEPT)
    nightly.clean(node, sure, is_vouched_for=is_vouched_for)


def erase(node: Node) -> None:
    """Delete the letters of withdrawn words from the search index."""
    with node.sessions() as session:
        listing_words.erase(session)


def mail(node: Node) -> None:
    """Send the letters that are due. A lead may set the mail server while this process runs."""
    if node.settings.has_mail:
        outbox.send_due(node)


def tell(node: Node) -> None:
    """Tell whoever comes what has changed without a signature of ours, and remind them."""
    if not node.settings.has_mail:
        return
    with node.sessions() as session:
        news.tell_all(session, node.settings, node.clock())


def fold(node: Node) -> None:
    """Move the write-ahead log into the database, so that it stays short and deleted text is gone."""
    checkpoint(node.engine)


def watch(node: Node) -> None:
    """Look at this server from all sides, and tell the leads once of what needs a hand."""
    server_watch.look(node)


#: Threads of each group. Signing has its own, since a node that has just started first asks others before it signs.
_THREADS = {"here": 1, "signing": 1, "network": 2, "mail": 1, "upkeep": 1}


def _while_polling(seconds: int) -> Callable[[Settings], int]:
    return lambda settings: seconds if settings.poll_seconds else 0


JOBS = (
    Job("poll", lambda settings: settings.poll_seconds, poll, "network"),
    # Whether the nodes that this one reads lie or stand still.
    Job("compare", _while_polling(3600), lambda node: Checks(node).compare(), "network"),
    # Whether this node holds the newest documents of the chapters.
    Job("spot-check", _while_polling(86_400), lambda node: Checks(node).spot_check(), "network"),
    Job("ask", lambda _: 60, ask, "signing", also_away=False),
    Job("sign", lambda _: 900, sign, "signing", also_away=False),
    Job("roll", lambda _: 600, roll),
    Job("mend", lambda _: 60, mend),
    Job("cover", lambda _: 60, cover, also_away=False),
    Job("facts", lambda _: 3600, ask_of_facts, also_away=False),
    Job("count", lambda _: 300, count),
    Job("tidy", lambda _: 3600, tidy),
    Job("erase", lambda _: 3600, erase),
    Job("mail", lambda _: 5, mail, "mail"),
    Job("tell", lambda _: 60, tell, also_away=False),
    Job("fold", lambda _: 60, fold),
    Job("backup", lambda _: 1800, nightly.look, "upkeep"),
    Job("watch", lambda _: 3600, watch, "network"),
)


def courier(node: Node) -> Courier:
    """The courier of this node, which sends each document with the roots of its chapter."""

    def send(base_url: str, chapter: str, envelope: bytes) -> bool:
        _ask_before_telling(node, base_url, chapter)
        with node.sessions() as session:
            held = session.get(HeldDocument, chapter)
            envelope = (held and held.envelope) or envelope
            chain = roots.envelopes_of(session, chapter)
        handed = Peer(node.wire, base_url).put_document(chapter, envelope, chain)
        if handed.held:
            with node.sessions() as session:
                intake.take_if_our_own(session, node.settings, chapter, handed.held, node.clock())
        return handed.acknowledged

    return Courier(node, send)


def _ask_before_telling(node: Node, base_url: str, chapter: str) -> None:
    """Ask a node what it holds of us before our document replaces it, while the question of §8.2 is open."""
    if not _is_asking(node, chapter):
        return
    # One thread at a time: two that learn of the same lost document would take each other for a second server.
    with node.asking:
        if _is_asking(node, chapter) and Inquiry(node).ask_before_telling(base_url):
            _note_answer(node)


def _is_asking(node: Node, chapter: str) -> bool:
    with node.sessions() as session:
        return chapter == chapters.own_id(session) and restored_folder.is_open(session)


@contextmanager
def running(node: Node) -> Iterator[None]:
    """Run all jobs while the block runs. One process a folder does. Raises AlreadyRunning."""
    with only_here(node.settings):
        # Before a job or a lead's tap signs anything, since this folder may have been restored from a copy.
        if identity.has_chapter(node) and not _is_away(node):
            _ask_for_our_own(node)
        scheduler = _schedule(node)
        relaying = threading.Thread(target=_relay, args=(node,), name="relay", daemon=True)
        scheduler.start()
        relaying.start()
        try:
            yield
        finally:
            node.stopping.set()
            node.queued.set()
            # Another program may hold the lock for long. A job does what it left undone when the node is back.
            with waiting_for_nobody(node.engine):
                scheduler.shutdown(wait=True)
                relaying.join(timeout=10)


def _ask_for_our_own(node: Node) -> None:
    """Ask, and log whatever goes wrong: the node serves all the same."""
    try:
        with node.asking:
            _ask_all(node)
    except Exception:
        log.exception("asking others for what we have signed failed")


def ask_for_our_own(node: Node) -> bool:
    """Ask other nodes what they hold of us that this folder lacks, before a command signs. Whether one has answered."""
    _ask_for_our_own(node)
    return node.is_answered.is_set()


def _ask_all(node: Node) -> None:
    with node.sessions() as session:
        restored_folder.open_question(session, node.settings, node.began)
    asked = Inquiry(node).ask()
    with node.sessions() as session:
        asked &= take_over.ask_once(session, node)
    if asked:
        _note_answer(node)


def _note_answer(node: Node) -> None:
    with node.sessions() as session:
        restored_folder.close(session, node.settings, node.clock())
    node.is_answered.set()


def _may_sign(node: Node, session: Session) -> bool:
    if not node.is_answered.is_set():
        _ask_for_our_own(node)
    if node.is_answered.is_set():
        return True
    return restored_folder.has_said_anew(session, node.settings)


def _may_sign_for_hq(node: Node, session: Session) -> bool:
    """Whether HQ may sign its registry. Others are asked each time, since a second server may have signed a newer one.

    While no node answers, HQ signs only what a person has changed. Once a node has answered this process, HQ also signs
    a registry that is nearly stale.
    """
    now = node.clock()
    if take_over.ask(session, node):
        return True
    if restored_folder.has_said_anew(session, node.settings):
        return True
    return node.is_registry_answered.is_set() and registry.is_nearly_stale(session, now)


def _schedule(node: Node) -> BackgroundScheduler:
    executors = {name: ThreadPoolExecutor(threads) for name, threads in _THREADS.items()}
    scheduler = BackgroundScheduler(executors=executors, timezone="UTC")
    for job in JOBS:
        seconds = job.seconds(node.settings)
        if seconds:
            scheduler.add_job(
                _safely,
                "interval",
                args=(job, node),
                id=job.name,
                executor=job.where,
                seconds=seconds,
                jitter=seconds * _JITTER,
                next_run_time=node.clock() + timedelta(seconds=0.2),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
    return scheduler


def _safely(job: Job, node: Node) -> None:
    """Run a job and log its failure. It runs again at its next time, and the other jobs go on.

    While the chapter is being set up there is nothing to do yet.
    """
    if node.stopping.is_set() or not identity.has_chapter(node):
        return
    try:
        if job.also_away or not _is_away(node):
            job.run(node)
    except Stopping:
        return
    except Exception as error:
        if _has_given_up(node, error):
            return
        log.exception("the job %r failed", job.name)
        node.seen.note_job(job.name, node.clock(), failed=True)
    else:
        node.seen.note_job(job.name, node.clock(), failed=False)


def _is_away(node: Node) -> bool:
    with node.sessions() as session:
        return moving.away(session, node.settings) is not None


def _has_given_up(node: Node, error: Exception) -> bool:
    """Whether a job failed because the node ends and no thread waits for the write lock any more."""
    return node.stopping.is_set() and isinstance(error, CannotWrite)


def _relay(node: Node) -> None:
    carrying = courier(node)
    while not node.stopping.is_set():
        node.queued.clear()
        try:
            carrying.round()
        except Exception as error:
            if not _has_given_up(node, error):
                log.exception("relaying failed")
        node.queued.wait(timeout=node.settings.relay_seconds)
    carrying.close()


@contextmanager
def only_here(settings: Settings) -> Iterator[None]:
    """Keep other processes off this folder while the block runs, as `rtr serve` does. Raises AlreadyRunning."""
    with ExitStack() as until_the_end:
        try:
            until_the_end.enter_context(file_lock.held(settings.serve_lock))
        except file_lock.NotFree as error:
            raise AlreadyRunning(f"another `rtr serve` already works on {settings.data}") from error
        yield
