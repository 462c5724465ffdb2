"""留痕: evidence, the record, amendments, and the door that stayed shut."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, current_app, g
from pydantic import ConfigDict, Field
from sqlalchemy import select

from server import storage
from server.account.models import Role
from server.account.rules import Actor
from server.account.sign_in import allow
from server.catalogue.models import FirstOffence
from server.change import changing
from server.clock import now
from server.config import Config
from server.constraints import MEANINGS
from server.db import db
from server.files import JPEG, PDF, file_of
from server.incoming import Line, Number, Prose, Upload
from server.paging import In
from server.picture import UnreadablePicture, read_evidence
from server.policy.current import policy
from server.refusal import Fault, General, Refusal, field_error, not_found
from server.visit.models import AGENCY, INSPECTORS, MATTERS, VERDICTS, Visit, find_visit, in_scope
from server.visit.rules import note
from server.visit.schemas import VisitState, state_of, visit_to_change

from . import rules
from .models import Answer, Disposition, Evidence, Finding, Material, Record
from .rules import RecordReason
from .schemas import EvidenceOut, evidence_out

bp = APIBlueprint("record", __name__, tag="visit")
MEANINGS |= {
    "uq_record_visit_id": RecordReason.ALREADY_RECORDED,
    "pk_evidence": General.ID_REUSED,
}


class AnswerIn(In):
    """One answered item of a matter's checklist."""

    matter_id: UUID
    key: Line = Field(max_length=64)
    answer: Answer
    note: Prose = Field("", max_length=500)


class FindingIn(In):
    """One defect, and whether it is a listed first offence."""

    matter_id: UUID | None = None
    text: Prose = Field(min_length=1, max_length=2000)
    first_offence: bool = False
    first_offence_id: UUID | None = None


class RecordIn(In):
    """What an inspector wants to seal."""

    answers: list[AnswerIn] = Field(default_factory=list, max_length=1000)
    findings: list[FindingIn] = Field(default_factory=list, max_length=200)
    disposition: Disposition
    advice: Prose = Field("", max_length=5000)
    heads: Number = Field(ge=1, le=200)
    minutes: Number = Field(ge=1, le=1440)
    evidence_ids: list[UUID] = Field(default_factory=list, max_length=100)
    reason: Prose = Field("", max_length=500)


class EvidenceIn(In):
    """A photo or file, with the id that the phone gave it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: UUID
    file: Upload


class MaterialIn(In):
    """The answer in words."""

    text: Prose = Field(min_length=1, max_length=5000)


class AmendmentIn(In):
    """What is added, and why."""

    text: Prose = Field(min_length=1, max_length=5000)
    reason: Prose = Field(min_length=1, max_length=500)


class TurnAwayIn(In):
    """On which ground entry was refused, and what happened."""

    ground: Prose = Field(min_length=1, max_length=200)
    reason: Prose = Field(min_length=1, max_length=500)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that lies in storage, decoded and without what a camera adds."""

    sha256: str
    media_type: str
    size: int
    taken_at: datetime | None


def keep_file(visit_id: UUID, files_data: EvidenceIn, *, by: Actor) -> KeptFile:
    """Decode and store a file for a visit that its sender may add to, before anything is held."""
    visit = find_visit(visit_id, by, INSPECTORS)
    if visit is None:
        raise not_found()
    rules.refuse_file(visit, by=by)
    try:
        body, media_type, taken_at = read_evidence(files_data.file.read())
    except UnreadablePicture:
        raise Refusal(RecordReason.UNREADABLE_FILE, 422) from None
    config: Config = current_app.config["RUQI"]
    key = hashlib.sha256(body).hexdigest()
    storage.put(config.storage, key, body)
    return KeptFile(key, media_type, len(body), taken_at)


@bp.post("/visits/<uuid:visit_id>/evidence")
@allow(Role.INSPECTOR, Role.ENTERPRISE)
@bp.input(EvidenceIn, location="files")
@changing(before=keep_file)
@bp.output(EvidenceOut, 201)
def add_evidence(visit_id: UUID, files_data: EvidenceIn, ready: KeptFile) -> EvidenceOut:
    """Store a photo (JPEG, PNG, WebP) or a PDF for the record of this visit; an enterprise's only off site."""
    visit = visit_to_change(visit_id, g.actor, INSPECTORS)
    rules.refuse_file(visit, by=g.actor)
    evidence = Evidence(
        id=files_data.id,
        visit_id=visit.id,
        sha256=ready.sha256,
        media_type=ready.media_type,
        size=ready.size,
        name=(files_data.file.filename or "")[:200],
        taken_at=ready.taken_at,
        uploaded_at=now(),
        uploaded_by=g.actor.account_id,
    )
    db.session.add(evidence)
    return evidence_out(evidence)


