"""Who is a chapter: HQ's registry, signed anew with every change and once a day."""

import hashlib
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.acceptance import next_version
from federation.documents import (
    BinReference,
    HqProfile,
    Registry,
    RegistryBin,
    RegistryEntry,
    write_document,
)
from federation.encodings import ALPHABET, from_instant, to_instant
from federation.envelope import read, seal
from federation.errors import FederationError
from federation.keys import SigningKey
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
from .history import COMMAND_LINE, Act, Said

FRESH = timedelta(days=7)
RESIGN_AFTER = timedelta(hours=20)
#: So long before its end a registry is signed again though nobody answers.
NEARLY_STALE = timedelta(days=2)

#: Chapters in one bin, before it is split by the next letter of the id.
SPLIT_AT = 500
MAX_BINS = 512


def entries(session: Session) -> dict[str, RegistryEntry]:
    """Every chapter that the registry names, by its id."""
    rows = session.scalars(select(RegistryChapter).order_by(RegistryChapter.chapter))
    return {row.chapter: chapters.read_entry(row) for row in rows}


#: The acts that only change a status.
STATUS_OF: dict[Act, Status] = {"reactivate": "active", "pause": "paused", "suspend": "suspended", "left": "left"}
_ACT_OF: dict[Status, Act] = {status: act for act, status in STATUS_OF.items()} | {"dropped": "left"}
MAX_REASON = 1000


def set_status(
    session: Session,
    settings: Settings,
    chapter_id: str,
    status: Status,
    now: datetime,
    said: Said = COMMAND_LINE,
    saw: str | None = None,
) -> bool:
    """List a chapter as active (again), paused, suspended, dropped or left; False if it is so already.

    NotFound for one never admitted; Changed where it stands otherwise than they `saw`.
    """
    with writing(session) as transaction:
        known = _known(transaction, chapter_id)
        if known[chapter_id].status == status:
            return False
        stale_pages.require(saw, mark_of(transaction, chapter_id))
        check_reason(said)
        history.record(transaction, _ACT_OF[status], said, chapter_id, now)
        changed = msgspec.structs.replace(known[chapter_id], status=status, since=to_instant(now))
        sign_registry(transaction, settings, known | {chapter_id: changed}, now)
        return True


def mark_of(session: Session, chapter_id: str) -> str:
    """The mark of how a chapter stands with HQ, as the page of an act shows it (node.input.stale_pages): in the list,
    or waiting."""
    row, asked = session.get(RegistryChapter, chapter_id), session.get(Admission, chapter_id)
    listed = (row.status, row.since, row.replaces) if row else None
    return stale_pages.mark(listed, (asked.root, asked.document, asked.note, asked.base_url) if asked else None)


def check_reason(said: Said, *, is_required: bool = False) -> None:
    """Raise InvalidInput {"reason": …} where the note cannot be kept, or is wanted and missing."""
    code = check_private(said.reason, MAX_REASON, is_required=is_required)
    refuse({"reason": code} if code else {})


def let_replace(
    session: Session,
    settings: Settings,
    chapter_id: str,
    former_id: str,
    now: datetime,
    said: Said = COMMAND_LINE,
    saw: str | None = None,
) -> bool:
    """Say that `chapter_id` is the chapter whose former id (its root key is lost) was `former_id`.

    False if that is said already. It is shown once the former id is left or suspended (PROTOCOL.md §6.3). NotFound for
    one never admitted; Changed where it stands otherwise than they `saw`; InvalidInput {"former": "same" | "taken" |
    "circle"} where it makes no sense.
    """
    with writing(session) as transaction:
        known = _known(transaction, chapter_id, former_id)
        if known[chapter_id].replaces == former_id:
            return False
        stale_pages.require(saw, mark_of(transaction, chapter_id))
        problem = _problem_of_replacing(known, chapter_id, former_id)
        refuse({"former": problem} if problem else {})
        check_reason(said)
        history.record(transaction, "replaces", said, chapter_id, now)
        changed = msgspec.structs.replace(known[chapter_id], replaces=former_id)
        sign_registry(transaction, settings, known | {chapter_id: changed}, now)
        return True


