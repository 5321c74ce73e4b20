"""Run the benchmarks (all, or those named) and print one table."""

import sys
from collections.abc import Callable

from . import cancel, memory, reread

Row = tuple[str, str, str]

BENCHMARKS: dict[str, Callable[[], list[Row]]] = {
    "cancel": cancel.measure,
    "memory": memory.measure,
    "reread": reread.measure,
}


def main(names: list[str]) -> None:
    """Print the rows as they come."""
    print(f"{'what':52} {'measured':34} goal")
    for name in names or BENCHMARKS:
        for what, measured, goal in BENCHMARKS[name]():
            print(f"{what:52} {measured:34} {goal}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
