"""What HQ's people have done."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Past


class HqAct(Base):
    """One act, for HQ's eyes alone. `by`: a first name; empty for the command line."""

    __tablename__ = "hq_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Past)
    act: Mapped[str]
    by: Mapped[str] = mapped_column(default="")
    #: None where the act is about no chapter, or about one that is not known yet.
    chapter: Mapped[str | None] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(default="")
