"""HQ's door: an invitation's secret, a chapter that asks with it, a person's yes where the invitation wants one."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.acceptance import require_listed
from federation.documents import ChapterRoot, RegistryEntry
from federation.encodings import is_base_url, to_instant
from federation.envelope import Envelope, read
from federation.errors import FederationError, Malformed
from federation.invitation import Invitation, new_secret
from federation.trust import Root, genesis

from .. import directory
from ..config import Settings
from ..database import writing
from ..errors import NodeError, NotFound
from ..models import Admission, Hq, IssuedInvitation
from ..outbound import Unreachable, Wire
from ..peers import Node, PeerRefused
from .register import entries, sign_registry

INVITATION_LIFE = timedelta(days=14)
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


def invite(session: Session, settings: Settings, note: str, admits: bool, now: datetime) -> Invitation:
    """A new invitation, kept only as a hash. `admits`: the chapter is let in without a person's yes."""
    secret = new_secret()
    with writing(session):
        hq = session.get_one(Hq, 1)
        row = IssuedInvitation(
            secret_hash=_hash(secret), note=note, admits=admits, issued_at=now, expires_at=now + INVITATION_LIFE
        )
        session.add(row)
        return Invitation(hq_url=settings.base_url, hq=hq.id, root_digest=hq.root_digest, secret=secret)


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
            _require_serving(settings, wire, root)
    with writing(session):
        invitation = _invitation(session, secret, root.id, now)
        return _let_in(session, settings, invitation, root, envelope, now)


def waiting(session: Session) -> list[Admission]:
    """Chapters that wait for a person's yes, the longest first."""
    return list(session.scalars(select(Admission).order_by(Admission.asked_at)))


def admit(session: Session, settings: Settings, chapter_id: str, now: datetime) -> None:
    """Let a waiting chapter in; NotFound if it does not wait."""
    with writing(session):
        asked = session.get(Admission, chapter_id)
        if asked is None:
            raise NotFound(f"no chapter {chapter_id} waits to be admitted")
        _admit(session, settings, chapter_id, read(asked.root), now)
        session.delete(asked)


def _let_in(
    session: Session,
    settings: Settings,
    invitation: IssuedInvitation,
    root: Root[ChapterRoot],
    envelope: Envelope,
    now: datetime,
) -> Answer:
    known = entries(session).get(root.id)
    if known:
        # HQ said no to this chapter: no invitation is a way round that, and none is used up by trying.
        require_listed(known)
    invitation.used_by = root.id
    if known:
        return "admitted"
    if invitation.admits:
        _admit(session, settings, root.id, envelope, now)
        return "admitted"
    if session.get(Admission, root.id) is None:
        session.add(_waiting_row(root, envelope, invitation.note, now))
    return "waiting"


def _waiting_row(root: Root[ChapterRoot], envelope: Envelope, note: str, now: datetime) -> Admission:
    base_url = root.document.base_url
    return Admission(chapter=root.id, root=envelope.to_bytes(), base_url=base_url, note=note, asked_at=now)


def _admit(session: Session, settings: Settings, chapter_id: str, root: Envelope, now: datetime) -> None:
    entry = RegistryEntry(
        chapter=chapter_id, root_version=1, root_digest=root.digest, status="active", since=to_instant(now)
    )
    sign_registry(session, settings, entries(session) | {chapter_id: entry}, now)
    directory.receive_root(session, settings, chapter_id, root)


def _invitation(session: Session, secret: str, chapter: str | None, now: datetime) -> IssuedInvitation:
    """The invitation of `secret`, if `chapter` may use it; the same refusal whatever is wrong with it."""
    found = session.get(IssuedInvitation, _hash(secret))
    if found is None or found.expires_at <= now or (chapter and found.used_by not in (None, chapter)):
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


def _require_serving(settings: Settings, wire: Wire, root: Root[ChapterRoot]) -> None:
    """The one URL HQ fetches because a stranger named it: only after the secret was good, only this path."""
    base_url = root.document.base_url
    if not is_base_url(base_url, settings.network):
        raise Malformed("base_url is not an address of this network")
    try:
        if Node(wire, base_url, _DOOR_SECONDS).serves_root(root.id, root.digest):
            return
    except (Unreachable, PeerRefused, FederationError) as error:
        raise NotServing(f"{base_url} could not be read: {error}") from error
    raise NotServing(f"{base_url} does not serve this chapter's root")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
