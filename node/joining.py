"""A chapter's node joins the federation with an invitation."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from federation.errors import FederationError
from federation.invitation import Invitation

from . import directory, exchange, registry
from .config import Settings
from .database import writing
from .errors import NodeError
from .outbound import Unreachable, Wire
from .peers import Node, PeerRefused
from .registry_sync import fetch_roots
from .sync import Sync


class NotJoined(NodeError):
    """The node could not join. The message says what is in the way, and the way out."""


def join(
    sessions: sessionmaker[Session],
    settings: Settings,
    wire: Wire,
    invitation: Invitation,
    clock: Callable[[], datetime],
) -> str:
    """Pin the HQ that `invitation` names, ask it to be let in, read the federation: `admitted` or `waiting`.

    This node must be serving: HQ reads its root from its own address before it lets it in. Raises NotJoined.
    """
    _require_serving(sessions, settings, wire)
    hq = Node(wire, invitation.hq_url)
    try:
        roots = fetch_roots(hq, invitation.hq, 0)
        with sessions() as session, writing(session):
            registry.pin(session, invitation.hq_url, roots, invitation.hq, invitation.root_digest)
        answer = hq.ask_admission(invitation.secret, _own_root(sessions))
    except (Unreachable, PeerRefused, FederationError) as error:
        raise NotJoined(f"HQ at {invitation.hq_url} did not let us in: {error}") from error
    Sync(sessions, settings, wire, clock).round(only=invitation.hq_url)
    return answer


def _require_serving(sessions: sessionmaker[Session], settings: Settings, wire: Wire) -> None:
    with sessions() as session:
        own = directory.own_id(session)
    if own is None:
        raise NotJoined("this folder holds no chapter: run `rtr init` first")
    try:
        found = Node(wire, settings.base_url).chapter_root(own, 1)
    except (Unreachable, PeerRefused, FederationError) as error:
        raise NotJoined(f"nothing answers at {settings.base_url} yet: start `rtr serve` first ({error})") from error
    if found is None:
        raise NotJoined(f"another node answers at {settings.base_url}: check RTR_BASE_URL")


def _own_root(sessions: sessionmaker[Session]) -> str:
    with sessions() as session:
        return exchange.chapter_root(session, directory.own_id(session) or "", 1).envelope.decode()
