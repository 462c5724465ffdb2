"""The visited party and the codes it holds."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.account.models import Region, Role
from server.account.rules import Actor, region_prefix
from server.db import Base, code_type, db, locked
from server.ids import new_id
from server.refusal import not_found


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
    # By name: plaques stand above enterprises.
    plaques: Mapped[list[Any]] = relationship("Plaque", back_populates="enterprise", order_by="Plaque.serial")

    @property
    def as_subject(self) -> dict[str, Any]:
        """What an event about this enterprise says of it."""
        return {"subject": ("enterprise", self.id), "region_code": self.region_code, "enterprise_id": self.id}

    @property
    def site(self) -> tuple[float, float] | None:
        """Where it is registered to work, in degrees (latitude, longitude), as far as anybody knows."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


def reachable(actor: Actor) -> ColumnElement[bool]:
    """Inspectors and heads find every enterprise of the province they work in; others their own subtree."""
    if actor.role is Role.ENTERPRISE:
        return Enterprise.id == actor.enterprise_id
    if actor.region_code is not None:
        return Enterprise.region_code.startswith(region_prefix(actor.region_code))
    return Enterprise.id.is_not(None)


def get_enterprise(enterprise_id: UUID, actor: Actor, *, lock: bool = False) -> Enterprise:
    """An enterprise within the actor's reach, on request with its row locked; 404 outside."""
    statement = select(Enterprise).where(Enterprise.id == enterprise_id, reachable(actor))
    found = db.session.scalar(locked(statement, of=Enterprise) if lock else statement)
    if found is None:
        raise not_found()
    return found
