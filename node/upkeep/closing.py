"""A chapter that closes: it says so everywhere and to everybody, and only then erases what it knows.

Each step can be done again. What has been done is seen from what is there: the day in the chapter's row, the letters in
the outbox, an empty document, and at last the proof beside an erased folder.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.encodings import to_instant

from ..chapter import identity, listing, publishing, series
from ..config import SETTINGS_FILE, Settings
from ..database import Writing, writing
from ..input.validation import check_texts, refuse
from ..mail import letters
from ..models import Coming, HeldDocument, Hq, Letter, Message, Person, Photo, Run
from ..schedule.recurrence import day_in

_PROOF = "closed.json"
PAGE = "closed.html"
#: What the proof counts.
_COUNTED: dict[str, type[Any]] = {
    "accounts": Person,
    "comers": Coming,
    "letters": Letter,
    "messages": Message,
    "photos": Photo,
    "runs": Run,
}
#: How long a farewell is tried.
_TRIED = timedelta(days=14)
_GOODBYE = 1000
#: What stays in settings.env: enough to answer at this address that the chapter has closed.
_KEPT_SETTINGS = ("BASE_URL", "NETWORK", "HOST", "PORT", "TRUSTED_PROXIES", "TRUSTED_HOSTS")


@dataclass(frozen=True)
class Outlook:
    """What closing means now, in numbers. `untold`: people who said that they come, and cannot be written to."""

    runs: int
    accounts: int
    comers: int
    untold: int
    without_export: int
    letters_waiting: int


@dataclass(frozen=True)
class Proof:
    """What was erased, in numbers and without a person. `told` of `others` nodes have the last document."""

    chapter: str
    name: str
    place: str
    country: str
    hq_address: str
    closed_at: str
    document: str
    version: int
    told: int
    others: int
    erased: dict[str, int]
    files: int = 0
    bytes: int = 0
    is_done: bool = False
    left: list[str] = field(default_factory=list)


def outlook(session: Session, now: datetime) -> Outlook:
    """What closing means now. Changes nothing."""
    chapter = identity.own(session)
    today = day_in(chapter.timezone, now)
    still_coming = (Coming.day.is_(None)) | (Coming.day >= today)
    unconfirmed = Coming.email_confirmed_at.is_(None), Coming.person_id.is_(None)
    return Outlook(
        runs=len(_runs(session)),
        accounts=_count(session, Person),
        comers=_count(session, Coming),
        untold=session.scalar(select(func.count()).where(still_coming, *unconfirmed)) or 0,
        without_export=session.scalar(select(func.count()).where(Person.email_confirmed_at.is_(None))) or 0,
        letters_waiting=waiting(session, now),
    )


def has_said_so(session: Session) -> bool:
    """Whether the chapter has said that it closes."""
    return identity.own(session).closed_on is not None


def announce(session: Session, settings: Settings, goodbye: str, now: datetime) -> None:
    """End every run, cancel its dates, and say that the chapter has closed. Everybody concerned gets a letter.

    One transaction. A second call changes nothing. Raises InvalidInput for a `goodbye` that no page can show.
    """
    refuse(check_texts({"goodbye": goodbye}, {"goodbye": _GOODBYE}, frozenset()))
    with writing(session) as transaction:
        chapter = identity.own(transaction)
        if chapter.closed_on is not None:
            return
        for run in _runs(transaction):
            series.end(transaction, run, now)
        chapter.closed_on, chapter.contact_form, chapter.notices = day_in(chapter.timezone, now), False, []
        if goodbye.strip():
            chapter.about, chapter.translations = goodbye.strip(), {}
        _queue_farewells(transaction, settings, now)
        publishing.publish(transaction, settings, now, urgent=True)


def waiting(session: Session, now: datetime) -> int:
    """How many letters have not been sent yet."""
    waits = Letter.sent_at.is_(None), Letter.given_up.is_(None), Letter.not_after > now
    return session.scalar(select(func.count()).where(*waits)) or 0


def give_up(session: Session, settings: Settings, now: datetime) -> None:
    """Take back that the chapter has closed. Its runs stay withdrawn: leads say of each that it goes on."""
    with writing(session) as transaction:
        chapter = identity.own(transaction)
        if chapter.closed_on is not None:
            chapter.closed_on = None
            publishing.publish(transaction, settings, now, urgent=True)


def sign_off(session: Session, settings: Settings, now: datetime) -> None:
    """Sign the last document, without a listing. A second call signs it again."""
    with writing(session) as transaction:
        for run in listing.listed_runs(transaction, now):
            run.listed_until = None
        publishing.publish(transaction, settings, now, urgent=True)


def proof_of(session: Session, settings: Settings, told: int, others: int, now: datetime) -> Proof:
    """What is to be erased, counted while it is still there."""
    chapter, hq = identity.own(session), session.get(Hq, 1)
    held = session.get_one(HeldDocument, chapter.id)
    return Proof(
        chapter=chapter.id,
        name=chapter.name,
        place=chapter.place,
        country=chapter.country,
        hq_address=hq.url if hq else "",
        closed_at=to_instant(now),
        document=held.digest or "",
        version=held.version,
        told=told,
        others=others,
        erased={name: _count(session, kind) for name, kind in _COUNTED.items()},
    )


def read_proof(data: Path) -> Proof | None:
    """The proof in the folder of a closed chapter, whether or not its erasure has ended. None before that began."""
    try:
        return Proof(**json.loads((data / _PROOF).read_text()))
    except FileNotFoundError:
        return None


def erase(data: Path, settings: Settings, proof: Proof, page: str) -> Proof:
    """Erase what the node knows; the proof and the page that says goodbye stay. The proof, with what was erased.

    The keys go first: what the members' key sealed is nothing without it, wherever a copy of it lies. Goes on where it
    was cut off. The database must be closed.
    """
    _write(data / PAGE, page)
    _write(data / _PROOF, json.dumps(asdict(proof)))
    files, size = proof.files, proof.bytes
    for path in _to_erase(data, settings):
        files, size = files + 1, size + path.stat().st_size
        path.unlink()
    _drop_folders(data, settings)
    _keep_few_settings(settings)
    members = dict(asdict(proof), files=files, bytes=size, is_done=True, left=sorted(_left(data)))
    _write(data / _PROOF, json.dumps(members))
    return Proof(**members)


def _queue_farewells(session: Writing, settings: Settings, now: datetime) -> None:
    """One letter for each confirmed address: a comer with an account has it there."""
    until = now + _TRIED
    for person in session.scalars(select(Person.id).where(Person.email_confirmed_at.is_not(None))):
        letters.queue(
            session, settings, "farewell", f"farewell/person/{person}", now, person_id=person, not_after=until
        )
    alone = select(Coming.id).where(Coming.email_confirmed_at.is_not(None), Coming.person_id.is_(None))
    for coming in session.scalars(alone):
        letters.queue(
            session, settings, "farewell", f"farewell/coming/{coming}", now, coming_id=coming, not_after=until
        )


def _runs(session: Session) -> list[Run]:
    return list(session.scalars(select(Run).where(Run.withdrawn_at.is_(None))))


def _count(session: Session, kind: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def _to_erase(data: Path, settings: Settings) -> Iterator[Path]:
    """Every file of the node but those that stay; keys before what they open."""
    yield from (path for path in (settings.members_key_file,) if path.is_file())
    yield from sorted(path for path in (data / "keys").rglob("*") if path.is_file())
    yield from sorted(path for path in data.rglob("*") if path.is_file() and path not in _kept(data))
    yield from sorted(_letters(settings).glob("*.eml")) if settings.mail.startswith("folder:") else ()


def _kept(data: Path) -> set[Path]:
    return {data / name for name in (_PROOF, PAGE, SETTINGS_FILE)}


def _letters(settings: Settings) -> Path:
    """The folder of captured letters."""
    return settings.data / settings.mail.removeprefix("folder:")


def _drop_folders(data: Path, settings: Settings) -> None:
    """Remove the folders. Those outside of the data folder go only if nothing else is in them."""
    for path in [path for path in data.iterdir() if path.is_dir()]:
        shutil.rmtree(path)
    outside = [settings.members_key_file.parent]
    if settings.mail.startswith("folder:"):
        outside.append(_letters(settings))
    for path in outside:
        with suppress(OSError):
            path.rmdir()


def _keep_few_settings(settings: Settings) -> None:
    """Drop passwords and addresses of people. A second call finds the same."""
    values = {name: getattr(settings, name.lower()) for name in _KEPT_SETTINGS}
    text = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in values.items()}
    _write(settings.data / SETTINGS_FILE, "".join(f"RTR_{name}={value}\n" for name, value in text.items() if value))


def _left(data: Path) -> set[str]:
    return {path.name for path in data.iterdir()}


def _write(path: Path, text: str) -> None:
    growing = path.with_name(path.name + ".new")
    descriptor = os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    growing.replace(path)
