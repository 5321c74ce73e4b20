"""What this node holds of HQ: the pinned roots, the adopted registry and its bins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from federation.acceptance import Held, Verdict, judge, open_bin, open_registry
from federation.documents import BinReference, HqRoot, Registry, RegistryBin, RegistryEntry
from federation.encodings import from_instant
from federation.envelope import Envelope, open_sealed, read
from federation.errors import BrokenChain, FederationError, Malformed, MissingRoot
from federation.payloads import read_document
from federation.trust import Root, successor, walk

from ..database import Writing
from ..models import HeldBin, HeldRegistry, HeldRoot, Hq, RegistryChapter

#: The version of a held registry that HQ's newest root does not vouch for. Any other registry may replace it.
NO_FLOOR = 0
_WARNED_BEFORE = timedelta(days=60)


def require_hq(session: Session, roots: list[Envelope], hq_id: str, root_digest: str) -> list[Root[HqRoot]]:
    """The verified roots of an HQ that this node may join. `root_digest` must be the digest of its first root.

    Raises FederationError, also where another HQ is pinned. Writes nothing.
    """
    chain = walk(roots, HqRoot, hq_id)
    if chain[0].digest != root_digest:
        raise BrokenChain("the HQ's first root is not the one that the invitation names")
    pinned = session.get(Hq, 1)
    if pinned is not None and pinned.id != hq_id:
        raise BrokenChain(f"this node has joined another HQ already ({pinned.id})")
    return chain


def pin(session: Writing, url: str, roots: list[Envelope], hq_id: str, root_digest: str) -> None:
    """Join an HQ. Its roots are verified from version 1, whose digest must be `root_digest`."""
    chain = require_hq(session, roots, hq_id, root_digest)
    session.merge(Hq(row=1, id=hq_id, root_digest=root_digest, url=url))
    session.flush()
    if not chain_of(session):
        session.add(_root_row(chain[0], roots[0]))
    for envelope in roots[1:]:
        receive_root(session, envelope)


def receive_root(session: Writing, envelope: Envelope) -> bool:
    """Take HQ's next root. False if it is held already. The held registry is judged again (§6.4)."""
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


def root_expiry(session: Session, now: datetime) -> datetime | None:
    """When HQ's newest held root expires. None until 60 days before that, and without an HQ."""
    chain = chain_of(session)
    if not chain:
        return None
    expires = from_instant(chain[-1].document.expires)
    return expires if now >= expires - _WARNED_BEFORE else None


def root_warning(session: Session, now: datetime) -> str | None:
    """One line for the operator where HQ's newest root expires within 60 days, or has expired. Else None."""
    expires = root_expiry(session, now)
    if expires is None:
        return None
    verb = "expires" if now < expires else "expired"
    return f"HQ's root {verb} on {expires:%Y-%m-%d}: HQ must sign a new one"


@dataclass(frozen=True)
class CheckedRegistry:
    """A registry whose signature, bins and counts are right, ready to be adopted as a whole.

    `base`: the digest of the held registry. `gone`: its bins that this registry does not name. `new`: bins that take
    their place. A bin that both name was checked when it came.
    """

    envelope: Envelope
    registry: Registry
    base: str
    gone: list[BinReference]
    new: dict[str, RegistryBin]
    contents: dict[str, bytes]


def missing_bins(session: Session, envelope: Envelope, now: datetime) -> list[str]:
    """Digests of the bins to fetch before the registry in `envelope` can be adopted. Verifies it first.

    Raises Older for a registry below the floor, before anything is fetched for it.
    """
    registry = _open(session, envelope, now)
    held = session.get(HeldRegistry, 1)
    if _verdict(held, registry, envelope) is Verdict.KEEP_TIED:
        return []
    digests = [ref.digest for ref in registry.bins]
    known = set(session.scalars(select(HeldBin.digest).where(HeldBin.digest.in_(digests))))
    return [digest for digest in digests if digest not in known]


