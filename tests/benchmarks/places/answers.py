"""Answer queries with the code of the checkout in the current folder, in a process of its own.

Read from standard input: a JSON list of [text, home]. Written to standard output: what was found for each, the
milliseconds of each look-up in each round, by the clock and the processor's own, and the memory that the look-ups take.
An older checkout answers too: where its modules lay before they moved into folders is tried second.
"""

import csv
import dataclasses
import json
import re
import sqlite3
import sys
import time
import unicodedata
from pathlib import Path
from typing import Any

#: What a node has loaded anyhow is no cost of its look-ups.
_LOADED = (csv, dataclasses, json, re, sqlite3, unicodedata)
_ROUNDS = 5


def main() -> None:
    """Answer once, then measure."""
    queries = json.load(sys.stdin)
    before = _resident_kb()
    resolve = _search()
    answers = [_answer(resolve(text, home)) for text, home in queries]
    times = [_timed(resolve, text, home) for _ in range(_ROUNDS) for text, home in queries]
    taken = {"milliseconds": [one[0] for one in times], "processor_ms": [one[1] for one in times]}
    json.dump({"answers": answers, **taken, "memory_kb": _resident_kb() - before}, sys.stdout)


def _search() -> Any:
    try:
        from node.places import lookup
    except ImportError:
        from node import areas  # type: ignore[attr-defined]

        return areas.resolve
    return lookup.resolve


def _answer(resolution: Any) -> dict[str, Any]:
    first = [resolution.place] if resolution.place else []
    return {
        "found": [_place(one) for one in [*first, *resolution.choices]],
        "asked": bool(resolution.choices) and not first,
    }


def _place(place: Any) -> list[Any]:
    return [place.label, place.country, place.lat_e4, place.lon_e4]


def _timed(resolve: Any, text: str, home: str) -> tuple[float, float]:
    """Milliseconds by the clock, and of them the processor's own."""
    began, began_work = time.perf_counter(), time.process_time()
    resolve(text, home)
    return (time.perf_counter() - began) * 1e3, (time.process_time() - began_work) * 1e3


def _resident_kb() -> int:
    match = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match
    return int(match[1])


if __name__ == "__main__":
    main()
