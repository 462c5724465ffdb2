"""合并提议: one agency would join another's planned visit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.account.models import Agency
from server.db import Base
from server.ids import new_id


class JoinProposal(Base):
    """合并提议: an agency would join another's planned visit; when the other accepts there is one visit."""

    __tablename__ = "join_proposal"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (accepted IS NULL)",
                        name="decided_pair"),
        Index("ix_join_proposal_visit", "visit_id"),
        Index("ix_join_proposal_agency", "agency_id"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    matter_ids: Mapped[list[str]] = mapped_column(JSON)
    inspector_ids: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(500), default="")
    # A head's proposal carries the own agency's approval; an inspector's waits for it with the others'.
    by_head: Mapped[bool]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    accepted: Mapped[bool | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decision_reason: Mapped[str] = mapped_column(String(500), default="")

    agency: Mapped[Agency] = relationship()
