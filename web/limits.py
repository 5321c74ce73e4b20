"""How often one visitor may ask. No address is kept: the key is an HMAC with a salt that lives in memory for a day."""

import hmac
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from flask import Blueprint, Flask, current_app, g, request
from werkzeug.exceptions import TooManyRequests

from . import sessions
from .counts import Counts

Guarded = TypeVar("Guarded", bound=Blueprint | Callable[..., object])

#: How an IPv4 begins that a socket for both writes as IPv6: ::ffff:192.0.2.1.
_MAPPED = bytes(10) + b"\xff\xff"


class Salt:
    """A secret that is another one every day (UTC), and in every process."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._value = b""

    def of(self, day: date) -> bytes:
        """The day's secret."""
        if day != self._day:
            self._day, self._value = day, secrets.token_bytes(32)
        return self._value


def visitor() -> str:
    """Who asks, as nobody can read back."""
    return _key(current_app, request.remote_addr)


def _key(app: Flask, address: str | None) -> str:
    salt: Salt = app.extensions["visitor_salt"]
    return hmac.digest(salt.of(datetime.now(UTC).date()), _counted(address or "").encode(), "sha256").hex()


def _counted(address: str) -> str:
    """A whole IPv4, an IPv6's first 64 bits: a household has the rest. As it is with a zone, or if it is no address."""
    if ":" not in address:
        return address
    try:
        packed = socket.inet_pton(socket.AF_INET6, address)
    except (OSError, ValueError):
        return address
    return socket.inet_ntoa(packed[12:]) if packed.startswith(_MAPPED) else packed[:8].hex()


def lead_or_visitor() -> str:
    """The session that asks, or who asks without one: a crowd at a lead's address must not shut that lead's taps."""
    found = sessions.signed_in()
    return found.token_hash if found else visitor()


def is_free() -> bool:
    """Whether this request is on nobody's budget. The help lines cost nothing, and nobody in need is asked to wait."""
    return request.endpoint == "home.help_page"


@dataclass(frozen=True)
class Budget:
    """How many requests a minute one visitor (`who`) has, of all the rooms and views that it is called with.

    A view's own comes instead of its room's. `RATELIMIT_ENABLED` in an application's config switches all off.
    """

    name: str
    most: int
    who: Callable[[], str] = visitor

    def __call__(self, guarded: Guarded) -> Guarded:
        """Guard a blueprint, or a view before it gets its route."""
        _BUDGETS[guarded.name if isinstance(guarded, Blueprint) else guarded] = self
        return guarded

    def take(self, app: Flask, who: str) -> bool:
        """Take one; False if it is used up."""
        return _counts(app).add((self.name, who)) <= self.most


#: By the name of a blueprint, or by the view.
_BUDGETS: dict[object, Budget] = {}

pages = Budget("pages", 120)
leads = Budget("leads", 120, lead_or_visitor)
sign_in = Budget("sign-in", 10)


def start(app: Flask) -> None:
    """Each application has its own salt and counts, so that nodes in one process do not share budgets."""
    app.extensions["visitor_salt"], app.extensions["visitor_counts"] = Salt(), Counts()
    app.before_request(_hold_up)


def take_page(app: Flask, address: str | None) -> bool:
    """Take one page from a visitor's budget without Flask, for pages that were kept; False if it is used up."""
    return not app.config["RATELIMIT_ENABLED"] or pages.take(app, _key(app, address))


def retry_after() -> int:
    """Seconds until the budget that has just been met opens again."""
    met: tuple[str, str] | None = g.get("budget_met")
    return max(1, int(_counts(current_app).end(met) - time.time())) if met else 60


def budget() -> Budget | None:
    """What this request is taken from; None for static files, and where no view answers."""
    view = current_app.view_functions.get(request.endpoint or "")
    return _BUDGETS.get(view) or _BUDGETS.get(request.blueprint)


def _hold_up() -> None:
    found = budget()
    if found is None or is_free() or not current_app.config["RATELIMIT_ENABLED"]:
        return
    who = found.who()
    if not found.take(current_app, who):
        g.budget_met = found.name, who
        raise TooManyRequests


def _counts(app: Flask) -> Counts:
    found: Counts = app.extensions["visitor_counts"]
    return found
