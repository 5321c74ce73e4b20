"""A chapter's node joins the federation with an invitation."""

from typing import Literal

from federation.errors import FederationError
from federation.invitation import Invitation

from ..config import Settings
from ..directory import chapters, registry, serving
from ..errors import NodeError
from ..handle import Node
from ..models import Hq
from ..wire.client import Peer, PeerRefused
from ..wire.outbound import NotPermitted, Unreachable
from . import Sync
from .registry import fetch_roots

#: What keeps a node from joining: it has no chapter yet; at its address is nothing, or something else; HQ has another
#: address than it had; HQ does not answer, or does not let it in.
Hindrance = Literal["unfounded", "unseen", "another", "moved", "silent", "refused"]


class NotJoined(NodeError):
    """The node could not join. The message says what is in the way, and the way out."""

    def __init__(self, hindrance: Hindrance, message: str) -> None:
        super().__init__(message)
        self.hindrance = hindrance


def join(node: Node, invitation: Invitation, *, new_address: bool = False, whole: bool = True) -> str:
    """Ask the HQ that `invitation` names to be let in, pin it, and read the federation. `admitted` or `waiting`.

    This node must be serving: HQ reads its root from its own address before it lets it in. `new_address`: HQ may
    have moved since this node joined it. Not `whole`: a large directory is left for the next poll, since somebody waits
    for the page. Raises NotJoined; then nothing has changed here.
    """
    at_home = _require_serving(node)
    if not new_address:
        _require_known_address(node, invitation)
    try:
        answer = _ask_and_pin(node, invitation)
    except (Unreachable, PeerRefused, FederationError) as error:
        hindrance: Hindrance = "silent" if isinstance(error, Unreachable) else "refused"
        raise NotJoined(hindrance, f"HQ at {invitation.hq_url} did not let us in: {error}{at_home}") from error
    Sync(node).round(only=invitation.hq_url, whole=whole)
    return answer


def _ask_and_pin(node: Node, invitation: Invitation) -> str:
    """Verify HQ, then ask it, then pin it, so that a node that was not let in belongs to no HQ."""
    hq = Peer(node.wire, invitation.hq_url)
    roots = fetch_roots(hq, invitation.hq, 0)
    with node.sessions() as session:
        registry.require_hq(session, roots, invitation.hq, invitation.root_digest)
    answer = hq.ask_admission(invitation.secret, _own_root(node))
    with node.writing() as transaction:
        registry.pin(transaction, invitation.hq_url, roots, invitation.hq, invitation.root_digest)
        transaction.get_one(Hq, 1).asked_at = node.clock()
    return answer


def _require_known_address(node: Node, invitation: Invitation) -> None:
    """Refuse an invitation that names our HQ at another address, since anybody can write one."""
    with node.sessions() as session:
        pinned = session.get(Hq, 1)
    if pinned and pinned.id == invitation.hq and pinned.url != invitation.hq_url:
        raise NotJoined(
            "moved",
            f"HQ's address changed from {pinned.url} to {invitation.hq_url}: "
            "ask HQ in person if that is so, then confirm it with --new-address",
        )


def _require_serving(node: Node) -> str:
    """Look at our own address as HQ will. What to add to a refusal of HQ, if only HQ can see the address."""
    with node.sessions() as session:
        own = chapters.own_id(session)
    if own is None:
        raise NotJoined("unfounded", "this folder holds no chapter yet: `rtr setup-link` opens its set-up")
    try:
        found = Peer(node.wire, node.settings.base_url).chapter_root(own, 1)
    except NotPermitted as error:
        return _at_home(node.settings, error.addresses)
    except Unreachable as error:
        raise NotJoined(
            "unseen",
            f"nothing answers at {node.settings.base_url} yet: start `rtr serve` first, and see that its name leads to "
            f"this server, that port 443 is open and the certificate good ({error})",
        ) from error
    except (PeerRefused, FederationError) as error:
        raise NotJoined(
            "another",
            f"what answers at {node.settings.base_url} is not this node: start `rtr serve`, and let the web server in "
            f"front pass requests on to port {node.settings.port} ({error})",
        ) from error
    if found is None:
        raise NotJoined("another", f"another node answers at {node.settings.base_url}: check RTR_BASE_URL")
    return ""


def _at_home(settings: Settings, addresses: list[str]) -> str:
    """The words for a name that leads to an address inside the house, which is usual and right behind a home router."""
    return (
        f". From here {settings.base_url} leads to {', '.join(addresses)}, an address inside a house or an office; "
        "behind a home router that is usual, and HQ looks from outside. Open it on a phone without wi-fi: if nothing "
        "is there, let the name lead to the router's public address, and the router pass port 443 on to this server"
    )


def _own_root(node: Node) -> str:
    with node.sessions() as session:
        return serving.chapter_root(session, chapters.own_id(session) or "", 1).envelope.decode()