def check(session: Session, envelope: Envelope, bins: Mapping[str, bytes], now: datetime) -> CheckedRegistry:
    """Verify a registry and its bins that are not held. Writes nothing and needs no lock.

    Raises FederationError: Malformed where a bin is missing or wrong.
    """
    registry = _open(session, envelope, now)
    base, former = _held_bins(session.get(HeldRegistry, 1))
    fresh = [ref for ref in registry.bins if ref not in former]
    contents = {ref.digest: _content(session, ref.digest, bins) for ref in fresh}
    new = {ref.prefix: _open_bin(ref, contents[ref.digest]) for ref in fresh}
    gone = [ref for ref in former if ref not in registry.bins]
    return CheckedRegistry(envelope, registry, base, gone, new, contents)


def adopt(session: Writing, checked: CheckedRegistry, now: datetime, *, from_hq: bool) -> bool:
    """Adopt a registry as a whole. True if it is new. `from_hq`: HQ's own host gave it.

    Raises Older for a registry below the floor.
    """
    held = session.get(HeldRegistry, 1)
    envelope = checked.envelope
    if held and held.digest == envelope.digest:
        held.read_at = now if from_hq else held.read_at
        return False
    if _verdict(held, checked.registry, envelope) is Verdict.KEEP_TIED:
        return False
    if _held_bins(held)[0] != checked.base:  # another registry was adopted since this one was checked
        checked = check(session, envelope, checked.contents, now)
    _keep_bins(session, checked, held.version if held else 0)
    _keep_entries(session, checked)
    _keep_registry(session, checked.registry, envelope, now if from_hq else (held.read_at if held else None))
    return True


def _judge_again(session: Writing, root: Root[HqRoot]) -> None:
    """Let any other registry replace the held one, if no key of the new root signed it (§6.4).

    A thief may have set its version. Its entries stay in use: an empty directory until HQ answers would be worse.
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


def _verdict(held: HeldRegistry | None, registry: Registry, envelope: Envelope) -> Verdict:
    return judge(Held(held.version, held.digest) if held else None, registry.version, envelope.digest)


def _held_bins(held: HeldRegistry | None) -> tuple[str, list[BinReference]]:
    """The digest and the bins of the registry whose chapters are in the table, even if any other may replace it."""
    if held is None:
        return "", []
    envelope = read(held.envelope)
    return envelope.digest, read_document(envelope.payload, Registry).bins


def _content(session: Session, digest: str, bins: Mapping[str, bytes]) -> bytes:
    content = bins.get(digest)
    if content is None:
        held = session.get(HeldBin, digest)
        content = held.content if held else None
    if content is None:
        raise Malformed("a bin of this registry is missing")
    return content


def _open_bin(ref: BinReference, content: bytes) -> RegistryBin:
    opened = open_bin(content, ref.digest, ref.prefix)
    if len(opened.chapters) != ref.count:
        raise Malformed("a bin does not hold as many chapters as the registry says")
    return opened


def _keep_bins(session: Writing, checked: CheckedRegistry, former: int) -> None:
    version = checked.registry.version
    digests = [ref.digest for ref in checked.registry.bins]
    session.execute(update(HeldBin).where(HeldBin.digest.in_(digests)).values(registry_version=version))
    known = set(session.scalars(select(HeldBin.digest).where(HeldBin.digest.in_(digests))))
    for digest, content in checked.contents.items():
        if digest not in known:
            session.add(HeldBin(digest=digest, content=content, registry_version=version))
    session.flush()
    session.execute(delete(HeldBin).where(HeldBin.registry_version.not_in((version, former))))


def _keep_entries(session: Writing, checked: CheckedRegistry) -> None:
    """Write the chapters of changed bins alone: of ten thousand chapters, those of one bin."""
    for ref in checked.gone:
        here = RegistryChapter.chapter.startswith(ref.prefix, autoescape=True)
        session.execute(delete(RegistryChapter).where(here), execution_options={"synchronize_session": False})
    rows = [_row(entry) for new in checked.new.values() for entry in new.chapters]
    if rows:
        session.execute(insert(RegistryChapter), rows)
    session.expire_all()


def _row(entry: RegistryEntry) -> dict[str, object]:
    return {
        "chapter": entry.chapter,
        "root_version": entry.root_version,
        "root_digest": entry.root_digest,
        "status": entry.status,
        "since": from_instant(entry.since),
        "replaces": entry.replaces,
    }


def _keep_registry(session: Writing, registry: Registry, envelope: Envelope, read_at: datetime | None) -> None:
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
