"""What a comer knows of a date: by letters before, and by their own yes."""

from datetime import date, timedelta

from sqlalchemy import select

from node.models import Coming, ComingDate, Letter

from ..context import session


def said_for(row: Coming, letter: Letter) -> str:
    """When and where a date was to be, as its comer last said yes to it.

    Of one who comes every time it is the usual hour, on the usual day of that week.
    """
    day = str(letter.facts["day"])
    said = session().get(ComingDate, (row.id, date.fromisoformat(day)))
    if said and said.said_for:
        return said.said_for
    return row.said_for if row.day is not None else f"{_usual_day(row, date.fromisoformat(day))}{row.said_for[10:]}"


def _usual_day(row: Coming, day: date) -> date:
    """The day nearest to `day` that has the weekday on which who comes every time knows the run."""
    usual = date.fromisoformat(row.said_for[:10]).weekday()
    return day + timedelta(days=(usual - day.weekday() + 3) % 7 - 3)


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
