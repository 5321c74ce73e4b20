"""Ask other nodes for our own document before anything is signed, since this folder may be a restored one (§8.2)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from federation.envelope import Envelope
from federation.errors import FederationError

from ..directory import chapters
from ..handle import Node
from ..models import Chapter
from ..wire import deadlines
from ..wire.client import Peer, PeerRefused
from ..wire.outbound import Unreachable
from . import intake, neighbours, restored_folder

#: The seed is waited for so long. Then the documents of so many other nodes are enough, or of all if they are fewer.
SEED_AWAITED = timedelta(hours=12)
_OTHERS = 2

#: A node's reply: a document of ours, the protocol's name of why there is none, or no reply.
_Reply = Envelope | str | None


@dataclass(frozen=True)
class Inquiry:
    """One node's inquiry what other nodes hold of it. What this folder lacks is taken over as it comes."""

    node: Node

    def ask(self) -> bool:
        """Ask the seed and all neighbours, even those that failed lately. Whether the question is answered.

        The seed hears of all changes first, so its document is the answer. Nobody vouches for earlier confirmations if
        the seed holds none, or if it is gone for so long that the documents of other nodes must do.
        """
        with self.node.sessions() as session:
            own, seed = chapters.own_id(session), chapters.seed(session, self.node.settings)
            others = neighbours.neighbours(session, self.node.settings)
        if own is None or not (seed or others):
            return True
        replies = self._replies_of([seed, *others] if seed else others, own, deadlines.START)
        heard = {url: self._hear(own, one, is_seed=url == seed) for url, one in replies.items()}
        if seed and heard[seed]:
            return True
        if seed and replies[seed] == "unknown-chapter" and self._is_unlisted(own):
            return True  # this chapter was never let in, so no node holds anything of it
        if (seed and replies[seed] == "not-found") or self._is_enough(sum(heard[url] for url in others), len(others)):
            with self.node.sessions() as session:
                restored_folder.forget_promises(session, self.node.clock())
            return True
        return False

    def ask_before_telling(self, base_url: str) -> bool:
        """Ask one node before our newest document replaces what it holds. Whether the question is answered."""
        with self.node.sessions() as session:
            own, seed = chapters.own_id(session), chapters.seed(session, self.node.settings)
        if own is None:
            return False
        reply = self._replies_of([base_url], own, deadlines.BEFORE_TELLING)[base_url]
        return self._hear(own, reply, is_seed=base_url == seed) and base_url == seed

    def _replies_of(self, urls: Sequence[str], own: str, seconds: float) -> dict[str, _Reply]:
        """Ask all of them at once, so that one that does not answer holds up no other."""
        with ThreadPoolExecutor(len(urls), thread_name_prefix="asking") as pool:
            return dict(zip(urls, pool.map(lambda url: self._document(url, own, seconds), urls), strict=True))

    def _document(self, url: str, own: str, seconds: float) -> _Reply:
        try:
            return Peer(self.node.wire, url, seconds).says_of(own)
        except (Unreachable, PeerRefused, FederationError):
            return None

    def _hear(self, own: str, reply: _Reply, *, is_seed: bool) -> bool:
        """Whether the reply is a document of ours. A stranger's page is no reply."""
        if not isinstance(reply, Envelope):
            return False
        try:
            with self.node.sessions() as session:
                intake.hear_of_our_own(session, self.node.settings, own, reply, self.node.clock(), is_seed=is_seed)
        except FederationError:
            return False
        return True

    def _is_unlisted(self, own: str) -> bool:
        """Whether our own registry, too, has no entry for us. Else a node that knows none is behind, or lies."""
        with self.node.sessions() as session:
            return chapters.entry_of(session, own) is None

    def _is_enough(self, answers: int, others: int) -> bool:
        """Whether the seed has been waited for, and enough others have answered."""
        with self.node.sessions() as session:
            began = session.get_one(Chapter, 1).began_at
        return began is not None and self.node.clock() - began >= SEED_AWAITED and answers >= min(_OTHERS, others)
