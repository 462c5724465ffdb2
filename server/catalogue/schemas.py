"""Matters and first offences as they go out."""

from uuid import UUID

from pydantic import Field

from server.paging import Out, PageQuery


class ChecklistItem(Out):
    key: str
    text: str


class MatterOut(Out):
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
    items: list[MatterOut]
    next_cursor: str | None


class MatterQuery(PageQuery):
    q: str | None = Field(None, max_length=50)
    department: str | None = Field(None, max_length=64)
    agency_id: UUID | None = None


class FirstOffenceOut(Out):
    id: UUID
    code: str
    field: str
    name: str
    conditions: str
    legal_basis: str


class FirstOffences(Out):
    items: list[FirstOffenceOut]
    next_cursor: str | None


class FirstOffenceQuery(PageQuery):
    q: str | None = Field(None, max_length=50)
    field: str | None = Field(None, max_length=64)
