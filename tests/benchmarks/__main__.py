"""Run the benchmarks (all, or those named) and print one table.

`attack --before FOLDER`, `places --before FOLDER`: the same with the code of an older checkout, beside it.
"""

import argparse
from functools import partial
from importlib import import_module
from pathlib import Path

from .table import HEADING, Measure, line

#: Modules of this package, each with a `measure`; none is imported before its turn, so that they share no memory.
BENCHMARKS = (
    "attack",
    "backup",
    "cancel",
    "coming",
    "install",
    "lighthouse",
    "map",
    "memory",
    "pages",
    "places",
    "reread",
    "restart",
    "search",
    "sync",
    "upgrade",
)
#: Those that an older checkout can be held against.
COMPARED = frozenset({"attack", "places"})


def main() -> None:
    """Print the rows as they come."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--before", type=Path, help="an older checkout, for " + " and ".join(sorted(COMPARED)))
    asked = parser.parse_args()
    print(HEADING)
    for name in asked.names or BENCHMARKS:
        measure: Measure = import_module(f".{name}", __package__).measure
        if name in COMPARED:
            measure = partial(measure, before=asked.before)
        for row in measure():
            print(line(row), flush=True)


if __name__ == "__main__":
    main()
