"""Which pack was in force when, and the days on which offices work otherwise than announced."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, db
from server.ids import new_id


class PackVersion(Base):
    """A pack as it was put in force: its files word for word, so that any day's rules can be read again."""

    __tablename__ = "pack_version"
    __table_args__ = (Index("ix_pack_version_applied", "applied_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    layers: Mapped[list[list[str]]] = mapped_column(JSON)
    applied_at: Mapped[datetime]
    applied_by: Mapped[UUID | None]
    because: Mapped[str] = mapped_column(String(500), default="")


class CalendarDay(Base):
    """A day that an administrator has entered: worked although announced as free, or the other way round."""

    __tablename__ = "calendar_day"

    on: Mapped[date] = mapped_column(primary_key=True)
    worked: Mapped[bool]
    name: Mapped[str] = mapped_column(String(64), default="")
    entered_at: Mapped[datetime]


# --- named queries -------------------------------------------------------------------------------


def pack_in_force(at: datetime | None = None) -> PackVersion | None:
    """The pack that was in force at a moment (none given: the newest); None before any was applied."""
    statement = select(PackVersion).order_by(PackVersion.applied_at.desc(), PackVersion.id.desc()).limit(1)
    return db.session.scalar(statement if at is None else statement.where(PackVersion.applied_at <= at))


def calendar_edits() -> dict[date, tuple[bool, str]]:
    """The days that differ from what was announced."""
    return {day.on: (day.worked, day.name) for day in db.session.scalars(select(CalendarDay))}
