"""Static files. Their addresses change with their content, so that a browser may keep them for a year."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request

_STATIC = Path(__file__).parents[1] / "static"


def start(app: Flask) -> None:
    """Give templates `asset(...)`."""
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep_long)


@lru_cache
def asset(name: str) -> str:
    """The address of a static file, such as "site.css"."""
    return f"/static/{name}?v={hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:10]}"


def _keep_long(response: Response) -> Response:
    # A font has its version in its name: a style sheet cannot ask for `?v=`.
    if request.endpoint == "static" and (request.args.get("v") or request.path.endswith(".woff2")):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
