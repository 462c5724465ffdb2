"""留痕: what was seen, said and decided; evidence with its hash."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.account.models import Account
from server.db import Base, code_type
from server.ids import new_id
from server.visit.models import Visit


class Disposition(StrEnum):
    """处理结果: 无, 指导, 责令改正, 立案, 移送."""

    NONE = "none"
    GUIDANCE = "guidance"
    CORRECTION_ORDER = "correction_order"
    CASE_OPENED = "case_opened"
    TRANSFERRED = "transferred"


class Answer(StrEnum):
    """An item of the checklist: in order, not in order, does not apply."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


class Record(Base):
    """检查记录, sealed once; whatever comes later is an amendment.

    `answers` is a list of {"matter_id", "key", "answer", "note"}; `heads` counts everyone who came in,
    `minutes` how long they stayed: together the attention a visit cost.
    """

    __tablename__ = "record"
    __table_args__ = (
        CheckConstraint("heads BETWEEN 1 AND 200", name="heads"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), unique=True)
    answers: Mapped[list[dict[str, Any]]]
    disposition: Mapped[Disposition] = mapped_column(code_type(Disposition, "disposition"))
    advice: Mapped[str] = mapped_column(Text, default="")
    heads: Mapped[int]
    minutes: Mapped[int]
    sealed_at: Mapped[datetime]
    sealed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))

    visit: Mapped[Visit] = relationship()
    author: Mapped[Account] = relationship()
    findings: Mapped[list["Finding"]] = relationship(cascade="all, delete-orphan", order_by="Finding.id")
    amendments: Mapped[list["Amendment"]] = relationship(cascade="all, delete-orphan", order_by="Amendment.id")


class Finding(Base):
    """问题: one defect."""

    __tablename__ = "finding"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    matter_id: Mapped[UUID | None] = mapped_column(ForeignKey("matter.id"))
    text: Mapped[str] = mapped_column(Text)
    first_offence: Mapped[bool] = mapped_column(default=False)
    first_offence_id: Mapped[UUID | None] = mapped_column(ForeignKey("first_offence.id"))


class Evidence(Base):
    """证据: a photo or file as it is stored, by the SHA-256 of its bytes.

    Position and camera data inside a photo are personal data and are dropped on the way in;
    `taken_at` is what the photo's own clock said, if anything.
    """

    __tablename__ = "evidence"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    record_id: Mapped[UUID | None] = mapped_column(ForeignKey("record.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    taken_at: Mapped[datetime | None]
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


class Amendment(Base):
    """补正: a later change of a sealed record, with author and reason; the record itself never changes."""

    __tablename__ = "amendment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("record.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(500))
    amended_at: Mapped[datetime]
    amended_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))

    author: Mapped[Account] = relationship()


class Material(Base):
    """材料: what an enterprise answers to an inspection off site, in words; files are evidence beside it."""

    __tablename__ = "material"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime]
    sent_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))

    author: Mapped[Account] = relationship()
