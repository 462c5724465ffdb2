"""评价: the enterprise's rating of a visit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base
from server.ids import new_id
from server.visit.models import Visit


class Evaluation(Base):
    """Five grades from 1 (很不满意) to 5 (非常满意); there is no default answer.

    Never read except through `evaluation.rules.visible`, which knows who asks.
    """

    __tablename__ = "evaluation"
    __table_args__ = (
        CheckConstraint("overall BETWEEN 1 AND 5", name="overall"),
        CheckConstraint("conduct BETWEEN 1 AND 5", name="conduct"),
        CheckConstraint("lawfulness BETWEEN 1 AND 5", name="lawfulness"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), unique=True)
    overall: Mapped[int]
    conduct: Mapped[int]
    lawfulness: Mapped[int]
    beyond_list: Mapped[bool]
    remark: Mapped[str] = mapped_column(String(300), default="")
    evaluated_at: Mapped[datetime]
    evaluated_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))

    visit: Mapped[Visit] = relationship()
