"""A lead's board in words: how far a change has come, how HQ lists the chapter, what a full list leaves out."""

from collections.abc import Sequence
from datetime import datetime

from node.relay.queue import Progress

from ..context import now
from ..language import _, ngettext
from .times import ago


def reach_words(progress: Progress) -> str:
    """Such as "2 of 3 sites show this." A lead who has just cancelled needs to know whether it is done."""
    if not progress.done:
        return _("Telling the other sites…")
    told = progress.acknowledged + bool(progress.hq)
    of = progress.of + (progress.hq is not None)
    if told < of:
        others = ngettext(
            "The other one will as soon as it’s back.", "The others will as soon as they’re back.", of - told
        )
        return " ".join([_("%(done)s of %(of)s sites show this.", done=told, of=of), others])
    if progress.is_everybody:
        return _("Done. Every site shows this now.")
    return _("Done. %(of)s sites show this, and pass it on to all the others.", of=of)


def chapter_status_words(status: str, asked: datetime | None) -> str:
    """What a lead must know of the chapter's status; nothing if HQ lists the chapter. `asked`: when HQ was asked."""
    return {
        "alone": _(
            "Not in the directory: only this site shows your runs. Ask HQ for an invitation, and enter it here."
        ),
        "waiting": _(
            "Not in the directory yet: waiting for HQ’s approval%(asked)s. Only this site shows your runs.",
            asked=_(" (asked %(ago)s)", ago=ago(asked, now())) if asked else "",
        ),
        "paused": _(
            "HQ has paused this chapter, and every site says so. You can still cancel dates, but not confirm them."
        ),
        "active": "",
    }.get(
        status,
        _(
            "HQ doesn’t list this chapter at the moment, so no other site shows its runs. You can still "
            "cancel dates, but not confirm them."
        ),
    )


def left_out_words(parts: Sequence[str]) -> list[str]:
    """The parts (node.chapter.fitting) that a full list leaves out."""
    words = {
        "languages": _("texts in other languages"),
        "notes": _("notices, and notes on dates and pauses"),
        "words": _("what happens, what to bring, and other long texts"),
        "directions": _("how to find the place a date was moved to"),
        "promises": _("which dates are confirmed"),
        "details": _("who to look for, addresses, facilities"),
        "moves": _("where dates were moved to (they’re shown as cancelled)"),
        "later": _("what you said about later dates"),
        "most": _("what you said about all but the next two dates"),
    }
    return [words[part] for part in parts]
