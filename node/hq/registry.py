"""HQ's registry says which chapters there are. HQ signs it again with every change, and once a day."""

import hashlib
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.acceptance import next_version
from federation.documents import BinReference, HqProfile, Registry, RegistryBin, RegistryEntry
from federation.encodings import ALPHABET, from_instant, to_instant
from federation.envelope import read, seal
from federation.errors import FederationError
from federation.keys import SigningKey
from federation.payloads import write_document
from federation.words import STATUSES, Status

from ..chapter import rivals
from ..clocks import is_within
from ..config import Settings
from ..database import Writing, writing
from ..directory import chapters, registry
from ..errors import CannotSign, NotFound
from ..input import stale_pages
from ..input.validation import check_private, refuse
from ..models import Admission, Chapter, HeldRegistry, RegistryChapter
from . import history, online_keys
from .history import COMMAND_LINE, Act, Actor

FRESH = timedelta(days=7)
RESIGN_AFTER = timedelta(hours=20)
#: So long before its end a registry is signed again though no other node has answered. It is signed again every day, so
#: that signing has failed for days by then.
NEARLY_STALE = timedelta(days=2)

#: Chapters in one bin, before it is split by the next letter of the id.
SPLIT_AT = 500
MAX_BINS = 512


def entries(session: Session) -> dict[str, RegistryEntry]:
    """Every chapter that the registry names, by its id."""
    rows = session.scalars(select(RegistryChapter).order_by(RegistryChapter.chapter))
    return {row.chapter: chapters.read_entry(row) for row in rows}


#: Acts that only change a status.
STATUS_OF: dict[Act, Status] = {"reactivate": "active", "pause": "paused", "suspend": "suspended", "left": "left"}
_ACT_OF: dict[Status, Act] = {status: act for act, status in STATUS_OF.items()} | {"dropped": "left"}
MAX_REASON = 1000


def set_status(
    session: Session,
    settings: Settings,
    chapter_id: str,
    status: Status,
    now: datetime,
    actor: Actor = COMMAND_LINE,
    saw: str | None = None,
) -> bool:
    """List a chapter as active (again), paused, suspended, dropped or left; False if it is so already.

    Raises NotFound for a chapter that was never admitted, and what `record_act` raises.
    """
    with writing(session) as transaction:
        by_id = _entries_with(transaction, chapter_id)
        if by_id[chapter_id].status == status:
            return False
        record_act(transaction, _ACT_OF[status], actor, chapter_id, now, saw)
        changed = msgspec.structs.replace(by_id[chapter_id], status=status, since=to_instant(now))
        sign_registry(transaction, settings, by_id | {chapter_id: changed}, now)
        return True


def record_act(session: Writing, act: Act, actor: Actor, chapter_id: str, now: datetime, saw: str | None) -> None:
    """Note an act about one chapter.

    `saw`: the mark that the page showed. Raises StalePage where HQ's word on the chapter is another one by now, and
    InvalidInput {"reason": …} for a note that cannot be kept.
    """
    stale_pages.require(saw, mark_of(session, chapter_id))
    check_reason(actor)
    history.record(session, act, actor, chapter_id, now)


def mark_of(session: Session, chapter_id: str) -> str:
    """The mark of HQ's word on a chapter, as the page of an act shows it (node.input.stale_pages)."""
    row, admission = session.get(RegistryChapter, chapter_id), session.get(Admission, chapter_id)
    entry = (row.status, row.since, row.replaces) if row else None
    waits = (admission.root, admission.document, admission.note, admission.base_url) if admission else None
    return stale_pages.mark(entry, waits)


def check_reason(actor: Actor, *, is_required: bool = False) -> None:
    """Raise InvalidInput {"reason": …} where the note cannot be kept, or is required and missing."""
    refuse(check_private("reason", actor.reason, MAX_REASON, is_required=is_required))


def let_replace(
    session: Session,
    settings: Settings,
    chapter_id: str,
    former_id: str,
    now: datetime,
    actor: Actor = COMMAND_LINE,
    saw: str | None = None,
) -> bool:
    """List `chapter_id` as the chapter that had the id `former_id` before its root key was lost.

    False if it is so already. Pages show it once the former id is left or suspended (PROTOCOL.md §6.3). Raises NotFound
    for a chapter that was never admitted, InvalidInput {"former": "same" | "taken" | "circle"} where it makes no sense,
    and what `record_act` raises.
    """
    with writing(session) as transaction:
        by_id = _entries_with(transaction, chapter_id, former_id)
        if by_id[chapter_id].replaces == former_id:
            return False
        record_act(transaction, "replaces", actor, chapter_id, now, saw)
        problem = _problem_of_replacing(by_id, chapter_id, former_id)
        refuse({"former": problem} if problem else {})
        changed = msgspec.structs.replace(by_id[chapter_id], replaces=former_id)
        sign_registry(transaction, settings, by_id | {chapter_id: changed}, now)
        return True


