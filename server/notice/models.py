"""通知: messages that are to leave this installation, written in the transaction of what they tell of."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, code_type
from server.ids import new_id


class Channel(StrEnum):
    """短信, 预警: a text to one phone, or word to the supervisors' own system."""

    SMS = "sms"
    ALERT = "alert"


class Notice(Base):
    """One message. Once it has left, a text's number is masked and its words are gone."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("sent_at IS NULL OR given_up_at IS NULL", name="one_end"),
        # Those that still have to leave: a few, whatever was ever sent.
        Index(
            "ix_notice_due",
            "due_at",
            sqlite_where=text("sent_at IS NULL AND given_up_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    channel: Mapped[Channel] = mapped_column(code_type(Channel, "channel"))
    recipient: Mapped[str] = mapped_column(String(20), default="")
    body: Mapped[dict[str, Any]]
    written_at: Mapped[datetime]
    due_at: Mapped[datetime]
    # Nobody needs it after this: a code that has expired is not sent late.
    until_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(200), default="")
