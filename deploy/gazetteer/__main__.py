"""`python -m deploy.gazetteer`: build the places where node.places.gazetteer looks for them."""

from time import monotonic

from node.places.gazetteer import GAZETTEER

from . import build


def main() -> None:
    """Build, and say what was built."""
    began = monotonic()
    count = build(GAZETTEER)
    size = GAZETTEER.stat().st_size / 1e6
    print(f"{count:,} places, {size:.1f} MB, built in {monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
