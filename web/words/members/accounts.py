"""Roles in words, and what people agree to: the very words beside the button, which the node keeps with their yes."""

from ...language import _, ngettext


def account_words() -> str:
    """The yes to an account."""
    return _(
        "I’d like an account here. This site keeps my email address to sign me in, locked away so that no"
        " one else can read it. Having an account might say something about how I feel. I can delete all "
        "of it myself, at any time."
    )


def email_words() -> str:
    """The yes to letters for somebody who has an account already."""
    return _(
        "Keep this email address to sign me in and to email me about our runs. It’s locked away, and no "
        "one outside this site gets it. I can take this back here at any time."
    )


def purpose_words(purpose: str) -> str:
    """What a yes was for, in a word or two."""
    return {
        "account": _("An account"),
        "email": _("Emails to my address"),
        "reminders": _("Emails about the dates I’m coming to"),
        "emergency": _("An emergency contact"),
        "message": _("A message to the leads"),
    }.get(purpose, _("Something else"))


def role_words(role: str) -> str:
    """A role, as pages say it."""
    return {"lead": _("lead"), "co-lead": _("co-lead"), "member": _("member")}.get(role, _("no one"))


def members_words(members: int) -> str:
    """How many have an account and lead no run."""
    return ngettext(
        "%(num)s member has an account and doesn’t lead a run. No one can see a list of members.",
        "%(num)s members have an account and don’t lead a run. No one can see a list of members.",
        members,
    )


def days_words(days: int) -> str:
    """So many days."""
    return ngettext("%(num)s day", "%(num)s days", days)


def minutes_words(minutes: int) -> str:
    """So many minutes."""
    return ngettext("%(num)s minute", "%(num)s minutes", minutes)
