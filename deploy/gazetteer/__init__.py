"""The gazetteer: every town of 500 people and more, from GeoNames (CC BY 4.0), as one SQLite file for node.places."""

from .builder import build

__all__ = ["build"]
