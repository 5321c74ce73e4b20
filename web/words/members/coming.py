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
    here = _("It’s on the lead’s page now. Stay where you are if you feel safe there.")
    mailed = _("If the lead left an address, we’ll email them too.") if has_mail else ""
    return {
        "said": _("Thank you. We look forward to seeing you. Please keep the link to this page. It’s yours alone."),
        "changed": _("Saved."),
        "away": _("All right, not on that date. You don’t have to say why."),
        "come": _("Good. We’ll look out for you on that date."),
        "again": _("Thank you. You’re on the leads’ list again."),
        "full": _("So many people have said so that we couldn’t note it. Just come: you’re just as welcome."),
        "here": f"{here} {mailed}".strip(),
        "found": _("Glad you’ve found them. The lead’s page no longer says that you’re looking."),
        "kept": _("Good. You stay on the list."),
        "forgotten": _("That’s deleted."),
        "not-on": _("We couldn’t note that, because there’s no run on that date any more. This is how it looks now."),
        "not-now": _(
            "You can only say that from an hour before the start until the end of the run. This is how it looks now."
        ),
    }.get(done, "")
