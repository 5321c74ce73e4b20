"""HQ's word as this node holds it: the pinned roots, the adopted registry and its bins."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.acceptance import Held, Verdict, judge, open_bin, open_registry
from federation.documents import HqRoot, Registry, RegistryEntry, read_document
from federation.encodings import from_instant
from federation.envelope import Envelope, open_sealed, read
from federation.errors import BrokenChain, FederationError, Malformed, MissingRoot
from federation.trust import Root, successor, walk

from .models import HeldBin, HeldRegistry, HeldRoot, Hq, RegistryChapter

#: The version of a held registry that HQ's newest root does not vouch for: every other one takes its place.
NO_FLOOR = 0
_WARNED_BEFORE = timedelta(days=60)


def require_hq(session: Session, roots: list[Envelope], hq_id: str, root_digest: str) -> list[Root[HqRoot]]:
    """The verified chain of an HQ that this node may join: `root_digest` is its first root's, and no other is pinned.

    Raises FederationError; writes nothing.
    """
    chain = walk(roots, HqRoot, hq_id)
    if chain[0].digest != root_digest:
        raise BrokenChain("the HQ's first root is not the one that the invitation names")
    pinned = session.get(Hq, 1)
    if pinned is not None and pinned.id != hq_id:
        raise BrokenChain(f"this node has joined another HQ already ({pinned.id})")
    return chain


def pin(session: Session, url: str, roots: list[Envelope], hq_id: str, root_digest: str) -> None:
    """Join an HQ, inside writing: its roots are verified from version 1, whose digest must be `root_digest`."""
    chain = require_hq(session, roots, hq_id, root_digest)
    session.merge(Hq(row=1, id=hq_id, root_digest=root_digest, url=url))
    session.flush()
    if not chain_of(session):
        session.add(_root_row(chain[0], roots[0]))
    for envelope in roots[1:]:
        receive_root(session, envelope)


def receive_root(session: Session, envelope: Envelope) -> bool:
    """Take HQ's next root, inside writing; False if it is held already. The held registry is judged again (§6.4)."""
    chain = chain_of(session)
    if any(root.digest == envelope.digest for root in chain):
        return False
    if not chain:
        raise MissingRoot("no HQ is pinned")
    root = successor(chain[-1], envelope)
    session.add(_root_row(root, envelope))
    _judge_again(session, root)
    return True


def chain_of(session: Session) -> list[Root[HqRoot]]:
    """The pinned HQ's held roots, version 1 first."""
    hq = session.get(Hq, 1)
    if hq is None:
        return []
    rows = session.scalars(select(HeldRoot).where(HeldRoot.author == hq.id).order_by(HeldRoot.version))
    return [Root(hq.id, read_document(read(row.envelope).payload, HqRoot), row.digest) for row in rows]


def root_warning(session: Session, now: datetime) -> str | None:
    """One line for the operator from 60 days before HQ's newest held root expires; None before, or without an HQ."""
    chain = chain_of(session)
    if not chain:
        return None
    expires = from_instant(chain[-1].document.expires)
    if now < expires - _WARNED_BEFORE:
        return None
    verb = "expires" if now < expires else "expired"
    return f"HQ's root {verb} on {expires:%Y-%m-%d}: HQ must sign a new one"


def missing_bins(session: Session, envelope: Envelope, now: datetime) -> list[str]:
    """Digests of the bins that must be fetched before `envelope` can be adopted; verifies it first."""
    return [ref.digest for ref in _open(session, envelope, now).bins if session.get(HeldBin, ref.digest) is None]


def adopt(session: Session, envelope: Envelope, bins: Mapping[str, bytes], now: datetime, *, from_hq: bool) -> bool:
    """Adopt a registry as a whole, inside writing; True if it is new. `from_hq`: HQ's own host gave it.

    Raises Older for one below the floor, Malformed when a bin is missing or wrong: then the held one stays.
    """
    held = session.get(HeldRegistry, 1)
    if held and held.digest == envelope.digest:
        held.read_at = now if from_hq else held.read_at
        return False
    registry = _open(session, envelope, now)
    if judge(Held(held.version, held.digest) if held else None, registry.version, envelope.digest) is Verdict.KEEP_TIED:
        return False
    contents = {ref.digest: _content(session, ref.digest, bins) for ref in registry.bins}
    entries = _entries(registry, contents)
    _keep_bins(session, contents, registry.version, held.version if held else 0)
    _keep_entries(session, entries)
    _keep_registry(session, registry, envelope, now if from_hq else (held.read_at if held else None))
    return True


def _judge_again(session: Session, root: Root[HqRoot]) -> None:
    """A registry that no key of the new root signed bars nothing any more: a thief may have set its version (§6.4).

    What it says stays in use: a directory that is empty until HQ answers would be worse.
    """
    held = session.get(HeldRegistry, 1)
    if held is None:
        return
    try:
        open_sealed(read(held.envelope), "registry", root.document.registry_keys, 1)
    except FederationError:
        held.version, held.digest = NO_FLOOR, ""


def _open(session: Session, envelope: Envelope, now: datetime) -> Registry:
    chain = chain_of(session)
    if not chain:
        raise MissingRoot("no HQ is pinned")
    return open_registry(envelope, chain[-1], now)


def _content(session: Session, digest: str, bins: Mapping[str, bytes]) -> bytes:
    held = session.get(HeldBin, digest)
    content = held.content if held else bins.get(digest)
    if content is None:
        raise Malformed("a bin of this registry is missing")
    return content


def _entries(registry: Registry, contents: Mapping[str, bytes]) -> list[RegistryEntry]:
    found: list[RegistryEntry] = []
    for ref in registry.bins:
        entries = open_bin(contents[ref.digest], ref.digest, ref.prefix).chapters
        if len(entries) != ref.count:
            raise Malformed("a bin does not hold as many chapters as the registry says")
        found.extend(entries)
    if len({entry.chapter for entry in found}) != len(found):
        raise Malformed("a chapter stands in two bins")
    return found


def _keep_bins(session: Session, contents: Mapping[str, bytes], version: int, former: int) -> None:
    for digest, content in contents.items():
        session.merge(HeldBin(digest=digest, content=content, registry_version=version))
    session.flush()
    session.execute(delete(HeldBin).where(HeldBin.registry_version.not_in((version, former))))


def _keep_entries(session: Session, entries: list[RegistryEntry]) -> None:
    session.execute(delete(RegistryChapter))
    session.add_all(
        RegistryChapter(
            chapter=entry.chapter,
            root_version=entry.root_version,
            root_digest=entry.root_digest,
            status=entry.status,
            since=from_instant(entry.since),
            replaces=entry.replaces,
        )
        for entry in entries
    )
    session.flush()
    session.expire_all()


def _keep_registry(session: Session, registry: Registry, envelope: Envelope, read_at: datetime | None) -> None:
    session.merge(
        HeldRegistry(
            row=1,
            version=registry.version,
            digest=envelope.digest,
            envelope=envelope.to_bytes(),
            name=registry.profile.name,
            contact=registry.profile.contact,
            fresh_until=from_instant(registry.fresh_until),
            read_at=read_at,
        )
    )


def _root_row(root: Root[HqRoot], envelope: Envelope) -> HeldRoot:
    return HeldRoot(author=root.id, version=root.version, digest=root.digest, envelope=envelope.to_bytes(), seq=None)
