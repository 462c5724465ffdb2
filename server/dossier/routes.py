"""案卷: visits as lists and as a whole, and the counts behind which a list waits. Decides nothing."""

from datetime import date
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from sqlalchemy import case, distinct, func, select

from server.account.models import Role
from server.account.sign_in import allow
from server.clock import day_of, now, start_of
from server.db import db
from server.enterprise.models import get_enterprise
from server.paging import page
from server.refusal import not_found
from server.visit.conditions import ARRIVED
from server.visit.models import Visit, find_visit
from server.visit.stages import Purpose

from .history import events_of
from .lists import counted, listed, read, row_of
from .schemas import EnterpriseYear, Events, Overview, VisitOut, VisitQuery, Visits
from .whole import whole_of, whole_parts

bp = APIBlueprint("dossier", __name__, tag="visit")


@bp.get("/visits")
@allow()
@bp.input(VisitQuery, location="query")
@bp.output(Visits)
def visits(query_data: VisitQuery) -> Visits:
    """The visits in my scope, newest window first; what is mine or awaits somebody comes soonest first."""
    at = now()
    soonest_first = query_data.mine or query_data.awaiting is not None
    statement = listed(query_data, by=g.actor, at=at)
    rows, cursor = page(statement, [Visit.window_from_at, Visit.id], query_data, descending=not soonest_first)
    return Visits(items=[row_of(visit, at=at) for visit in read(rows)], next_cursor=cursor)


@bp.get("/visits/<uuid:visit_id>")
@allow()
@bp.output(VisitOut)
def visit(visit_id: UUID) -> VisitOut:
    """One visit with everything that the asker may see of it, and what the asker may do now."""
    found = find_visit(visit_id, g.actor, *whole_parts())
    if found is None:
        raise not_found()
    return whole_of(found, by=g.actor, at=now())


@bp.get("/visits/<uuid:visit_id>/events")
@allow()
@bp.output(Events)
def events(visit_id: UUID) -> Events:
    """Everything that happened to a visit, in order, with who did it."""
    if find_visit(visit_id, g.actor) is None:
        raise not_found()
    return Events(items=events_of(visit_id, to=g.actor))


@bp.get("/enterprises/<uuid:enterprise_id>/year")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR, Role.ENTERPRISE)
@bp.output(EnterpriseYear)
def enterprise_year(enterprise_id: UUID) -> EnterpriseYear:
    """This year's visits to an enterprise by all agencies: what a registrant should know before adding one."""
    firm = get_enterprise(enterprise_id, g.actor)
    year = day_of(now()).year
    row = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((Visit.purpose == Purpose.INSPECTION, 1), else_=0)), 0),
            func.count(distinct(Visit.agency_id)),
        ).where(
            Visit.enterprise_id == firm.id,
            ARRIVED.sql(Visit),
            Visit.on_site_at >= start_of(date(year, 1, 1)),
            Visit.on_site_at < start_of(date(year + 1, 1, 1)),
        )
    ).one()
    visits, inspections, agencies = row
    return EnterpriseYear(
        year=year, visits=visits, inspections=inspections, services=visits - inspections, agencies=agencies
    )


@bp.get("/overview")
@allow(Role.SUPERVISOR, Role.HEAD, Role.ADMINISTRATOR)
@bp.input(VisitQuery, location="query")
@bp.output(Overview)
def overview(query_data: VisitQuery) -> Overview:
    """The counts behind each of which a list waits: unscanned, refused, overdue, unrated, amber."""
    return Overview(**counted(query_data, by=g.actor, at=now()))
