"""How often one visitor may ask. No address is kept: the key is an HMAC with a salt that lives in memory for a day."""

import hmac
import logging
import secrets
import time
from datetime import UTC, date, datetime

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import parse

from . import counts, sessions

PAGES = "120 per minute"
SIGN_IN = "10 per minute"
_PAGES_SCOPE = "pages"
_PAGES_ITEM = parse(PAGES)


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
    return hmac.digest(salt.of(datetime.now(UTC).date()), (address or "").encode(), "sha256").hex()


#: No default limits: each room says its own. `RATELIMIT_ENABLED` in an application's config switches them off.
limiter = Limiter(visitor, storage_uri=f"{counts.SCHEME}://", strategy="fixed-window")

#: It would say at every refusal whose it was.
limiter.logger.setLevel(logging.WARNING)


def lead_or_visitor() -> str:
    """The session that asks, or who asks without one: a crowd at a lead's address must not shut that lead's taps."""
    found = sessions.signed_in()
    return found.token_hash if found else visitor()


def is_free() -> bool:
    """Whether this request is on nobody's budget. The help lines cost nothing, and nobody in need is asked to wait."""
    return request.endpoint == "home.help_page"


pages = limiter.shared_limit(PAGES, scope=_PAGES_SCOPE, exempt_when=is_free)
leads = limiter.shared_limit(PAGES, scope="leads", key_func=lead_or_visitor)
sign_in = limiter.limit(SIGN_IN, methods=["POST"])


@limiter.request_filter
def _switched_off() -> bool:
    return not current_app.config["RATELIMIT_ENABLED"]


def start(app: Flask) -> None:
    """Each application has its own salt, so that nodes in one process do not share budgets."""
    app.extensions["visitor_salt"] = Salt()
    limiter.init_app(app)


def take_page(app: Flask, address: str | None) -> bool:
    """Take one page from a visitor's budget without Flask, for pages that were kept; False if it is used up."""
    if not app.config["RATELIMIT_ENABLED"]:
        return True
    return limiter.limiter.hit(_PAGES_ITEM, _key(app, address), _PAGES_SCOPE)


def retry_after() -> int:
    """Seconds until the limit that has just been met opens again."""
    met = limiter.current_limit
    return max(1, int(met.reset_at - time.time())) if met else 60
