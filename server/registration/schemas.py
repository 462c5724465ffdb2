"""What somebody wants to register or to decide, as it comes in."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from server.incoming import Instant, Line, Prose
from server.paging import In
from server.visit.stages import Basis, Purpose


class HelperIn(In):
    """A helper by name."""

    name: Line = Field(min_length=1, max_length=64)
    organisation: Line = Field("", max_length=128)


class ClaimIn(In):
    """An exception put forward against one clause that would block."""

    clause: Line = Field(max_length=64)
    class_: Line = Field(alias="class", max_length=64)
    evidence: Prose = Field(min_length=4, max_length=1000)


class PlannedIn(In):
    """What a visit is planned to be; also what a preview asks about."""

    enterprise_id: UUID
    purpose: Purpose
    basis: Basis
    matter_ids: list[UUID] = Field(default_factory=list, max_length=50)
    inspector_ids: list[UUID] = Field(default_factory=list, max_length=50)
    helpers: list[HelperIn] = Field(default_factory=list, max_length=50)
    joint_agency_ids: list[UUID] = Field(default_factory=list, max_length=20)
    window_from_at: Instant
    window_to_at: Instant
    reason: Prose = Field("", max_length=500)
    off_site_means: Literal["materials", "video"] | None = None
    asked_for: Prose = Field("", max_length=1000)
    claims: list[ClaimIn] = Field(default_factory=list, max_length=20)


class VisitIn(PlannedIn):
    """A visit to register; the id may be the phone's."""

    id: UUID | None = None


class LiftIn(In):
    """Whether the exception is granted, and why."""

    lifted: bool
    reason: Prose = Field(min_length=1, max_length=500)


class ConfirmationIn(In):
    """Whether a visit that was entered late took place."""

    took_place: bool


class ApprovalIn(In):
    """A head's yes or no; a no has its reason."""

    decision: Literal["approve", "reject"]
    reason: Prose = Field("", max_length=500)


class CancellationIn(In):
    """Why a visit is called off."""

    reason: Prose = Field(min_length=1, max_length=500)
