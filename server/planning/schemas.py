"""Plans and draws as they come in and go out."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from server.account.schemas import AgencyRef
from server.incoming import Line, Number, Prose, RegionCode
from server.paging import In, Moment, Out, PageQuery

from .models import PlanStage

Weight = Annotated[int, Field(ge=1, le=100)]


class PlanIn(In):
    """Of which year."""

    year: Number = Field(ge=2020, le=2100)


class ItemIn(In):
    """A matter to be inspected so many times, of one enterprise or of whichever."""

    matter_code: Line = Field(min_length=1, max_length=36)
    enterprise_id: UUID | None = None
    times: Number = Field(1, ge=1, le=10_000)
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    joint_with: list[Line] = Field(default_factory=list, max_length=20)


class ItemsIn(In):
    """Items to add; a published plan wants the reason."""

    items: list[ItemIn] = Field(min_length=1, max_length=500)
    because: Prose = Field("", max_length=300)


class ItemOut(Out):
    """An item, and how much of it is done."""

    id: UUID
    matter_code: str
    matter: str
    enterprise_id: UUID | None
    enterprise: str | None
    times: int
    done: int
    month: int | None
    joint_with: list[str]
    added_because: str


class PlanOut(Out):
    """A year's plan with its items and how far it has come."""

    id: UUID
    agency: AgencyRef
    year: int
    stage: PlanStage
    made_at: Moment
    approved_at: Moment | None
    published_at: Moment | None
    due_on: date | None
    overdue: bool
    items: list[ItemOut]
    wanted: int
    done: int


class PlanRow(Out):
    """A plan as a line of a list."""

    id: UUID
    agency: AgencyRef
    year: int
    stage: PlanStage
    published_at: Moment | None


class Plans(Out):
    """One page of plans."""

    items: list[PlanRow]
    next_cursor: str | None


class PlansQuery(PageQuery):
    """Which plans: of a year, of an agency."""

    year: Annotated[int, Field(ge=2020, le=2100)] | None = None
    agency_id: UUID | None = None


class DrawIn(In):
    """From which enterprises and inspectors to draw, how many, and in teams of how many."""

    title: Line = Field(min_length=1, max_length=200)
    region: RegionCode = Field(min_length=2, max_length=6)
    sector: Line = Field("", max_length=5)
    take: Number = Field(ge=1, le=500)
    team: Number = Field(2, ge=2, le=5)
    weights: dict[Line, Weight] | None = Field(None, description="by tier; else the pack's")
    inspector_ids: list[UUID] = Field(default_factory=list, max_length=500)


class DrawRow(Out):
    """A draw as a line of a list."""

    id: UUID
    agency: AgencyRef
    title: str
    commitment: str
    committed_at: Moment
    drawn_at: Moment | None


class Draws(Out):
    """One page of draws."""

    items: list[DrawRow]
    next_cursor: str | None


class DrawOut(DrawRow):
    """A draw as it is published: the seed and the result only once it was drawn."""

    pools: dict[str, Any]
    seed: str | None
    result: list[dict[str, Any]] | None
    names: dict[str, str]
