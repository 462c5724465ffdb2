"""计划、抽取、合并: what is to be inspected this year, who was drawn, and who would join whom."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship

from server.account.models import Agency
from server.account.rules import region_prefix
from server.db import Base, code_type
from server.enterprise.models import Enterprise
from server.ids import new_id


class PlanStage(StrEnum):
    """年度计划: 编制, 批准, 公布."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"


class YearPlan(Base):
    """年度检查计划 of one agency for one year; once published it changes only by a new item with its reason."""

    __tablename__ = "year_plan"
    __table_args__ = (
        UniqueConstraint("agency_id", "year"),
        CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved_pair"),
        CheckConstraint("(stage = 'published') = (published_at IS NOT NULL)", name="published_pair"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    year: Mapped[int]
    stage: Mapped[PlanStage] = mapped_column(code_type(PlanStage, "stage"))
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None]
    published_at: Mapped[datetime | None]

    agency: Mapped[Agency] = relationship()
    items: Mapped[list["PlanItem"]] = relationship(back_populates="plan", cascade="all, delete-orphan")


class PlanItem(Base):
    """One line of a plan: this matter, at this enterprise or (none named) at so many, in this month if one is set.

    `joint_with` are the departments of the joint plan (综合查一次) that go together.
    """

    __tablename__ = "plan_item"
    __table_args__ = (
        CheckConstraint("month IS NULL OR month BETWEEN 1 AND 12", name="month"),
        CheckConstraint("times BETWEEN 1 AND 10000", name="times"),
        Index("ix_plan_item_enterprise", "enterprise_id", "plan_id"),
        Index("ix_plan_item_plan", "plan_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("year_plan.id"))
    matter_code: Mapped[str] = mapped_column(String(36))
    enterprise_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprise.id"))
    times: Mapped[int] = mapped_column(default=1)
    month: Mapped[int | None]
    joint_with: Mapped[list[str]] = mapped_column(JSON, default=list)
    added_because: Mapped[str] = mapped_column(String(300), default="")

    plan: Mapped[YearPlan] = relationship(back_populates="items")
    enterprise: Mapped[Enterprise | None] = relationship()


class Draw(Base):
    """双随机抽取: enterprises and inspectors drawn from pools that were fixed, by a seed that was committed, before.

    `commitment` is SHA-256 of the seed and public from the start; `seed` is published with the result, and
    `pools` and `result` are what anyone needs to draw again.
    """

    __tablename__ = "draw"
    __table_args__ = (
        CheckConstraint("(drawn_at IS NULL) = (result IS NULL)", name="drawn_pair"),
        Index("ix_draw_agency", "agency_id", "committed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    title: Mapped[str] = mapped_column(String(200))
    commitment: Mapped[str] = mapped_column(String(64))
    seed: Mapped[str] = mapped_column(String(64))
    pools: Mapped[dict[str, Any]]
    committed_at: Mapped[datetime]
    committed_by: Mapped[UUID | None]
    drawn_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    agency: Mapped[Agency] = relationship()
    assignments: Mapped[list["DrawAssignment"]] = relationship(cascade="all, delete-orphan")


class DrawAssignment(Base):
    """One inspector whom a draw sends to one enterprise."""

    __tablename__ = "draw_assignment"
    __table_args__ = (Index("ix_draw_assignment_enterprise", "enterprise_id", "inspector_id"),)

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    inspector_id: Mapped[UUID] = mapped_column(ForeignKey("inspector.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    valid_to_on: Mapped[date]


# --- named queries -------------------------------------------------------------------------------


def in_region(agency_id: InstrumentedAttribute[UUID], region_code: str | None) -> ColumnElement[bool]:
    """Whether an agency lies in a region's subtree."""
    assert region_code is not None  # a supervisor's account has one
    below = select(Agency.id).where(Agency.region_code.startswith(region_prefix(region_code), autoescape=True))
    return agency_id.in_(below)