def sign_registry(
    session: Writing,
    settings: Settings,
    known: dict[str, RegistryEntry],
    now: datetime,
    key: SigningKey | None = None,
) -> None:
    """Sign a registry of `known` and adopt it here like anybody's. `key`: one that is not in its place
    yet.
    """
    key = key or online_keys.registry_key(session, settings)
    chapter = session.get_one(Chapter, 1)
    held = session.get(HeldRegistry, 1)
    contents = {prefix: _content(listed) for prefix, listed in split([known[id_] for id_ in sorted(known)]).items()}
    document = Registry(
        hq=chapter.id,
        version=next_version(held.version if held else 0, now),
        issued=to_instant(now),
        fresh_until=to_instant(now + FRESH),
        profile=HqProfile(name=chapter.name, contact=chapter.contact),
        bins=[BinReference(prefix, _digest(content), count) for prefix, (content, count) in contents.items()],
    )
    bins = {_digest(content): content for content, _ in contents.values()}
    try:
        envelope = seal("registry", write_document(document), [key])
        registry.adopt(session, registry.check(session, envelope, bins, now), now, from_hq=True)
    except FederationError as error:
        raise CannotSign(f"what this node signs is refused ({error.code}): {error}") from error


def split(listed: list[RegistryEntry]) -> dict[str, list[RegistryEntry]]:
    """`listed` in bins by the first letters of the id: one, or as many as it takes that none holds over SPLIT_AT.

    A change then sends one bin of a few hundred chapters again. Never over MAX_BINS, lest the registry outgrow an
    envelope: then the largest stay large.
    """
    bins = {"": listed}
    while True:
        prefix = max(bins, key=lambda one: len(bins[one]))
        if len(bins[prefix]) <= SPLIT_AT or len(bins) + len(ALPHABET) > MAX_BINS:
            return dict(sorted(bins.items()))
        for entry in bins.pop(prefix):
            bins.setdefault(entry.chapter[: len(prefix) + 1], []).append(entry)


def resign_if_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Sign the registry again after RESIGN_AFTER, or after a rotation of its key; True if it was due. Idempotent.

    Never while two servers speak for HQ.
    """
    held = session.get(HeldRegistry, 1)
    if not settings.is_hq or held is None or not _is_due(held, now) or rivals.is_known(session):
        return False
    with writing(session) as transaction:
        sign_registry(transaction, settings, entries(transaction), now)
    return True


def is_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Whether the registry is to be signed again."""
    held = session.get(HeldRegistry, 1)
    return settings.is_hq and held is not None and _is_due(held, now)


def is_nearly_stale(session: Session, now: datetime) -> bool:
    """Whether others will soon say that HQ has not been heard, or already cannot verify what its former key signed."""
    held = session.get(HeldRegistry, 1)
    return held is not None and (held.version == registry.NO_FLOOR or held.fresh_until - now <= NEARLY_STALE)


def go_on(session: Session, settings: Settings, said: Said, now: datetime, saw: str) -> None:
    """Somebody has stopped the other server that spoke for HQ: this one signs by itself again, and now.

    Again: nothing happens. Raises Changed if more of the other one has come than they `saw`.
    """
    with writing(session) as transaction:
        if rivals.end(transaction, saw):
            history.record(transaction, "goes-on", said, None, now)
            sign_registry(transaction, settings, entries(transaction), now)


def _is_due(held: HeldRegistry, now: datetime) -> bool:
    return held.version == registry.NO_FLOOR or not is_within(_issued(held), RESIGN_AFTER, now)


def _issued(held: HeldRegistry) -> datetime:
    return from_instant(msgspec.json.decode(read(held.envelope).payload, type=Registry).issued)


def _known(session: Session, *chapter_ids: str) -> dict[str, RegistryEntry]:
    known = entries(session)
    for id_ in chapter_ids:
        if id_ not in known:
            raise NotFound(f"no chapter {id_} in the registry")
    return known


def _problem_of_replacing(known: dict[str, RegistryEntry], chapter_id: str, former_id: str) -> str | None:
    if chapter_id == former_id:
        return "same"
    if any(entry.replaces == former_id for id_, entry in known.items() if id_ != chapter_id):
        return "taken"
    older: str | None = former_id
    while older in known:
        older = known[older].replaces
        if older == chapter_id:
            return "circle"
    return None


def _content(listed: list[RegistryEntry]) -> tuple[bytes, int]:
    return msgspec.json.encode(RegistryBin(chapters=[_in_our_words(entry) for entry in listed])), len(listed)


def _in_our_words(entry: RegistryEntry) -> RegistryEntry:
    """A status that only a later version has, met in a registry that was taken over, shows nothing: nor does this."""
    return entry if entry.status in STATUSES else msgspec.structs.replace(entry, status="suspended")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
