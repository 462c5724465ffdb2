"""案卷: visits as lists and as a whole. Reads every stage, decides nothing."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from sqlalchemy import and_, case, distinct, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from server.account.models import Account, Agency, Inspector, Role
from server.account.rules import region_prefix
from server.account.sign_in import allow
from server.clock import day_of, end_of, now, start_of
from server.db import db
from server.enterprise.models import Enterprise, reachable
from server.evaluation.models import Evaluation
from server.evaluation.rules import may_evaluate, visible
from server.judging.verdicts import may_lift
from server.ledger.models import Event
from server.paging import page
from server.record.models import Evidence, Material, Record
from server.record.routes import evidence_out
from server.record.rules import may_amend, may_record, may_turn_away
from server.refusal import not_found
from server.registration.rules import may_cancel, may_confirm, may_decide
from server.scan.models import Presence, Scan
from server.scan.routes import scan_out
from server.scan.rules import may_scan, may_show_code
from server.visit.models import (
    Purpose,
    Stage,
    Visit,
    VisitAgency,
    VisitInspector,
    find_visit,
    in_scope,
)
from server.visit.rules import ENTERED, OPEN
from server.visit.verdicts import VisitVerdict

from .schemas import EnterpriseYear, Events, VisitOut, VisitQuery, Visits
from .verdicts import verdicts_of

bp = APIBlueprint("dossier", __name__, tag="visit")
# What an enterprise says of those at its door is never shown to them or to their unit.
OF_THE_DOOR = ("door_report", "door_report_seen")


@bp.get("/visits")
@allow()
@bp.input(VisitQuery, location="query")
@bp.output(Visits)
def visits(query_data: VisitQuery) -> dict[str, Any]:
    """The visits in my scope, newest window first; what is mine or awaits somebody comes soonest first."""
    at = now()
    soonest_first = query_data.mine or query_data.awaiting is not None
    statement = select(Visit).where(in_scope(g.actor), *_filters(query_data, at=at)).options(*_row_parts())
    rows, cursor = page(statement, [Visit.window_from_at, Visit.id], query_data, descending=not soonest_first)
    return {"items": [_row(visit, at=at) for visit in rows], "next_cursor": cursor}


@bp.get("/visits/<uuid:visit_id>")
@allow()
@bp.output(VisitOut)
def visit(visit_id: UUID) -> dict[str, Any]:
    """One visit with everything that the asker may see of it, and what the asker may do now."""
    found = find_visit(visit_id, g.actor, *_whole_parts())
    if found is None:
        raise not_found()
    return _whole(found, at=now())


@bp.get("/visits/<uuid:visit_id>/events")
@allow()
@bp.output(Events)
def events(visit_id: UUID) -> dict[str, Any]:
    """Everything that happened to a visit, in order, with who did it."""
    if find_visit(visit_id, g.actor) is None:
        raise not_found()
    statement = (
        select(Event, Account.name)
        .outerjoin(Account, Account.id == Event.account_id)
        .where(Event.subject_kind == "visit", Event.subject_id == visit_id)
        .order_by(Event.id)
    )
    if g.actor.role in (Role.INSPECTOR, Role.HEAD):
        statement = statement.where(Event.verb.not_in(OF_THE_DOOR))
    return {
        "items": [
            {
                "id": each.id,
                "at": each.at,
                "verb": each.verb,
                "by": name or "",
                "role": each.role,
                "before": each.before,
                "after": _told(each, to_enterprise=g.actor.role is Role.ENTERPRISE),
            }
            for each, name in db.session.execute(statement)
        ]
    }


@bp.get("/enterprises/<uuid:enterprise_id>/year")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR, Role.ENTERPRISE)
@bp.output(EnterpriseYear)
def enterprise_year(enterprise_id: UUID) -> dict[str, Any]:
    """This year's visits to an enterprise by all agencies: what a registrant should know before adding one."""
    if db.session.scalar(select(Enterprise.id).where(Enterprise.id == enterprise_id, reachable(g.actor))) is None:
        raise not_found()
    year = day_of(now()).year
    row = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((Visit.purpose == Purpose.INSPECTION, 1), else_=0)), 0),
            func.count(distinct(Visit.agency_id)),
        ).where(
            Visit.enterprise_id == enterprise_id,
            Visit.stage.in_(ENTERED),
            Visit.on_site_at >= start_of(date(year, 1, 1)),
            Visit.on_site_at < start_of(date(year + 1, 1, 1)),
        )
    ).one()
    visits, inspections, agencies = row
    return {
        "year": year,
        "visits": visits,
        "inspections": inspections,
        "services": visits - inspections,
        "agencies": agencies,
    }


def _told(happened: Event, *, to_enterprise: bool) -> dict[str, Any]:
    """What an event says to its reader: why a block was lifted may name whoever complained."""
    if to_enterprise and happened.verb in ("block_lifted", "lift_refused"):
        return {key: value for key, value in happened.after.items() if key != "because"}
    return happened.after


# --- the list ----------------------------------------------------------------------------------


