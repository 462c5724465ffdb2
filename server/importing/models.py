"""导入: what was loaded, by whom, and which rows were not."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, code_type
from server.ids import new_id


class ImportKind(StrEnum):
    """执法人员, 企业, 检查事项, 企业分级, 首违不罚清单, 赋权清单, 年度检查计划."""

    INSPECTORS = "inspectors"
    ENTERPRISES = "enterprises"
    MATTERS = "matters"
    TIERS = "tiers"
    FIRST_OFFENCES = "first_offences"
    DELEGATIONS = "delegations"
    PLAN_ITEMS = "plan_items"


class Import(Base):
    """One file that was loaded. `rejected_rows` is a list of {"row", "reasons", "cells"}; row 1 is the header."""

    __tablename__ = "import"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[ImportKind] = mapped_column(code_type(ImportKind, "kind"))
    filename: Mapped[str] = mapped_column(String(200))
    rows: Mapped[int]
    created: Mapped[int]
    updated: Mapped[int]
    unchanged: Mapped[int]
    doubtful: Mapped[int]
    header: Mapped[list[Any]] = mapped_column(JSON)
    rejected_rows: Mapped[list[dict[str, Any]]]
    imported_at: Mapped[datetime]
    imported_by: Mapped[UUID | None]

    @property
    def rejected(self) -> int:
        """How many rows were not taken."""
        return len(self.rejected_rows)
