"""How the letters of this site are doing, in words for leads."""

from ...language import _, ngettext


def letters_sent(number: int, budget: int) -> str:
    """How many letters went within a day, of how many."""
    if not number:
        return _("No emails were sent in the last 24 hours.")
    return ngettext(
        "%(num)d email was sent in the last 24 hours. The mail server takes %(budget)d.",
        "%(num)d emails were sent in the last 24 hours. The mail server takes %(budget)d.",
        number,
        budget=budget,
    )


def letters_waiting(number: int) -> str:
    """How many letters have not gone yet."""
    return ngettext("%(num)d email is waiting to be sent.", "%(num)d emails are waiting to be sent.", number)


def letters_lost(number: int) -> str:
    """How many letters reached nobody."""
    return ngettext(
        "%(num)d email in the last week didn’t get through.",
        "%(num)d emails in the last week didn’t get through.",
        number,
    )


def own_reach_words(why: str, leads: bool) -> str:
    """Why letters to somebody's own address do not go, and what to do. `leads`: whether that person leads runs."""
    if why == "stopped":
        said = _("Emails to your address were stopped by the link in one of them. Only sign-in codes go there.")
    else:
        said = _(
            "Emails to your address bounce. It might be misspelt, or the mailbox might be full or closed."
            " You can give another one under “Me”. If it works again, tap the button."
        )
    missed = _("So we can’t ask you when a lead is missing, or tell you about changes.") if leads else ""
    return f"{said} {missed}".strip()


def unreached_words(reach: str, is_reader: bool) -> str:
    """Why no letter reaches somebody who leads, and what to do, for the other leads or for the one who reads it.

    Nothing where letters arrive.
    """
    words = {
        "nothing-given": _(
            "Hasn’t given an address, so we can’t email them when a lead is missing. They can add one under “Me”."
        ),
        "unconfirmed": _("Hasn’t typed the code for their address yet, so no emails reach them."),
        "stopped": _(
            "Has stopped all emails, so please ring them when a lead is missing. They can start them again under “Me”."
        ),
        "bounced": _(
            "Emails to them bounce, so please ring them when a lead is missing, and ask them to look under “Me”."
        ),
    }.get(reach, "")
    return _("No emails reach you. You can change that under “Me”.") if words and is_reader else words
