"""How the letters of this site are doing, in words for leads."""

from ...language import _, ngettext


def letters_sent(number: int, budget: int) -> str:
    """How many letters went within a day, of how many."""
    if not number:
        return _("No letter was sent in the last 24 hours.")
    return ngettext(
        "%(num)d letter was sent in the last 24 hours; the mail server takes %(budget)d.",
        "%(num)d letters were sent in the last 24 hours; the mail server takes %(budget)d.",
        number,
        budget=budget,
    )


def letters_waiting(number: int) -> str:
    """How many letters have not gone yet."""
    return ngettext("%(num)d letter waits to be sent.", "%(num)d letters wait to be sent.", number)


def letters_lost(number: int) -> str:
    """How many letters reached nobody."""
    return ngettext(
        "%(num)d letter of the last week did not get through.",
        "%(num)d letters of the last week did not get through.",
        number,
    )
