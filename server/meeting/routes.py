"""双向亮码与门前反馈: the enterprise reads the inspector's visit code, both show the same words, and it may object."""

from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import current_app, g
from pydantic import Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import joinedload

import qr
from server.account.models import Role
from server.account.sign_in import allow
from server.change import MEANINGS, changing
from server.clock import now
from server.code.rules import CodeReason
from server.config import Config
from server.db import db, locked, new_id
from server.notice.rules import alert
from server.paging import In, Moment, Out, PageQuery, page
from server.phone import models as phones
from server.policy.current import policy
from server.refusal import Reason, Refusal, not_found
from server.scan import rules
from server.scan.models import Scan
from server.visit.models import Stage, Visit, VisitInspector, find_visit, find_visit_to_change, in_scope
from server.visit.rules import note
from server.visit.schemas import VisitState, state_of, visit_to_change

from . import meetings
from .meetings import SHOWN_FOR, MeetingOut, WordsOut
from .models import DoorKind, DoorReport, Handshake

bp = APIBlueprint("door", __name__, tag="visit")
OPEN_STAGES = (Stage.APPROVED, Stage.ON_SITE)


class DoorReason(Reason):
    """Why two phones do not meet, or a report is not taken."""

    NOT_AN_INSPECTOR = "not_an_inspector"
    NOT_OUR_VISIT = "not_our_visit"
    NO_PHONE = "no_phone"
    NOBODY_CAME = "nobody_came"
    ALREADY_SEEN = "already_seen"


MEANINGS |= {"uq_handshake_visit_id_inspector_id": CodeReason.USED_CODE}


class HandshakeIn(In):
    """The visit code as it was read, and which of my phones read it."""

    code: str = Field(min_length=1, max_length=600)
    phone: int = Field(ge=0, le=phones.LAST_NUMBER)


class WordsList(Out):
    items: list[WordsOut]


class Meetings(Out):
    items: list[MeetingOut]


class DoorReportIn(In):
    kind: DoorKind
    people: int | None = Field(None, ge=1, le=200)
    note: str = Field("", max_length=500)

    @model_validator(mode="after")
    def _people(self) -> "DoorReportIn":
        if (self.kind is DoorKind.MORE_PEOPLE) != (self.people is not None):
            raise ValueError("people belongs to more_people, and only there")
        return self


class DoorReportOut(Out):
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
    items: list[DoorReportOut]
    next_cursor: str | None


class DoorQuery(PageQuery):
    open: bool = False


class SeenIn(In):
    outcome: str = Field(min_length=1, max_length=500)


@bp.post("/handshakes")
@allow(Role.ENTERPRISE)
@changing
@bp.input(HandshakeIn)
@bp.output(MeetingOut, 201)
def shake(json_data: HandshakeIn) -> dict[str, Any]:
    """Read the code on an inspector's phone: see who it is, and complete the handshake.

    What was scanned before grows strong by it, and what will be scanned is strong from the start.
    """
    at = now()
    config: Config = current_app.config["RUQI"]
    try:
        code = qr.open_visit(json_data.code, key_of=phones.key_of_phone, at=at.timestamp(), prefix=config.plaque_prefix)
    except qr.BadCode as bad:
        stale = bad.reason in (qr.CodeFault.EXPIRED, qr.CodeFault.NOT_YET)
        forged = bad.reason in (qr.CodeFault.FORGED, qr.CodeFault.UNKNOWN_KEY)
        reason = CodeReason.STALE_CODE if stale else CodeReason.FORGED_CODE if forged else CodeReason.UNKNOWN_CODE
        raise Refusal(reason, 404 if reason is CodeReason.UNKNOWN_CODE else 409) from None
    visit = find_visit_to_change(code.visit, g.actor)
    if visit is None or visit.stage not in OPEN_STAGES:
        raise Refusal(DoorReason.NOT_OUR_VISIT)
    inspector = phones.inspector_of_phone(code.device)
    part = next((part for part in visit.inspectors if inspector and part.inspector_id == inspector.id), None)
    if inspector is None or part is None:
        raise Refusal(DoorReason.NOT_AN_INSPECTOR)
    mine = db.session.get(phones.Phone, json_data.phone)
    if mine is None or mine.account_id != g.actor.account_id or mine.revoked_at is not None:
        raise Refusal(DoorReason.NO_PHONE)
    if not phones.use_step(code.device, code.step, at=at):
        raise Refusal(CodeReason.USED_CODE)
    met = meetings.meet(visit, part, inspector_phone=code.device, enterprise_phone=mine.number, by=g.actor.hand, at=at)
    _strengthen(visit, part)
    db.session.flush()
    return meetings.meeting_of(visit, part, met, at=at)


