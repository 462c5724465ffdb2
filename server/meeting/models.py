"""双向亮码 and 门前反馈: two phones that met, and what an enterprise says of those at its door."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base, code_type
from server.ids import new_id
from server.visit.models import Visit


class Handshake(Base):
    """双向亮码: one phone read the other's code, in either direction, and both showed the same two words."""

    __tablename__ = "handshake"
    __table_args__ = (
        UniqueConstraint("visit_id", "inspector_id"),
        Index("ix_handshake_enterprise_phone", "enterprise_phone", "shaken_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    inspector_id: Mapped[UUID] = mapped_column(ForeignKey("inspector.id"))
    inspector_phone: Mapped[int] = mapped_column(ForeignKey("phone.number"))
    enterprise_phone: Mapped[int | None] = mapped_column(ForeignKey("phone.number"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    shaken_at: Mapped[datetime]
    first_word: Mapped[str] = mapped_column(String(8))
    second_word: Mapped[str] = mapped_column(String(8))
    colour: Mapped[str] = mapped_column(String(8))


class DoorKind(StrEnum):
    """What an enterprise says of those at its door."""

    NOT_THESE_PEOPLE = "not_these_people"
    MORE_PEOPLE = "more_people"
    BEGAN_BEFORE = "began_before"


class DoorReport(Base):
    """门前反馈: kept with the visit for ever, and shown to supervisors until somebody has seen to it."""

    __tablename__ = "door_report"
    __table_args__ = (
        CheckConstraint("(kind = 'more_people') = (people IS NOT NULL)", name="people"),
        CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="seen_pair"),
        Index("ix_door_report_visit", "visit_id"),
        Index("ix_door_report_reported", "seen_at", "reported_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    kind: Mapped[DoorKind] = mapped_column(code_type(DoorKind, "door_kind"))
    people: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    reported_at: Mapped[datetime]
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str] = mapped_column(String(500), default="")

    visit: Mapped[Visit] = relationship()
