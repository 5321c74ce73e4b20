"""What has just been done, carried from the POST to the next page in its address: there is no other cookie."""

from collections.abc import Mapping

from .language import _


def words(args: Mapping[str, str]) -> str:
    """The sentence for `?done=...`, or nothing."""
    return {
        "signed-in": _("You are signed in on this phone."),
        "phone-out": _("That phone is signed out."),
        "saved": _("Saved."),
        "announced": _("Your run is listed. Other nodes hear of it within minutes."),
        "edited": _("Saved. Other nodes hear of it now."),
        "moved": _("Time or place changed: please confirm the coming dates again."),
        "changed": _("Somebody changed this meanwhile. This is how it stands now."),
        "withdrawn": _("The run is not listed any more. Other nodes hear of it now."),
        "profile-saved": _("The profile is saved. Other nodes hear of it within minutes."),
    }.get(args.get("done", ""), "")
