"""Reading other nodes (PROTOCOL.md §14): whose turn it is, their feeds, and what became of what they sent."""

from .reading import Sync
from .report import Report

__all__ = ["Report", "Sync"]
