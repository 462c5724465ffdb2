"""扫码: attempts to open a visit on site. Refused attempts are rows too."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.account.models import Inspector
from server.db import Base, code_type
from server.visit.models import Visit


class ScanMethod(StrEnum):
    """How the code came in; a photo may be an old one, so it never proves presence."""

    CAMERA = "camera"
    PHOTO = "photo"
    TYPED = "typed"
    LINK = "link"


class CodeKind(StrEnum):
    """What was read: a plaque, a phone's living code, a one-time slip, a licence, or a code typed by hand."""

    PLAQUE = "plaque"
    LIVING = "living"
    SLIP = "slip"
    LICENCE = "licence"
    TYPED = "typed"


class Presence(StrEnum):
    """How strongly a scan proves that somebody stood there."""

    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"


class Scan(Base):
    """One attempt, with both clocks: when the phone scanned and when the server heard.

    `id` is made by the phone when it reads the code. `reason` is empty when the scan was let in.
    """

    __tablename__ = "scan"
    __table_args__ = (
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place_pair"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_because IS NULL)", name="withdrawn_pair"),
        CheckConstraint("withdrawn_at IS NULL OR reason IS NULL", name="only_accepted_withdrawn"),
        # The same inspector gets in once: two phones at the same moment end here.
        Index(
            "uq_scan_accepted",
            "visit_id",
            "inspector_id",
            unique=True,
            sqlite_where=text("reason IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("reason IS NULL AND withdrawn_at IS NULL"),
        ),
        Index("ix_scan_received", "received_at"),
        # Whose place is still to be forgotten: those without one are never looked at again.
        Index(
            "ix_scan_placed",
            "received_at",
            sqlite_where=text("latitude IS NOT NULL"),
            postgresql_where=text("latitude IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    inspector_id: Mapped[UUID] = mapped_column(ForeignKey("inspector.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    device_id: Mapped[UUID | None]
    serial: Mapped[int | None] = mapped_column(BigInteger)
    method: Mapped[ScanMethod] = mapped_column(code_type(ScanMethod, "method"))
    scanned_at: Mapped[datetime]
    received_at: Mapped[datetime]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    accuracy_m: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(32))
    code_kind: Mapped[str | None] = mapped_column(String(16))
    # The enterprise's phone that made the code, and the inspector's own that signed the scan.
    phone_number: Mapped[int | None] = mapped_column(ForeignKey("phone.number"))
    inspector_phone: Mapped[int | None] = mapped_column(ForeignKey("phone.number"))
    presence: Mapped[Presence | None] = mapped_column(code_type(Presence, "presence"))
    presence_because: Mapped[list[str]] = mapped_column(JSON, default=list)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None] = mapped_column(String(200))

    visit: Mapped[Visit] = relationship()
    inspector: Mapped[Inspector] = relationship()
