"""Two answers for programs that watch over this process: whether it answers at all, and whether it can do its work."""

from flask import Blueprint, Response, jsonify

from node.chapter import identity
from node.upkeep import readiness

from ..context import node, session
from ..http import limits

bp = Blueprint(limits.PROBES, __name__)
limits.pages(bp)


@bp.get("/livez")
def live() -> Response:
    """Say that the process answers. Whether it can do its work is another question."""
    return _unkept(jsonify(live=True))


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    """Say whether the node can do its work, and if not, which word keeps it: 503 then.

    The id is in every document of the chapter. By it `rtr health` knows whether this is the node of its folder.
    """
    why = readiness.hindrance(node(), session())
    own = None if why == "database" or not identity.has_chapter(node()) else identity.own(session()).id
    return _unkept(jsonify(ready=why is None, why=why, chapter=own)), 503 if why else 200


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
