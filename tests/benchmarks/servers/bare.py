"""The floors of the page benchmark on the server of `rtr serve`: `python -m tests.benchmarks.servers.bare page PORT
BYTES`."""

import logging
import sys
from collections.abc import Callable

from flask import Flask, render_template
from jinja2 import DictLoader

from deploy.listening import listening
from deploy.server import create_server

_SIZE = 20_000
_HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(_SIZE)))
_CONSTANT = b"x" * _SIZE
_CARD = """<article class="card">
<span class="state">{{ row.state }}</span>
<h3><a href="/runs/{{ row.id }}">{{ row.time }} {{ row.name }}</a></h3>
<p>{{ row.place }} · {{ row.away }} away</p>
<p class="heard">heard from {{ row.chapter }} {{ row.heard }}</p>
</article>
"""
_BYTES_A_ROW = 295
_PAGE = f"""<!doctype html>
<html lang="en"><head><title>{{{{ title }}}}</title></head>
<body><h1>{{{{ title }}}}</h1>{{% for row in rows %}}{_CARD}{{% endfor %}}</body></html>
"""
_ROW = {
    "state": "Not confirmed yet",
    "id": "abcdefghijklmnopqrstuvwx/evening",
    "time": "18:30",
    "name": "Thursday evening run by the river",
    "place": "The Monument, London",
    "away": "about 3 km",
    "chapter": "London",
    "heard": "12 seconds ago, at 10:00",
}


def page(size: int = _SIZE) -> Flask:
    """One view, one template with a loop: `size` bytes of HTML, nothing looked up, nothing compressed."""
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"page.html": _PAGE})
    rows = [_ROW | {"name": f"{_ROW['name']} {number}"} for number in range(round(size / _BYTES_A_ROW))]
    app.add_url_rule("/", "page", lambda: render_template("page.html", title="Find a run", rows=rows))
    return app


def constant(environ: object, start_response: Callable[..., object]) -> list[bytes]:
    """What is left when nothing is done at all: the server's own work."""
    start_response("200 OK", list(_HEADERS))
    return [_CONSTANT]


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    kind, port, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    create_server(constant if kind == "constant" else page(size), listening("127.0.0.1", port)).run()
