"""年度计划: made, approved, published, and how far each has come."""

from datetime import date
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from pydantic import Field
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import selectinload

from server.account.models import Agency, Role
from server.account.schemas import AgencyRef
from server.account.sign_in import allow
from server.catalogue.models import Matter
from server.change import changing
from server.clock import day_of, now, start_of
from server.constraints import MEANINGS
from server.db import db, locked
from server.ids import new_id
from server.paging import In, Moment, Out, PageQuery, page
from server.policy.current import policy
from server.policy.kinds import PlanPublished
from server.refusal import not_found
from server.visit.conditions import DONE
from server.visit.models import Visit, VisitMatter

from . import rules
from .models import PlanItem, PlanStage, YearPlan, in_region
from .rules import PlanReason

bp = APIBlueprint("planning", __name__, tag="planning")
MEANINGS |= {
    "uq_year_plan_agency_id_year": PlanReason.PLAN_EXISTS,
}


class PlanIn(In):
    """Of which year."""

    year: int = Field(ge=2020, le=2100)


class ItemIn(In):
    """A matter to be inspected so many times, of one enterprise or of whichever."""

    matter_code: str = Field(min_length=1, max_length=36)
    enterprise_id: UUID | None = None
    times: int = Field(1, ge=1, le=10_000)
    month: int | None = Field(None, ge=1, le=12)
    joint_with: list[str] = Field(default_factory=list, max_length=20)


class ItemsIn(In):
    """Items to add; a published plan wants the reason."""

    items: list[ItemIn] = Field(min_length=1, max_length=500)
    because: str = Field("", max_length=300)


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

    year: int | None = Field(None, ge=2020, le=2100)
    agency_id: UUID | None = None


# --- plans -----------------------------------------------------------------------------------------


@bp.get("/plans")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR)
@bp.input(PlansQuery, location="query")
@bp.output(Plans)
def plans(query_data: PlansQuery) -> Plans:
    """Yearly plans in my scope; those of others once they are published."""
    statement = select(YearPlan).where(_readable()).options(selectinload(YearPlan.agency))
    if query_data.year:
        statement = statement.where(YearPlan.year == query_data.year)
    if query_data.agency_id:
        statement = statement.where(YearPlan.agency_id == query_data.agency_id)
    rows, cursor = page(statement, [YearPlan.year, YearPlan.id], query_data, descending=True)
    return Plans(items=PlanRow.all(rows), next_cursor=cursor)


@bp.post("/plans")
@allow(Role.HEAD)
@changing
@bp.input(PlanIn)
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
    return _plan_out(plan)


@bp.get("/plans/<uuid:plan_id>")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR)
@bp.output(PlanOut)
def plan(plan_id: UUID) -> PlanOut:
    """One plan with its items and how far each has come."""
    found = db.session.scalar(select(YearPlan).where(YearPlan.id == plan_id, _readable()))
    if found is None:
        raise not_found()
    return _plan_out(found)


@bp.post("/plans/<uuid:plan_id>/items")
@allow(Role.HEAD)
@changing
@bp.input(ItemsIn)
@bp.output(PlanOut, 201)
def add_items(plan_id: UUID, json_data: ItemsIn) -> PlanOut:
    """Add items; a published plan wants the reason."""
    plan = _plan_to_change(plan_id)
    items = [PlanItem(id=new_id(), **item.model_dump()) for item in json_data.items]
    db.session.add(rules.add_items(plan, items, because=json_data.because, by=g.actor, at=now()))
    db.session.flush()
    return _plan_out(plan)


@bp.delete("/plans/<uuid:plan_id>/items/<uuid:item_id>")
@allow(Role.HEAD)
@changing
@bp.output(PlanOut)
def drop_item(plan_id: UUID, item_id: UUID) -> PlanOut:
    """Take an item out of a draft."""
    plan = _plan_to_change(plan_id)
    item = next((each for each in plan.items if each.id == item_id), None)
    if item is None:
        raise not_found()
    db.session.add(rules.drop_item(plan, item, by=g.actor, at=now()))
    db.session.flush()
    return _plan_out(plan)


