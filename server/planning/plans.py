"""年度计划: which plans somebody may read or change, and how far each has come."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from server.account.models import Agency
from server.account.rules import Actor
from server.account.schemas import AgencyRef
from server.catalogue.models import Matter
from server.clock import day_of, start_of
from server.db import db, locked
from server.policy.current import policy
from server.policy.kinds.matters import PlanPublished
from server.refusal import not_found
from server.visit.conditions import DONE
from server.visit.models import Visit, VisitMatter

from .models import PlanStage, YearPlan, in_region
from .schemas import ItemOut, PlanOut


def readable(by: Actor) -> ColumnElement[bool]:
    """An agency's own plans, everybody's published ones; a supervisor sees the region's drafts too."""
    if by.agency_id is not None:
        return or_(YearPlan.agency_id == by.agency_id, YearPlan.stage == PlanStage.PUBLISHED)
    return in_region(YearPlan.agency_id, by.region_code)


def plan_to_change(plan_id: UUID, *, by: Actor) -> YearPlan:
    """My agency's plan with its row locked; 404 for any other."""
    found = db.session.scalar(
        locked(select(YearPlan).where(YearPlan.id == plan_id, YearPlan.agency_id == by.agency_id), of=YearPlan)
    )
    if found is None:
        raise not_found()
    return found


def plan_out(plan: YearPlan, *, at: datetime) -> PlanOut:
    """A plan with its items, and how much of each is done."""
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
        overdue=plan.stage is not PlanStage.PUBLISHED and due_on is not None and day_of(at) > due_on,
        items=items,
        wanted=sum(item.times for item in items),
        done=sum(min(item.done, item.times) for item in items),
    )


def _due_on(year: int) -> date | None:
    """The day by which the pack in force wants a year's plan published, the earliest where it names several."""
    clauses = policy().of_kind(PlanPublished)
    return min((day for each in clauses if each.is_valid_on(day := each.due_on(year))), default=None)


# An inspection is of the day of arrival; one off site of the day for which it was planned.
DAY_DONE = func.coalesce(Visit.on_site_at, Visit.window_from_at)


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
            start_of(date(plan.year, 1, 1)) <= DAY_DONE,
            start_of(date(plan.year + 1, 1, 1)) > DAY_DONE,
        )
        .group_by(Matter.code, Visit.enterprise_id)
    )
    done: dict[tuple[str, UUID | None], int] = {}
    for code, enterprise_id, count in db.session.execute(statement):
        done[code, enterprise_id] = count
        done[code, None] = done.get((code, None), 0) + count
    return done
