"""The gazetteer, one SQLite file for node.places.gazetteer: every town of 500 people and more, from GeoNames (CC BY
4.0), and
postcodes.
"""

from .builder import build

__all__ = ["build"]