@bp.post("/plans/<uuid:plan_id>/approval")
@allow(Role.HEAD)
@changing
@bp.output(PlanOut, 201)
def approve_plan(plan_id: UUID) -> PlanOut:
    """The head's yes."""
    plan = _plan_to_change(plan_id)
    db.session.add(rules.approve(plan, by=g.actor, at=now()))
    return _plan_out(plan)


@bp.post("/plans/<uuid:plan_id>/publication")
@allow(Role.HEAD)
@changing
@bp.output(PlanOut, 201)
def publish_plan(plan_id: UUID) -> PlanOut:
    """Make the plan public."""
    plan = _plan_to_change(plan_id)
    db.session.add(rules.publish(plan, by=g.actor, at=now()))
    return _plan_out(plan)


# --- helpers, in calling order -----------------------------------------------------------------


def _readable() -> ColumnElement[bool]:
    """An agency's own plans, everybody's published ones; a supervisor sees the region's drafts too."""
    if g.actor.agency_id is not None:
        return or_(YearPlan.agency_id == g.actor.agency_id, YearPlan.stage == PlanStage.PUBLISHED)
    return in_region(YearPlan.agency_id, g.actor.region_code)


def _plan_to_change(plan_id: UUID) -> YearPlan:
    found = db.session.scalar(
        locked(select(YearPlan).where(YearPlan.id == plan_id, YearPlan.agency_id == g.actor.agency_id), of=YearPlan)
    )
    if found is None:
        raise not_found()
    return found


def _plan_out(plan: YearPlan) -> PlanOut:
    done = _done(plan)
    codes = {item.matter_code for item in plan.items}
    named = select(Matter.code, Matter.name).where(Matter.code.in_(codes)).order_by(Matter.version)
    names = {row.code: row.name for row in db.session.execute(named)}
    due_on = _due_on(plan.year)
    items = [
        ItemOut(
            id=item.id,
            matter_code=item.matter_code,
            matter=names.get(item.matter_code, item.matter_code),
            enterprise_id=item.enterprise_id,
            enterprise=item.enterprise.name if item.enterprise else None,
            times=item.times,
            done=done.get((item.matter_code, item.enterprise_id), 0),
            month=item.month,
            joint_with=item.joint_with,
            added_because=item.added_because,
        )
        for item in sorted(plan.items, key=lambda item: (item.month or 0, item.matter_code, str(item.id)))
    ]
    return PlanOut(
        id=plan.id,
        agency=AgencyRef.model_validate(plan.agency or db.session.get(Agency, plan.agency_id)),
        year=plan.year,
        stage=plan.stage,
        made_at=plan.made_at,
        approved_at=plan.approved_at,
        published_at=plan.published_at,
        due_on=due_on,
        overdue=plan.stage is not PlanStage.PUBLISHED and due_on is not None and day_of(now()) > due_on,
        items=items,
        wanted=sum(item.times for item in items),
        done=sum(min(item.done, item.times) for item in items),
    )


def _due_on(year: int) -> date | None:
    """The day by which the pack in force wants a year's plan published, the earliest where it names several."""
    clauses = policy().of_kind(PlanPublished)
    return min((day for each in clauses if each.is_valid_on(day := each.due_on(year))), default=None)


def _done(plan: YearPlan) -> dict[tuple[str, UUID | None], int]:
    """How often each matter was inspected by this agency in the year: for each enterprise, and in all."""
    statement = (
        select(Matter.code, Visit.enterprise_id, func.count())
        .select_from(Visit)
        .join(VisitMatter, VisitMatter.visit_id == Visit.id)
        .join(Matter, Matter.id == VisitMatter.matter_id)
        .where(
            Visit.agency_id == plan.agency_id,
            DONE.sql(Visit),
            Visit.window_from_at >= start_of(date(plan.year, 1, 1)),
            Visit.window_from_at < start_of(date(plan.year + 1, 1, 1)),
        )
        .group_by(Matter.code, Visit.enterprise_id)
    )
    done: dict[tuple[str, UUID | None], int] = {}
    for code, enterprise_id, count in db.session.execute(statement):
        done[code, enterprise_id] = count
        done[code, None] = done.get((code, None), 0) + count
    return done
