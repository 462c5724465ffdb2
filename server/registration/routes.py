"""登记: plan a visit, decide on it, call it off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from pydantic import AwareDatetime, Field
from sqlalchemy import select

from server.account.models import Agency, Inspector, Role
from server.account.sign_in import allow
from server.catalogue.models import Matter
from server.change import MEANINGS, changing
from server.clock import now
from server.db import Base, db, new_id
from server.enterprise.models import Enterprise
from server.paging import In
from server.policy.current import policy
from server.refusal import Fault, General, Refusal, field_error
from server.visit.models import Basis, Purpose, Stage, Visit, VisitInspector
from server.visit.schemas import VisitState, state_of, visit_to_change

from . import rules

bp = APIBlueprint("registration", __name__, tag="visit")
MEANINGS |= {"pk_visit": General.ID_REUSED, "failed: visit.id": General.ID_REUSED}
Row = TypeVar("Row", bound=Base)


class HelperIn(In):
    name: str = Field(min_length=1, max_length=64)
    organisation: str = Field("", max_length=128)


class VisitIn(In):
    id: UUID | None = None
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


class ApprovalIn(In):
    decision: Literal["approve", "reject"]
    reason: str = Field("", max_length=500)


class CancellationIn(In):
    reason: str = Field(min_length=1, max_length=500)


@bp.post("/visits")
@allow(Role.INSPECTOR, Role.HEAD)
@changing
@bp.input(VisitIn)
@bp.output(VisitState, 201)
def register(json_data: VisitIn) -> dict[str, Any]:
    """Register a visit before it happens."""
    at = now()
    if (json_data.basis is Basis.SERVICE) != (json_data.purpose is Purpose.SERVICE):
        raise _unknown("basis")
    agencies = _found(Agency, [g.actor.agency_id, *json_data.joint_agency_ids], "joint_agency_ids")
    inspectors = _found(Inspector, json_data.inspector_ids, "inspector_ids")
    plan = rules.Plan(
        id=json_data.id or new_id(),
        enterprise=_found(Enterprise, [json_data.enterprise_id], "enterprise_id")[0],
        agency=agencies[0],
        joint_agencies=agencies[1:],
        purpose=json_data.purpose,
        basis=json_data.basis,
        matters=_found(Matter, json_data.matter_ids, "matter_ids"),
        inspectors=inspectors,
        helpers=[(helper.name, helper.organisation) for helper in json_data.helpers],
        window_from_at=json_data.window_from_at,
        window_to_at=json_data.window_to_at,
        reason=json_data.reason,
        overdue=_overdue([inspector.id for inspector in inspectors], at=at),
    )
    visit = rules.register(plan, policy=policy(), by=g.actor, at=at)
    db.session.add(visit)
    return state_of(visit)


@bp.post("/visits/<uuid:visit_id>/approvals")
@allow(Role.HEAD)
@changing
@bp.input(ApprovalIn)
@bp.output(VisitState, 201)
def decide(visit_id: UUID, json_data: ApprovalIn) -> dict[str, Any]:
    """Say yes or no for my agency; a no needs its reason."""
    visit = visit_to_change(visit_id, g.actor)
    rules.decide(visit, json_data.decision, reason=json_data.reason, by=g.actor, at=now())
    return state_of(visit)


@bp.post("/visits/<uuid:visit_id>/cancellations")
@allow(Role.INSPECTOR, Role.HEAD)
@changing
@bp.input(CancellationIn)
@bp.output(VisitState, 201)
def cancel(visit_id: UUID, json_data: CancellationIn) -> dict[str, Any]:
    """Call a visit off before anyone is at the door."""
    visit = visit_to_change(visit_id, g.actor)
    rules.cancel(visit, reason=json_data.reason, by=g.actor, at=now())
    return state_of(visit)


def _found(table: type[Row], ids: Sequence[UUID], field: str) -> list[Row]:
    """The rows of these ids, in this order, each once; an unknown id is named by its field."""
    key = table.__table__.c.id
    found = db.session.execute(select(key, table).where(key.in_(ids)))
    rows = {row[0]: row[1] for row in found}
    unique = list(dict.fromkeys(ids))
    if len(rows) != len(unique):
        raise _unknown(field)
    return [rows[each] for each in unique]


def _unknown(field: str) -> Refusal:
    return Refusal(General.UNKNOWN_REFERENCE, 422, errors=[field_error(field, Fault.UNKNOWN)])


def _overdue(inspector_ids: Sequence[UUID], *, at: datetime) -> list[tuple[UUID, str]]:
    """Visits of these inspectors whose record should have been sealed by now."""
    statement = (
        select(Visit.id, Enterprise.name)
        .join(Visit.enterprise)
        .join(VisitInspector, VisitInspector.visit_id == Visit.id)
        .where(
            VisitInspector.inspector_id.in_(inspector_ids),
            VisitInspector.scanned_at.is_not(None),
            Visit.stage.in_((Stage.ON_SITE, Stage.TURNED_AWAY)),
            Visit.record_due_at < at,
        )
        .distinct()
    )
    return [(row.id, row.name) for row in db.session.execute(statement)]
