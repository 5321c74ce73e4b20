"""How people reach this node: its name, its host as seen from outside, its certificate, and who they seem to be."""

import socket
from datetime import timedelta
from urllib.parse import urlsplit

from ...wire.addresses import is_permitted
from .checks import Found, Ground, broken, look, unknown, well

_FRONT = 'see "What is in front of the node" in deploy/README.md'
#: Caddy renews a certificate 30 days before its end. So one with fewer days than these is not being renewed.
_LATE, _NEARLY_OVER = timedelta(days=14), timedelta(days=3)
#: Requests after which their addresses say something.
_ENOUGH = 20

#: What is seen from outside (PROTOCOL.md §11.1), in words, and the fix.
_SEEN = {
    "no-address": ("the name leads nowhere", "add an A or AAAA record for the name where your domain's names are kept"),
    "private-address": (
        "the name leads to an address inside a house or an office",
        "let the name lead to the public address, and let the router pass ports 80 and 443 on to this server",
    ),
    "refused": (
        "nothing listens on port 443",
        "start the web server in front (Caddy), and let the router and the firewall pass ports 80 and 443 on",
    ),
    "too-slow": ("nothing answered in time", "open ports 80 and 443 in the firewall, and see that the node runs"),
    "certificate-expired": (
        "the certificate has expired",
        "see the log of the web server in front (Caddy) for why it is not renewed; port 80 must be open for that",
    ),
    "certificate": (
        "the certificate is wrong: of another name, or of an issuer that nobody knows",
        "see the log of the web server in front (Caddy), and that RTR_BASE_URL has the name of the certificate",
    ),
    "another-node": (
        "another node answers there",
        "let the name lead to this server; if the chapter has moved, stop the node that is left over",
    ),
    "no-node": ("something answers there that is no node", f"let the web server in front pass requests on; {_FRONT}"),
}
_OTHERWISE = ("it cannot be reached", "open the address on a phone without wi-fi, and see what it says")


def name(ground: Ground) -> Found:
    """Where the name of this node leads, as this machine looks it up."""
    host = urlsplit(ground.settings.base_url).hostname or ""
    if not ground.is_internet:
        return well(f"{ground.settings.base_url} is of this machine alone")
    try:
        found = sorted({str(at[0]) for *_, at in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)})
    except OSError:
        return broken(f"{host} leads nowhere from here", _SEEN["no-address"][1])
    says = f"{host} leads to {', '.join(found)}"
    if any(is_permitted(one, "internet") for one in found):
        return well(says)
    if ground.seen and ground.seen.from_outside and ground.seen.look.seen == "answers":
        return well(f"{says} from here, as behind a home router; it is reached from outside")
    return broken(f"{says}, inside a house or an office alone", _SEEN["private-address"][1])


def outside(ground: Ground) -> Found:
    """Whether others reach this node at its address."""
    seen = ground.seen
    if seen is None or not seen.from_outside:
        return unknown(
            "no other node could be asked to look from outside", "join HQ, or see that port 443 is open to go out"
        )
    if seen.look.seen == "answers":
        return well(f"{ground.settings.base_url} answers in {seen.look.milliseconds or 0} ms, as {seen.by} sees it")
    says, fix = _SEEN.get(seen.look.seen, _OTHERWISE)
    return broken(f"{ground.settings.base_url}, as {seen.by} sees it: {says}", fix)


def certificate(ground: Ground) -> Found:
    """How long the certificate is good."""
    if not ground.is_internet:
        return well("a loopback network has no certificates")
    seen = ground.seen
    if seen and seen.look.seen in ("certificate", "certificate-expired"):
        return broken(*_SEEN[seen.look.seen])
    ends = seen.look.certificate_ends if seen else None
    if ends is None:
        return unknown("the certificate could not be seen")
    left = ends - ground.now
    says = f"the certificate is good until {ends:%Y-%m-%d}, {max(left.days, 0)} days"
    if left < _LATE:
        fix = "see the log of the web server in front (Caddy) for why it is not renewed; port 80 must be open for that"
        return broken(says, fix) if left < _NEARLY_OVER else look(says, fix)
    return well(says)


def visitors(ground: Ground) -> Found:
    """Whether visitors are told apart. No visitor of the internet has a private address: that is a proxy's."""
    came = ground.node.seen.visitors
    total = came.public + came.private
    if not ground.is_internet:
        return well("a loopback network has no visitors from elsewhere")
    if total < _ENOUGH:
        return unknown(f"only {total} requests came since the start: too few to tell")
    if len(came.private_addresses) != 1 or came.private < _ENOUGH:
        return well(f"of {total} requests {came.public} came from public addresses")
    address = next(iter(came.private_addresses))
    if came.public == 0:
        return broken(
            f"all {total} visitors seem to come from {address}: they share one budget",
            f"set RTR_TRUSTED_PROXIES=1 behind one proxy, which must set X-Forwarded-For; {_FRONT}",
        )
    return look(
        f"{came.private} of {total} visitors seem to come from {address}",
        f"give Docker's network IPv6 (enable_ipv6), or set RTR_TRUSTED_PROXIES; {_FRONT}",
    )
