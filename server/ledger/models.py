"""The append-only table of everything that happened. The tamper-evident ledger grows on it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base
from server.ids import new_id


class Event(Base):
    """One thing that happened to one subject: who, when, from where, what before and after.

    It holds no personal data: people by id, never by name; `before` and `after` hold codes and ids.
    Region, agency, enterprise and basis stand on it, so that figures can be recounted from events.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_kind", "subject_id", "id"),
        Index("ix_event_enterprise", "enterprise_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    verb: Mapped[str] = mapped_column(String(32))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[UUID]
    account_id: Mapped[UUID | None]
    role: Mapped[str] = mapped_column(String(32))
    device_id: Mapped[UUID | None]
    address: Mapped[str] = mapped_column(String(45), default="")
    region_code: Mapped[str | None] = mapped_column(String(6))
    agency_id: Mapped[UUID | None]
    enterprise_id: Mapped[UUID | None]
    basis: Mapped[str | None] = mapped_column(String(32))
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