def _filters(query: VisitQuery, *, at: datetime) -> list[Any]:
    """One condition for each filter that was asked for."""
    wanted: list[Any] = []
    if query.mine:
        named = select(VisitInspector.visit_id).where(VisitInspector.inspector_id == g.actor.inspector_id)
        wanted.append(Visit.id.in_(named))
    if query.open:
        wanted.append(Visit.stage.in_(OPEN))
    if query.stage:
        wanted.append(Visit.stage.in_([Stage(word) for word in query.stage.split(",") if word]))
    if query.overdue:
        wanted.append(and_(Visit.stage.in_((Stage.ON_SITE, Stage.TURNED_AWAY)), Visit.record_due_at < at))
    if query.amber:
        wanted.append(and_(Visit.approval_due_at.is_not(None), Visit.approved_at.is_(None)))
    if query.unscanned:
        never = and_(Visit.stage == Stage.APPROVED, Visit.window_to_at < at)
        wanted.append(or_(Visit.stage == Stage.EXPIRED, never))
    if query.refused_scans:
        wanted.append(Visit.id.in_(select(Scan.visit_id).where(Scan.reason.is_not(None))))
    if query.awaiting:
        wanted.append(_awaiting(query.awaiting))
    if query.agency_id:
        part = select(VisitAgency.visit_id).where(VisitAgency.agency_id == query.agency_id)
        wanted.append(Visit.id.in_(part))
    if query.enterprise_id:
        wanted.append(Visit.enterprise_id == query.enterprise_id)
    if query.region:
        wanted.append(Visit.region_code.startswith(region_prefix(query.region)))
    if query.basis:
        wanted.append(Visit.basis == query.basis)
    if query.purpose:
        wanted.append(Visit.purpose == query.purpose)
    if query.from_on:
        wanted.append(Visit.window_from_at >= start_of(query.from_on))
    if query.to_on:
        wanted.append(Visit.window_from_at < end_of(query.to_on))
    if query.q:
        named_so = select(Enterprise.id).where(
            or_(
                Enterprise.name.contains(query.q, autoescape=True),
                Enterprise.uscc.startswith(query.q.upper(), autoescape=True),
            )
        )
        wanted.append(Visit.enterprise_id.in_(named_so))
    return wanted


def _awaiting(what: str) -> Any:
    """Visits that wait for this next step by somebody in the asker's scope."""
    if what == "approval":
        undecided = select(VisitAgency.visit_id).where(VisitAgency.decision.is_(None))
        if g.actor.agency_id is not None:
            undecided = undecided.where(VisitAgency.agency_id == g.actor.agency_id)
        amber = and_(Visit.approval_due_at.is_not(None), Visit.approved_at.is_(None))
        return and_(or_(Visit.stage == Stage.REGISTERED, amber), Visit.id.in_(undecided))
    if what == "record":
        return Visit.stage.in_((Stage.ON_SITE, Stage.TURNED_AWAY))
    return Visit.stage == Stage.RECORDED


def _row_parts() -> tuple[Any, ...]:
    return (
        joinedload(Visit.enterprise, innerjoin=True),
        joinedload(Visit.agency, innerjoin=True),
        selectinload(Visit.inspectors).joinedload(VisitInspector.inspector, innerjoin=True).lazyload(Inspector.agency),
        selectinload(Visit.matters),
    )


def _row(visit: Visit, *, at: datetime) -> dict[str, Any]:
    return {
        "id": visit.id,
        "enterprise": visit.enterprise,
        "agency": visit.agency,
        "purpose": visit.purpose,
        "basis": visit.basis,
        "stage": visit.stage,
        "amber": visit.is_amber,
        "window_from_at": visit.window_from_at,
        "window_to_at": visit.window_to_at,
        "on_site_at": visit.on_site_at,
        "recorded_at": visit.recorded_at,
        "record_due_at": visit.record_due_at,
        "overdue": visit.is_overdue(at),
        "inspectors": [part.inspector.name for part in visit.inspectors],
        "matters": [matter.name for matter in visit.matters],
    }


# --- the whole ---------------------------------------------------------------------------------


def _whole_parts() -> tuple[Any, ...]:
    return (
        *_row_parts(),
        selectinload(Visit.agencies).joinedload(VisitAgency.agency, innerjoin=True).lazyload(Agency.region),
        selectinload(Visit.helpers),
        selectinload(Visit.verdicts).joinedload(VisitVerdict.decider),
    )


