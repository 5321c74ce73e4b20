"""The words of a run's day."""

from ...language import N_, _

BANDS = {
    "1-2": N_("It was on: 1 or 2 came"),
    "3-5": N_("It was on: 3 to 5 came"),
    "6-10": N_("It was on: 6 to 10 came"),
    "11-20": N_("It was on: 11 to 20 came"),
    "21-": N_("It was on: more than 20 came"),
}


def outcome_buttons() -> dict[str, str]:
    """The buttons that say how it went, and what each says. One tap does it."""
    held = {f"held {band}": str(words) for band, words in BANDS.items()}
    return held | {"nobody": _("No one came"), "not-held": _("It didn’t take place")}


def outcome_words(outcome: str | None, band: str | None) -> str:
    """How it went, as a lead has noted it; nothing where nobody has."""
    return outcome_buttons().get(f"{outcome} {band}" if band else outcome or "", "")
