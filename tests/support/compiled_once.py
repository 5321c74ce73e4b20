"""What an application compiles when it starts, and at its first pages, compiled once for all applications of a process.

Each test has an application of its own. Two thirds of the time of a test of pages went into compiling the same
templates and the same 180 address rules again.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Templates(BytecodeCache):
    """The code of templates, by their names and contents."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of the same template, if an application has compiled it."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code for the next application."""
        self._codes[bucket.key, bucket.checksum] = bucket.code


#: For `app.jinja_env.bytecode_cache`.
TEMPLATES = Templates()

_compile: Callable[[Rule, bool], Callable[..., tuple[str, str]]] = Rule._compile_builder  # type: ignore[attr-defined]


def compile_rules_once() -> None:
    """Let equal address rules share the function that writes their addresses: it gets its rule as a parameter."""
    Rule._compile_builder = _compile_once  # type: ignore[attr-defined]


def _compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    if rule.defaults:
        return _compile(rule, append_unknown)
    return _compiled(_Words(rule), append_unknown)


class _Words:
    """A rule, equal to each other one with the same words and the same names in them."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.words = (rule.rule, tuple(rule._trace))  # type: ignore[attr-defined]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Words) and other.words == self.words

    def __hash__(self) -> int:
        return hash(self.words)


@cache
def _compiled(words: _Words, append_unknown: bool) -> Callable[..., tuple[str, str]]:
    return _compile(words.rule, append_unknown)
