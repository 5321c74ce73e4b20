"""How often one visitor may ask, and for how much work.

No address is kept. A visitor's key is an HMAC with a salt that lives in memory for a day.

Every answer is on somebody's budget, errors and files as well; a test goes through all of them. A visitor who asks on
after the budget is used up gets an answer that costs next to nothing.
"""

import hmac
import ipaddress
import logging
import re
import secrets
import socket
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Lock
from typing import TypeVar

from flask import Blueprint, Flask, Response, current_app, g, request
from werkzeug.exceptions import TooManyRequests

from node import help_lines

from ..context import node, node_of, settings
from ..language import _
from . import sessions

log = logging.getLogger(__name__)

Guarded = TypeVar("Guarded", bound=Blueprint | Callable[..., object])

#: The first bytes of an IPv4 address that is written as IPv6: ::ffff:192.0.2.1.
_MAPPED = bytes(10) + b"\xff\xff"
#: An address as some proxies write it: with its port, an IPv6 address in brackets.
_WITH_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9]+(?:\.[0-9]+){3}))(?::[0-9]{1,5})?\Z")
#: A visitor who is so many times over the budget is a program. Its answer is a line of plain text.
_FLOOD = 2
#: How long requests are counted together, from a visitor's first request on (seconds).
WINDOW = 60.0
_DAY = 86_400.0
#: How often counts that are over are dropped (seconds). A count lives no longer beyond its window.
_DROP_EVERY = 10.0
#: Counts in memory at once (20 MB), two for each visitor of a budget. A flood from more addresses is not stopped by
#: counting. All counts are dropped then, so that the memory does not break.
MOST = 100_000


class Counts:
    """How often each visitor has asked within a window, and for how much, in the memory of one process.

    Times are seconds since 1970, and `window` is in seconds. No thread tidies up: `add` drops what is over, now and
    then.

    cachetools' TTLCache would do, for 32 MB instead of 13 beside the keys of 100,000 counts, and 6.0 microseconds
    instead of 1.7 for one. A kept page takes 140 in all, and two counts.
    """

    def __init__(self, window: float = WINDOW) -> None:
        self._window, self._lock = window, Lock()
        self._next_drop = 0.0
        #: key: (count, end of its window)
        self._counted: dict[Hashable, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._counted)

    def add(self, key: Hashable, amount: float = 1) -> float:
        """Count `amount` for `key`; the sum in its window. The first amount opens a window."""
        now = time.time()
        with self._lock:
            if now >= self._next_drop:
                self._drop_old(now)
            if len(self._counted) >= MOST:
                self._counted.clear()
            count, end = self._counted.get(key, (0.0, 0.0))
            count, end = (count + amount, end) if now < end else (amount, now + self._window)
            self._counted[key] = count, end
        return count

    def ends_at(self, key: Hashable) -> float:
        """When the window of `key` ends; now, if it has none."""
        return self._counted.get(key, (0.0, time.time()))[1]

    def _drop_old(self, now: float) -> None:
        self._next_drop = now + _DROP_EVERY
        self._counted = {key: held for key, held in self._counted.items() if now < held[1]}


class Salt:
    """A secret that changes every day (UTC). Each process has its own."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._value = b""

    def of(self, day: date) -> bytes:
        """The secret of `day`."""
        if day != self._day:
            self._day, self._value = day, secrets.token_bytes(32)
        return self._value


def visitor() -> str:
    """The key of the visitor who asks. Nobody can read the address back from it."""
    return _key(current_app, request.remote_addr)


def _key(app: Flask, address: str | None) -> str:
    salt: Salt = app.extensions["visitor_salt"]
    return hmac.digest(salt.of(datetime.now(UTC).date()), _network_of(address or "").encode(), "sha256").hex()


def _network_of(address: str) -> str:
    """An IPv4 address whole, an IPv6 address's first 64 bits: a household has the rest. Any other text as it is."""
    match = _WITH_PORT.match(address)
    if match:
        address = match[1] or match[2]
    if ":" not in address:
        return address
    try:
        packed = socket.inet_pton(socket.AF_INET6, address)
    except (OSError, ValueError):
        return address
    return socket.inet_ntoa(packed[12:]) if packed.startswith(_MAPPED) else packed[:8].hex()


def lead_or_visitor() -> str:
    """The key of the session, else of the visitor: a crowd at a lead's address must not stop the lead's taps."""
    found = sessions.signed_in()
    return found.token_hash if found else visitor()


def is_free() -> bool:
    """Whether this request is on nobody's budget: nobody in need waits for the help lines.

    Only at the addresses that our pages link to, where the page lies ready. At any other it has to be drawn.
    """
    if request.endpoint != "home.help_page" or request.method != "GET":
        return False
    country = request.args.get("country", "")
    return not request.query_string or (list(request.args) == ["country"] and help_lines.has(country))


