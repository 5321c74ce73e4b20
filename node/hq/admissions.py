"""How a chapter joins: HQ gives an invitation, the chapter asks with its secret, and a person says yes if need be."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.acceptance import open_chapter, require_listed
from federation.documents import ChapterRoot, Profile, RegistryEntry
from federation.encodings import is_base_url, to_instant
from federation.envelope import read
from federation.errors import FederationError, Malformed
from federation.invitation import Invitation, new_secret
from federation.text import tidy
from federation.trust import Root, genesis

from ..config import Settings
from ..database import Writing, writing
from ..directory import held, parsed
from ..errors import Busy, ChangedMeanwhile, NodeError, NotFound
from ..handle import Node
from ..input.tokens import hash_of
from ..input.validation import check_private, refuse
from ..models import Admission, Hq, IssuedInvitation, RegistryChapter
from ..wire import deadlines
from ..wire.client import Allowance, Peer, PeerRefused
from ..wire.outbound import Unreachable
from . import history, take_over
from .history import COMMAND_LINE, Actor
from .registry import entries, record_act, sign_registry

INVITATION_LIFE = timedelta(days=14)
MAX_NOTE = 200

Answer = Literal["admitted", "waiting"]


class InvitationRefused(NodeError):
    """The invitation is unknown, used by another chapter, or over. All three get the same answer."""

    code = "invitation-refused"


class NotServing(NodeError):
    """The address that the root names does not serve that root."""

    code = "not-serving"


def invite(
    session: Session,
    settings: Settings,
    note: str,
    admits: bool,
    now: datetime,
    actor: Actor = COMMAND_LINE,
    secret: str | None = None,
) -> Invitation:
    """Make an invitation. HQ keeps only the hash of its secret. `admits`: its chapter joins without a person's yes.

    `secret`: from new_secret(). The same secret again is the same invitation, so that a double tap makes one.
    """
    secret = secret or new_secret()
    with writing(session) as transaction:
        hq = transaction.get_one(Hq, 1)
        if transaction.get(IssuedInvitation, hash_of(secret)) is None:
            _issue(transaction, secret, tidy(note), admits, now)
            history.record(transaction, "invite", Actor(actor.first_name, note), None, now)
        return Invitation(hq_url=settings.base_url, hq=hq.id, root_digest=hq.root_digest, secret=secret)


def issued(session: Session, now: datetime) -> list[IssuedInvitation]:
    """Invitations that are neither used nor over, the newest first."""
    is_open = (IssuedInvitation.used_by.is_(None), IssuedInvitation.expires_at > now)
    query = select(IssuedInvitation).where(*is_open).order_by(IssuedInvitation.issued_at.desc())
    return list(session.scalars(query))


def revoke(session: Session, secret_hash: str, now: datetime, actor: Actor = COMMAND_LINE) -> bool:
    """Take an invitation back. False if there is none. Raises ChangedMeanwhile if a chapter has used it."""
    with writing(session) as transaction:
        found = transaction.get(IssuedInvitation, secret_hash)
        if found is None:
            return False
        if found.used_by is not None:
            raise ChangedMeanwhile("this invitation has been used")
        history.record(transaction, "revoke", Actor(actor.first_name, found.note), None, now)
        transaction.delete(found)
        return True


def sweep(session: Writing, now: datetime) -> None:
    """Delete invitations that are over. They are answered as if they had never been."""
    session.execute(delete(IssuedInvitation).where(IssuedInvitation.expires_at <= now))


class Door:
    """Where chapters ask to join HQ. A serving node has one."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._secrets_in_use: set[str] = set()

    def ask(self, session: Session, secret: str, root_bytes: bytes) -> Answer:
        """Answer a chapter that asks to join. The same secret and root again get the same answer and change nothing.

        Raises InvitationRefused, Busy, NotServing, or FederationError (NotActive for a chapter that HQ has suspended).
        """
        now, document = self._node.clock(), None
        # First, before anything costs: strangers can send anything.
        _invitation(session, secret, None, now)
        envelope = read(root_bytes)
        root = genesis(envelope, ChapterRoot)
        if _invitation(session, secret, root.id, now).used_by is None:
            # The read ends before the network is used: a slow host must hold no view of the database.
            session.rollback()
            with self._one_request_at_a_time(secret):
                document = _fetch_document(self._node, root, now)
            take_over.ask_once(session, self._node)
        with writing(session) as transaction:
            invitation = _invitation(transaction, secret, root.id, now)
            asks = Admission(
                chapter=root.id,
                root=envelope.to_bytes(),
                document=document,
                base_url=root.document.base_url,
                note=invitation.note,
                asked_at=now,
            )
            return _let_in(transaction, self._node.settings, invitation, asks, now)

    @contextmanager
    def _one_request_at_a_time(self, secret: str) -> Iterator[None]:
        """Raise Busy while another request with this invitation is open.

        Without that, one invitation could hold all of HQ's threads at slow addresses.
        """
        with self._lock:
            if secret in self._secrets_in_use:
                raise Busy("this invitation is being asked with already: try again in a few seconds")
            self._secrets_in_use.add(secret)
        try:
            yield
        finally:
            with self._lock:
                self._secrets_in_use.remove(secret)


def waiting(session: Session) -> list[Admission]:
    """Chapters that wait for a person's yes, in the order in which they asked."""
    return list(session.scalars(select(Admission).order_by(Admission.asked_at)))


