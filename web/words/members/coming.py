"""What a comer has just done, in words."""

from collections.abc import Mapping

from ...language import _


def done_words(args: Mapping[str, str], *, is_off: bool, has_mail: bool) -> str:
    """The sentence for `?done=...` on a comer's private page; nothing for no code.

    `is_off`: there is no run now. A page that is loaded again then looks forward to nobody.
    """
    done = args.get("done", "")
    return "" if is_off and done in ("said", "again", "come", "here") else _words(done, has_mail)


def _words(done: str, has_mail: bool) -> str:
    here = _("It is on the lead’s page. Stay where you are if you feel safe there.")
    mailed = _("If the lead left an address, we write to them, too.") if has_mail else ""
    return {
        "said": _("Thank you. We look forward to seeing you. Please keep the link of this page: it’s yours alone."),
        "changed": _("Saved."),
        "away": _("All right: not on that date. You need not say why."),
        "come": _("Good. We’ll look out for you on that date."),
        "again": _("Thank you. You are on the leads’ list again."),
        "full": _("That could not be noted: so many have said it. Just come: you are welcome all the same."),
        "here": f"{here} {mailed}".strip(),
        "found": _("Good that you’ve found them. The lead’s page doesn’t say any more that you’re looking."),
        "kept": _("Good. You stay on the list."),
        "forgotten": _("That is erased."),
        "not-on": _("That could not be noted: there is no run on that date any more. This is how it is now."),
        "not-now": _("That can be said from an hour before the start until the end of the run. This is how it is now."),
    }.get(done, "")
