"""Enrolled phones with keys of their own, and one-time codes on paper."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    delete,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from qr import DevicePublicKey
from server.account.models import Inspector
from server.db import Base, code_type, db
from server.enterprise.models import Enterprise
from server.ids import new_id

MOST_PHONES = 5  # of one enterprise, or of one inspector
LAST_NUMBER = 2**26 - 1  # of a phone: 26 bits in the code
# An offline scan may bring a code weeks later; the pack that waits longest waits less than this.
STEPS_KEPT = timedelta(days=60)
TEXTS_KEPT = timedelta(days=7)


class PhoneRole(StrEnum):
    """负责人, 经办人: an owner sees to the phones of an enterprise, a clerk to the own."""

    OWNER = "owner"
    CLERK = "clerk"


class Phone(Base):
    """已登记手机: a phone whose private key never leaves it; `number` stands in the codes that it makes."""

    __tablename__ = "phone"
    __table_args__ = (
        CheckConstraint("(enterprise_id IS NULL) <> (inspector_id IS NULL)", name="one_side"),
        CheckConstraint("(enterprise_id IS NULL) = (role IS NULL)", name="role"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_because IS NULL)", name="revoked_pair"),
        CheckConstraint("number < 67108864", name="number"),  # 26 bits in the code
        Index("ix_phone_enterprise", "enterprise_id", "revoked_at"),
        Index("ix_phone_inspector", "inspector_id", "revoked_at"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    enterprise_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprise.id"))
    inspector_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspector.id"))
    role: Mapped[PhoneRole | None] = mapped_column(code_type(PhoneRole, "phone_role"))
    public_key: Mapped[bytes] = mapped_column(LargeBinary(65), unique=True)
    label: Mapped[str] = mapped_column(String(64))
    enrolled_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None]
    revoked_because: Mapped[str | None] = mapped_column(String(200))


class PhoneStep(Base):
    """One 30-second step of a phone's code that has been used: a code counts once, whatever its text."""

    __tablename__ = "phone_step"

    phone_number: Mapped[int] = mapped_column(ForeignKey("phone.number"), primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    used_at: Mapped[datetime] = mapped_column(index=True)


class SlipPurpose(StrEnum):
    """What a one-time code on paper is for: enrolling a phone, or proving a visit without one."""

    ACTIVATION = "activation"
    VISIT = "visit"


class Slip(Base):
    """纸质一次码: only its keyed hash is here; the code itself is on paper alone."""

    __tablename__ = "slip"
    __table_args__ = (
        CheckConstraint("(used_at IS NULL) = (used_by IS NULL)", name="used_pair"),
        Index("ix_slip_enterprise", "enterprise_id", "purpose"),
    )

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    purpose: Mapped[SlipPurpose] = mapped_column(code_type(SlipPurpose, "slip_purpose"))
    issued_at: Mapped[datetime]
    issued_by: Mapped[UUID | None]
    used_at: Mapped[datetime | None]
    used_by: Mapped[UUID | None]


class SmsCode(Base):
    """激活短信: six digits that were texted to the number on file, to enrol a phone within minutes; only their hash."""

    __tablename__ = "sms_code"
    __table_args__ = (Index("ix_sms_code_enterprise", "enterprise_id", "sent_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


# --- named queries -------------------------------------------------------------------------------


def key_of_phone(number: int) -> DevicePublicKey | None:
    """The public key of a phone that is enrolled and not revoked."""
    raw = db.session.scalar(select(Phone.public_key).where(Phone.number == number, Phone.revoked_at.is_(None)))
    return DevicePublicKey(raw) if raw is not None else None


def enterprise_of_phone(number: int) -> Enterprise | None:
    """Whose phone this is, when it is an enterprise's."""
    return db.session.scalar(
        select(Enterprise).join(Phone, Phone.enterprise_id == Enterprise.id).where(Phone.number == number)
    )


def inspector_of_phone(number: int) -> Inspector | None:
    """Whose phone this is, when it is an inspector's."""
    return db.session.scalar(
        select(Inspector).join(Phone, Phone.inspector_id == Inspector.id).where(Phone.number == number)
    )


def enterprise_of_slip(code_hash: bytes) -> Enterprise | None:
    """Whose slip for visits this is, used or not."""
    return db.session.scalar(
        select(Enterprise)
        .join(Slip, Slip.enterprise_id == Enterprise.id)
        .where(Slip.code_hash == code_hash, Slip.purpose == SlipPurpose.VISIT)
    )


def use_slip(code_hash: bytes, *, account_id: UUID, at: datetime) -> bool:
    """Strike a slip off; False when somebody was quicker."""
    done = db.session.execute(
        update(Slip).where(Slip.code_hash == code_hash, Slip.used_at.is_(None)).values(used_at=at, used_by=account_id)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE counts


def use_step(number: int, step: int, *, at: datetime) -> bool:
    """Strike a phone's step off; False when its code has counted already."""
    table: Any = PhoneStep.__table__
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    row = dialect.insert(table).values(phone_number=number, step=step, used_at=at).on_conflict_do_nothing()
    return db.session.execute(row.returning(table.c.step)).one_or_none() is not None


def forget_steps(at: datetime) -> None:
    """Drop used steps that no code can name any more; the caller commits."""
    db.session.execute(delete(PhoneStep).where(PhoneStep.used_at < at - STEPS_KEPT))


def forget_texts(at: datetime) -> None:
    """Drop the digits that were texted once they neither enrol nor count towards a day's limit; the caller commits."""
    db.session.execute(delete(SmsCode).where(SmsCode.sent_at < at - TEXTS_KEPT))
