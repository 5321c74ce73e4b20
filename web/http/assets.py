"""Static files by their content: an address that changes with the file may be kept for a year."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request

_STATIC = Path(__file__).parents[1] / "static"


def start(app: Flask) -> None:
    """Give templates `asset('site.css')`."""
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep_long)


@lru_cache
def asset(name: str) -> str:
    """The address of a static file."""
    return f"/static/{name}?v={hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:10]}"


def _keep_long(response: Response) -> Response:
    if request.endpoint == "static" and request.args.get("v"):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
