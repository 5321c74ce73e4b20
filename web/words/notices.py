"""What has just been done. A redirect carries its code in the address, for there is no second cookie."""

from collections.abc import Mapping

from ..language import _

#: Codes of changes that go to every site.
_FOR_EVERY_SITE = ("announced", "edited", "profile-saved")


def words(args: Mapping[str, str], *, is_listed: bool = True) -> str:
    """The sentence for `?done=...`; nothing for no code. `is_listed`: whether other sites show this chapter."""
    if not is_listed and args.get("done") in _FOR_EVERY_SITE:
        return _("Saved. This site shows it; no other one does yet.")
    return {
        "signed-in": _("You are signed in on this phone."),
        "phone-out": _("That phone is signed out."),
        "saved": _("Saved."),
        "announced": _("Your run is listed. It will show everywhere within a few minutes."),
        "edited": _("Saved. The other sites are being told now."),
        "series-moved": _(
            "Time or place changed. The dates of the next 14 days are marked as moved; please confirm them again."
        ),
        "change-undone": _(
            "Undone: the run is as it was before. If you had promised to be there on a date that moved, please say so "
            "again."
        ),
        "undo-over": _(
            "Not undone: the time from which it was moved is over, and the date would be gone for who comes on the new "
            "day. You can still cancel it, or move it."
        ),
        "paused": _("The pause is listed."),
        "resumed": _("The pause is over. Please confirm the coming dates."),
        "pause-called-off": _("The pause does not begin: your runs go on as usual."),
        "no-promise-run": _("Not confirmed: this run pauses then. End the pause first, if it is on after all."),
        "no-promise-chapter": _("Not confirmed: the chapter pauses then. End the pause first, if you run after all."),
        "no-promise-hq": _("Not confirmed: HQ has paused this chapter. Please ask HQ."),
        "no-promise-unlisted": _("Not confirmed: HQ does not list this chapter at the moment. Please ask HQ."),
        "reinstated": _("The run is listed again. Please confirm its coming dates."),
        "changed": _("Somebody changed this meanwhile. This is how it is now."),
        "taken-already": _("Another lead was quicker. Thank you all the same."),
        "duty-taken": _("Thank you. You are down for it."),
        "duty-open": _("It is open again."),
        "dropped-out": _(
            "No site says any more that a lead will be there. The others are asked; if nobody can, please cancel the "
            "date."
        ),
        "handed-over": _("Asked. You’ll see here when they have said yes."),
        "swapped": _("Swapped, and the other lead is told."),
        "dropped-out-by-nobody": _(
            "No site says any more that a lead will be there. This one sends no letters: please ring the other leads, "
            "or cancel the date."
        ),
        "handed-over-by-nobody": _("Noted. This site sends no letters: please tell them yourself."),
        "swapped-by-nobody": _("Swapped. This site sends no letters: please tell them yourself."),
        "kept": _("Nobody else is asked any more."),
        "rule-added": _("Added to the rota."),
        "rule-removed": _("Taken off the rota."),
        "days-off": _("Kept. On those days it is nobody’s turn but the others’."),
        "days-off-over": _("Those days off are taken away. Please promise again the dates that you can make."),
        "withdrawn": _("The run has ended. Its next dates are shown as cancelled; then it leaves the list."),
        "profile-saved": _("The profile is saved. It will show everywhere within a few minutes."),
        "invitation-revoked": _("That invitation is over. Nobody can use it any more."),
        "invitation-used": _(
            "Somebody has used that invitation meanwhile. You can still turn the chapter down, or suspend it."
        ),
        "person-added": _(
            "Added. Make a sign-in link for them when you sit together, or are on the phone: it is good for 15 minutes."
        ),
        "address-added": _("That address is yours here now: you can sign in with it, and letters go there."),
        "address-removed": _("The address is deleted. No letters go there any more, and it signs nobody in."),
        "passkey-added": _("This phone signs you in by its own lock from now on."),
        "passkey-removed": _("That passkey opens nothing here any more."),
        "coming-kept": _("You find it here from now on, on every phone of yours."),
        "role-taken": _("Thank you. This is what you can do here now."),
        "role-changed": _("Saved. It counts from their next tap on."),
        "role-invitation-revoked": _("That invitation opens nothing any more."),
        "heads-counted": _("Noted."),
        "line-said": _("Everybody who said they’re coming sees it on their own page now."),
        "outcome-noted": _("Noted. Thank you for being there."),
        "checked-in": _("Kept, for your eyes alone."),
        "check-in-erased": _("Erased."),
        "last-lead": _("Not changed: this is the only lead. Make somebody else a lead first."),
        "lead-removed": _("Removed, and signed out everywhere. The dates they had promised need somebody else."),
        "person-removed": _("Removed, and signed out everywhere."),
    }.get(args.get("done", ""), "")
