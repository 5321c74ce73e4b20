"""Run the benchmarks (all, or those named) and print one table."""

import sys
from importlib import import_module

from .table import HEADING, Measure, line

#: Modules of this package, each with a `measure`; none is imported before its turn, so that they share no memory.
BENCHMARKS = (
    "cancel",
    "memory",
    "pages",
    "reread",
    "search",
    "sync",
)


def main(names: list[str]) -> None:
    """Print the rows as they come."""
    print(HEADING)
    for name in names or BENCHMARKS:
        measure: Measure = import_module(f".{name}", __package__).measure
        for row in measure():
            print(line(row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
