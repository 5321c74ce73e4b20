"""Messages to the people of this site in words: how many wait, and what an answer says."""

from ...language import _, ngettext


def messages_words(number: int) -> str:
    """How many messages wait for an answer."""
    return ngettext("%(num)d message is waiting for an answer", "%(num)d messages are waiting for an answer", number)


def finding_words(outcome: str) -> str:
    """What the leads found of a report."""
    return {"mended": _("It was out of date, and it’s been put right. Thank you."), "right": _("It’s right as it is.")}[
        outcome
    ]


def wishes_words(number: int, helpers: int) -> str:
    """How many people wish for a run at a place, and how many of them would help."""
    wishes = ngettext("%(num)d person", "%(num)d people", number)
    if not helpers:
        return wishes
    return _("%(people)s, %(helpers)d could help", people=wishes, helpers=helpers)
