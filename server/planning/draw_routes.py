"""双随机抽取: pools and seed committed first, drawn once, published whole, so that anyone can repeat it."""

import secrets
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from pydantic import Field
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import selectinload

from server.account.models import Agency, Inspector, Role
from server.account.rules import region_prefix
from server.account.schemas import AgencyRef
from server.account.sign_in import allow
from server.change import changing
from server.clock import day_of, now
from server.db import db, locked
from server.enterprise.models import Enterprise
from server.ids import new_id
from server.ledger.rules import event
from server.paging import In, Moment, Out, PageQuery, page
from server.policy.current import policy
from server.refusal import Refusal, not_found
from server.standing.models import Tier
from server.visit.models import Visit, VisitInspector

from .draw import BadDraw, as_result, commitment_of
from .draw import draw as draw_names
from .models import Draw, DrawAssignment, in_region
from .rules import PlanReason

bp = APIBlueprint("drawing", __name__, tag="planning")


class DrawIn(In):
    """From which enterprises and inspectors to draw, how many, and in teams of how many."""

    title: str = Field(min_length=1, max_length=200)
    region: str = Field(min_length=2, max_length=6)
    sector: str = Field("", max_length=5)
    take: int = Field(ge=1, le=500)
    team: int = Field(2, ge=2, le=5)
    weights: dict[str, Annotated[int, Field(ge=1, le=100)]] | None = Field(None, description="by tier; else the pack's")
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


@bp.get("/draws")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR)
@bp.input(PageQuery, location="query")
@bp.output(Draws)
def draws(query_data: PageQuery) -> Draws:
    """Draws in my scope, newest first, also those that were committed and never drawn."""
    statement = select(Draw).where(_draw_in_scope()).options(selectinload(Draw.agency))
    rows, cursor = page(statement, [Draw.committed_at, Draw.id], query_data, descending=True)
    return Draws(items=DrawRow.all(rows), next_cursor=cursor)


@bp.post("/draws")
@allow(Role.HEAD)
@changing
@bp.input(DrawIn)
@bp.output(DrawOut, 201)
def commit_draw(json_data: DrawIn) -> DrawOut:
    """Fix the pools and commit to a seed that nobody chose; both are bound by the commitment from now on."""
    at = now()
    pools = _pools(json_data, day=day_of(at))
    if len(pools["enterprises"]) < json_data.take or len(pools["inspectors"]) < json_data.team:
        raise Refusal(
            PlanReason.DRAW_POOL_TOO_SMALL, 422,
            enterprises=len(pools["enterprises"]), inspectors=len(pools["inspectors"]),
        )  # fmt: skip
    seed = secrets.token_hex(32)
    made = Draw(
        id=new_id(), agency_id=g.actor.agency_id, title=json_data.title, seed=seed, pools=pools,
        commitment=commitment_of(seed, pools), committed_at=at, committed_by=g.actor.account_id,
    )  # fmt: skip
    db.session.add(made)
    told = {"commitment": made.commitment, "title": made.title}
    db.session.add(
        event("draw_committed", subject=("draw", made.id), by=g.actor.hand, at=at, after=told, agency_id=made.agency_id)
    )
    db.session.flush()
    return _draw_out(made)


@bp.get("/draws/<uuid:draw_id>")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR)
@bp.output(DrawOut)
def draw(draw_id: UUID) -> DrawOut:
    """One draw, with everything that `ruqi draw verify` needs."""
    found = db.session.scalar(select(Draw).where(Draw.id == draw_id, _draw_in_scope()))
    if found is None:
        raise not_found()
    return _draw_out(found)


@bp.post("/draws/<uuid:draw_id>/result")
@allow(Role.HEAD)
@changing
@bp.output(DrawOut, 201)
def run_draw(draw_id: UUID) -> DrawOut:
    """Draw, once, and publish the seed with the result."""
    at = now()
    statement = select(Draw).where(Draw.id == draw_id, Draw.agency_id == g.actor.agency_id)
    found = db.session.scalar(locked(statement))
    if found is None:
        raise not_found()
    if found.drawn_at is not None:
        raise Refusal(PlanReason.DRAW_DONE)
    try:
        drawn = draw_names(found.seed, found.pools)
    except BadDraw as bad:
        raise Refusal(PlanReason.DRAW_POOL_TOO_SMALL, 422, detail=str(bad)) from None
    found.drawn_at, found.result = at, {"drawn": as_result(drawn)}
    until = day_of(at + timedelta(days=policy().draw.assignment_days))
    found.assignments = [
        DrawAssignment(
            enterprise_id=UUID(each.enterprise), inspector_id=UUID(person), agency_id=found.agency_id, valid_to_on=until
        )
        for each in drawn
        for person in each.inspectors
    ]
    told = {"seed": found.seed, "drawn": len(drawn)}
    db.session.add(
        event("draw_drawn", subject=("draw", found.id), by=g.actor.hand, at=at, after=told, agency_id=found.agency_id)
    )
    db.session.flush()
    return _draw_out(found)


