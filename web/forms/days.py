"""Days in addresses and forms (ISO 8601)."""

from datetime import date


def read_day(text: str) -> date | None:
    """The date in a text such as "2026-12-24", or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
