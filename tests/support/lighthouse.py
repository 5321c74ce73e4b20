"""A page as Lighthouse grades it: on a slow phone, in the Chromium of all tests."""

import json
import os
import subprocess
from collections.abc import Sequence
from typing import Any, NamedTuple

from .browser import CHROMIUM, QUIET
from .npm import tool

#: All that Lighthouse grades.
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


class Graded(NamedTuple):
    """`score`: 0 to 100 by category. `faults`: the titles of the audits that took something off it, by category."""

    score: dict[str, int]
    faults: dict[str, list[str]]


def grade(url: str, categories: Sequence[str] = CATEGORIES) -> Graded:
    """Grade the page at `url` in a browser of its own with an empty profile."""
    command = [
        *("node", str(tool("lighthouse") / "cli" / "index.js"), url, "--output=json", "--quiet"),
        *("--no-enable-error-reporting", f"--only-categories={','.join(categories)}"),
        f"--chrome-flags={' '.join(['--headless=new', *QUIET])}",
    ]
    report = _report(command)
    found = report["categories"]
    score = {name: round(one["score"] * 100) for name, one in found.items()}
    return Graded(score, {name: _faults(report, one["auditRefs"]) for name, one in found.items()})


def _report(command: list[str], tries: int = 3) -> Any:
    """What Lighthouse says, which now and then misses the beginning of a visit and asks to be run again."""
    answer = subprocess.run(command, capture_output=True, timeout=120, env=os.environ | {"CHROME_PATH": CHROMIUM})
    if answer.returncode and tries > 1 and b"NO_NAVSTART" in answer.stderr:
        return _report(command, tries - 1)
    assert answer.returncode == 0, answer.stderr.decode()
    return json.loads(answer.stdout)


def _faults(report: dict[str, dict[str, dict[str, object]]], audits: list[dict[str, object]]) -> list[str]:
    counted = [report["audits"][str(one["id"])] for one in audits if one["weight"]]
    return [str(one["title"]) for one in counted if one["score"] not in (None, 1)]
