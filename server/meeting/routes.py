"""双向亮码与门前反馈: the enterprise reads the inspector's visit code, both show the same words, and it may object."""

from typing import Annotated
from uuid import UUID

from apiflask import APIBlueprint
from flask import current_app, g
from pydantic import Field, model_validator
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from server.account.models import Role
from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.code.rules import CodeReason
from server.config import Config
from server.constraints import MEANINGS
from server.db import db, locked
from server.incoming import Prose
from server.notice.rules import alert
from server.paging import In, Moment, Out, PageQuery, page
from server.phone import models as phones
from server.refusal import not_found
from server.visit.models import AGENCY, HELPERS, INSPECTORS, MATTERS, Visit, find_visit, in_scope
from server.visit.schemas import VisitState, state_of, visit_to_change

from . import meetings, rules
from .meetings import SHOWN_FOR
from .models import DoorKind, DoorReport, Handshake
from .schemas import MeetingOut, WordsOut

bp = APIBlueprint("door", __name__, tag="visit")


MEANINGS |= {"uq_handshake_visit_id_inspector_id": CodeReason.USED_CODE}


class WordsList(Out):
    """The words that my phone shows now."""

    items: list[WordsOut]


class Meetings(Out):
    """Whom my phones have just met."""

    items: list[MeetingOut]


class DoorReportIn(In):
    """What an enterprise says of those at its door; a number only of people."""

    kind: DoorKind
    people: Annotated[int, Field(ge=1, le=200)] | None = None
    note: Prose = Field("", max_length=500)

    @model_validator(mode="after")
    def _people(self) -> "DoorReportIn":
        if (self.kind is DoorKind.MORE_PEOPLE) != (self.people is not None):
            raise ValueError("people belongs to more_people, and only there")
        return self


class DoorReportOut(Out):
    """A report, and what came of it."""

    id: UUID
    visit_id: UUID
    enterprise: str
    agency: str
    kind: DoorKind
    people: int | None
    note: str
    reported_at: Moment
    seen_at: Moment | None
    outcome: str


class DoorReports(Out):
    """One page of reports."""

    items: list[DoorReportOut]
    next_cursor: str | None


class DoorQuery(PageQuery):
    """Which reports: those that nobody has seen to yet."""

    open: bool = False


class SeenIn(In):
    """What came of it, in words."""

    outcome: Prose = Field(min_length=1, max_length=500)


@bp.get("/meetings")
@allow(Role.ENTERPRISE)
@bp.output(Meetings)
def my_meetings() -> Meetings:
    """Whom my phones have just met, the newest first: what a phone shows once its living code has been scanned."""
    at = now()
    mine = select(phones.Phone.number).where(phones.Phone.account_id == g.actor.account_id)
    statement = (
        select(Handshake, Visit)
        .join(Visit, Visit.id == Handshake.visit_id)
        .where(Handshake.enterprise_phone.in_(mine), Handshake.shaken_at > at - SHOWN_FOR, in_scope(g.actor))
        .options(INSPECTORS, MATTERS, HELPERS, AGENCY)
        .order_by(Handshake.shaken_at.desc(), Handshake.id)
    )
    items = []
    for met, visit in db.session.execute(statement):
        part = next(part for part in visit.inspectors if part.inspector_id == met.inspector_id)
        items.append(meetings.meeting_of(visit, part, met, at=at))
    return Meetings(items=items)


@bp.get("/visits/<uuid:visit_id>/words")
@allow(Role.INSPECTOR)
@bp.output(WordsList)
def words(visit_id: UUID) -> WordsList:
    """The words that my phone shows now, once the enterprise's has read my code; empty before."""
    if find_visit(visit_id, g.actor) is None:
        raise not_found()
    statement = select(Handshake).where(
        Handshake.visit_id == visit_id,
        Handshake.inspector_id == g.actor.inspector_id,
        Handshake.shaken_at > now() - SHOWN_FOR,
    )
    return WordsList(items=WordsOut.all(db.session.scalars(statement)))


@bp.post("/visits/<uuid:visit_id>/door-reports")
@allow(Role.ENTERPRISE)
@bp.input(DoorReportIn)
@changing
@bp.output(VisitState, 201)
def report(visit_id: UUID, json_data: DoorReportIn) -> VisitState:
    """Say that these are not the people, that more came, or that they began before scanning."""
    at = now()
    visit = visit_to_change(visit_id, g.actor)
    reported = rules.report(visit, json_data.kind, people=json_data.people, text=json_data.note, by=g.actor, at=at)
    db.session.add(reported)
    config: Config = current_app.config["RUQI"]
    if config.alert_url:
        told = {"report": str(reported.id), "visit": str(visit.id), "region": visit.region_code}
        db.session.add(alert(reported.kind.value, told, at=at))
    return state_of(visit)


@bp.get("/door-reports")
@allow(Role.SUPERVISOR, Role.ENTERPRISE)
@bp.input(DoorQuery, location="query")
@bp.output(DoorReports)
def reports(query_data: DoorQuery) -> DoorReports:
    """What enterprises said of those at their doors, the newest first; never shown to the unit that is spoken of."""
    statement = _reports().where(in_scope(g.actor))
    if query_data.open:
        statement = statement.where(DoorReport.seen_at.is_(None))
    rows, cursor = page(statement, [DoorReport.reported_at, DoorReport.id], query_data, descending=True)
    return DoorReports(items=[_report_out(row) for row in rows], next_cursor=cursor)


@bp.post("/door-reports/<uuid:report_id>/outcome")
@allow(Role.SUPERVISOR)
@bp.input(SeenIn)
@changing
@bp.output(DoorReportOut, 201)
def see_to(report_id: UUID, json_data: SeenIn) -> DoorReportOut:
    """Say what came of a report; once."""
    at = now()
    statement = _reports().where(DoorReport.id == report_id, in_scope(g.actor))
    reported = db.session.scalar(locked(statement, of=DoorReport))
    if reported is None:
        raise not_found()
    rules.see_to(reported, outcome=json_data.outcome, by=g.actor, at=at)
    return _report_out(reported)


# --- helpers, in calling order -----------------------------------------------------------------


def _reports() -> Select[DoorReport]:
    visited = joinedload(DoorReport.visit, innerjoin=True)
    return (
        select(DoorReport)
        .join(Visit, Visit.id == DoorReport.visit_id)
        .options(visited.joinedload(Visit.enterprise, innerjoin=True), visited.joinedload(Visit.agency, innerjoin=True))
    )


def _report_out(report: DoorReport) -> DoorReportOut:
    return DoorReportOut(
        id=report.id,
        visit_id=report.visit_id,
        enterprise=report.visit.enterprise.name,
        agency=report.visit.agency.name,
        kind=report.kind,
        people=report.people,
        note=report.note,
        reported_at=report.reported_at,
        seen_at=report.seen_at,
        outcome=report.outcome,
    )