def sign_registry(
    session: Writing,
    settings: Settings,
    by_id: dict[str, RegistryEntry],
    now: datetime,
    key: SigningKey | None = None,
) -> None:
    """Sign a registry of these entries (by chapter id) and adopt it here as any node does. Raises CannotSign.

    `key`: a new registry key that is not in its place yet.
    """
    key = key or online_keys.registry_key(session, settings)
    some_by_prefix = split([by_id[id_] for id_ in sorted(by_id)])
    contents = {prefix: _content(some) for prefix, some in some_by_prefix.items()}
    references = [BinReference(prefix, _digest(contents[prefix]), len(some)) for prefix, some in some_by_prefix.items()]
    bins = {_digest(content): content for content in contents.values()}
    try:
        envelope = seal("registry", write_document(_registry(session, references, now)), [key])
        registry.adopt(session, registry.check(session, envelope, bins, now), now, from_hq=True)
    except FederationError as error:
        raise CannotSign.refused(error) from error


def _registry(session: Session, bins: list[BinReference], now: datetime) -> Registry:
    hq, held = session.get_one(Chapter, 1), session.get(HeldRegistry, 1)
    return Registry(
        hq=hq.id,
        version=next_version(held.version if held else 0, now),
        issued=to_instant(now),
        fresh_until=to_instant(now + FRESH),
        profile=HqProfile(name=hq.name, contact=hq.contact),
        bins=bins,
    )


def split(in_order: list[RegistryEntry]) -> dict[str, list[RegistryEntry]]:
    """The entries in bins by the first letters of the id: as many bins as it takes that none has over SPLIT_AT entries.

    A change then sends one bin of a few hundred chapters again. There are never more than MAX_BINS, or the registry
    would outgrow an envelope; the largest bins then stay large.
    """
    bins = {"": in_order}
    while True:
        prefix = max(bins, key=lambda one: len(bins[one]))
        if len(bins[prefix]) <= SPLIT_AT or len(bins) + len(ALPHABET) > MAX_BINS:
            return dict(sorted(bins.items()))
        for entry in bins.pop(prefix):
            bins.setdefault(entry.chapter[: len(prefix) + 1], []).append(entry)


def resign_if_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Sign the registry again after RESIGN_AFTER, or after a rotation of its key. True if it was due. Idempotent.

    It is never due while two servers speak for HQ.
    """
    held = session.get(HeldRegistry, 1)
    if not settings.is_hq or held is None or not _is_due(held, now) or rivals.has_rival(session):
        return False
    with writing(session) as transaction:
        sign_registry(transaction, settings, entries(transaction), now)
    return True


def is_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Whether the registry is to be signed again."""
    held = session.get(HeldRegistry, 1)
    return settings.is_hq and held is not None and _is_due(held, now)


def is_nearly_stale(session: Session, now: datetime) -> bool:
    """Whether other nodes will soon tell that HQ is silent, or can no longer verify what HQ's former key signed."""
    held = session.get(HeldRegistry, 1)
    return held is not None and (held.version == registry.NO_FLOOR or held.fresh_until - now <= NEARLY_STALE)


def go_on(session: Session, settings: Settings, actor: Actor, now: datetime, saw: str) -> None:
    """A person has stopped the other server that spoke for HQ. This one signs at once, and by itself again.

    A second call changes nothing. Raises StalePage if more has come from the other server than the person `saw`.
    """
    with writing(session) as transaction:
        if rivals.end(transaction, saw):
            history.record(transaction, "goes-on", actor, None, now)
            sign_registry(transaction, settings, entries(transaction), now)


def _is_due(held: HeldRegistry, now: datetime) -> bool:
    issued = from_instant(msgspec.json.decode(read(held.envelope).payload, type=Registry).issued)
    return held.version == registry.NO_FLOOR or not is_within(issued, RESIGN_AFTER, now)


def _entries_with(session: Session, *chapter_ids: str) -> dict[str, RegistryEntry]:
    """Every entry. Raises NotFound unless the registry names these chapters."""
    by_id = entries(session)
    for id_ in chapter_ids:
        if id_ not in by_id:
            raise NotFound(f"no chapter {id_} in the registry")
    return by_id


def _problem_of_replacing(by_id: dict[str, RegistryEntry], chapter_id: str, former_id: str) -> str | None:
    if chapter_id == former_id:
        return "same"
    if any(entry.replaces == former_id for id_, entry in by_id.items() if id_ != chapter_id):
        return "taken"
    older: str | None = former_id
    while older in by_id:
        older = by_id[older].replaces
        if older == chapter_id:
            return "circle"
    return None


def _content(some: list[RegistryEntry]) -> bytes:
    return msgspec.json.encode(RegistryBin(chapters=[_in_our_words(entry) for entry in some]))


def _in_our_words(entry: RegistryEntry) -> RegistryEntry:
    """A status that only a later version of the protocol has hides a chapter, and so does "suspended".

    HQ meets one in a registry that it took over.
    """
    return entry if entry.status in STATUSES else msgspec.structs.replace(entry, status="suspended")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
