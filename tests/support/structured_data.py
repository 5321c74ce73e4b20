"""A page as search engines and social networks read it, by a tool that others wrote: structured-data-testing-tool."""

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

_TOOL = Path(__file__).parents[2] / ".venv" / "npm" / "node_modules" / "structured-data-testing-tool"
_READER = Path(__file__).with_suffix(".cjs")


class Read(NamedTuple):
    """What the tool found. `failed`: what it has against the page. `data`: the JSON-LD by its types."""

    failed: list[str]
    schemas: list[str]
    data: dict[str, list[dict[str, Any]]]


def read(page: str) -> Read:
    """Read a page. The tool asks nobody: it has the names of schema.org with it."""
    assert _TOOL.is_dir(), "structured-data-testing-tool is not here: `make test` installs it"
    answer = subprocess.run(["node", str(_READER), str(_TOOL)], input=page.encode(), check=True, capture_output=True)
    found = json.loads(answer.stdout)
    return Read(found["failed"], found["schemas"], found["data"])
