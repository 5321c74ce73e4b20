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
        "waiting": _("Waiting for approval"),
        "turned-down": _("Declined"),
    }.get(status, status)


def act_words(act: HqAct) -> str:
    """Who did what."""
    who = isolated(act.by) or _("Someone at the command line")
    return {
        "invite": _("%(who)s created an invitation", who=who),
        "revoke": _("%(who)s took back an invitation", who=who),
        "admit": _("%(who)s approved it", who=who),
        "turn-down": _("%(who)s declined it", who=who),
        "pause": _("%(who)s paused it", who=who),
        "suspend": _("%(who)s suspended it", who=who),
        "reactivate": _("%(who)s listed it again", who=who),
        "left": _("%(who)s noted that it has left", who=who),
        "contact": _("%(who)s changed how we reach it", who=who),
        "replaces": _("%(who)s linked it to its old page", who=who),
        "add-person": _("%(who)s added someone to HQ", who=who),
        "link": _("%(who)s made a sign-in link", who=who),
        "remove-person": _("%(who)s removed someone from HQ", who=who),
        "root": _("%(who)s signed the next root of HQ", who=who),
        "take-over": _("A newer list of chapters came from another server"),
        "goes-on": _("%(who)s stopped the other server that was speaking for HQ", who=who),
        "looked": _("%(who)s checked the list that came from another server", who=who),
    }.get(act.act, act.act)


def button_words(act: str) -> str:
    """The button of an act."""
    return {
        "admit": _("Approve"),
        "turn-down": _("Decline"),
        "pause": _("Pause"),
        "suspend": _("Suspend"),
        "reactivate": _("List again"),
        "left": _("Mark as left"),
        "replaces": _("Link to its old page"),
    }.get(act, act)


def question_words(act: str, chapter: str) -> str:
    """The title of the page that asks whether an act is meant."""
    name = isolated(chapter)
    return {
        "admit": _("Approve %(chapter)s?", chapter=name),
        "turn-down": _("Decline %(chapter)s?", chapter=name),
        "pause": _("Pause %(chapter)s?", chapter=name),
        "suspend": _("Suspend %(chapter)s?", chapter=name),
        "reactivate": _("List %(chapter)s again?", chapter=name),
        "left": _("Has %(chapter)s left?", chapter=name),
        "replaces": _("Did %(chapter)s have another page before?", chapter=name),
    }.get(act, name)


def meaning_words(act: str) -> str:
    """What everybody sees after an act."""
    return {
        "admit": _("Every site will list the chapter and its runs within the hour."),
        "turn-down": _(
            "We won’t notify anyone, and the invitation stops working. Please write to them yourselves, kindly."
        ),
        "pause": _("Its runs stay in the list on every site, and say that the chapter is on a break."),
        "suspend": _(
            "Its runs disappear everywhere within the hour, and no site takes anything from it any more. "
            "Someone already planning to come could be left standing alone. If a run is soon, speak to "
            "the chapter first."
        ),
        "reactivate": _("Every site will list the chapter and its runs again."),
        "left": _("Its runs disappear everywhere within the hour. This is for a chapter that has said goodbye."),
        "replaces": _(
            "A chapter that has lost its root key starts again with a new id. Enter its old id here. Once"
            " the old one has left or is suspended, every site will lead from the old page to this one."
        ),
    }.get(act, "")
