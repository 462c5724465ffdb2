"""登记: plan a visit, decide on it, call it off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from pydantic import AwareDatetime, Field
from sqlalchemy import select

from server.account.models import Agency, Inspector, Role
from server.account.sign_in import allow
from server.catalogue.models import Matter
from server.change import changing
from server.clock import now
from server.constraints import MEANINGS
from server.db import Base, db
from server.enterprise.models import Enterprise
from server.ids import new_id
from server.judging import verdicts
from server.judging.facts import gather
from server.judging.plan import Claim, Plan
from server.paging import In
from server.policy.current import policy
from server.references import found, unknown
from server.refusal import General
from server.visit.conditions import OVERDUE
from server.visit.counting import settle
from server.visit.models import Visit, VisitInspector
from server.visit.schemas import VisitState, state_of, visit_to_change
from server.visit.stages import Basis, Purpose

from . import rules
from .preview import Preview, preview_of

bp = APIBlueprint("registration", __name__, tag="visit")
MEANINGS |= {"pk_visit": General.ID_REUSED}
Row = TypeVar("Row", bound=Base)


class HelperIn(In):
    """A helper by name."""

    name: str = Field(min_length=1, max_length=64)
    organisation: str = Field("", max_length=128)


class ClaimIn(In):
    """An exception put forward against one clause that would block."""

    clause: str = Field(max_length=64)
    class_: str = Field(alias="class", max_length=64)
    evidence: str = Field(min_length=4, max_length=1000)


class PlannedIn(In):
    """What a visit is planned to be; also what a preview asks about."""

    enterprise_id: UUID
    purpose: Purpose
    basis: Basis
    matter_ids: list[UUID] = Field(default_factory=list, max_length=50)
    inspector_ids: list[UUID] = Field(default_factory=list, max_length=50)
    helpers: list[HelperIn] = Field(default_factory=list, max_length=50)
    joint_agency_ids: list[UUID] = Field(default_factory=list, max_length=20)
    window_from_at: AwareDatetime
    window_to_at: AwareDatetime
    reason: str = Field("", max_length=500)
    off_site_means: Literal["materials", "video"] | None = None
    asked_for: str = Field("", max_length=1000)
    claims: list[ClaimIn] = Field(default_factory=list, max_length=20)


class VisitIn(PlannedIn):
    """A visit to register; the id may be the phone's."""

    id: UUID | None = None


class LiftIn(In):
    """Whether the exception is granted, and why."""

    lifted: bool
    reason: str = Field(min_length=1, max_length=500)


class ConfirmationIn(In):
    """Whether a visit that was entered late took place."""

    took_place: bool


class ApprovalIn(In):
    """A head's yes or no; a no has its reason."""

    decision: Literal["approve", "reject"]
    reason: str = Field("", max_length=500)


class CancellationIn(In):
    """Why a visit is called off."""

    reason: str = Field(min_length=1, max_length=500)


@bp.post("/visits")
@allow(Role.INSPECTOR, Role.HEAD)
@changing
@bp.input(VisitIn)
@bp.output(VisitState, 201)
def register(json_data: VisitIn) -> VisitState:
    """Register a visit before it happens."""
    at = now()
    plan = _plan(json_data, visit_id=json_data.id or new_id(), at=at)
    visit = rules.register(plan, policy=policy(), by=g.actor, at=at)
    db.session.add(visit)
    db.session.flush()
    settle(visit, policy=policy())
    return state_of(visit)


@bp.post("/registrations/preview")
@allow(Role.INSPECTOR, Role.HEAD)
@bp.input(PlannedIn)
@bp.output(Preview)
def preview(json_data: PlannedIn) -> Preview:
    """What every clause would say of this visit, before anybody commits; changes nothing.

    Matters, inspectors and all that is free to leave out may still be missing.
    """
    at = now()
    return preview_of(_plan(json_data, visit_id=new_id(), at=at), policy=policy(), at=at)


@bp.post("/visits/<uuid:visit_id>/approvals")
@allow(Role.HEAD)
@changing
@bp.input(ApprovalIn)
@bp.output(VisitState, 201)
def decide(visit_id: UUID, json_data: ApprovalIn) -> VisitState:
    """Say yes or no for my agency; a no needs its reason."""
    visit = visit_to_change(visit_id, g.actor)
    rules.decide(visit, json_data.decision, reason=json_data.reason, by=g.actor, at=now())
    settle(visit, policy=policy())
    return state_of(visit)