@bp.get("/meetings")
@allow(Role.ENTERPRISE)
@bp.output(Meetings)
def my_meetings() -> dict[str, Any]:
    """Whom my phones have just met, the newest first: what a phone shows once its living code has been scanned."""
    at = now()
    mine = select(phones.Phone.number).where(phones.Phone.account_id == g.actor.account_id)
    statement = (
        select(Handshake, Visit)
        .join(Visit, Visit.id == Handshake.visit_id)
        .where(Handshake.enterprise_phone.in_(mine), Handshake.shaken_at > at - SHOWN_FOR, in_scope(g.actor))
        .order_by(Handshake.shaken_at.desc(), Handshake.id)
    )
    items = []
    for met, visit in db.session.execute(statement):
        part = next(part for part in visit.inspectors if part.inspector_id == met.inspector_id)
        items.append(meetings.meeting_of(visit, part, met, at=at))
    return {"items": items}


@bp.get("/visits/<uuid:visit_id>/words")
@allow(Role.INSPECTOR)
@bp.output(WordsList)
def words(visit_id: UUID) -> dict[str, Any]:
    """The words that my phone shows now, once the enterprise's has read my code; empty before."""
    if find_visit(visit_id, g.actor) is None:
        raise not_found()
    statement = select(Handshake).where(
        Handshake.visit_id == visit_id,
        Handshake.inspector_id == g.actor.inspector_id,
        Handshake.shaken_at > now() - SHOWN_FOR,
    )
    return {"items": list(db.session.scalars(statement))}


@bp.post("/visits/<uuid:visit_id>/door-reports")
@allow(Role.ENTERPRISE)
@changing
@bp.input(DoorReportIn)
@bp.output(VisitState, 201)
def report(visit_id: UUID, json_data: DoorReportIn) -> dict[str, Any]:
    """Say that these are not the people, that more came, or that they began before scanning."""
    at = now()
    visit = visit_to_change(visit_id, g.actor)
    if visit.is_off_site or visit.stage in (Stage.CANCELLED, Stage.EXPIRED):
        raise Refusal(DoorReason.NOBODY_CAME, stage=visit.stage.value)
    made = DoorReport(
        id=new_id(), visit_id=visit.id, reported_at=at, reported_by=g.actor.account_id, **json_data.model_dump()
    )
    db.session.add(made)
    config: Config = current_app.config["RUQI"]
    if config.alert_url:
        told = {"report": str(made.id), "visit": str(visit.id), "region": visit.region_code}
        db.session.add(alert(made.kind.value, told, at=at))
    note(visit, "door_report", by=g.actor.hand, at=at, after={"kind": made.kind.value, "people": made.people})
    return state_of(visit)


@bp.get("/door-reports")
@allow(Role.SUPERVISOR, Role.ENTERPRISE)
@bp.input(DoorQuery, location="query")
@bp.output(DoorReports)
def reports(query_data: DoorQuery) -> dict[str, Any]:
    """What enterprises said of those at their doors, the newest first; never shown to the unit that is spoken of."""
    statement = (
        select(DoorReport)
        .join(Visit, Visit.id == DoorReport.visit_id)
        .where(in_scope(g.actor))
        .options(
            joinedload(DoorReport.visit).joinedload(Visit.enterprise),
            joinedload(DoorReport.visit).joinedload(Visit.agency),
        )
    )
    if query_data.open:
        statement = statement.where(DoorReport.seen_at.is_(None))
    rows, cursor = page(statement, [DoorReport.reported_at, DoorReport.id], query_data, descending=True)
    return {"items": [_report_out(row) for row in rows], "next_cursor": cursor}


@bp.post("/door-reports/<uuid:report_id>/outcome")
@allow(Role.SUPERVISOR)
@changing
@bp.input(SeenIn)
@bp.output(DoorReportOut, 201)
def see_to(report_id: UUID, json_data: SeenIn) -> dict[str, Any]:
    """Say what came of a report; once."""
    at = now()
    statement = (
        select(DoorReport)
        .join(Visit, Visit.id == DoorReport.visit_id)
        .where(DoorReport.id == report_id, in_scope(g.actor))
    )
    found = db.session.scalar(locked(statement, of=DoorReport))
    if found is None:
        raise not_found()
    if found.seen_at is not None:
        raise Refusal(DoorReason.ALREADY_SEEN)
    found.seen_at, found.seen_by, found.outcome = at, g.actor.account_id, json_data.outcome
    note(found.visit, "door_report_seen", by=g.actor.hand, at=at, after={"outcome": json_data.outcome})
    return _report_out(found)


# --- helpers, in calling order -----------------------------------------------------------------


def _strengthen(visit: Visit, part: VisitInspector) -> None:
    """A scan made before the handshake is graded again: the enterprise's phone was there after all."""
    scan = db.session.scalar(
        select(Scan).where(
            Scan.visit_id == visit.id,
            Scan.inspector_id == part.inspector_id,
            Scan.reason.is_(None),
            Scan.withdrawn_at.is_(None),
        )
    )
    if scan is not None:
        rules.strengthen(scan, policy=policy())


def _report_out(report: DoorReport) -> dict[str, Any]:
    return {
        "id": report.id,
        "visit_id": report.visit_id,
        "enterprise": report.visit.enterprise.name,
        "agency": report.visit.agency.name,
        "kind": report.kind,
        "people": report.people,
        "note": report.note,
        "reported_at": report.reported_at,
        "seen_at": report.seen_at,
        "outcome": report.outcome,
    }
