"""What the pack said of a visit, and the counters that its caps stand on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.account.models import Account
from server.db import Base, code_type
from server.ids import new_id
from server.policy.clause import Outcome


class VisitVerdict(Base):
    """判定: what one clause said of one visit, in the words of that day. What passed stands in `Visit.passed`.

    A block stands until a second person has lifted it; `claim_class` and `claim_evidence` are what the
    registrant put forward. The row stays whatever is decided: every lift is visible for ever.
    """

    __tablename__ = "visit_verdict"
    __table_args__ = (
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (lifted IS NULL)",
            name="decided_pair",
        ),
        CheckConstraint("(claim_class IS NULL) = (claim_evidence IS NULL)", name="claim_pair"),
        CheckConstraint("lifted IS NULL OR outcome = 'block'", name="only_blocks_lifted"),
        Index("ix_visit_verdict_visit", "visit_id"),
        Index("ix_visit_verdict_clause", "clause_id", "outcome", "judged_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    clause_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    pack: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[Outcome] = mapped_column(code_type(Outcome, "outcome"))
    moment: Mapped[str] = mapped_column(String(16), default="registration")
    numbers: Mapped[dict[str, Any]]
    sentence: Mapped[str] = mapped_column(String(500))
    sentence_en: Mapped[str] = mapped_column(String(500))
    source: Mapped[str] = mapped_column(String(200))
    judged_at: Mapped[datetime]
    claim_class: Mapped[str | None] = mapped_column(String(64))
    claim_evidence: Mapped[str | None] = mapped_column(String(1000))
    approver: Mapped[str | None] = mapped_column(String(16))
    lifted: Mapped[bool | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decision_reason: Mapped[str] = mapped_column(String(500), default="")

    decider: Mapped[Account | None] = relationship()

    @property
    def stands(self) -> bool:
        """Whether this is a block that nobody has lifted."""
        return self.outcome is Outcome.BLOCK and not self.lifted


class VisitCounter(Base):
    """How much of a cap is used: one row an enterprise, clause, subject (agency, matter code or nothing) and year.

    The CHECK is the cap: whoever would be one too many fails here, however many try at once. `lifted`
    counts those let past it, by a lift, by a warning answered with a reason, or by a change of year at the door.
    """

    __tablename__ = "visit_counter"
    __table_args__ = (
        CheckConstraint("used <= most + lifted", name="cap"),
        CheckConstraint("used >= 0 AND lifted >= 0 AND most >= 0", name="positive"),
    )

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    clause_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    used: Mapped[int]
    most: Mapped[int]
    lifted: Mapped[int]


class VisitCount(Base):
    """What one visit uses up, so that it can give it back."""

    __tablename__ = "visit_count"

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    clause_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    lifted: Mapped[bool]
