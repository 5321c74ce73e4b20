"""The one page of a chapter that has closed: written while its database is there, and served when it is gone.

It has the help lines itself: each letter that the chapter ever sent leads to them at its address.
"""

from flask import Flask, Response, render_template

from node import help_lines
from node.chapter import identity

from .context import node_of, session
from .http.security import HEADERS
from .site import runs_near, site


def page(app: Flask) -> str:
    """The page, as `app` writes pages."""
    with app.test_request_context("/", base_url=node_of(app).settings.base_url):
        chapter = identity.own(session())
        near = site().hq_address + runs_near(chapter.place, chapter.country) if site().hq_address else ""
        goodbye = chapter.about if chapter.closed_on else ""
        return render_template(
            "public/closed.html",
            near=near,
            goodbye=goodbye,
            closed_on=chapter.closed_on,
            here=help_lines.of(chapter.country),
        )


def create_closed_app(shown: str) -> Flask:
    """An application that answers every address with the page `shown`: each may be somebody's bookmark."""
    app = Flask(__name__)

    @app.route("/", defaults={"path": ""})
    @app.route("/<path:path>")
    def closed(path: str) -> Response:
        return Response(shown, status=410, mimetype="text/html", headers=HEADERS | {"Cache-Control": "no-cache"})

    app.register_error_handler(404, lambda _: closed(""))
    app.register_error_handler(405, lambda _: closed(""))
    return app
