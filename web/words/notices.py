"""What has just been done. A redirect carries its code in the address, for there is no second cookie."""

from collections.abc import Mapping

from ..language import N_, _

#: Codes of changes that go to every site.
_FOR_EVERY_SITE = ("announced", "edited", "profile-saved")
_NOTICES = {
    "signed-in": N_("You are signed in on this phone."),
    "phone-out": N_("That phone is signed out."),
    "saved": N_("Saved."),
    "announced": N_("Your run is announced. It will show everywhere within a few minutes."),
    "edited": N_("Saved. The other sites are being told now."),
    "series-moved": N_(
        "Time or place changed. The dates of the next 14 days are marked as moved; please confirm them again."
    ),
    "change-undone": N_(
        "Undone: the run is as it was before. If you had promised to be there on a date that moved, please say so "
        "again."
    ),
    "undo-over": N_(
        "Not undone: the time from which it was moved has passed, and the date would be gone for who comes on the new "
        "day. You can still cancel it, or move it."
    ),
    "paused": N_("The pause is announced."),
    "resumed": N_("The pause is over. Please confirm the coming dates."),
    "pause-called-off": N_("The pause does not begin: your runs go on as usual."),
    "no-promise-run": N_("Not confirmed: this run pauses then. End the pause first, if it is on after all."),
    "no-promise-chapter": N_("Not confirmed: the chapter pauses then. End the pause first, if you run after all."),
    "no-promise-hq": N_("Not confirmed: HQ has paused this chapter. Please ask HQ."),
    "no-promise-unlisted": N_("Not confirmed: HQ does not list this chapter at the moment. Please ask HQ."),
    "reinstated": N_("The run is back. Please confirm its coming dates."),
    "changed": N_("Somebody changed this meanwhile. This is how it is now."),
    "taken-already": N_("Another lead was quicker. Thank you all the same."),
    "duty-taken": N_("Thank you. You are down for it."),
    "duty-open": N_("It is open again."),
    "dropped-out": N_(
        "No site says any more that a lead will be there. The others are asked; if nobody can, please cancel the date."
    ),
    "handed-over": N_("Asked. You’ll see here when they have said yes."),
    "swapped": N_("Swapped, and the other lead is told."),
    "dropped-out-by-nobody": N_(
        "No site says any more that a lead will be there. This one sends no letters: please ring the other leads, "
        "or cancel the date."
    ),
    "handed-over-by-nobody": N_("Noted. This site sends no letters: please tell them yourself."),
    "swapped-by-nobody": N_("Swapped. This site sends no letters: please tell them yourself."),
    "kept": N_("Nobody else is asked any more."),
    "rule-added": N_("Added to the rota."),
    "rule-removed": N_("Taken off the rota."),
    "days-off": N_("Kept. On those days it is nobody’s turn but the others’."),
    "days-off-over": N_("Those days off are taken away. Please promise again the dates that you can make."),
    "withdrawn": N_("The run has ended. Its next dates are shown as cancelled; then it leaves the list."),
    "profile-saved": N_("The profile is saved. It will show everywhere within a few minutes."),
    "invitation-revoked": N_("That invitation is taken back. Nobody can use it any more."),
    "invitation-used": N_(
        "Somebody has used that invitation meanwhile. You can still turn the chapter down, or suspend it."
    ),
    "person-added": N_(
        "Added. Make a sign-in link for them when you sit together, or are on the phone: it is good for 15 minutes."
    ),
    "address-added": N_("That address is yours here now: you can sign in with it, and letters go there."),
    "address-removed": N_("The address is deleted. No letters go there any more, and it signs nobody in."),
    "passkey-added": N_("This phone signs you in by its own lock from now on."),
    "passkey-removed": N_("That passkey opens nothing here any more."),
    "coming-kept": N_("You find it here from now on, on every phone of yours."),
    "role-taken": N_("Thank you. This is what you can do here now."),
    "role-changed": N_("Saved. It counts from their next tap on."),
    "role-invitation-revoked": N_("That invitation opens nothing any more."),
    "heads-counted": N_("Noted."),
    "list-cleared": N_("They are off the list."),
    "comer-removed": N_("That one is off the list."),
    "line-said": N_("Everybody who said they’re coming sees it on their own page now."),
    "outcome-noted": N_("Noted. Thank you for being there."),
    "checked-in": N_("Kept, for your eyes alone."),
    "check-in-erased": N_("Erased."),
    "last-lead": N_("Not changed: this is the only lead. Make somebody else a lead first."),
    "lead-removed": N_("Removed, and signed out everywhere. The dates they had promised need somebody else."),
    "person-removed": N_("Removed, and signed out everywhere."),
}


def words(args: Mapping[str, str], *, is_listed: bool = True) -> str:
    """The sentence for `?done=...`; nothing for no code. `is_listed`: whether other sites show this chapter."""
    if not is_listed and args.get("done") in _FOR_EVERY_SITE:
        return _("Saved. This site shows it; no other one does yet.")
    return str(_NOTICES.get(args.get("done", ""), ""))
