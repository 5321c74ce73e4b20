"""The words of node/data/help_lines.json, marked for translation: people in need read their own language."""

from ..language import N_

MARKED = (
    N_("England"),
    N_("Emergency"),
    N_("NHS 111, option 2"),
    N_("Urgent help for how you feel: choose option 2."),
    N_("Samaritans"),
    N_("Somebody who listens, whatever it is."),
    N_("Shout"),
    N_("If you would rather write than talk."),
    N_("Wales"),
    N_("NHS 111 Wales, option 2"),
    N_("Scotland"),
    N_("NHS 24"),
    N_("Urgent help for how you feel."),
    N_("Breathing Space"),
    N_("When you feel low or anxious."),
    N_("Northern Ireland"),
    N_("Lifeline"),
    N_("When you are in distress or despair."),
    N_("Ireland"),
    N_("999 works too."),
    N_("Text About It"),
    N_("United States"),
    N_("988 Lifeline"),
    N_("Canada"),
    N_("9-8-8"),
    N_("Australia"),
    N_("New Zealand"),
    N_("1737"),
)
