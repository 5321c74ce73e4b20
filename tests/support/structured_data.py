"""A page as search engines and social networks read it, by a tool that others wrote: structured-data-testing-tool."""

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from .npm import tool

_READER = Path(__file__).with_suffix(".cjs")


class Read(NamedTuple):
    """What the tool found. `failed`: what it has against the page. `data`: the JSON-LD by its types."""

    failed: list[str]
    schemas: list[str]
    data: dict[str, list[dict[str, Any]]]


def read(page: str) -> Read:
    """Read a page. The tool asks nobody: it has the names of schema.org with it."""
    command = ["node", str(_READER), str(tool("structured-data-testing-tool"))]
    answer = subprocess.run(command, input=page.encode(), check=True, capture_output=True)
    found = json.loads(answer.stdout)
    return Read(found["failed"], found["schemas"], found["data"])
