"""What was wrong when another node did not answer, in a word of a closed list (PROTOCOL.md §11.1)."""

import socket
import ssl
from collections.abc import Iterator
from typing import Literal

import requests
import urllib3

#: The name leads nowhere; it leads to addresses inside a house alone; nothing listens there; it took too long; the
#: certificate is over; the certificate is wrong in another way; anything else.
Failure = Literal[
    "no-address", "private-address", "refused", "too-slow", "certificate-expired", "certificate", "unreachable"
]

_SLOW = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
#: OpenSSL's number of a certificate whose last day is over (X509_V_ERR_CERT_HAS_EXPIRED).
_EXPIRED = 10


def kind_of(error: BaseException) -> Failure:
    """The word of an error, by the first error that it comes from and that has one."""
    return next((found for one in _causes(error) if (found := _word(one))), "unreachable")


def _word(error: BaseException) -> Failure | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate-expired" if error.verify_code == _EXPIRED else "certificate"
    if isinstance(error, socket.gaierror):
        return "no-address"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    return "too-slow" if isinstance(error, _SLOW) else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and all that it comes from. Libraries put a cause into `reason` or among the arguments, too."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
            yield one
