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


def own_reach_words(why: str, leads: bool) -> str:
    """Why letters to somebody's own address do not go, and what to do. `leads`: whether that person leads runs."""
    if why == "stopped":
        said = _("Letters to your address were stopped by the link in one of them. Only codes to sign in go there.")
    else:
        said = _(
            "Letters to your address come back. Perhaps it’s misspelt, or the mailbox is full or closed. Under “Me” "
            "you can give another. If it works again, tap the button."
        )
    missed = _("So you aren’t asked when someone is missing, and hear of no change.") if leads else ""
    return f"{said} {missed}".strip()


def reach_words(reach: str) -> str:
    """Why no letter reaches somebody who leads, for the other leads, and what to do; nothing where letters arrive."""
    return {
        "nothing-given": _("Has given no address: no letter asks them when someone is missing. They can under “Me”."),
        "unconfirmed": _("Has not yet typed the code for their address, so no letter reaches them."),
        "stopped": _(
            "Has stopped all letters: please ring them when someone is missing. They can start them again under “Me”."
        ),
        "bounced": _(
            "Letters to them come back: please ring them when someone is missing, and ask them to look under “Me”."
        ),
    }.get(reach, "")
