"""The set-up in words."""

from ..language import _


def left_words(step: str) -> str:
    """What is still to be done, of a step that was left for later."""
    return {
        "backup-key": _("Make the key for backups. Until then nothing is copied."),
        "mail": _("Set up emails. Until then this site can’t tell anyone that a run is cancelled."),
        "run": _("Announce your first run."),
        "hq": _("Join HQ, so that other sites show your runs."),
    }[step]


def joined_words(status: str) -> str:
    """Who shows the chapter's runs. `status`: as HQ has it, or "alone"."""
    return {
        "alone": _("Your runs show on this site alone until you join HQ."),
        "waiting": _(
            "HQ has your request, and a person there must say yes. You needn’t do anything: this site notices."
        ),
        "active": _("HQ lists your chapter: every chapter’s site will show your runs within a few minutes."),
    }.get(status, _("HQ doesn’t list this chapter at the moment."))
