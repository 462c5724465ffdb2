"""双随机抽取: pools and seed committed first, drawn once, published whole, so that anyone can repeat it."""

import secrets
from datetime import timedelta
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from server.account.models import Role
from server.account.sign_in import allow
from server.change import changing
from server.clock import day_of, now
from server.db import db, locked
from server.ids import new_id
from server.ledger.rules import event
from server.paging import PageQuery, page
from server.policy.current import policy
from server.refusal import not_found

from . import rules
from .draw import commitment_of
from .models import Draw
from .pools import draw_out, draws_in_scope, pools_of
from .schemas import DrawIn, DrawOut, DrawRow, Draws

bp = APIBlueprint("drawing", __name__, tag="planning")


@bp.get("/draws")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR)
@bp.input(PageQuery, location="query")
@bp.output(Draws)
def draws(query_data: PageQuery) -> Draws:
    """Draws in my scope, newest first, also those that were committed and never drawn."""
    statement = select(Draw).where(draws_in_scope(g.actor)).options(selectinload(Draw.agency))
    rows, cursor = page(statement, [Draw.committed_at, Draw.id], query_data, descending=True)
    return Draws(items=DrawRow.all(rows), next_cursor=cursor)


@bp.post("/draws")
@allow(Role.HEAD)
@bp.input(DrawIn)
@changing
@bp.output(DrawOut, 201)
def commit_draw(json_data: DrawIn) -> DrawOut:
    """Fix the pools and commit to a seed that nobody chose; both are bound by the commitment from now on."""
    at = now()
    pools = pools_of(json_data, by=g.actor, day=day_of(at))
    rules.refuse_small_pools(pools, take=json_data.take, team=json_data.team)
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
    return draw_out(made)


@bp.get("/draws/<uuid:draw_id>")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR)
@bp.output(DrawOut)
def draw(draw_id: UUID) -> DrawOut:
    """One draw, with everything that `ruqi draw verify` needs."""
    found = db.session.scalar(select(Draw).where(Draw.id == draw_id, draws_in_scope(g.actor)))
    if found is None:
        raise not_found()
    return draw_out(found)


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
    drawn = rules.run_draw(found, at=at, until=day_of(at + timedelta(days=policy().draw.assignment_days)))
    told = {"seed": found.seed, "drawn": drawn}
    db.session.add(
        event("draw_drawn", subject=("draw", found.id), by=g.actor.hand, at=at, after=told, agency_id=found.agency_id)
    )
    db.session.flush()
    return draw_out(found)
