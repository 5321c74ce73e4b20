"""The web pages: views parse, call one node function, render or redirect."""

from io import BytesIO

from flask import Flask, Request
from werkzeug.middleware.proxy_fix import ProxyFix

from node.database import ENGINE_OPTIONS, database_url, prepare
from node.handle import Node

from . import errors, exchange, language, routes, site, words
from .context import db
from .forms import base
from .http import assets, compression, language_paths, limits, page_cache, security, slashes
from .public import live

MAX_REQUEST = 256 * 1024


class MemoryRequest(Request):
    """A request whose files wait in memory, as its whole body does: in a container /tmp is memory, too, and small."""

    def _get_file_stream(self, *_: object, **__: object) -> BytesIO:
        return BytesIO()


class Application(Flask):
    """Flask without its log of errors, which would name the address, and a sign-in token in it."""

    request_class = MemoryRequest

    def log_exception(self, *_: object, **__: object) -> None:
        """Log nothing: web.errors has logged the error."""


def create_app(node: Node) -> Flask:
    """The web application of one node. It starts no job and asks no other node."""
    app = Application(__name__)
    app.config.update(
        NODE=node,
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        RATELIMIT_ENABLED=True,
        SQLALCHEMY_DATABASE_URI=database_url(node.settings.database),
        SQLALCHEMY_ENGINE_OPTIONS=dict(ENGINE_OPTIONS),
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    page_cache.start(app)
    language_paths.start(app)
    proxies = node.settings.trusted_proxies
    behind_proxies = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies) if proxies else app.wsgi_app
    app.wsgi_app = errors.catch_all(behind_proxies)  # type: ignore[assignment,method-assign]
    # The budgets come before every refusal, so that each refusal is on one.
    limits.start(app)
    app.before_request(security.refuse_unknown_host)
    slashes.start(app)
    for part in (compression, language, assets, live, words, base, exchange, site, errors, routes):
        part.start(app)
    security.guard(app)
    return app


def close(app: Flask) -> None:
    """End what runs beside the pages of `app`. It answers no more after that."""
    live.close(app)
    page_cache.close(app)