@bp.post("/visits/<uuid:visit_id>/verdicts/<clause_id>/lift")
@allow(Role.HEAD, Role.SUPERVISOR)
@changing
@bp.input(LiftIn)
@bp.output(VisitState, 201)
def lift(visit_id: UUID, clause_id: str, json_data: LiftIn) -> VisitState:
    """Grant or refuse the exception claimed against a block; the row stays for ever."""
    visit = visit_to_change(visit_id, g.actor)
    verdicts.lift(visit, clause_id, lifted=json_data.lifted, reason=json_data.reason, by=g.actor, at=now())
    settle(visit, policy=policy())
    return state_of(visit)


@bp.post("/visits/<uuid:visit_id>/confirmation")
@allow(Role.ENTERPRISE)
@changing
@bp.input(ConfirmationIn)
@bp.output(VisitState, 201)
def confirm(visit_id: UUID, json_data: ConfirmationIn) -> VisitState:
    """Say whether a visit that was entered late took place."""
    visit = visit_to_change(visit_id, g.actor)
    rules.confirm(visit, took_place=json_data.took_place, by=g.actor, at=now())
    return state_of(visit)


@bp.post("/visits/<uuid:visit_id>/cancellations")
@allow(Role.INSPECTOR, Role.HEAD)
@changing
@bp.input(CancellationIn)
@bp.output(VisitState, 201)
def cancel(visit_id: UUID, json_data: CancellationIn) -> VisitState:
    """Call a visit off before anyone is at the door."""
    visit = visit_to_change(visit_id, g.actor)
    rules.cancel(visit, reason=json_data.reason, by=g.actor, at=now())
    settle(visit, policy=policy())
    return state_of(visit)


def _plan(asked: PlannedIn, *, visit_id: UUID, at: datetime) -> Plan:
    """The plan with every reference looked up and every fact gathered; refuses an unknown id by its field."""
    if (asked.basis is Basis.SERVICE) != (asked.purpose is Purpose.SERVICE):
        raise unknown("basis")
    agencies = found(Agency, [g.actor.agency_id, *asked.joint_agency_ids], "joint_agency_ids")
    inspectors = found(Inspector, asked.inspector_ids, "inspector_ids")
    matters = found(Matter, asked.matter_ids, "matter_ids")
    enterprise = found(Enterprise, [asked.enterprise_id], "enterprise_id")[0]
    return Plan(
        id=visit_id,
        enterprise=enterprise,
        agency=agencies[0],
        joint_agencies=agencies[1:],
        purpose=asked.purpose,
        basis=asked.basis,
        matters=matters,
        inspectors=inspectors,
        helpers=[(helper.name, helper.organisation) for helper in asked.helpers],
        window_from_at=asked.window_from_at,
        window_to_at=asked.window_to_at,
        reason=asked.reason.strip(),
        overdue=_overdue([inspector.id for inspector in inspectors], at=at),
        off_site_means=asked.off_site_means,
        asked_for=asked.asked_for,
        claims=[Claim(claim.clause, claim.class_, claim.evidence) for claim in asked.claims],
        facts=gather(
            enterprise_id=enterprise.id,
            agencies=[(agency.id, agency.department) for agency in agencies],
            matter_codes=[matter.code for matter in matters],
            inspector_ids=[inspector.id for inspector in inspectors],
            opens_at=asked.window_from_at,
        ),
    )


def _overdue(inspector_ids: Sequence[UUID], *, at: datetime) -> list[tuple[UUID, str]]:
    """Visits of these inspectors whose record should have been sealed by now."""
    statement = (
        select(Visit.id, Enterprise.name)
        .join(Visit.enterprise)
        .join(VisitInspector, VisitInspector.visit_id == Visit.id)
        .where(
            VisitInspector.inspector_id.in_(inspector_ids),
            VisitInspector.scanned_at.is_not(None),
            OVERDUE.sql(Visit, at=at),
        )
        .distinct()
    )
    return [(row.id, row.name) for row in db.session.execute(statement)]
