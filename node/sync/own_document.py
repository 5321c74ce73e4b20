"""Asking others for our own document before anything is signed: this folder may be a restored one (§8.2)."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from federation.envelope import Envelope
from federation.errors import FederationError

from ..config import Settings
from ..directory import chapters
from ..models import Chapter
from ..wire.client import Peer, PeerRefused
from ..wire.outbound import Unreachable, Wire
from . import intake, neighbours, restored_folder

#: Pages wait so long at a start for those that do not answer.
_START_SECONDS = 4.0
#: So long others wait for one that is asked before it is told of a change.
_TELLING_SECONDS = 2.0
#: So long the seed is waited for. Then the documents of so many others are enough, or of all where there are fewer.
SEED_AWAITED = timedelta(hours=12)
_OTHERS = 2

#: What somebody said who was asked: a document of ours, the protocol's name of why there is none, or nothing.
_Reply = Envelope | str | None


@dataclass(frozen=True)
class Inquiry:
    """One node's question what the others hold of it. What this folder lacks is taken over as it comes."""

    sessions: sessionmaker[Session]
    settings: Settings
    wire: Wire
    clock: Callable[[], datetime]

    def ask(self) -> bool:
        """Ask the seed and all neighbours: a pause after a failure is no reason not to ask. Whether it is answered.

        The seed is told of everything first, so its document answers it. Where the seed has none, nobody vouches for
        earlier promises; nor where it is gone for so long that the others' documents must do.
        """
        with self.sessions() as session:
            own, seed = chapters.own_id(session), chapters.seed(session, self.settings)
            others = neighbours.neighbours(session, self.settings)
        if own is None or not (seed or others):
            return True
        replies = self._replies_of([seed, *others] if seed else others, own, _START_SECONDS)
        heard = {url: self._hear(own, one, is_seed=url == seed) for url, one in replies.items()}
        if seed and heard[seed]:
            return True
        if seed and replies[seed] == "unknown-chapter" and self._is_unlisted(own):
            return True  # it was never let in: nobody holds anything of it
        if (seed and replies[seed] == "not-found") or self._is_enough(sum(heard[url] for url in others), len(others)):
            with self.sessions() as session:
                restored_folder.forget_promises(session, self.clock())
            return True
        return False

    def ask_before_telling(self, base_url: str) -> bool:
        """Ask one node alone, which takes our newest in place of what it holds. Whether the question is answered."""
        with self.sessions() as session:
            own, seed = chapters.own_id(session), chapters.seed(session, self.settings)
        if own is None:
            return False
        reply = self._replies_of([base_url], own, _TELLING_SECONDS)[base_url]
        return self._hear(own, reply, is_seed=base_url == seed) and base_url == seed

    def _replies_of(self, urls: Sequence[str], own: str, seconds: float) -> dict[str, _Reply]:
        """All at once: who does not answer holds up nobody else."""
        with ThreadPoolExecutor(len(urls), thread_name_prefix="asking") as pool:
            return dict(zip(urls, pool.map(lambda url: self._document(url, own, seconds), urls), strict=True))

    def _document(self, url: str, own: str, seconds: float) -> _Reply:
        try:
            return Peer(self.wire, url, seconds).says_of(own)
        except (Unreachable, PeerRefused, FederationError):
            return None

    def _hear(self, own: str, reply: _Reply, *, is_seed: bool) -> bool:
        """Whether it is a document of ours. A stranger's page says nothing."""
        if not isinstance(reply, Envelope):
            return False
        try:
            with self.sessions() as session:
                intake.hear_of_our_own(session, self.settings, own, reply, self.clock(), is_seed=is_seed)
        except FederationError:
            return False
        return True

    def _is_unlisted(self, own: str) -> bool:
        """Whether this folder, too, knows of no entry for us. Else who knows of none is behind, or lies."""
        with self.sessions() as session:
            return chapters.entry_of(session, own) is None

    def _is_enough(self, answers: int, others: int) -> bool:
        """Whether the seed has been waited for, and enough others have answered."""
        with self.sessions() as session:
            began = session.get_one(Chapter, 1).began_at
        return began is not None and self.clock() - began >= SEED_AWAITED and answers >= min(_OTHERS, others)
