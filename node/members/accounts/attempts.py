"""How often one may try what can be guessed or flooded. The tries are rows: a restart gives no guesser a new budget."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ...database import Writing
from ...models import Attempt
from ...sealed_fields import MembersKey

#: The longest time that a budget looks back.
LONGEST = timedelta(days=7)


@dataclass(frozen=True)
class Budget:
    """At most `most` tries `within` that time, about each thing."""

    name: str
    most: int
    within: timedelta

    def is_left(self, session: Session, key: MembersKey, about: str, now: datetime) -> bool:
        """Whether one more try is left. `about`: such as an address; nobody can read it back from the rows."""
        tries = select(func.count()).where(Attempt.budget == self._of(key, about), Attempt.at > now - self.within)
        return (session.scalar(tries) or 0) < self.most

    def spend(self, session: Writing, key: MembersKey, about: str, now: datetime) -> None:
        """Note one try. Where none is left nothing is noted: a flood fills no table and shuts nobody out longer."""
        if self.is_left(session, key, about, now):
            session.add(Attempt(budget=self._of(key, about), at=now))
            session.flush()

    def take(self, session: Writing, key: MembersKey, about: str, now: datetime) -> bool:
        """Whether one more try is left; it is noted."""
        is_left = self.is_left(session, key, about, now)
        self.spend(session, key, about, now)
        return is_left

    def _of(self, key: MembersKey, about: str) -> str:
        return key.index(f"attempts: {self.name}", about)


def sweep(session: Writing, now: datetime) -> None:
    """Delete tries that no budget counts any more."""
    session.execute(delete(Attempt).where(Attempt.at <= now - LONGEST))
