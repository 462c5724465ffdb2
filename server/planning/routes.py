"""年度计划: made, approved, published, and how far each has come."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from server.account.models import Role
from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.constraints import MEANINGS
from server.db import db
from server.ids import new_id
from server.paging import page
from server.refusal import not_found

from . import rules
from .models import PlanItem, PlanStage, YearPlan
from .plans import plan_out, plan_to_change, readable
from .rules import PlanReason
from .schemas import ItemsIn, PlanIn, PlanOut, PlanRow, Plans, PlansQuery

bp = APIBlueprint("planning", __name__, tag="planning")
MEANINGS |= {
    "uq_year_plan_agency_id_year": PlanReason.PLAN_EXISTS,
}


# --- plans -----------------------------------------------------------------------------------------


@bp.get("/plans")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR)
@bp.input(PlansQuery, location="query")
@bp.output(Plans)
def plans(query_data: PlansQuery) -> Plans:
    """Yearly plans in my scope; those of others once they are published."""
    statement = select(YearPlan).where(readable(g.actor)).options(selectinload(YearPlan.agency))
    if query_data.year:
        statement = statement.where(YearPlan.year == query_data.year)
    if query_data.agency_id:
        statement = statement.where(YearPlan.agency_id == query_data.agency_id)
    rows, cursor = page(statement, [YearPlan.year, YearPlan.id], query_data, descending=True)
    return Plans(items=PlanRow.all(rows), next_cursor=cursor)


@bp.post("/plans")
@allow(Role.HEAD)
@bp.input(PlanIn)
@changing
@bp.output(PlanOut, 201)
def make_plan(json_data: PlanIn) -> PlanOut:
    """Begin my agency's plan of a year."""
    at = now()
    plan = YearPlan(
        id=new_id(), agency_id=g.actor.agency_id, year=json_data.year, stage=PlanStage.DRAFT, made_at=at,
        made_by=g.actor.account_id,
    )  # fmt: skip
    db.session.add(plan)
    db.session.flush()
    return plan_out(plan, at=now())


@bp.get("/plans/<uuid:plan_id>")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR)
@bp.output(PlanOut)
def plan(plan_id: UUID) -> PlanOut:
    """One plan with its items and how far each has come."""
    found = db.session.scalar(select(YearPlan).where(YearPlan.id == plan_id, readable(g.actor)))
    if found is None:
        raise not_found()
    return plan_out(found, at=now())


@bp.post("/plans/<uuid:plan_id>/items")
@allow(Role.HEAD)
@bp.input(ItemsIn)
@changing
@bp.output(PlanOut, 201)
def add_items(plan_id: UUID, json_data: ItemsIn) -> PlanOut:
    """Add items; a published plan wants the reason."""
    plan = plan_to_change(plan_id, by=g.actor)
    items = [PlanItem(id=new_id(), **item.model_dump()) for item in json_data.items]
    db.session.add(rules.add_items(plan, items, because=json_data.because, by=g.actor, at=now()))
    db.session.flush()
    return plan_out(plan, at=now())


@bp.delete("/plans/<uuid:plan_id>/items/<uuid:item_id>")
@allow(Role.HEAD)
@changing
@bp.output(PlanOut)
def drop_item(plan_id: UUID, item_id: UUID) -> PlanOut:
    """Take an item out of a draft."""
    plan = plan_to_change(plan_id, by=g.actor)
    item = next((each for each in plan.items if each.id == item_id), None)
    if item is None:
        raise not_found()
    db.session.add(rules.drop_item(plan, item, by=g.actor, at=now()))
    db.session.flush()
    return plan_out(plan, at=now())


@bp.post("/plans/<uuid:plan_id>/approval")
@allow(Role.HEAD)
@changing
@bp.output(PlanOut, 201)
def approve_plan(plan_id: UUID) -> PlanOut:
    """The head's yes."""
    plan = plan_to_change(plan_id, by=g.actor)
    db.session.add(rules.approve(plan, by=g.actor, at=now()))
    return plan_out(plan, at=now())


@bp.post("/plans/<uuid:plan_id>/publication")
@allow(Role.HEAD)
@changing
@bp.output(PlanOut, 201)
def publish_plan(plan_id: UUID) -> PlanOut:
    """Make the plan public."""
    plan = plan_to_change(plan_id, by=g.actor)
    db.session.add(rules.publish(plan, by=g.actor, at=now()))
    return plan_out(plan, at=now())
