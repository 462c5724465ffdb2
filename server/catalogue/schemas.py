"""Matters and first offences as they go out."""

from uuid import UUID

from pydantic import Field

from server.incoming import Line
from server.paging import Out, PageQuery


class ChecklistItem(Out):
    """One question of a matter's checklist."""

    key: str
    text: str


class MatterOut(Out):
    """A matter in one of its versions, with its basis and checklist."""

    id: UUID
    code: str
    version: int
    name: str
    department: str
    legal_basis: str
    method: str
    yearly_frequency: int | None
    checklist: list[ChecklistItem]


class Matters(Out):
    """One page of matters."""

    items: list[MatterOut]
    next_cursor: str | None


class MatterQuery(PageQuery):
    """Which matters: of a department, of a body's department, or by a part of name or code."""

    q: Line | None = Field(None, max_length=50)
    department: Line | None = Field(None, max_length=64)
    agency_id: UUID | None = None


class FirstOffenceOut(Out):
    """An act that is not punished the first time, and under which conditions."""

    id: UUID
    code: str
    field: str
    name: str
    conditions: str
    legal_basis: str


class FirstOffences(Out):
    """One page of first offences."""

    items: list[FirstOffenceOut]
    next_cursor: str | None


class FirstOffenceQuery(PageQuery):
    """Which first offences: of a field, or by a part of name or code."""

    q: Line | None = Field(None, max_length=50)
    field: Line | None = Field(None, max_length=64)
