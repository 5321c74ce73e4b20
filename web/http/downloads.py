"""Files that a browser saves instead of showing them."""

import json
from typing import Any

from flask import Response


def as_file(members: dict[str, Any]) -> Response:
    """What is kept of somebody, as JSON that people can read, too."""
    headers = {"Content-Disposition": 'attachment; filename="what-is-kept-of-me.json"'}
    return Response(as_text(members), headers=headers, mimetype="application/json")


def as_text(members: dict[str, Any]) -> str:
    """The text of such a file."""
    return json.dumps(members, ensure_ascii=False, indent=2) + "\n"
