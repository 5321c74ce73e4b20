"""HQ's pages in words: what a status means, what was done, by whom."""

from node.models import HqAct

from ..language import _
from .texts import isolated


def status_words(status: str) -> str:
    """The status of a chapter."""
    return {
        "active": _("Listed"),
        "paused": _("Paused"),
        "suspended": _("Suspended"),
        "dropped": _("Dropped"),
        "left": _("Has left"),
        "silent": _("Gone silent"),
        "waiting": _("Waits for a yes"),
        "turned-down": _("Turned down"),
    }.get(status, status)


def act_words(act: HqAct) -> str:
    """Who did what."""
    who = isolated(act.by) or _("Somebody on the server")
    return {
        "invite": _("%(who)s wrote an invitation", who=who),
        "revoke": _("%(who)s took an invitation back", who=who),
        "admit": _("%(who)s let it in", who=who),
        "turn-down": _("%(who)s turned it down", who=who),
        "pause": _("%(who)s paused it", who=who),
        "suspend": _("%(who)s suspended it", who=who),
        "reactivate": _("%(who)s listed it again", who=who),
        "left": _("%(who)s noted that it has left", who=who),
        "replaces": _("%(who)s noted which id it had before", who=who),
        "add-person": _("%(who)s added somebody to HQ", who=who),
        "link": _("%(who)s made a sign-in link", who=who),
        "remove-person": _("%(who)s took somebody out of HQ", who=who),
        "root": _("%(who)s signed the next root of HQ", who=who),
        "take-over": _("A newer list of chapters was taken over from another server"),
        "goes-on": _("%(who)s stopped the other server that spoke for HQ", who=who),
        "looked": _("%(who)s looked through the list that was taken over", who=who),
    }.get(act.act, act.act)


def button_words(act: str) -> str:
    """The button of an act."""
    return {
        "admit": _("Let it in"),
        "turn-down": _("Turn it down"),
        "pause": _("Pause it"),
        "suspend": _("Suspend it"),
        "reactivate": _("List it again"),
        "left": _("It has left"),
        "replaces": _("It had another id before"),
    }.get(act, act)


def meaning_words(act: str) -> str:
    """What everybody sees after an act."""
    return {
        "admit": _("Every site lists the chapter and its runs within the hour."),
        "turn-down": _("Nobody is told by us, and its invitation is over. Please write to them yourselves, kindly."),
        "pause": _("Its runs stay in the list on every site, and say that the chapter is pausing."),
        "suspend": _(
            "Its runs go from every site within the hour, and no site takes anything from it any more. Whoever knows "
            "of a run tonight may stand there alone: where that can be, speak with the chapter first."
        ),
        "reactivate": _("Every site lists the chapter and its runs again."),
        "left": _("Its runs go from every site within the hour. For a chapter that has said goodbye."),
        "replaces": _(
            "A chapter that lost its root key starts anew with another id. Say here which id it had; once that one has "
            "left or is suspended, every site leads from the old page to this one."
        ),
    }.get(act, "")