def profile_of(admission: Admission) -> Profile | None:
    """The profile of a chapter that waits. None if its own host gave no document when the chapter asked."""
    document = parsed.read_uncached(admission.document)
    return document.profile if document else None


def find(session: Session, chapter_id: str) -> Admission | None:
    """The request of a chapter that waits."""
    return session.get(Admission, chapter_id)


def admit(
    session: Session,
    settings: Settings,
    chapter_id: str,
    now: datetime,
    actor: Actor = COMMAND_LINE,
    saw: str | None = None,
) -> bool:
    """Let a waiting chapter join. False if it has joined already.

    Raises NotFound if it does not wait, and what `registry.record_act` raises.
    """
    with writing(session) as transaction:
        admission = transaction.get(Admission, chapter_id)
        if admission is None and transaction.get(RegistryChapter, chapter_id) is None:
            raise NotFound(f"no chapter {chapter_id} waits to be admitted")
        if admission is None:
            return False
        record_act(transaction, "admit", actor, chapter_id, now, saw)
        _admit(transaction, settings, admission, now)
        transaction.delete(admission)
        return True


def turn_down(
    session: Session, chapter_id: str, now: datetime, actor: Actor = COMMAND_LINE, saw: str | None = None
) -> bool:
    """Say no to a waiting chapter. False if it does not wait any more.

    Raises ChangedMeanwhile if it has joined, and what `registry.record_act` raises. The invitation is deleted, too:
    with it, `rtr join` would have the chapter wait again.
    """
    with writing(session) as transaction:
        admission = transaction.get(Admission, chapter_id)
        if admission is None and transaction.get(RegistryChapter, chapter_id) is not None:
            raise ChangedMeanwhile(f"{chapter_id} has been let in")
        if admission is None:
            return False
        record_act(transaction, "turn-down", actor, chapter_id, now, saw)
        transaction.execute(delete(IssuedInvitation).where(IssuedInvitation.used_by == chapter_id))
        transaction.delete(admission)
        return True


def _issue(session: Writing, secret: str, note: str, admits: bool, now: datetime) -> None:
    refuse(check_private("note", note, MAX_NOTE))
    expires_at = now + INVITATION_LIFE
    row = IssuedInvitation(secret_hash=hash_of(secret), note=note, admits=admits, issued_at=now, expires_at=expires_at)
    session.add(row)


def _let_in(
    session: Writing, settings: Settings, invitation: IssuedInvitation, asks: Admission, now: datetime
) -> Answer:
    entry = entries(session).get(asks.chapter)
    if entry:
        # HQ may have said no to this chapter. No invitation is a way round that, and none is used up by trying.
        require_listed(entry)
    invitation.used_by = asks.chapter
    if not entry and not invitation.admits:
        if session.get(Admission, asks.chapter) is None:
            session.add(asks)
        return "waiting"
    if not entry:
        _admit(session, settings, asks, now)
    return "admitted"


def _admit(session: Writing, settings: Settings, admission: Admission, now: datetime) -> None:
    """List the chapter and hold its document. A document that is over by now is left to the next sync."""
    chapter_id, root = admission.chapter, read(admission.root)
    entry = RegistryEntry(
        chapter=chapter_id, root_version=1, root_digest=root.digest, status="active", since=to_instant(now)
    )
    sign_registry(session, settings, entries(session) | {chapter_id: entry}, now)
    held.receive(session, settings, root, now, chapter_id)
    if admission.document:
        with suppress(FederationError):
            held.receive(session, settings, read(admission.document), now, chapter_id)


def _invitation(session: Session, secret: str, chapter: str | None, now: datetime) -> IssuedInvitation:
    """The invitation of `secret`, if `chapter` may use it. Whatever is wrong with it, the refusal is the same."""
    found = session.get(IssuedInvitation, hash_of(secret))
    if (
        found is None
        or not now < found.expires_at <= now + INVITATION_LIFE
        or (chapter and found.used_by not in (None, chapter))
    ):
        raise InvitationRefused("this invitation is unknown, used or over: ask HQ for a new one")
    return found


def _fetch_document(node: Node, root: Root[ChapterRoot], now: datetime) -> bytes | None:
    """The chapter's document from its own host, or None if the host gives no good one. The host must serve the root.

    HQ asks this host because a stranger named it: only once the secret is good, and only for root and document.
    """
    base_url = root.document.base_url
    if not is_base_url(base_url, node.settings.network):
        raise Malformed("base_url is not an address of this network")
    try:
        host = Peer(node.wire, base_url, deadlines.JOIN, Allowance(deadlines.JOIN))
        if host.serves_root(root.id, root.digest):
            return _document_of(host, root, now)
    except (Unreachable, PeerRefused, FederationError) as error:
        raise NotServing(f"{base_url} could not be read: {error}") from error
    raise NotServing(f"{base_url} does not serve this chapter's root")


def _document_of(host: Peer, root: Root[ChapterRoot], now: datetime) -> bytes | None:
    """The document, for the name in it. Nothing that is wrong with it keeps a chapter out."""
    try:
        envelope = host.document(root.id)
        if envelope is None:
            return None
        open_chapter(envelope, root, now)
    except (Unreachable, PeerRefused, FederationError):
        return None
    return envelope.to_bytes()
