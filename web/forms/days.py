"""Days as addresses and forms spell them (ISO 8601)."""

from datetime import date


def read_day(text: str) -> date | None:
    """The date in `text`, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