@bp.post("/visits/<uuid:visit_id>/materials")
@allow(Role.ENTERPRISE)
@bp.input(MaterialIn)
@changing
@bp.output(VisitState, 201)
def send_material(visit_id: UUID, json_data: MaterialIn) -> VisitState:
    """Answer an inspection off site: what was asked for, in words; files go as evidence."""
    visit = visit_to_change(visit_id, g.actor)
    rules.refuse_material(visit)
    at = now()
    made = Material(visit_id=visit.id, text=json_data.text, sent_at=at, sent_by=g.actor.account_id)
    db.session.add(made)
    note(visit, "material_sent", by=g.actor.hand, at=at, after={"characters": len(json_data.text)})
    return state_of(visit)


@bp.get("/evidence/<uuid:evidence_id>")
@allow()
@bp.doc(responses=file_of("the stored bytes", JPEG, PDF))
def evidence(evidence_id: UUID) -> Response:
    """The stored bytes of a photo or file, for whoever may see the visit."""
    statement = select(Evidence).join(Visit, Visit.id == Evidence.visit_id)
    found = db.session.scalar(statement.where(Evidence.id == evidence_id, in_scope(g.actor)))
    if found is None:
        raise not_found()
    config: Config = current_app.config["RUQI"]
    response = Response(storage.get(config.storage, found.sha256), content_type=found.media_type)
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    response.headers["Content-Disposition"] = "inline"
    return response


@bp.post("/visits/<uuid:visit_id>/record")
@allow(Role.INSPECTOR)
@bp.input(RecordIn)
@changing
@bp.output(VisitState, 201)
def seal(visit_id: UUID, json_data: RecordIn) -> VisitState:
    """Seal the record, once."""
    visit = visit_to_change(visit_id, g.actor, INSPECTORS, MATTERS, VERDICTS, AGENCY)
    found = {row.id: row for row in db.session.scalars(select(Evidence).where(Evidence.id.in_(json_data.evidence_ids)))}
    draft = rules.Draft(
        answers=[rules.AnswerGiven(**each.model_dump()) for each in json_data.answers],
        findings=[
            Finding(**{**each.model_dump(), "first_offence": each.first_offence or each.first_offence_id is not None})
            for each in json_data.findings
        ],
        disposition=json_data.disposition,
        advice=json_data.advice,
        heads=json_data.heads,
        minutes=json_data.minutes,
        evidence=[found.get(each) for each in json_data.evidence_ids],
        first_offences=_first_offences(json_data.findings),
        reason=json_data.reason,
    )
    record = rules.seal(visit, draft, policy=policy(), by=g.actor, at=now())
    db.session.add(record)
    db.session.flush()
    for each in found.values():
        each.record_id = record.id
    return state_of(visit)


@bp.post("/visits/<uuid:visit_id>/amendments")
@allow(Role.INSPECTOR)
@bp.input(AmendmentIn)
@changing
@bp.output(VisitState, 201)
def amend(visit_id: UUID, json_data: AmendmentIn) -> VisitState:
    """Add to a sealed record, with the reason."""
    visit = visit_to_change(visit_id, g.actor, INSPECTORS)
    record = db.session.scalar(select(Record).where(Record.visit_id == visit.id))
    if record is None:
        raise not_found()
    rules.amend(visit, record, text=json_data.text, reason=json_data.reason, by=g.actor, at=now())
    return state_of(visit)


@bp.post("/visits/<uuid:visit_id>/turn-aways")
@allow(Role.INSPECTOR)
@bp.input(TurnAwayIn)
@changing
@bp.output(VisitState, 201)
def turn_away(visit_id: UUID, json_data: TurnAwayIn) -> VisitState:
    """Note that the enterprise lawfully refused entry."""
    visit = visit_to_change(visit_id, g.actor, INSPECTORS)
    rules.turn_away(visit, ground=json_data.ground, reason=json_data.reason, by=g.actor, at=now())
    return state_of(visit)


def _first_offences(findings: list[FindingIn]) -> list[str]:
    """The names of the listed first offences among the findings; an unknown id is refused by its field."""
    wanted = {each.first_offence_id for each in findings if each.first_offence_id is not None}
    if not wanted:
        return []
    listed = select(FirstOffence.id, FirstOffence.name).where(
        FirstOffence.id.in_(wanted), FirstOffence.withdrawn_at.is_(None)
    )
    names = {row.id: row.name for row in db.session.execute(listed)}
    if len(names) != len(wanted):
        raise Refusal(General.UNKNOWN_REFERENCE, 422, errors=[field_error("first_offence_id", Fault.UNKNOWN)])
    return sorted(names.values())
