"""The relay queue: documents on their way to other nodes."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Base, Past


class RelayItem(Base):
    """A document of `chapter` (ours or another) that other nodes should have at once. A newer one takes its place."""

    __tablename__ = "relay_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    chapter: Mapped[str]
    urgent: Mapped[bool]
    queued_at: Mapped[datetime] = mapped_column(Past)
    #: How many nodes are to acknowledge it, and how many tries are left before the feed must carry it.
    wanted: Mapped[int]
    tries_left: Mapped[int]
    done_at: Mapped[datetime | None] = mapped_column(Past)


class RelayReceipt(Base):
    """What one node answered. `acknowledged_at`: when it said that it has the document or a newer one."""

    __tablename__ = "relay_receipt"

    item_id: Mapped[int] = mapped_column(ForeignKey("relay_item.id", ondelete="CASCADE"), primary_key=True)
    base_url: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Past)
