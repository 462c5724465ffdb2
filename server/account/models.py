"""Who may act, and from where."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base, code_type
from server.ids import new_id


class Role(StrEnum):
    """执法人员, 执法单位负责人, 企业, 执法监督人员, 平台管理员."""

    INSPECTOR = "inspector"
    HEAD = "head"
    ENTERPRISE = "enterprise"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Region(Base):
    """行政区划, by its division code (GB/T 2260)."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))


class Agency(Base):
    """执法单位: a department's body at one level, which alone may visit."""

    __tablename__ = "agency"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(128), unique=True)
    department: Mapped[str] = mapped_column(String(64), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)

    region: Mapped[Region] = relationship(lazy="joined", innerjoin=True)

    @property
    def level(self) -> str:
        """city or county, by the form of the division code."""
        return "city" if self.region_code.endswith("00") else "county"


class Inspector(Base):
    """执法人员: a person with a certificate (执法证), which has a validity.

    The number's format is not published nationally, so it is an opaque text, unique per issuer.
    """

    __tablename__ = "inspector"
    __table_args__ = (
        UniqueConstraint("issuer", "certificate_no"),
        CheckConstraint("valid_from_on <= valid_to_on", name="validity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[str] = mapped_column(String(64))
    certificate_no: Mapped[str] = mapped_column(String(64))
    valid_from_on: Mapped[date]
    valid_to_on: Mapped[date]
    # Where the portrait lies in storage: what an enterprise compares with the face at its door.
    photo_key: Mapped[str | None] = mapped_column(String(80))

    agency: Mapped[Agency] = relationship(lazy="joined", innerjoin=True)

    def is_certified(self, on: date) -> bool:
        """Whether the certificate is valid on this day."""
        return self.valid_from_on <= on <= self.valid_to_on


class Account(Base):
    """A sign-in: one person, one role, one scope (an agency, a region with all below it, or an enterprise)."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(
            "(role IN ('inspector', 'head')) = (agency_id IS NOT NULL)"
            " AND (role = 'inspector') = (inspector_id IS NOT NULL)"
            " AND (role IN ('supervisor', 'administrator')) = (region_code IS NOT NULL)"
            " AND (role = 'enterprise') = (enterprise_id IS NOT NULL)",
            name="scope",
        ),
        CheckConstraint("(disabled_at IS NULL) = (disabled_by IS NULL)", name="disabled_pair"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[Role] = mapped_column(code_type(Role, "role"))
    password_hash: Mapped[str] = mapped_column(String(128), default="")
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"), index=True)
    inspector_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspector.id"), unique=True)
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    enterprise_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_by: Mapped[UUID | None]

    agency: Mapped[Agency | None] = relationship(lazy="joined")
    inspector: Mapped[Inspector | None] = relationship(lazy="joined")
    region: Mapped[Region | None] = relationship(lazy="joined")
    # By name: enterprises stand above accounts.
    enterprise: Mapped[Any] = relationship("Enterprise")


class Device(Base):
    """One signed-in phone or browser; holds the hash of its newest refresh token and can be revoked."""

    __tablename__ = "device"
    __table_args__ = (
        Index("ix_device_account", "account_id", "revoked_at"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_because IS NULL)", name="revoked_pair"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    label: Mapped[str] = mapped_column(String(128))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None] = mapped_column(String(32))

    account: Mapped[Account] = relationship()
