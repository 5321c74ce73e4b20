"""What a comer has read of a date in letters before."""

from sqlalchemy import select

from node.models import Letter

from ..context import session


def told_otherwise(letter: Letter) -> bool:
    """Whether a letter about the same date has gone, or may have, that said that it is off or in doubt."""
    return any(one.sent_at or one.in_doubt for one in _earlier(letter, "cancelled", "uncovered"))


def told_where(letter: Letter) -> bool:
    """Whether a letter about the same date has gone that said when and where it is, as this one does."""
    told = _earlier(letter, "moved", "reminder", "uncovered", "back_on")
    return any(one.sent_at and one.facts["where"] == letter.facts["where"] for one in told)


def _earlier(letter: Letter, *kinds: str) -> list[Letter]:
    """Letters of these kinds to the same comer about the same date."""
    query = select(Letter).where(Letter.coming_id == letter.coming_id, Letter.kind.in_(kinds), Letter.id < letter.id)
    return [one for one in session().scalars(query) if one.facts.get("day") == letter.facts["day"]]
