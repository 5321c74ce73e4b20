"""What a run and the chapter have in common: both can pause."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column


class Pausable:
    """No run from `paused_since` until the day before `back_on`. Without `back_on` the pause is open."""

    paused_since: Mapped[date | None]
    back_on: Mapped[date | None]
    pause_note: Mapped[str] = mapped_column(default="", server_default="")
