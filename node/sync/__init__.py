"""Reading other nodes (PROTOCOL.md §14): which of them, their feeds, and what became of what they sent."""

from .report import Report
from .round import Sync

__all__ = ["Report", "Sync"]
