"""What is next of several listings: the first date, whatever its state, and the first that is on."""

from collections.abc import Sequence
from dataclasses import dataclass

from node.directory.listings import ListingView, Occurrence

from .alternatives import next_on


@dataclass(frozen=True)
class Outlook:
    """`next`: the very next date; `instead`: where that is not on, the next one that is; `later`: the ones after.

    `under_way`: what has begun, where another is coming.
    """

    next: Occurrence | None
    instead: Occurrence | None
    later: list[Occurrence]
    under_way: list[Occurrence]


def outlook(views: Sequence[ListingView], later: int = 6) -> Outlook:
    """The coming dates of all `views`, the next first."""
    every = sorted((one for view in views for one in view.coming), key=lambda one: one.starts)
    coming, begun = [one for one in every if not one.begun], [one for one in every if one.begun]
    if not coming:
        return Outlook(begun[0] if begun else None, None, begun[1:], [])
    instead = None if coming[0].is_on else next_on(coming)
    return Outlook(coming[0], instead, coming[1 : later + 1], begun)
