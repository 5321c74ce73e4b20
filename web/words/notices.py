"""What has just been done. A redirect carries its code in the address, for there is no second cookie."""

from collections.abc import Mapping, Sequence
from datetime import date

from ..context import now
from ..language import N_, _
from .times import long_day

#: Codes of changes that go to every site.
_FOR_EVERY_SITE = ("announced", "checked", "edited", "profile-saved")
_NOTICES = {
    "signed-in": N_("You’re signed in."),
    "backup-begun": N_("A backup is being made. It’s here in a minute."),
    "phone-out": N_("That phone is signed out."),
    "saved": N_("Saved."),
    "mail-kept": N_(
        "Saved. The mail server has taken the test email. Please check that it arrives, and look in the spam folder, "
        "too."
    ),
    "announced": N_("Your run is announced. It will show everywhere within a few minutes."),
    "edited": N_("Saved. The other sites are being told now."),
    "planned": N_("Noted. We’ll announce this change eight weeks before its day. Until then only leads can see it."),
    "plan-dropped": N_("That change is taken back. The run stays as it is."),
    "series-moved": N_(
        "Time or place changed. The dates of the first 14 days are marked as moved. Please confirm them again."
    ),
    "checked": N_("Thank you. Every site will say today that you’ve checked it."),
    "notice-added": N_("The notice is published. Every site will show it within a few minutes."),
    "notice-removed": N_("The notice is taken down."),
    "change-undone": N_(
        "Undone. The run is as it was before. If you’d confirmed a date that moved, please confirm it again."
    ),
    "undo-over": N_(
        "Not undone. The original time has passed, so the date would vanish for anyone coming on the new "
        "day. You can still cancel it, or move it."
    ),
    "paused": N_("The pause is announced."),
    "resumed": N_("The pause is over. Please confirm your upcoming dates."),
    "pause-called-off": N_("The pause is called off. Your runs carry on as usual."),
    "no-promise-run": N_("Not confirmed. This run is paused then. If it’s on after all, end the pause first."),
    "no-promise-chapter": N_(
        "Not confirmed. The chapter is paused then. If you’re running after all, end the pause first."
    ),
    "no-promise-hq": N_("Not confirmed. HQ has paused this chapter. Please ask HQ."),
    "no-promise-unlisted": N_("Not confirmed. HQ doesn’t list this chapter at the moment. Please ask HQ."),
    "reinstated": N_("The run is back. Please confirm its upcoming dates."),
    "changed": N_("Someone else has just changed this. This is how it looks now."),
    "taken-already": N_("Another lead got there first. Thanks anyway."),
    "duty-taken": N_("Thank you. You’re down for it."),
    "duty-open": N_("It’s open again."),
    "dropped-out": N_(
        "This date is no longer confirmed on any site. The others are being asked. If no one can make it,"
        " please cancel the date."
    ),
    "handed-over": N_("Asked. You’ll see here when they’ve said yes."),
    "swapped": N_("Swapped, and we’ve told the other lead."),
    "dropped-out-by-nobody": N_(
        "This date is no longer confirmed on any site. This site doesn’t send emails, so please ring the "
        "other leads, or cancel the date."
    ),
    "handed-over-by-nobody": N_("Noted. This site doesn’t send emails, so please tell them yourself."),
    "swapped-by-nobody": N_("Swapped. This site doesn’t send emails, so please tell them yourself."),
    "kept": N_("No one else is being asked now."),
    "rule-added": N_("Added to the rota."),
    "rule-removed": N_("Taken off the rota."),
    "days-off": N_("Saved. On those days it’ll be someone else’s turn."),
    "days-off-over": N_("Those days off are removed. Please confirm the dates you can make."),
    "withdrawn": N_("The run has ended. Its next dates show as cancelled, and then it leaves the list."),
    "profile-saved": N_("Profile saved. It will show everywhere within a few minutes."),
    "invitation-revoked": N_("That invitation is taken back. No one can use it any more."),
    "invitation-used": N_("Someone has just used that invitation. You can still decline the chapter, or suspend it."),
    "person-added": N_(
        "Added. Make a sign-in link for them when you’re together or on the phone. It works for 15 minutes."
    ),
    "address-added": N_("Address added. You can sign in with it, and we’ll email you there."),
    "address-removed": N_("Address deleted. We won’t email it any more, and no one can sign in with it."),
    "passkey-added": N_("You can now sign in with this phone’s own lock."),
    "passkey-removed": N_("That passkey no longer works here."),
    "coming-kept": N_("You’ll now find it here, on all your phones."),
    "role-taken": N_("Thank you. This is what you can do here now."),
    "role-changed": N_("Saved. It counts from their next tap."),
    "role-invitation-revoked": N_("That invitation no longer works."),
    "heads-counted": N_("Noted."),
    "form-opened": N_("People can ask you something now. Every site will link to the form within the hour."),
    "form-closed": N_("The form is closed."),
    "answered": N_("Your answer is sent."),
    "message-erased": N_("The message is deleted."),
    "wish-erased": N_("The wish is deleted."),
    "list-cleared": N_("They’re off the list."),
    "comer-removed": N_("That one is off the list."),
    "line-said": N_("Everyone who said they’re coming can now see it on their own page."),
    "outcome-noted": N_("Noted. Thank you for being there."),
    "checked-in": N_("Saved, just for you."),
    "check-in-erased": N_("Deleted."),
    "last-lead": N_("Not changed. This is the only lead. Make someone else a lead first."),
    "lead-removed": N_("Removed, and signed out everywhere. The dates they’d confirmed need someone else."),
    "person-removed": N_("Removed, and signed out everywhere."),
}


def words(args: Mapping[str, str], *, is_listed: bool = True) -> str:
    """The sentence for `?done=...`; nothing for no code. `is_listed`: whether other sites show this chapter."""
    if not is_listed and args.get("done") in _FOR_EVERY_SITE:
        return _("Saved. This site shows it, but no other site does yet.")
    return str(_NOTICES.get(args.get("done", ""), ""))


def gap_words(days: Sequence[date]) -> str:
    """The dates that a lead has just left out, so that a slip is seen: "No run on Sunday 6 December."."""
    return _("No run on %(days)s.", days=", ".join(long_day(day, now().date()) for day in days)) if days else ""
