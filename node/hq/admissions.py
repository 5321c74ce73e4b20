"""HQ's door: an invitation's secret, a chapter that asks with it, a person's yes where the invitation wants one."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.acceptance import open_chapter, require_listed
from federation.documents import ChapterRoot, Profile, RegistryEntry
from federation.encodings import is_base_url, to_instant
from federation.envelope import Envelope, read
from federation.errors import FederationError, Malformed
from federation.invitation import Invitation, new_secret
from federation.text import tidy
from federation.trust import Root, genesis

from ..config import Settings
from ..database import Writing, writing
from ..directory import held, parsed
from ..errors import ChangedMeanwhile, NodeError, NotFound
from ..input import stale_pages
from ..input.validation import check_private, refuse
from ..models import Admission, Hq, IssuedInvitation, RegistryChapter
from ..wire.client import Allowance, Peer, PeerRefused
from ..wire.outbound import Unreachable, Wire
from . import history, take_over
from .history import COMMAND_LINE, Said
from .registry import check_reason, entries, mark_of, sign_registry

INVITATION_LIFE = timedelta(days=14)
MAX_NOTE = 200
_DOOR_SECONDS = 4.0

Answer = Literal["admitted", "waiting"]


class InvitationRefused(NodeError):
    """Unknown, used by another chapter, or over: one answer for all three."""

    code = "invitation-refused"


class NotServing(NodeError):
    """The address that the root names does not serve that root."""

    code = "not-serving"


class Busy(NodeError):
    """The same invitation is being asked with already; ask again once that is answered."""

    code = "busy"


@dataclass(frozen=True)
class Asking:
    """Who asks: its root, as sealed, and its document, if its own host gave one."""

    root: Root[ChapterRoot]
    envelope: Envelope
    document: bytes | None


def invite(
    session: Session,
    settings: Settings,
    note: str,
    admits: bool,
    now: datetime,
    said: Said = COMMAND_LINE,
    secret: str | None = None,
) -> Invitation:
    """An invitation, kept only as a hash. `admits`: the chapter is let in without a person's yes.

    `secret`: of new_secret(); with the same one again it is the same invitation, so that a double tap makes one.
    """
    secret = secret or new_secret()
    with writing(session) as transaction:
        hq = transaction.get_one(Hq, 1)
        if transaction.get(IssuedInvitation, _hash(secret)) is None:
            _issue(transaction, secret, tidy(note), admits, now)
            history.record(transaction, "invite", Said(said.by, note), None, now)
        return Invitation(hq_url=settings.base_url, hq=hq.id, root_digest=hq.root_digest, secret=secret)


def issued(session: Session, now: datetime) -> list[IssuedInvitation]:
    """Invitations that nobody has used yet and that are not over, the newest first."""
    is_open = (IssuedInvitation.used_by.is_(None), IssuedInvitation.expires_at > now)
    query = select(IssuedInvitation).where(*is_open).order_by(IssuedInvitation.issued_at.desc())
    return list(session.scalars(query))


def revoke(session: Session, secret_hash: str, now: datetime, said: Said = COMMAND_LINE) -> bool:
    """Nobody can use this invitation any more; False if there is none. ChangedMeanwhile once it has been used."""
    with writing(session) as transaction:
        found = transaction.get(IssuedInvitation, secret_hash)
        if found is None:
            return False
        if found.used_by is not None:
            raise ChangedMeanwhile("this invitation has been used")
        history.record(transaction, "revoke", Said(said.by, found.note), None, now)
        transaction.delete(found)
        return True


def sweep(session: Writing, now: datetime) -> None:
    """Drop invitations that are over: they are answered as if they had never been."""
    session.execute(delete(IssuedInvitation).where(IssuedInvitation.expires_at <= now))


def ask(session: Session, settings: Settings, wire: Wire, secret: str, root_bytes: bytes, now: datetime) -> Answer:
    """A chapter asks to be let in. Again with the same secret and root: the same answer, nothing changes.

    Raises InvitationRefused, Busy, NotServing, or FederationError: NotActive for a chapter that HQ has suspended. The
    secret is checked before anything costs.
    """
    _invitation(session, secret, None, now)
    envelope = read(root_bytes)
    root = genesis(envelope, ChapterRoot)
    invitation = _invitation(session, secret, root.id, now)
    if invitation.used_by is None:
        # The read ends before the network is used: whoever is slow to answer must hold no view of the database.
        session.rollback()
        with _alone(secret):
            document = _look_at(settings, wire, root, now)
        take_over.ask_once(session, settings, wire, now)
    else:
        document = None
    with writing(session) as transaction:
        invitation = _invitation(transaction, secret, root.id, now)
        return _let_in(transaction, settings, invitation, Asking(root, envelope, document), now)


def waiting(session: Session) -> list[Admission]:
    """Chapters that wait for a person's yes, the longest first."""
    return list(session.scalars(select(Admission).order_by(Admission.asked_at)))


def profile_of(asked: Admission) -> Profile | None:
    """What a chapter that waits calls itself, in the document that its own host gave when it asked; None without."""
    document = parsed.read_uncached(asked.document)
    return document.profile if document else None


def find(session: Session, chapter_id: str) -> Admission | None:
    """What a chapter that waits has asked."""
    return session.get(Admission, chapter_id)


def admit(
    session: Session,
    settings: Settings,
    chapter_id: str,
    now: datetime,
    said: Said = COMMAND_LINE,
    saw: str | None = None,
) -> bool:
    """Let a waiting chapter in; False if it has been let in already, NotFound if it does not wait.

    Changed where it asks otherwise than they `saw`.
    """
    with writing(session) as transaction:
        asked = transaction.get(Admission, chapter_id)
        if asked is None:
            return _is_in(transaction, chapter_id)
        stale_pages.require(saw, mark_of(transaction, chapter_id))
        check_reason(said)
        history.record(transaction, "admit", said, chapter_id, now)
        _admit(transaction, settings, chapter_id, read(asked.root), asked.document, now)
        transaction.delete(asked)
        return True


