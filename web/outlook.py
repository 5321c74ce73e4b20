"""What is next of several listings: the first date, whatever its state, and the first that is on."""

from collections.abc import Sequence
from dataclasses import dataclass

from node.listings import ListingView, Occurrence


@dataclass(frozen=True)
class Outlook:
    """`next`: the very next date; `instead`: where that is not on, the next one that is; `later`: the ones after."""

    next: Occurrence | None
    instead: Occurrence | None
    later: list[Occurrence]


def outlook(views: Sequence[ListingView], later: int = 6) -> Outlook:
    """The coming dates of all `views`, the next first."""
    every = sorted((one for view in views for one in view.coming), key=lambda one: one.starts)
    first = every[0] if every else None
    instead = next((one for one in every if one.is_on), None) if first and not first.is_on else None
    return Outlook(first, instead, every[1 : later + 1])
