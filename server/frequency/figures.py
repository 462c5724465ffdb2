"""入企频次: visits counted by enterprise and by month. What counts is that somebody was at the door."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, String, case, cast, distinct, func, select

from server.account.rules import Actor
from server.clock import day_of, end_of, start_of
from server.db import db
from server.enterprise.models import Enterprise
from server.incoming import Day, Line, RegionCode
from server.paging import PageQuery, page
from server.record.models import Finding, Record
from server.visit.conditions import ARRIVED
from server.visit.models import Visit, in_scope, narrowed
from server.visit.stages import Basis, Purpose


class FrequencyQuery(PageQuery):
    """A period (days in Asia/Shanghai, both included) and what to count."""

    from_on: Day | None = None
    to_on: Day | None = None
    region: RegionCode | None = Field(None, max_length=6)
    agency_id: UUID | None = None
    basis: Basis | None = None
    purpose: Purpose | None = None
    q: Line | None = Field(None, max_length=50)


def by_enterprise(query: FrequencyQuery, *, actor: Actor) -> tuple[list[dict[str, Any]], str | None]:
    """One page of enterprises, most visited first, and the cursor of the next."""
    counted = _counted(query, actor=actor).subquery()
    # Most visited first, then by id: one descending order needs one key, so the count is negated.
    order = [(-counted.c.visits).label("order_visits"), counted.c.enterprise_id]
    statement = select(Enterprise, *counted.c[1:]).join(counted, counted.c.enterprise_id == Enterprise.id)
    rows, cursor = page(statement, order, query)
    return [_row(row) for row in rows], cursor


def all_enterprises(query: FrequencyQuery, *, actor: Actor) -> list[dict[str, Any]]:
    """Every row of the list, for a file."""
    counted = _counted(query, actor=actor).subquery()
    statement = select(Enterprise, *counted.c[1:]).join(counted, counted.c.enterprise_id == Enterprise.id)
    rows = db.session.execute(statement.order_by(counted.c.visits.desc(), counted.c.enterprise_id))
    return [_row(row) for row in rows]


def totals(query: FrequencyQuery, *, actor: Actor) -> dict[str, int]:
    """The same filter, summed up."""
    row = db.session.execute(
        select(
            func.count(distinct(Visit.enterprise_id)),
            func.count(),
            func.coalesce(func.sum(_is(Purpose.INSPECTION)), 0),
            func.coalesce(func.sum(_is(Purpose.SERVICE)), 0),
        ).where(*_conditions(query, actor=actor))
    ).one()
    return dict(zip(("enterprises", "visits", "inspections", "services"), row, strict=True))


def by_month(query: FrequencyQuery, *, actor: Actor) -> list[dict[str, Any]]:
    """Visits by month of arrival, from the first to the last month that has any."""
    month = _month(Visit.on_site_at).label("month")
    statement = (
        select(month, func.sum(_is(Purpose.INSPECTION)), func.sum(_is(Purpose.SERVICE)))
        .where(*_conditions(query, actor=actor))
        .group_by(month)
        .order_by(month)
    )
    found = {row[0]: (row[1], row[2]) for row in db.session.execute(statement)}
    if not found:
        return []
    return [
        {"month": each, "inspections": found.get(each, (0, 0))[0], "services": found.get(each, (0, 0))[1]}
        for each in _months(min(found), max(found))
    ]


# --- helpers, in calling order -----------------------------------------------------------------


def _counted(query: FrequencyQuery, *, actor: Actor) -> Select[Any]:
    """One row an enterprise: the first column its id, the others figures."""
    findings = select(Finding.record_id, func.count().label("n")).group_by(Finding.record_id).subquery()
    return (
        select(
            Visit.enterprise_id,
            func.count().label("visits"),
            func.sum(_is(Purpose.INSPECTION)).label("inspections"),
            func.sum(_is(Purpose.SERVICE)).label("services"),
            func.count(distinct(Visit.agency_id)).label("agencies"),
            func.coalesce(func.sum(Record.heads), 0).label("heads"),
            func.coalesce(func.sum(Record.minutes), 0).label("minutes"),
            func.coalesce(func.sum(findings.c.n), 0).label("findings"),
            func.max(Visit.on_site_at).label("last_at"),
        )
        .outerjoin(Record, Record.visit_id == Visit.id)
        .outerjoin(findings, findings.c.record_id == Record.id)
        .where(*_conditions(query, actor=actor))
        .group_by(Visit.enterprise_id)
    )


def _conditions(query: FrequencyQuery, *, actor: Actor) -> list[Any]:
    wanted: list[Any] = [in_scope(actor), ARRIVED.sql(Visit)]
    if query.from_on:
        wanted.append(Visit.on_site_at >= start_of(query.from_on))
    if query.to_on:
        wanted.append(Visit.on_site_at < end_of(query.to_on))
    return wanted + narrowed(
        agency_id=query.agency_id, region=query.region, basis=query.basis, purpose=query.purpose, q=query.q
    )


def _is(purpose: Purpose) -> ColumnElement[int]:
    return case((Visit.purpose == purpose, 1), else_=0)


def _month(moment: Any) -> ColumnElement[str]:
    """The month in Asia/Shanghai as 2026-11; China has kept one offset (+8 h) since 1991."""
    if db.engine.dialect.name == "postgresql":
        return func.to_char(func.timezone("Asia/Shanghai", moment), "YYYY-MM")
    return cast(func.strftime("%Y-%m", moment, "+8 hours"), String)


def _months(first: str, last: str) -> list[str]:
    day = date.fromisoformat(f"{first}-01")
    months = []
    while day.isoformat()[:7] <= last:
        months.append(day.isoformat()[:7])
        day = (day + timedelta(days=31)).replace(day=1)
    return months


def _row(row: Any) -> dict[str, Any]:
    enterprise, visits, inspections, services, agencies, heads, minutes, findings, last_at = row
    return {
        "enterprise": enterprise,
        "visits": visits,
        "inspections": inspections,
        "services": services,
        "agencies": agencies,
        "heads": heads,
        "minutes": minutes,
        "findings": findings,
        "last_on": day_of(last_at),
    }
