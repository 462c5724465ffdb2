"""What may be inspected: the published list of matters."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base
from server.ids import new_id


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

    @property
    def can_be_off_site(self) -> bool:
        """Whether the published method lets this be inspected without going there."""
        return may_be_off_site(self.method)


def may_be_off_site(method: str) -> bool:
    """Whether a published method names inspection from afar."""
    return "非现场" in method


class Delegation(Base):
    """赋权清单: a body that may inspect a matter which is not its department's own, from one day to another."""

    __tablename__ = "delegation"
    __table_args__ = (
        UniqueConstraint("agency_id", "matter_code", "valid_from_on"),
        CheckConstraint("valid_to_on IS NULL OR valid_from_on <= valid_to_on", name="validity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    matter_code: Mapped[str] = mapped_column(String(36))
    source: Mapped[str] = mapped_column(String(200))
    valid_from_on: Mapped[date]
    valid_to_on: Mapped[date | None]


class FirstOffence(Base):
    """首违不罚清单: one act that is not punished when it is slight, the first, and put right."""

    __tablename__ = "first_offence"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(36), unique=True)
    field: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(300))
    conditions: Mapped[str] = mapped_column(String(500), default="")
    legal_basis: Mapped[str] = mapped_column(String(500), default="")
    listed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
