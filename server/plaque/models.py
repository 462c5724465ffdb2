"""企业码: the printed codes of an enterprise."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base
from server.enterprise.models import Enterprise


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
