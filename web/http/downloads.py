"""Files that a browser saves instead of showing them."""

import json
from typing import Any

from flask import Response


def as_file(members: dict[str, Any]) -> Response:
    """What is kept of somebody, as JSON that people can read, too."""
    text = json.dumps(members, ensure_ascii=False, indent=2) + "\n"
    headers = {"Content-Disposition": 'attachment; filename="what-is-kept-of-me.json"'}
    return Response(text, headers=headers, mimetype="application/json")
