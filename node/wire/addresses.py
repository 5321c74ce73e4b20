"""Which addresses this node connects to: public ones, in whatever form they are written.

`ipaddress.is_global` is not enough: it accepts tunnelled and translated forms of private addresses, and differs between
versions of Python. So an IPv6 address must lie in 2000::/3, the only block that is given out, and in no block of the
IANA special-purpose registry (RFC 6890) that is not reachable from everywhere.
"""

import ipaddress
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from federation.encodings import Network

_GIVEN_OUT = IPv6Network("2000::/3")
_SPECIAL = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
#: Blocks within 2001::/23 that are reachable from everywhere all the same.
_EXCEPTED = tuple(
    map(
        IPv6Network,
        (
            *("2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:3::/32"),
            *("2001:4:112::/48", "2001:20::/28", "2001:30::/28"),
        ),
    )
)
_TRANSLATED = IPv6Network("64:ff9b::/96")
#: The upper half of an ISATAP interface identifier (RFC 5214 §6.1); the lower half is an IPv4 address.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)
_LOW_32 = 0xFFFF_FFFF
# Python 3.11 calls these global.
_NOT_GLOBAL = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4")))


def is_permitted(address: str, network: Network) -> bool:
    """Whether this node may connect to `address`: a public one, or in a loopback network 127.0.0.1 alone."""
    if network == "loopback":
        return address == "127.0.0.1"
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, IPv4Address):
        return _is_public(ip)
    low = IPv4Address(int(ip) & _LOW_32)
    if ip.ipv4_mapped or ip in _TRANSLATED:
        return _is_public(low)
    return _is_given_out(ip) and (not _is_isatap(ip) or _is_public(low))


def _is_public(ip: IPv4Address) -> bool:
    return ip.is_global and not any(ip in block for block in _NOT_GLOBAL)


def _is_isatap(ip: IPv6Address) -> bool:
    return (int(ip) >> 32) & _LOW_32 in _ISATAP


def _is_given_out(ip: IPv6Address) -> bool:
    is_special = any(ip in block for block in _SPECIAL) and not any(ip in block for block in _EXCEPTED)
    return ip in _GIVEN_OUT and not is_special
