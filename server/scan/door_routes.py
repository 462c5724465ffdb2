"""双向亮码与门前反馈: the enterprise reads the inspector's visit code, both show the same words, and it may object."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import current_app, g
from pydantic import Field, model_validator
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

import qr
from server.account.models import Role
from server.account.sign_in import allow
from server.change import MEANINGS, changing
from server.clock import day_of, now, start_of
from server.config import Config
from server.db import db, new_id
from server.enterprise import phones
from server.enterprise.rules import CodeReason
from server.paging import In, Moment, Out, PageQuery, page
from server.policy.current import policy, policy_at
from server.policy.kinds import RefusalRight
from server.refusal import Reason, Refusal, not_found
from server.visit.models import Purpose, Stage, Visit, VisitInspector, find_visit, find_visit_to_change, in_scope
from server.visit.rules import ENTERED, note
from server.visit.schemas import VisitState, state_of, visit_to_change

from . import rules
from .models import CodeKind, DoorKind, DoorReport, Handshake, Presence, Scan
from .words import words_of

bp = APIBlueprint("door", __name__, tag="visit")
SHOWN_FOR = timedelta(minutes=3)  # how long the inspector's phone shows the words
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
    phone: int = Field(ge=0)


class MatterAtDoor(Out):
    name: str
    legal_basis: str


class GroundAtDoor(Out):
    ground: str
    ground_en: str
    source: str


class MeetingOut(Out):
    """Who stands there, and the words that both phones show."""

    visit_id: UUID
    first_word: str
    second_word: str
    colour: str
    shaken_at: Moment
    inspector: str
    agency: str
    certificate_no: str
    valid_to_on: date
    certified: bool
    purpose: Purpose
    basis: str
    amber: bool
    matters: list[MatterAtDoor]
    inspectors: list[str]
    helpers: int
    visits_this_year: int
    caps: list[str]
    refusal_grounds: list[GroundAtDoor]


class WordsOut(Out):
    first_word: str
    second_word: str
    colour: str
    shaken_at: Moment


class WordsList(Out):
    items: list[WordsOut]


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
    theirs = phones.key_of_phone(code.device)
    assert theirs is not None  # it has just verified
    words = words_of(inspector_key=theirs.raw, enterprise_key=mine.public_key, visit_id=visit.id, at=at.timestamp())
    met = _meeting_of(visit.id, inspector.id) or Handshake(visit_id=visit.id, inspector_id=inspector.id)
    met.inspector_phone, met.enterprise_phone, met.account_id = code.device, mine.number, g.actor.account_id
    met.shaken_at, met.first_word, met.second_word, met.colour = at, words.first, words.second, words.colour
    part.met_at = at
    db.session.add(met)
    _strengthen(visit, part, at=at)
    note(visit, "handshake", by=g.actor.hand, at=at, after={"inspector": str(inspector.id), "phone": code.device})
    db.session.flush()
    return _meeting(visit, part, met, at=at)


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
    found = db.session.scalar(
        select(DoorReport)
        .join(Visit, Visit.id == DoorReport.visit_id)
        .where(DoorReport.id == report_id, in_scope(g.actor))
    )
    if found is None:
        raise not_found()
    if found.seen_at is not None:
        raise Refusal(DoorReason.ALREADY_SEEN)
    found.seen_at, found.seen_by, found.outcome = at, g.actor.account_id, json_data.outcome
    note(found.visit, "door_report_seen", by=g.actor.hand, at=at, after={"outcome": json_data.outcome})
    return _report_out(found)


# --- helpers, in calling order -----------------------------------------------------------------


def _meeting_of(visit_id: UUID, inspector_id: UUID) -> Handshake | None:
    return db.session.scalar(
        select(Handshake).where(Handshake.visit_id == visit_id, Handshake.inspector_id == inspector_id)
    )


def _strengthen(visit: Visit, part: VisitInspector, *, at: datetime) -> None:
    """A scan made before the handshake is graded again: the enterprise's phone was there after all."""
    scan = db.session.scalar(
        select(Scan).where(
            Scan.visit_id == visit.id,
            Scan.inspector_id == part.inspector_id,
            Scan.reason.is_(None),
            Scan.withdrawn_at.is_(None),
        )
    )
    if scan is None or scan.presence is Presence.STRONG:
        return
    place = None
    if scan.latitude is not None and scan.longitude is not None:
        place = (scan.latitude, scan.longitude, scan.accuracy_m or 0)
    code = CodeKind(scan.code_kind or "plaque")
    proof = rules.Proof(code=code, method=scan.method, place=place, site=visit.enterprise.site, handshake=True)
    scan.presence, scan.presence_because = rules.grade(proof, policy=policy())


def _meeting(visit: Visit, part: VisitInspector, met: Handshake, *, at: datetime) -> dict[str, Any]:
    person = part.inspector
    pack = policy_at(visit.registered_at)
    grounds = [clause for clause in map(pack.find, visit.noted) if isinstance(clause, RefusalRight)]
    return {
        "visit_id": visit.id,
        "first_word": met.first_word,
        "second_word": met.second_word,
        "colour": met.colour,
        "shaken_at": met.shaken_at,
        "inspector": person.name,
        "agency": person.agency.name,
        "certificate_no": part.certificate_no,
        "valid_to_on": person.valid_to_on,
        "certified": person.is_certified(day_of(at)),
        "purpose": visit.purpose,
        "basis": visit.basis.value,
        "amber": visit.is_amber,
        "matters": visit.matters,
        "inspectors": [each.inspector.name for each in visit.inspectors],
        "helpers": len(visit.helpers),
        "visits_this_year": _visits_this_year(visit, at=at),
        "caps": [verdict.sentence for verdict in visit.verdicts if verdict.kind == "cap"],
        "refusal_grounds": [
            {"ground": clause.ground, "ground_en": clause.ground_en or clause.ground, "source": clause.source.cited}
            for clause in grounds
        ],
    }


def _visits_this_year(visit: Visit, *, at: datetime) -> int:
    year = day_of(at).year
    entered = select(func.count()).where(
        Visit.enterprise_id == visit.enterprise_id,
        Visit.stage.in_(ENTERED),
        Visit.on_site_at >= start_of(date(year, 1, 1)),
        Visit.id != visit.id,
    )
    return db.session.scalar(entered) or 0


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
