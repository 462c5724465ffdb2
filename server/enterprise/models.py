"""The visited party and the codes it holds."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.account.models import Region
from server.db import Base, code_type, new_id


class EnterpriseKind(StrEnum):
    """企业, 个体工商户, 农民专业合作社: all are visited, so all are first class."""

    COMPANY = "company"
    SOLE_TRADER = "sole_trader"
    COOPERATIVE = "cooperative"

    @classmethod
    def of_code(cls, uscc: str) -> "EnterpriseKind":
        """What the first two characters of a code say (GB 32100-2015): 92 a household, 93 a farm co-operative."""
        return {"92": cls.SOLE_TRADER, "93": cls.COOPERATIVE}.get(uscc[:2], cls.COMPANY)


class Enterprise(Base):
    """企业, by its 统一社会信用代码 (USCC, GB 32100-2015).

    Jurisdiction comes from `region_code` (place of operation), never from the digits inside the USCC
    (place of first registration). `uscc_doubtful` says that the check character does not agree;
    lawful codes of early pilots do not either, so it never blocks.
    """

    __tablename__ = "enterprise"
    __table_args__ = (
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="position_pair"),
        Index("ix_enterprise_region_name", "region_code", "name"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    uscc_doubtful: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(200), index=True)
    kind: Mapped[EnterpriseKind] = mapped_column(code_type(EnterpriseKind, "kind"))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    address: Mapped[str] = mapped_column(String(200), default="")
    industry_code: Mapped[str | None] = mapped_column(String(4))
    zone: Mapped[str] = mapped_column(String(32), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    # Where the code that enrols a phone is texted to; shown to nobody.
    contact_mobile: Mapped[str | None] = mapped_column(String(20))

    region: Mapped[Region] = relationship(lazy="joined", innerjoin=True)
    plaques: Mapped[list["Plaque"]] = relationship(back_populates="enterprise", order_by="Plaque.serial")

    @property
    def site(self) -> tuple[float, float] | None:
        """Where it is registered to work, in degrees (latitude, longitude), as far as anybody knows."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


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


class Plaque(Base):
    """企业码: one printed code, of a firm or of one of its sites. The old row says when and why it was revoked."""

    __tablename__ = "plaque"
    __table_args__ = (
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_because IS NULL) AND (revoked_at IS NULL) = (revoked_by IS NULL)",
            name="revoked_pair",
        ),
        CheckConstraint("NOT lost OR revoked_at IS NOT NULL", name="lost"),
        CheckConstraint("found_at IS NULL OR lost", name="found"),
        # One valid code a site of a firm: the race of two administrators ends here.
        Index(
            "uq_plaque_valid",
            "enterprise_id",
            "site",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    # 40 bits in the code; SQLite counts by itself only on INTEGER.
    serial: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), index=True)
    # Which of several sites it hangs at; empty for the firm's only or main one.
    site: Mapped[str] = mapped_column(String(64), default="")
    key_id: Mapped[int]
    issued_at: Mapped[datetime]
    issued_by: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None]
    revoked_because: Mapped[str | None] = mapped_column(String(200))
    # 挂失: nobody knows where it is. One that turns up again stays revoked, since phones without a network hold the
    # list that says so; the row then tells that it is in safe hands.
    lost: Mapped[bool] = mapped_column(default=False)
    found_at: Mapped[datetime | None]
    found_by: Mapped[UUID | None]
    found_note: Mapped[str] = mapped_column(String(200), default="")

    enterprise: Mapped[Enterprise] = relationship(back_populates="plaques")
