"""The rota in words: who leads on a date, who else does what, and which dates a rule is for."""

from node.members.leading.rota import Assignment, DateRota

from ...language import N_, _
from ..texts import isolated

DUTIES = {
    "lead": N_("Lead"),
    "back-marker": N_("Back-marker"),
    "welcomer": N_("Welcomer"),
}
RULES = {
    "turns": N_("taking turns with the others"),
    "1": N_("the first of the month"),
    "2": N_("the second of the month"),
    "3": N_("the third of the month"),
    "4": N_("the fourth of the month"),
    "5": N_("the fifth, where a month has one"),
    "-1": N_("the last of the month"),
}


def duty_title(duty: str) -> str:
    """The name of a duty."""
    return str(DUTIES[duty])


def lead_words(rota: DateRota) -> str:
    """Who leads on a date, as far as anybody has said so; nothing for a date that is off."""
    if not rota.is_on:
        return ""
    if rota.view.state == "confirmed":
        return _promised_words(rota.lead)
    return " ".join(filter(None, (_dropped_words(rota.lead), _turn_words(rota.lead))))


def _promised_words(lead: Assignment) -> str:
    if lead.person is None or not lead.is_promised:
        return _("A lead has confirmed, but this site doesn’t know who.")
    if lead.offered_to:
        return _(
            "%(name)s will be there, and has asked %(other)s to take over.",
            name=isolated(lead.person.first_name),
            other=isolated(lead.offered_to.first_name),
        )
    return _("%(name)s will be there.", name=isolated(lead.person.first_name))


def _turn_words(lead: Assignment) -> str:
    if lead.person is None:
        return _("Open: no one is down for it.")
    return _("It’s %(name)s’s turn.", name=isolated(lead.person.first_name))


def _dropped_words(lead: Assignment) -> str:
    if lead.dropped_by is None or lead.person is not None:
        return ""
    return _("%(name)s can’t make it.", name=isolated(lead.dropped_by.first_name))


def beside_words(rota: DateRota) -> str:
    """Who else does something: "Back-marker: Kim. Welcomer: Jo."; nothing where nobody does."""
    others = [one for one in rota.assignments if one.duty != "lead" and one.person is not None and rota.is_on]
    return " ".join(
        _("%(duty)s: %(name)s.", duty=duty_title(one.duty), name=isolated(one.person.first_name))
        for one in others
        if one.person
    )


def assignment_words(one: Assignment) -> str:
    """Who is the back-marker, or the welcomer."""
    if one.person is None:
        return _("No one yet, and that’s fine: a run can go ahead without.")
    name = isolated(one.person.first_name)
    return _("%(name)s will do it.", name=name) if one.is_promised else _("It’s %(name)s’s turn.", name=name)


def rule_words(dates: str) -> str:
    """Which dates a rule is for."""
    return str(RULES[dates])


def asking_words(is_late: bool, has_mail: bool) -> str:
    """What becomes of the line to the other leads, and when they are asked."""
    if not has_mail:
        return _(
            "This site doesn’t send emails, so please ring the other leads yourself. Only leads can read this"
            " message, here."
        )
    if is_late:
        return _("We’ll ask them at once, because the run is soon. Only leads can read it.")
    return _("We’ll ask them in good time. Only leads can read it.")


def days_off_words(has_mail: bool) -> str:
    """What days off mean for the dates in them."""
    said = _(
        "On these days your turn passes to the next lead. Any of those dates you’ve confirmed will be open "
        "again at once."
    )
    ask = (
        _("We’ll ask the other leads.")
        if has_mail
        else _("This site doesn’t send emails, so please tell the other leads.")
    )
    return f"{said} {ask}"
