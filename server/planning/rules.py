"""计划: how a yearly plan comes to be, and what may still change in it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from server.account.rules import Actor
from server.ledger.models import Event
from server.ledger.rules import event
from server.refusal import Reason, Refusal, not_found

from .draw import BadDraw, as_result, draw
from .models import Draw, DrawAssignment, PlanItem, PlanStage, YearPlan


class PlanReason(Reason):
    """Why a plan or a draw is not changed."""

    PLAN_EXISTS = "plan_exists"
    PLAN_EMPTY = "plan_empty"
    PLAN_STAGE = "plan_stage"
    CHANGE_NEEDS_REASON = "change_needs_reason"
    DRAW_DONE = "draw_done"
    DRAW_POOL_TOO_SMALL = "draw_pool_too_small"


def approve(plan: YearPlan, *, by: Actor, at: datetime) -> Event:
    """The head's yes to a draft that holds something."""
    _own(plan, by)
    if plan.stage is not PlanStage.DRAFT:
        raise Refusal(PlanReason.PLAN_STAGE, stage=plan.stage.value)
    if not plan.items:
        raise Refusal(PlanReason.PLAN_EMPTY)
    plan.stage, plan.approved_at, plan.approved_by = PlanStage.APPROVED, at, by.account_id
    return _noted(plan, "plan_approved", by=by, at=at)


def publish(plan: YearPlan, *, by: Actor, at: datetime) -> Event:
    """Make an approved plan public; from now on a change is a new item with its reason."""
    _own(plan, by)
    if plan.stage is not PlanStage.APPROVED:
        raise Refusal(PlanReason.PLAN_STAGE, stage=plan.stage.value)
    plan.stage, plan.published_at = PlanStage.PUBLISHED, at
    return _noted(plan, "plan_published", by=by, at=at)


def add_items(plan: YearPlan, items: Sequence[PlanItem], *, because: str, by: Actor, at: datetime) -> Event:
    """Put items into a plan; an approved one goes back to the head, a published one keeps the reason for ever."""
    _own(plan, by)
    if plan.stage is PlanStage.PUBLISHED and not because:
        raise Refusal(PlanReason.CHANGE_NEEDS_REASON)
    if plan.stage is PlanStage.APPROVED:
        plan.stage, plan.approved_at, plan.approved_by = PlanStage.DRAFT, None, None
    for item in items:
        item.added_because = because
    plan.items.extend(items)
    return _noted(plan, "plan_items_added", by=by, at=at, items=len(items), because=because)


def drop_item(plan: YearPlan, item: PlanItem, *, by: Actor, at: datetime) -> Event:
    """Take an item out of a draft; what was published stays."""
    _own(plan, by)
    if plan.stage is not PlanStage.DRAFT:
        raise Refusal(PlanReason.PLAN_STAGE, stage=plan.stage.value)
    plan.items.remove(item)
    return _noted(plan, "plan_item_dropped", by=by, at=at, matter=item.matter_code)


def _own(plan: YearPlan, by: Actor) -> None:
    if plan.agency_id != by.agency_id:
        raise not_found()


def _noted(plan: YearPlan, verb: str, *, by: Actor, at: datetime, **after: object) -> Event:
    told = {"year": plan.year, "stage": plan.stage.value, **after}
    return event(verb, subject=("plan", plan.id), by=by.hand, at=at, after=told, agency_id=plan.agency_id)


def refuse_small_pools(pools: Mapping[str, Any], *, take: int, team: int) -> None:
    """Refuse a draw for which there are too few enterprises, or too few inspectors for one team."""
    enterprises, inspectors = len(pools["enterprises"]), len(pools["inspectors"])
    if enterprises < take or inspectors < team:
        raise Refusal(PlanReason.DRAW_POOL_TOO_SMALL, 422, enterprises=enterprises, inspectors=inspectors)


def run_draw(committed: Draw, *, at: datetime, until: date) -> int:
    """Draw from what was committed to, once; who was drawn holds until that day. Gives how many enterprises."""
    if committed.drawn_at is not None:
        raise Refusal(PlanReason.DRAW_DONE)
    try:
        drawn = draw(committed.seed, committed.pools)
    except BadDraw as bad:
        raise Refusal(PlanReason.DRAW_POOL_TOO_SMALL, 422, detail=str(bad)) from None
    committed.drawn_at, committed.result = at, {"drawn": as_result(drawn)}
    committed.assignments = [
        DrawAssignment(
            enterprise_id=UUID(each.enterprise), inspector_id=UUID(person), agency_id=committed.agency_id,
            valid_to_on=until,
        )
        for each in drawn
        for person in each.inspectors
    ]  # fmt: skip
    return len(drawn)
