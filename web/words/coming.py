"""What a comer has just done, in words."""

from collections.abc import Mapping

from ..language import _


def done_words(args: Mapping[str, str]) -> str:
    """The sentence for `?done=...` on a comer's private page; nothing for no code."""
    return {
        "said": _("Thank you. We look forward to seeing you."),
        "changed": _("Saved."),
        "away": _("All right: not on that date. You need not say why."),
        "come": _("Good. We’ll look out for you on that date."),
        "here": _("The lead has been told that you’re here. Stay where you are if you feel safe there."),
        "forgotten": _("That is erased."),
        "not-on": _("That could not be noted: there is no run on that date any more. This is how it is now."),
    }.get(args.get("done", ""), "")
