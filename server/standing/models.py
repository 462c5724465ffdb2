"""What an enterprise brings to every judgement: its tier with its history, and the quiet days it has chosen."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, code_type, db
from server.ids import new_id


class Risk(StrEnum):
    """风险等级."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Tier(Base):
    """分级分类: risk × credit of an enterprise from a day on, for one kind of agency or (empty) for all.

    Rows are never changed: the newest that has begun holds, the others are its history. `tier` is the
    letter that policy packs ask for.
    """

    __tablename__ = "tier"
    __table_args__ = (
        CheckConstraint("credit IN ('A', 'B', 'C', 'D')", name="credit"),
        CheckConstraint("tier IN ('A', 'B', 'C', 'D')", name="tier"),
        UniqueConstraint("enterprise_id", "department", "since_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    department: Mapped[str] = mapped_column(String(64), default="")
    risk: Mapped[Risk] = mapped_column(code_type(Risk, "risk"))
    credit: Mapped[str] = mapped_column(String(1))
    tier: Mapped[str] = mapped_column(String(1))
    since_on: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[UUID | None]
    because: Mapped[str] = mapped_column(String(200), default="")


class QuietChoice(Base):
    """企业自选安静日: a day that the enterprise has chosen to be left alone on."""

    __tablename__ = "quiet_choice"

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[UUID | None]


def tiers_of(enterprise_id: UUID) -> list[Tier]:
    """Every tier this enterprise ever had, the newest first."""
    statement = select(Tier).where(Tier.enterprise_id == enterprise_id)
    return list(db.session.scalars(statement.order_by(Tier.since_on.desc(), Tier.set_at.desc())))


def quiet_days_of(enterprise_id: UUID) -> list[date]:
    """The days that this enterprise has chosen, in order."""
    statement = select(QuietChoice.on).where(QuietChoice.enterprise_id == enterprise_id)
    return list(db.session.scalars(statement.order_by(QuietChoice.on)))
