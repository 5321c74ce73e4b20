"""What whoever comes for the first time reads: a lead's letter, and photos of the place. Both are public on this node.

A photo is encoded anew from its pixels alone. What a file says of the phone, the hour and the place goes, and so does
whatever else was hidden in it.
"""

import io
import secrets
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from federation.text import tidy

from ..chapter import listing, runs
from ..database import Writing, writing
from ..errors import InvalidInput, NotFound
from ..input import stale_pages
from ..input.validation import check_texts, refuse
from ..models import FirstTimerLetter, Photo, Run

if TYPE_CHECKING:
    from PIL import Image

LIMITS = {"words": 3000, "shows": 120}
MOST_PHOTOS = 4
#: Bytes of a photo as it comes, and of one as it is kept.
MAX_SENT, MAX_KEPT = 12 * 1024 * 1024, 200 * 1024
#: Pixels of the longer side of a photo as it is kept.
LONGEST_SIDE = 1280
TYPE = "image/webp"
#: Pixels that are decoded: a small file may hold a picture that fills the memory. Of a JPEG fewer are decoded.
_MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
#: The longer side and the quality that are tried, until it is small enough: leaves and gravel take many bytes.
_ATTEMPTS = ((LONGEST_SIDE, 80), (LONGEST_SIDE, 60), (LONGEST_SIDE, 40), (960, 50), (960, 30), (640, 30), (320, 20))
#: One at a time, for the whole process: two large pictures would not fit beside each other in a small machine.
_decoding = Lock()


class Encoded(NamedTuple):
    """A photo as it is kept."""

    content: bytes
    width: int
    height: int


def letter_of(session: Session, run_id: str) -> str:
    """The words for whoever comes for the first time; empty for none."""
    found = session.get(FirstTimerLetter, run_id)
    return found.words if found else ""


def mark_of(session: Session, run_id: str) -> str:
    """The mark of the letter that a form shows (node.input.stale_pages)."""
    return stale_pages.mark(letter_of(session, run_id))


def write(session: Session, run_id: str, words: str, now: datetime, saw: str | None = None) -> None:
    """Keep the letter; without words there is none. Raises NotFound, InvalidInput, and StalePage."""
    words = tidy(words)
    refuse(check_texts({"words": words}, {"words": LIMITS["words"]}, frozenset()))
    with writing(session) as transaction:
        runs.get(transaction, run_id)
        if words == letter_of(transaction, run_id):
            return
        stale_pages.require(saw, mark_of(transaction, run_id))
        if words:
            transaction.merge(FirstTimerLetter(run_id=run_id, words=words, changed_at=now))
        else:
            transaction.execute(delete(FirstTimerLetter).where(FirstTimerLetter.run_id == run_id))


def photos_of(session: Session, run_id: str) -> Sequence[Photo]:
    """The photos of a run's meeting point, the first added first."""
    return session.scalars(select(Photo).where(Photo.run_id == run_id).order_by(Photo.added_at, Photo.id)).all()


def photo(session: Session, photo_id: str) -> Photo:
    """Raises NotFound."""
    found = session.get(Photo, photo_id)
    if found is None:
        raise NotFound("no such photo")
    return found


def add_photo(session: Session, run_id: str, sent: bytes, shows: str, now: datetime) -> None:
    """Keep a photo. `shows`: what is on it, in words. The same photo a second time changes nothing.

    Raises NotFound. Raises InvalidInput for `shows`, and for `photo`: `required`, `too_long` (bytes), `too_many`,
    `range` (pixels) or `unreadable`.
    """
    shows = tidy(shows)
    problems = check_texts({"shows": shows}, {"shows": LIMITS["shows"]}, frozenset({"shows"}))
    refuse(problems if sent else {**problems, "photo": "required"})
    encoded = encode(sent)
    with writing(session) as transaction:
        runs.get(transaction, run_id)
        same = select(Photo.id).where(Photo.run_id == run_id, Photo.content == encoded.content)
        if transaction.scalar(same) is not None:
            return
        count = transaction.scalar(select(func.count()).select_from(Photo).where(Photo.run_id == run_id)) or 0
        refuse({"photo": "too_many"} if count >= MOST_PHOTOS else {})
        made = {"id": secrets.token_hex(12), "run_id": run_id, "shows": shows, "added_at": now}
        transaction.add(Photo(**made, **encoded._asdict()))


def remove_photo(session: Session, run_id: str, photo_id: str) -> None:
    """Delete a photo. Deleting it again changes nothing."""
    with writing(session) as transaction:
        transaction.execute(delete(Photo).where(Photo.run_id == run_id, Photo.id == photo_id))


def sweep(session: Writing, now: datetime) -> None:
    """Delete letters and photos of runs that are in the list no more."""
    listed = [run.id for run in listing.listed_runs(session, now)]
    gone = select(Run.id).where(Run.id.not_in(listed))
    for table in (FirstTimerLetter, Photo):
        session.execute(delete(table).where(table.run_id.in_(gone)))


def encode(sent: bytes) -> Encoded:
    """The picture in `sent`, encoded anew. Raises InvalidInput for `photo`."""
    refuse({"photo": "too_long"} if len(sent) > MAX_SENT else {})
    with _decoding:
        try:
            return _encode(sent)
        except InvalidInput:
            raise
        except Exception as error:
            # Decoders of pictures raise anything at a file that somebody has made to break them.
            raise InvalidInput({"photo": "unreadable"}) from error


def _encode(sent: bytes) -> Encoded:
    from PIL import Image, ImageOps  # imported where it is used: most processes never need it

    with Image.open(io.BytesIO(sent), formats=tuple(_MOST_PIXELS)) as opened:
        if opened.width * opened.height > _MOST_PIXELS[opened.format or ""]:
            raise InvalidInput({"photo": "range"})
        # A JPEG is decoded at an eighth of its size, or at a quarter, where that is enough.
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    # A new picture has nothing of the old one but its pixels.
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright.getchannel("A"))
    return _small_enough(plain)


def _small_enough(plain: "Image.Image") -> Encoded:
    """The best encoding that is small enough."""
    for side, quality in _ATTEMPTS:
        made = io.BytesIO()
        plain.thumbnail((side, side))
        plain.save(made, "WEBP", quality=quality, method=4)
        if made.tell() <= MAX_KEPT:
            break
    return Encoded(made.getvalue(), *plain.size)
