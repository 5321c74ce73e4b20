"""Pages as pa11y reads them, with HTML_CodeSniffer's rules of WCAG 2 AA: a second opinion beside axe."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .browser import CHROMIUM, QUIET
from .npm import tool

_JUDGE = Path(__file__).with_suffix(".cjs")


@contextmanager
def pa11y() -> Iterator[Callable[[str], list[str]]]:
    """A function that gives what pa11y has against the page at an address. One browser opens all of them."""
    command = ["node", str(_JUDGE), str(tool("pa11y")), CHROMIUM, *QUIET]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as judge:
        assert judge.stdin is not None
        assert judge.stdout is not None
        asks, answers = judge.stdin, judge.stdout

        def issues(url: str) -> list[str]:
            print(url, file=asks, flush=True)
            found: list[str] = json.loads(answers.readline())
            return found

        yield issues
        asks.close()