@dataclass(frozen=True)
class Budget:
    """What one visitor (`who`) may use a minute, in all blueprints and views that share the budget: `most` requests,
    and `work` in milliseconds of a processor.

    A view's own budget replaces its blueprint's. `RATELIMIT_ENABLED` in an application's config switches all off.
    """

    name: str
    most: int
    work: int
    who: Callable[[], str] = visitor

    def __call__(self, guarded: Guarded) -> Guarded:
        """Put a blueprint on this budget, or a view (below its route)."""
        _BUDGETS[guarded.name if isinstance(guarded, Blueprint) else guarded] = self
        return guarded

    def take(self, app: Flask, who: str) -> float:
        """Take one request. The used part of the budget: over 1, it is used up."""
        counts = _counts(app)
        return max(counts.add((self.name, who)) / self.most, counts.add(self._worked(who), 0) / self.work)

    def spend(self, app: Flask, who: str, milliseconds: float) -> None:
        """Count the work of a request."""
        _counts(app).add(self._worked(who), milliseconds)

    def whole_at(self, app: Flask, who: str) -> float:
        """When the budget is whole again (seconds since 1970)."""
        return max(_counts(app).ends_at((self.name, who)), _counts(app).ends_at(self._worked(who)))

    def _worked(self, who: str) -> tuple[str, str, str]:
        return self.name, who, "work"


#: Budgets by the name of a blueprint, or by the view. For the whole process: modules fill it while they are imported.
_BUDGETS: dict[object, Budget] = {}

# Drawing a page takes 5 to 30 ms. A kept page takes nothing.
pages = Budget("pages", 120, 4000)
# On a day of storms a lead taps through dozens of dates: with 45 runs each tap and the board after it take 0.3 s.
signed_in = Budget("signed in", 120, 40_000, lead_or_visitor)
sign_in = Budget("sign-in", 10, 1000)
#: The blueprint of what programs on this machine ask. They are no visitors.
PROBES = "probes"
#: Style sheets and the like: a handful for each page that is opened for the first time.
files = Budget("files", 600, 2000)
#: Where no view answers: an address that is none of ours, or a method that it does not have.
astray = Budget("astray", 60, 1000)


def start(app: Flask) -> None:
    """Give the application its own salt and counts: two applications in one process share no budget."""
    app.extensions["visitor_salt"], app.extensions["visitor_counts"] = Salt(), Counts()
    app.extensions["made_counts"] = Counts(_DAY)
    app.before_request(_refuse_over_budget)
    app.teardown_request(_count_work)


def take_page(app: Flask, address: str | None) -> bool:
    """Take one kept page from a visitor's budget, without Flask. False if the budget is used up."""
    node_of(app).seen.visitors.note(address)
    return not app.config["RATELIMIT_ENABLED"] or pages.take(app, _key(app, address)) <= 1


def retry_after() -> int:
    """Seconds until the budget of this request is whole again."""
    taken: tuple[Budget, str] | None = g.get("taken")
    return max(1, int(taken[0].whole_at(current_app, taken[1]) - time.time())) if taken else 60


def budget() -> Budget:
    """The budget of this request."""
    if request.endpoint == "static":
        return files
    view = current_app.view_functions.get(request.endpoint or "")
    return _BUDGETS.get(view) or _BUDGETS.get(request.blueprint) or astray


def _refuse_over_budget() -> Response | None:
    if request.blueprint != PROBES:
        node().seen.visitors.note(request.remote_addr)
    if is_free() or not current_app.config["RATELIMIT_ENABLED"]:
        return None
    found = budget()
    g.taken, g.began = (found, found.who()), time.thread_time()
    gone = found.take(current_app, g.taken[1])
    if gone <= 1:
        return None
    _warn_of_proxy(request.remote_addr or "")
    if gone > _FLOOD and not request.path.startswith("/fed/"):
        # A few words and no page: drawing one would be the work that the flood wants.
        words = _("Please wait a minute, then try again. Helplines: %(address)s", address=f"{request.script_root}/help")
        return Response(f"{words}\n", 429, {"Retry-After": str(retry_after())}, "text/plain")
    raise TooManyRequests


def _count_work(_: BaseException | None) -> None:
    """Count the processor's time of this thread. Waiting is no work."""
    taken: tuple[Budget, str] | None = g.pop("taken", None)
    if taken:
        taken[0].spend(current_app, taken[1], (time.thread_time() - g.pop("began")) * 1000)


def _warn_of_proxy(address: str) -> None:
    """Warn of a proxy that does not say who asks: no visitor on the internet has a private address."""
    try:
        is_private = ipaddress.ip_address(address).is_private
    except ValueError:
        is_private = False
    if is_private and settings().network == "internet":
        log.warning('a private address met its budget: see "What is in front of the node" in deploy/README.md')


def made_from_here(what: str, more: int = 0) -> int:
    """How many of `what` this visitor has made within a day, with `more` that are made now. A restart forgets it."""
    counts: Counts = current_app.extensions["made_counts"]
    return int(counts.add((what, visitor()), more))


def _counts(app: Flask) -> Counts:
    found: Counts = app.extensions["visitor_counts"]
    return found