def turn_down(
    session: Session, chapter_id: str, now: datetime, said: Said = COMMAND_LINE, saw: str | None = None
) -> bool:
    """Say no to a waiting chapter; False if that has been said. ChangedMeanwhile if it has been let in, Changed where
    it asks otherwise than they `saw`.

    Its invitation goes, too: no node asks again by itself, but `rtr join` with it would have the chapter wait again.
    """
    with writing(session) as transaction:
        asked = transaction.get(Admission, chapter_id)
        if asked is None and transaction.get(RegistryChapter, chapter_id) is not None:
            raise ChangedMeanwhile(f"{chapter_id} has been let in")
        if asked is None:
            return False
        stale_pages.require(saw, mark_of(transaction, chapter_id))
        check_reason(said)
        history.record(transaction, "turn-down", said, chapter_id, now)
        transaction.execute(delete(IssuedInvitation).where(IssuedInvitation.used_by == chapter_id))
        transaction.delete(asked)
        return True


def _issue(session: Writing, secret: str, note: str, admits: bool, now: datetime) -> None:
    code = check_private(note, MAX_NOTE)
    refuse({"note": code} if code else {})
    expires_at = now + INVITATION_LIFE
    row = IssuedInvitation(secret_hash=_hash(secret), note=note, admits=admits, issued_at=now, expires_at=expires_at)
    session.add(row)


def _is_in(session: Session, chapter_id: str) -> bool:
    """False for a chapter that the registry names; NotFound for any other."""
    if session.get(RegistryChapter, chapter_id) is None:
        raise NotFound(f"no chapter {chapter_id} waits to be admitted")
    return False


def _let_in(
    session: Writing,
    settings: Settings,
    invitation: IssuedInvitation,
    asking: Asking,
    now: datetime,
) -> Answer:
    root = asking.root
    known = entries(session).get(root.id)
    if known:
        # HQ said no to this chapter: no invitation is a way round that, and none is used up by trying.
        require_listed(known)
    invitation.used_by = root.id
    if known:
        return "admitted"
    if invitation.admits:
        _admit(session, settings, root.id, asking.envelope, asking.document, now)
        return "admitted"
    if session.get(Admission, root.id) is None:
        session.add(_waiting_row(asking, invitation.note, now))
    return "waiting"


def _waiting_row(asking: Asking, note: str, now: datetime) -> Admission:
    return Admission(
        chapter=asking.root.id,
        root=asking.envelope.to_bytes(),
        document=asking.document,
        base_url=asking.root.document.base_url,
        note=note,
        asked_at=now,
    )


def _admit(
    session: Writing, settings: Settings, chapter_id: str, root: Envelope, document: bytes | None, now: datetime
) -> None:
    """The chapter is listed, and its document held, unless that is over by now: then it comes as any other."""
    entry = RegistryEntry(
        chapter=chapter_id, root_version=1, root_digest=root.digest, status="active", since=to_instant(now)
    )
    sign_registry(session, settings, entries(session) | {chapter_id: entry}, now)
    held.receive_root(session, settings, chapter_id, root)
    if document:
        with suppress(FederationError):
            held.receive_document(session, read(document), now)


def _invitation(session: Session, secret: str, chapter: str | None, now: datetime) -> IssuedInvitation:
    """The invitation of `secret`, if `chapter` may use it; the same refusal whatever is wrong with it."""
    found = session.get(IssuedInvitation, _hash(secret))
    if (
        found is None
        or not now < found.expires_at <= now + INVITATION_LIFE
        or (chapter and found.used_by not in (None, chapter))
    ):
        raise InvitationRefused("this invitation is unknown, used or over: ask HQ for a new one")
    return found


_asking: set[str] = set()
_door = threading.Lock()


@contextmanager
def _alone(secret: str) -> Iterator[None]:
    """One question an invitation at a time: else one of them could hold all of HQ's threads at slow addresses."""
    with _door:
        if secret in _asking:
            raise Busy("this invitation is being asked with already: try again in a few seconds")
        _asking.add(secret)
    try:
        yield
    finally:
        with _door:
            _asking.remove(secret)


def _look_at(settings: Settings, wire: Wire, root: Root[ChapterRoot], now: datetime) -> bytes | None:
    """The chapter's document from its own host, which must serve its root; None if it gives no good one.

    The one host that HQ asks because a stranger named it: only after the secret was good, only for these two.
    """
    base_url = root.document.base_url
    if not is_base_url(base_url, settings.network):
        raise Malformed("base_url is not an address of this network")
    try:
        host = Peer(wire, base_url, _DOOR_SECONDS, Allowance(_DOOR_SECONDS))
        if host.serves_root(root.id, root.digest):
            return _document_of(host, root, now)
    except (Unreachable, PeerRefused, FederationError) as error:
        raise NotServing(f"{base_url} could not be read: {error}") from error
    raise NotServing(f"{base_url} does not serve this chapter's root")


def _document_of(host: Peer, root: Root[ChapterRoot], now: datetime) -> bytes | None:
    """A name is wanted, not needed: whatever is wrong with the document keeps nobody out."""
    try:
        envelope = host.document(root.id)
        if envelope is None:
            return None
        open_chapter(envelope, root, now)
    except (Unreachable, PeerRefused, FederationError):
        return None
    return envelope.to_bytes()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
