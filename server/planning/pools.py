"""双随机抽取: the pools as they stand today, and draws as they are published."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from server.account.models import Agency, Inspector
from server.account.rules import Actor, region_prefix
from server.account.schemas import AgencyRef
from server.db import db
from server.enterprise.models import Enterprise
from server.policy.current import policy
from server.standing.models import Tier
from server.visit.models import Visit, VisitInspector

from .models import Draw, in_region
from .schemas import DrawIn, DrawOut


def pools_of(asked: DrawIn, *, by: Actor, day: date) -> dict[str, Any]:
    """The enterprises and inspectors to draw from, as they stand today, with weights and whom each avoids."""
    firms, people = _firms(asked), _people(asked, by=by, day=day)
    tiers, last = _tiers(by, day=day), _last_teams(by)
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
            for firm in db.session.scalars(firms)
        ],
        "inspectors": [
            {"id": str(each.id), "name": each.name, "certificate_no": each.certificate_no}
            for each in db.session.scalars(people)
        ],
        "take": asked.take,
        "team": asked.team,
        "weights": weights,
    }


def draws_in_scope(by: Actor) -> ColumnElement[bool]:
    """An agency's own draws; for those above it, the region's."""
    return Draw.agency_id == by.agency_id if by.agency_id is not None else in_region(Draw.agency_id, by.region_code)


def _last_teams(by: Actor) -> dict[UUID, set[str]]:
    """Who came on my agency's last visit of each enterprise: never the same inspector twice running."""
    last = (
        select(Visit.enterprise_id, func.max(Visit.on_site_at).label("on_site_at"))
        .where(Visit.agency_id == by.agency_id, Visit.on_site_at.is_not(None))
        .group_by(Visit.enterprise_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Visit.enterprise_id, VisitInspector.inspector_id)
        .join(VisitInspector, VisitInspector.visit_id == Visit.id)
        .join(last, and_(last.c.enterprise_id == Visit.enterprise_id, last.c.on_site_at == Visit.on_site_at))
        .where(Visit.agency_id == by.agency_id)
    )
    teams: dict[UUID, set[str]] = {}
    for enterprise_id, inspector_id in rows:
        teams.setdefault(enterprise_id, set()).add(str(inspector_id))
    return teams


def draw_out(draw: Draw) -> DrawOut:
    """A draw as it is published: the seed and the result only once it was drawn."""
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


def _firms(asked: DrawIn) -> Select[Enterprise]:
    firms = select(Enterprise).where(Enterprise.region_code.startswith(region_prefix(asked.region), autoescape=True))
    if asked.sector:
        firms = firms.where(Enterprise.industry_code.startswith(asked.sector.lstrip("ABCDEFGHIJKLMNOPQRST")))
    return firms.order_by(Enterprise.id)


def _people(asked: DrawIn, *, by: Actor, day: date) -> Select[Inspector]:
    people = select(Inspector).where(
        Inspector.agency_id == by.agency_id, Inspector.valid_from_on <= day, Inspector.valid_to_on >= day
    )
    if asked.inspector_ids:
        people = people.where(Inspector.id.in_(asked.inspector_ids))
    return people.order_by(Inspector.id)


def _tiers(by: Actor, *, day: date) -> dict[UUID, str]:
    """The tier of each enterprise as this agency's department has it."""
    department = select(Agency.department).where(Agency.id == by.agency_id).scalar_subquery()
    # Later rows win: the department's own tier over the one for all, the newer over the older.
    newest = select(Tier.enterprise_id, Tier.tier).where(
        Tier.since_on <= day, or_(Tier.department == "", Tier.department == department)
    )
    rows = db.session.execute(newest.order_by(Tier.department, Tier.since_on))
    return {row.enterprise_id: row.tier for row in rows}
