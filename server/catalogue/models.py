"""What may be inspected: the published list of matters."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, new_id


class Matter(Base):
    """检查事项, one version. A visit points at the row, so its version is locked from registration on.

    `checklist` is a list of {"key", "text"}; `yearly_frequency` is the most visits a year that the
    published list allows for this matter (None: not stated).
    """

    __tablename__ = "matter"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("version >= 1", name="version"),
        # One version of a matter is on the list at a time.
        Index(
            "uq_matter_listed",
            "code",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(36))
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(200))
    department: Mapped[str] = mapped_column(String(64), index=True)
    legal_basis: Mapped[str] = mapped_column(String(500))
    method: Mapped[str] = mapped_column(String(64))
    yearly_frequency: Mapped[int | None]
    checklist: Mapped[list[dict[str, Any]]]
    listed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    @property
    def is_listed(self) -> bool:
        """Whether this version is on the published list today."""
        return self.withdrawn_at is None
