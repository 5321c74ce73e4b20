"""Sizes of files in words."""

from ..language import _
from ..language.days import format_number

_KB, _MB = 1000, 1_000_000


def size_words(size: int) -> str:
    """Such as "1.2 MB". `size`: bytes."""
    if size >= _MB // 10:
        return _("%(number)s MB", number=format_number(round(size / _MB, 1)))
    return _("%(number)s KB", number=format_number(max(1, round(size / _KB))))
