"""How often this node's data has changed."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base


class Revision(Base):
    """A number that node.database.writing raises with whatever it writes. One row."""

    __tablename__ = "revision"
    __table_args__ = (CheckConstraint("row = 1", name="ck_revision_one_row"),)

    row: Mapped[int] = mapped_column(primary_key=True, default=1)
    number: Mapped[int] = mapped_column(default=0)