# --- helpers, in calling order -----------------------------------------------------------------


def _draw_in_scope() -> ColumnElement[bool]:
    return (
        Draw.agency_id == g.actor.agency_id
        if g.actor.agency_id is not None
        else in_region(Draw.agency_id, g.actor.region_code)
    )


def _pools(asked: DrawIn, *, day: date) -> dict[str, Any]:
    """The enterprises and inspectors to draw from, as they stand today, with weights and whom each avoids."""
    firms = select(Enterprise).where(Enterprise.region_code.startswith(region_prefix(asked.region), autoescape=True))
    if asked.sector:
        firms = firms.where(Enterprise.industry_code.startswith(asked.sector.lstrip("ABCDEFGHIJKLMNOPQRST")))
    people = select(Inspector).where(
        Inspector.agency_id == g.actor.agency_id, Inspector.valid_from_on <= day, Inspector.valid_to_on >= day
    )
    if asked.inspector_ids:
        people = people.where(Inspector.id.in_(asked.inspector_ids))
    department = select(Agency.department).where(Agency.id == g.actor.agency_id).scalar_subquery()
    # Later rows win: the department's own tier over the one for all, the newer over the older.
    newest = select(Tier.enterprise_id, Tier.tier).where(
        Tier.since_on <= day, or_(Tier.department == "", Tier.department == department)
    )
    rows = db.session.execute(newest.order_by(Tier.department, Tier.since_on))
    tiers = {row.enterprise_id: row.tier for row in rows}
    last = _last_teams()
    weights = policy().draw.weights if asked.weights is None else asked.weights
    return {
        "enterprises": [
            {
                "id": str(firm.id),
                "name": firm.name,
                "uscc": firm.uscc,
                "tier": tiers.get(firm.id, ""),
                "weight": weights.get(tiers.get(firm.id, ""), 1),
                "avoid": sorted(last.get(firm.id, ())),
            }
            for firm in db.session.scalars(firms.order_by(Enterprise.id))
        ],
        "inspectors": [
            {"id": str(each.id), "name": each.name, "certificate_no": each.certificate_no}
            for each in db.session.scalars(people.order_by(Inspector.id))
        ],
        "take": asked.take,
        "team": asked.team,
        "weights": weights,
    }


def _last_teams() -> dict[UUID, set[str]]:
    """Who came on my agency's last visit of each enterprise: never the same inspector twice running."""
    last = (
        select(Visit.enterprise_id, func.max(Visit.on_site_at).label("on_site_at"))
        .where(Visit.agency_id == g.actor.agency_id, Visit.on_site_at.is_not(None))
        .group_by(Visit.enterprise_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Visit.enterprise_id, VisitInspector.inspector_id)
        .join(VisitInspector, VisitInspector.visit_id == Visit.id)
        .join(last, and_(last.c.enterprise_id == Visit.enterprise_id, last.c.on_site_at == Visit.on_site_at))
        .where(Visit.agency_id == g.actor.agency_id)
    )
    teams: dict[UUID, set[str]] = {}
    for enterprise_id, inspector_id in rows:
        teams.setdefault(enterprise_id, set()).add(str(inspector_id))
    return teams


def _draw_out(draw: Draw) -> DrawOut:
    pools = draw.pools
    names = {each["id"]: each["name"] for each in (*pools["enterprises"], *pools["inspectors"])}
    return DrawOut(
        id=draw.id,
        agency=AgencyRef.model_validate(draw.agency or db.session.get(Agency, draw.agency_id)),
        title=draw.title,
        commitment=draw.commitment,
        committed_at=draw.committed_at,
        drawn_at=draw.drawn_at,
        pools=pools,
        seed=draw.seed if draw.drawn_at else None,
        result=draw.result["drawn"] if draw.result else None,
        names=names,
    )
