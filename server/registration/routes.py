"""登记: plan a visit, decide on it, call it off."""

from typing import TypeVar
from uuid import UUID

from apiflask import APIBlueprint
from flask import g

from server.account.models import Role
from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.constraints import MEANINGS
from server.db import Base, db
from server.ids import new_id
from server.judging import verdicts
from server.policy.current import policy
from server.refusal import General
from server.visit.counting import settle
from server.visit.models import AGENCIES, VERDICTS
from server.visit.schemas import VisitState, state_of, visit_to_change

from . import rules
from .planned import plan_of
from .preview import Preview, preview_of
from .schemas import ApprovalIn, CancellationIn, ConfirmationIn, LiftIn, PlannedIn, VisitIn

bp = APIBlueprint("registration", __name__, tag="visit")
MEANINGS |= {"pk_visit": General.ID_REUSED}
Row = TypeVar("Row", bound=Base)


@bp.post("/visits")
@allow(Role.INSPECTOR, Role.HEAD)
@bp.input(VisitIn)
@changing
@bp.output(VisitState, 201)
def register(json_data: VisitIn) -> VisitState:
    """Register a visit before it happens."""
    at = now()
    plan = plan_of(json_data, visit_id=json_data.id or new_id(), by=g.actor, at=at)
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
    return preview_of(plan_of(json_data, visit_id=new_id(), by=g.actor, at=at), policy=policy(), at=at)


@bp.post("/visits/<uuid:visit_id>/approvals")
@allow(Role.HEAD)
@bp.input(ApprovalIn)
@changing
@bp.output(VisitState, 201)
def decide(visit_id: UUID, json_data: ApprovalIn) -> VisitState:
    """Say yes or no for my agency; a no needs its reason."""
    visit = visit_to_change(visit_id, g.actor, AGENCIES, VERDICTS)
    rules.decide(visit, json_data.decision, reason=json_data.reason, by=g.actor, at=now())
    settle(visit, policy=policy())
    return state_of(visit)


@bp.post("/visits/<uuid:visit_id>/verdicts/<clause_id>/lift")
@allow(Role.HEAD, Role.SUPERVISOR)
@bp.input(LiftIn)
@changing
@bp.output(VisitState, 201)
def lift(visit_id: UUID, clause_id: str, json_data: LiftIn) -> VisitState:
    """Grant or refuse the exception claimed against a block; the row stays for ever."""
    visit = visit_to_change(visit_id, g.actor, VERDICTS)
    verdicts.lift(visit, clause_id, lifted=json_data.lifted, reason=json_data.reason, by=g.actor, at=now())
    settle(visit, policy=policy())
    return state_of(visit)


@bp.post("/visits/<uuid:visit_id>/confirmation")
@allow(Role.ENTERPRISE)
@bp.input(ConfirmationIn)
@changing
@bp.output(VisitState, 201)
def confirm(visit_id: UUID, json_data: ConfirmationIn) -> VisitState:
    """Say whether a visit that was entered late took place."""
    visit = visit_to_change(visit_id, g.actor)
    rules.confirm(visit, took_place=json_data.took_place, by=g.actor, at=now())
    return state_of(visit)


@bp.post("/visits/<uuid:visit_id>/cancellations")
@allow(Role.INSPECTOR, Role.HEAD)
@bp.input(CancellationIn)
@changing
@bp.output(VisitState, 201)
def cancel(visit_id: UUID, json_data: CancellationIn) -> VisitState:
    """Call a visit off before anyone is at the door."""
    visit = visit_to_change(visit_id, g.actor)
    rules.cancel(visit, reason=json_data.reason, by=g.actor, at=now())
    settle(visit, policy=policy())
    return state_of(visit)
