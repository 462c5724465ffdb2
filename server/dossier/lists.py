"""案卷目录: which visits a list holds, what a row says, and how many stand behind each tile."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from server.account.models import Inspector
from server.account.rules import Actor
from server.account.schemas import AgencyRef
from server.clock import end_of, start_of
from server.db import db
from server.scan.models import Scan
from server.visit.conditions import AMBER, ARRIVED, NEVER_SCANNED, OPEN, OVERDUE, RECORD_OWED, UNDECIDED
from server.visit.models import Visit, VisitAgency, VisitInspector, in_scope, is_part, narrowed
from server.visit.stages import Stage

from .schemas import VisitedEnterprise, VisitQuery, VisitRow

FEW_DAYS = 7
# What each tile of the overview counts is what the list behind it shows: the same words of the same query.
TILES: dict[str, dict[str, Any]] = {
    "visits": {"arrived": True},
    "on_site": {"stage": "on_site"},
    "unscanned": {"unscanned": True},
    "refused_scans": {"refused_scans": True},
    "overdue_records": {"overdue": True},
    "evaluated": {"stage": "evaluated"},
    "unrated": {"stage": "unrated"},
    "amber": {"amber": True},
}


def listed(query: VisitQuery, *, by: Actor, at: datetime) -> Select[UUID]:
    """The visits of a list, by their ids: what its rows say is read of one page alone (`read`)."""
    return select(Visit.id).where(in_scope(by, of_few=_leaves_few(query)), *_filters(query, by=by, at=at))


def read(ids: Sequence[UUID]) -> list[Visit]:
    """These visits in this order, with what their rows say."""
    found = db.session.scalars(select(Visit).where(Visit.id.in_(ids)).options(*row_parts()))
    by_id = {visit.id: visit for visit in found}
    return [by_id[each] for each in ids]


def counted(query: VisitQuery, *, by: Actor, at: datetime) -> dict[str, int]:
    """How many visits stand behind each tile, in one statement."""
    columns = []
    for more in TILES.values():
        condition = _filters(query.model_copy(update=more), by=by, at=at)
        columns.append(func.coalesce(func.sum(case((_all(condition), 1), else_=0)), 0))
    statement = select(*columns).select_from(Visit).where(in_scope(by), *_where(query))
    # Whatever a tile counts is of the period by its window or by its arrival: the rest is not even read.
    period = [_period(query, moment) for moment in (Visit.window_from_at, Visit.on_site_at)]
    if all(period):
        statement = statement.where(or_(*(_all(each) for each in period)))
    return dict(zip(TILES, db.session.execute(statement).one(), strict=True))


def row_parts() -> tuple[ExecutableOption, ...]:
    """What a row reads beside the visit itself."""
    return (
        joinedload(Visit.enterprise, innerjoin=True),
        joinedload(Visit.agency, innerjoin=True),
        selectinload(Visit.inspectors).joinedload(VisitInspector.inspector, innerjoin=True).lazyload(Inspector.agency),
        selectinload(Visit.matters),
    )


def row_of(visit: Visit, *, at: datetime) -> VisitRow:
    """A visit as a line of a list."""
    return VisitRow(
        id=visit.id,
        enterprise=VisitedEnterprise.model_validate(visit.enterprise),
        agency=AgencyRef.model_validate(visit.agency),
        purpose=visit.purpose,
        basis=visit.basis,
        stage=visit.stage,
        amber=visit.is_amber,
        window_from_at=visit.window_from_at,
        window_to_at=visit.window_to_at,
        on_site_at=visit.on_site_at,
        recorded_at=visit.recorded_at,
        record_due_at=visit.record_due_at,
        overdue=visit.is_overdue(at),
        inspectors=[part.inspector.name for part in visit.inspectors],
        matters=[matter.name for matter in visit.matters],
    )


# --- helpers, in calling order -----------------------------------------------------------------


def _all(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *others = conditions
    for other in others:
        first = first & other
    return first


def _leaves_few(query: VisitQuery) -> bool:
    """Whether a city has few such visits at any time: what is overdue or amber, or of some days."""
    days = (query.to_on - query.from_on).days if query.from_on and query.to_on else FEW_DAYS + 1
    return query.overdue or query.amber or days <= FEW_DAYS


def _filters(query: VisitQuery, *, by: Actor, at: datetime) -> list[ColumnElement[bool]]:
    """One condition for each filter that was asked for."""
    wanted = [*_standing(query, by=by, at=at), *_where(query)]
    # Whoever arrived is of the day of arrival, everything else of the day for which it was planned.
    return wanted + _period(query, Visit.on_site_at if query.arrived else Visit.window_from_at)


def _period(query: VisitQuery, moment: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    """The days asked for, both included; none when none was."""
    within: list[ColumnElement[bool]] = []
    if query.from_on:
        within.append(moment >= start_of(query.from_on))
    if query.to_on:
        within.append(moment < end_of(query.to_on))
    return within


def _standing(query: VisitQuery, *, by: Actor, at: datetime) -> list[ColumnElement[bool]]:
    """Where the visit stands, and for whom it waits."""
    wanted: list[ColumnElement[bool]] = []
    if query.mine:
        mine = VisitInspector.inspector_id == by.inspector_id
        wanted.append(is_part(VisitInspector.visit_id, mine, of_few=_leaves_few(query)))
    if query.stage:
        wanted.append(Visit.stage.in_([Stage(word) for word in query.stage.split(",") if word]))
    named = {
        OPEN: query.open,
        OVERDUE: query.overdue,
        AMBER: query.amber,
        NEVER_SCANNED: query.unscanned,
        ARRIVED: query.arrived,
    }
    wanted += [condition.sql(Visit, at=at) for condition, asked in named.items() if asked]
    if query.refused_scans:
        wanted.append(Visit.id.in_(select(Scan.visit_id).where(Scan.reason.is_not(None))))
    if query.awaiting == "approval":
        wanted += [UNDECIDED.sql(Visit), Visit.id.in_(_undecided(by))]
    elif query.awaiting == "record":
        wanted.append(RECORD_OWED.sql(Visit))
    elif query.awaiting == "evaluation":
        wanted.append(Visit.stage == Stage.RECORDED)
    return wanted


def _where(query: VisitQuery) -> list[ColumnElement[bool]]:
    """Whom the visit goes to, who goes there, and why."""
    wanted = narrowed(
        agency_id=query.agency_id, region=query.region, basis=query.basis, purpose=query.purpose, q=query.q
    )
    if query.enterprise_id:
        wanted.append(Visit.enterprise_id == query.enterprise_id)
    return wanted


def _undecided(by: Actor) -> Select[Any]:
    """Visits that lack a head's word: this agency's, or for those above it anybody's."""
    undecided = select(VisitAgency.visit_id).where(VisitAgency.decision.is_(None))
    return undecided if by.agency_id is None else undecided.where(VisitAgency.agency_id == by.agency_id)
