"""Tiers as they come in and go out."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from server.incoming import Day, Line, Prose
from server.paging import In, Moment, Out

from .models import Risk


class TierIn(In):
    """A tier to set; the letter is the pack's unless it is given."""

    department: Line = Field("", max_length=64)
    risk: Risk
    credit: Literal["A", "B", "C", "D"]
    tier: Literal["A", "B", "C", "D"] | None = None
    since_on: Day
    because: Prose = Field(min_length=1, max_length=200)


class TierOut(Out):
    """One tier of an enterprise, from a day on."""

    id: UUID
    department: str
    risk: Risk
    credit: str
    tier: str
    since_on: date
    set_at: Moment
    because: str


class Tiers(Out):
    """Every tier an enterprise had, and how many planned visits the newest has changed."""

    items: list[TierOut]
    rejudged: int = 0
