"""A chapter's node joins the federation with an invitation."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from federation.errors import FederationError
from federation.invitation import Invitation

from ..config import Settings
from ..database import writing
from ..directory import chapters, registry, serving
from ..errors import NodeError
from ..models import Hq
from ..wire.client import Peer, PeerRefused
from ..wire.outbound import NotPermitted, Unreachable, Wire
from . import Sync
from .registry import fetch_roots


class NotJoined(NodeError):
    """The node could not join. The message says what is in the way, and the way out."""


def join(
    sessions: sessionmaker[Session],
    settings: Settings,
    wire: Wire,
    invitation: Invitation,
    clock: Callable[[], datetime],
    *,
    new_address: bool = False,
) -> str:
    """Ask the HQ that `invitation` names to be let in, pin it, and read the federation. `admitted` or `waiting`.

    This node must be serving: HQ reads its root from its own address before it lets it in. `new_address`: HQ may
    have moved since this node joined it. Raises NotJoined; then nothing has changed here.
    """
    at_home = _require_serving(sessions, settings, wire)
    if not new_address:
        _require_known_address(sessions, invitation)
    try:
        answer = _ask_and_pin(sessions, wire, invitation, clock())
    except (Unreachable, PeerRefused, FederationError) as error:
        raise NotJoined(f"HQ at {invitation.hq_url} did not let us in: {error}{at_home}") from error
    Sync(sessions, settings, wire, clock).round(only=invitation.hq_url)
    return answer


def _ask_and_pin(sessions: sessionmaker[Session], wire: Wire, invitation: Invitation, now: datetime) -> str:
    """Verify HQ, then ask it, then pin it, so that a node that was not let in belongs to no HQ."""
    hq = Peer(wire, invitation.hq_url)
    roots = fetch_roots(hq, invitation.hq, 0)
    with sessions() as session:
        registry.require_hq(session, roots, invitation.hq, invitation.root_digest)
    answer = hq.ask_admission(invitation.secret, _own_root(sessions))
    with sessions() as session, writing(session) as transaction:
        registry.pin(transaction, invitation.hq_url, roots, invitation.hq, invitation.root_digest)
        transaction.get_one(Hq, 1).asked_at = now
    return answer


def _require_known_address(sessions: sessionmaker[Session], invitation: Invitation) -> None:
    """Refuse an invitation that names our HQ at another address, since anybody can write one."""
    with sessions() as session:
        pinned = session.get(Hq, 1)
    if pinned and pinned.id == invitation.hq and pinned.url != invitation.hq_url:
        raise NotJoined(
            f"HQ's address changed from {pinned.url} to {invitation.hq_url}: "
            "ask HQ in person if that is so, then confirm it with --new-address"
        )


def _require_serving(sessions: sessionmaker[Session], settings: Settings, wire: Wire) -> str:
    """Look at our own address as HQ will. What to add to a refusal of HQ, if only HQ can see the address."""
    with sessions() as session:
        own = chapters.own_id(session)
    if own is None:
        raise NotJoined("this folder holds no chapter: run `rtr init` first")
    try:
        found = Peer(wire, settings.base_url).chapter_root(own, 1)
    except NotPermitted as error:
        return _at_home(settings, error.addresses)
    except Unreachable as error:
        raise NotJoined(
            f"nothing answers at {settings.base_url} yet: start `rtr serve` first, and see that its name leads to this "
            f"server, that port 443 is open and the certificate good ({error})"
        ) from error
    except (PeerRefused, FederationError) as error:
        raise NotJoined(
            f"what answers at {settings.base_url} is not this node: start `rtr serve`, and let the web server in front "
            f"pass requests on to port {settings.port} ({error})"
        ) from error
    if found is None:
        raise NotJoined(f"another node answers at {settings.base_url}: check RTR_BASE_URL")
    return ""


def _at_home(settings: Settings, addresses: list[str]) -> str:
    """The words for a name that leads to an address inside the house, which is usual and right behind a home router."""
    return (
        f". From here {settings.base_url} leads to {', '.join(addresses)}, an address inside a house or an office; "
        "behind a home router that is usual, and HQ looks from outside. Open it on a phone without wi-fi: if nothing "
        "is there, let the name lead to the router's public address, and the router pass port 443 on to this server"
    )


def _own_root(sessions: sessionmaker[Session]) -> str:
    with sessions() as session:
        return serving.chapter_root(session, chapters.own_id(session) or "", 1).envelope.decode()