def _whole(visit: Visit, *, at: datetime) -> dict[str, Any]:
    record = db.session.scalar(select(Record).where(Record.visit_id == visit.id))
    rating = db.session.scalar(select(Evaluation).where(Evaluation.visit_id == visit.id))
    deciders = [part.decided_by for part in visit.agencies if part.decided_by is not None]
    names = {
        row.id: row.name for row in db.session.execute(select(Account.id, Account.name).where(Account.id.in_(deciders)))
    }
    return {
        **_row(visit, at=at),
        "reason": visit.reason,
        "joint_agencies": [part.agency for part in visit.agencies if part.agency_id != visit.agency_id],
        "inspector_list": [_inspector(part) for part in visit.inspectors],
        "helpers": visit.helpers,
        "matter_list": visit.matters,
        "approvals": [
            {
                "agency": part.agency,
                "decision": part.decision,
                "reason": part.reason,
                "decided_at": part.decided_at,
                "decided_by": names.get(part.decided_by) if part.decided_by else None,
            }
            for part in visit.agencies
        ],
        "approval_due_at": visit.approval_due_at,
        "scans": _scans(visit, at=at),
        "record": _record(record) if record is not None else None,
        "evaluation": visible(rating, visit=visit, to=g.actor),
        "evaluation_due_at": visit.evaluation_due_at,
        "inspectors_needed": visit.inspectors_needed,
        "policy_version": visit.policy_version,
        **verdicts_of(visit, to_enterprise=g.actor.role is Role.ENTERPRISE),
        "presence_demanded": visit.presence_demanded,
        "presence_short": _presence_short(visit),
        "tier": visit.tier,
        "off_site_means": visit.off_site_means,
        "asked_for": visit.asked_for,
        "materials": _materials(visit),
        "is_late": visit.is_late,
        "confirmed": visit.confirmed,
        "liftable": may_lift(visit, g.actor),
        "actions": _actions(visit, at=at),
    }


def _inspector(part: VisitInspector) -> dict[str, Any]:
    return {
        "id": part.inspector_id,
        "name": part.inspector.name,
        "has_photo": part.inspector.photo_key is not None,
        "agency": part.inspector.agency,
        "certificate_no": part.certificate_no,
        "valid_to_on": part.inspector.valid_to_on,
        "scanned_at": part.scanned_at,
        "met_at": part.met_at,
    }


def _scans(visit: Visit, *, at: datetime) -> list[dict[str, Any]]:
    """All attempts; the enterprise sees those that were let in."""
    statement = select(Scan).where(Scan.visit_id == visit.id).order_by(Scan.received_at)
    if g.actor.role is Role.ENTERPRISE:
        statement = statement.where(Scan.reason.is_(None))
    statement = statement.options(joinedload(Scan.inspector, innerjoin=True).lazyload(Inspector.agency))
    return [scan_out(scan, by=g.actor.account_id, at=at) for scan in db.session.scalars(statement)]


def _presence_short(visit: Visit) -> bool:
    """Whether somebody was let in on weaker proof than the pack demands: shown and counted, never refused."""
    if visit.presence_demanded is None:
        return False
    grades = list(Presence)
    weaker = grades[grades.index(Presence(visit.presence_demanded)) + 1 :]
    statement = select(Scan.id).where(
        Scan.visit_id == visit.id, Scan.reason.is_(None), Scan.withdrawn_at.is_(None), Scan.presence.in_(weaker)
    )
    return db.session.scalar(statement.limit(1)) is not None


def _materials(visit: Visit) -> list[dict[str, Any]]:
    """What the enterprise has answered to an inspection off site."""
    if not visit.is_off_site:
        return []
    statement = select(Material).where(Material.visit_id == visit.id).order_by(Material.sent_at)
    rows = db.session.scalars(statement.options(joinedload(Material.author, innerjoin=True)))
    return [{"id": each.id, "text": each.text, "by": each.author.name, "sent_at": each.sent_at} for each in rows]


def _record(record: Record) -> dict[str, Any]:
    evidence = db.session.scalars(
        select(Evidence).where(Evidence.record_id == record.id).order_by(Evidence.uploaded_at)
    )
    return {
        "answers": record.answers,
        "findings": record.findings,
        "disposition": record.disposition,
        "advice": record.advice,
        "heads": record.heads,
        "minutes": record.minutes,
        "evidence": [evidence_out(each) for each in evidence],
        "sealed_at": record.sealed_at,
        "sealed_by": record.author.name,
        "amendments": [
            {"id": each.id, "text": each.text, "reason": each.reason, "by": each.author.name, "at": each.amended_at}
            for each in record.amendments
        ],
    }


def _actions(visit: Visit, *, at: datetime) -> list[str]:
    """What the asker may do now; the client shows buttons by this list and never decides."""
    asker = g.actor
    possible = {
        "approve": may_decide(visit, asker),
        "lift": bool(may_lift(visit, asker)),
        "confirm": may_confirm(visit, asker),
        "send_material": asker.role is Role.ENTERPRISE and visit.is_off_site and visit.stage is Stage.APPROVED,
        "scan": may_scan(visit, asker),
        "show_code": may_show_code(visit, asker),
        "record": may_record(visit, asker),
        "turn_away": may_turn_away(visit, asker),
        "amend": may_amend(visit, asker),
        "evaluate": may_evaluate(visit, asker, at=at),
        "cancel": asker.role in (Role.INSPECTOR, Role.HEAD) and may_cancel(visit, asker),
    }
    return [action for action, allowed in possible.items() if allowed]
