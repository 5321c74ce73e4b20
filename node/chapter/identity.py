"""Who this node is: its chapter, its keys, its own first root."""

from datetime import datetime

from sqlalchemy.orm import Session

from federation.documents import ChapterRoot
from federation.encodings import network_id, new_listing_id
from federation.envelope import Envelope, seal
from federation.keys import SigningKey
from federation.payloads import write_document

from ..config import Settings
from ..database import Writing, writing
from ..directory import held
from ..errors import NotFounded
from ..handle import Node
from ..input import stale_pages
from ..keys import write_key
from ..models import Chapter, Counter
from . import publishing, rivals
from .profile import ProfileInput, check_profile


def own(session: Session) -> Chapter:
    """The one row about this node. Raises NotFounded while its chapter is being set up."""
    chapter = session.get(Chapter, 1)
    if chapter is None:
        raise NotFounded("this node has no chapter yet: go on with its set-up, which `rtr setup-link` opens")
    return chapter


def is_founded(session: Session) -> bool:
    """Whether this node has a chapter: before, it can only be set up."""
    return session.get(Chapter, 1) is not None


def has_chapter(node: Node) -> bool:
    """The same of a node in one process. A chapter never goes away again, so it is looked up until it is there."""
    if not node.is_founded.is_set():
        with node.sessions() as session:
            if is_founded(session):
                node.is_founded.set()
    return node.is_founded.is_set()


def take_over_mark(chapter: Chapter) -> str:
    """The mark of the take-over that pages tell of (node.input.stale_pages). Empty if there is none."""
    return stale_pages.mark(chapter.taken_over_at) if chapter.taken_over_at else ""


def dismiss_take_over(session: Session, saw: str) -> None:
    """A lead has looked at every date after a take-over, so pages stop telling of it. `saw`: the take-over's mark."""
    with writing(session) as transaction:
        stop_telling(transaction, saw)


def stop_telling(session: Writing, saw: str) -> bool:
    """Let pages stop telling of the take-over that a person `saw`. False if it is not the one they tell of."""
    chapter = own(session)
    if not saw or saw != take_over_mark(chapter):
        return False
    chapter.taken_over_at = None
    return True


def go_on(session: Session, settings: Settings, now: datetime, saw: str) -> None:
    """A lead has stopped the other server that spoke for this chapter. This one signs at once, and by itself again.

    A second call changes nothing. Raises StalePage if more has come from the other server than the lead `saw`.
    """
    with writing(session) as transaction:
        if rivals.end(transaction, saw):
            publishing.publish(transaction, settings, now, urgent=True)


def create_chapter(
    session: Session,
    settings: Settings,
    profile: ProfileInput,
    signing: SigningKey,
    root_key: SigningKey,
    now: datetime,
) -> Chapter:
    """Found a chapter: its first root, its profile, and its first document, without runs.

    `signing` is written to its file.
    """
    check_profile(profile)
    with writing(session) as transaction:
        return enter_chapter(transaction, settings, profile, signing, root_key, now)


def enter_chapter(
    session: Writing,
    settings: Settings,
    profile: ProfileInput,
    signing: SigningKey,
    root_key: SigningKey,
    now: datetime,
) -> Chapter:
    """Found a chapter whose profile is checked in the caller's transaction. `signing` is written to its file."""
    genesis = make_genesis(settings.base_url, signing, root_key)
    write_key(settings.signing_key_file, signing)
    chapter = Chapter(row=1, id=network_id(genesis.digest), **profile.columns())
    session.add_all([Counter(row=1, feed=new_listing_id()), chapter])
    session.flush()
    held.receive(session, settings, genesis, now, chapter.id)
    publishing.publish(session, settings, now, urgent=False)
    return chapter


def make_genesis(base_url: str, signing: SigningKey, root_key: SigningKey) -> Envelope:
    """A chapter's first root, signed by its root key."""
    root = ChapterRoot(
        version=1, root_keys=[root_key.public], root_threshold=1, signing_keys=[signing.public], base_url=base_url
    )
    return seal("chapter-root", write_document(root), [root_key])
