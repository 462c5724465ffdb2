"""留痕: when a record may be sealed, and what belongs into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.account.models import Role
from server.account.rules import Actor
from server.clock import day_of
from server.policy.case import MatterFact, Sealing
from server.policy.clause import Outcome
from server.policy.judging import judge_sealing
from server.policy.pack import Pack
from server.refusal import Reason, Refusal, not_found
from server.visit.conditions import RECORD_OWED
from server.visit.models import Visit
from server.visit.rules import due, is_inspection, move, note
from server.visit.stages import Stage
from server.visit.verdicts import VisitVerdict

from .models import Amendment, Answer, Disposition, Evidence, Finding, Record


class RecordReason(Reason):
    """Why a record is not sealed."""

    NOT_ON_SITE = "not_on_site"
    NOT_APPROVED_YET = "not_approved_yet"
    PENALTY_NEEDS_REASON = "penalty_needs_reason"
    NO_MATERIALS_ASKED = "no_materials_asked"
    ALREADY_RECORDED = "already_recorded"
    TOO_FEW_SCANS = "too_few_scans"
    SERVICE_VISIT_HAS_FINDINGS = "service_visit_has_findings"
    CHECKLIST_INCOMPLETE = "checklist_incomplete"
    FOREIGN_ANSWER = "foreign_answer"
    FINDING_MISSING = "finding_missing"
    UNKNOWN_EVIDENCE = "unknown_evidence"
    UNREADABLE_FILE = "unreadable_file"


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """One answered item of a matter's checklist."""

    matter_id: UUID
    key: str
    answer: Answer
    note: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an inspector wants to seal; `first_offences` are the names of listed ones among the findings."""

    answers: Sequence[AnswerGiven]
    findings: Sequence[Finding]
    disposition: Disposition
    advice: str
    heads: int
    minutes: int
    evidence: Sequence[Evidence | None]
    first_offences: Sequence[str] = ()
    reason: str = ""


def seal(visit: Visit, draft: Draft, *, policy: Pack, by: Actor, at: datetime) -> Record:
    """Seal the record of a visit, once, and start the clock of its evaluation."""
    refuse_unrecordable(visit, by=by)
    refuse_draft(visit, draft)
    _judge_sealing(visit, draft, policy=policy, at=at)
    record = Record(
        visit=visit,
        answers=[
            {"matter_id": str(each.matter_id), "key": each.key, "answer": each.answer.value, "note": each.note}
            for each in draft.answers
        ],
        findings=list(draft.findings),
        disposition=draft.disposition,
        advice=draft.advice,
        heads=draft.heads,
        minutes=draft.minutes,
        sealed_at=at,
        sealed_by=by.account_id,
    )
    visit.recorded_at = at
    visit.heads, visit.minutes, visit.found = draft.heads, draft.minutes, len(draft.findings)
    visit.evaluation_due_at = due(visit, "rating", at, policy=policy)
    move(
        visit,
        Stage.RECORDED,
        by=by.hand,
        at=at,
        disposition=draft.disposition.value,
        findings=len(draft.findings),
        heads=draft.heads,
        minutes=draft.minutes,
        evidence=[each.sha256 for each in draft.evidence if each is not None],
    )
    return record


def refuse_unrecordable(visit: Visit, *, by: Actor) -> None:
    """Refuse unless this inspector may record this visit now."""
    if not any(part.inspector_id == by.inspector_id for part in visit.inspectors):
        raise not_found()
    if visit.recorded_at is not None:
        raise Refusal(RecordReason.ALREADY_RECORDED)
    if visit.is_off_site:
        if visit.stage is not Stage.APPROVED:
            raise Refusal(RecordReason.NOT_APPROVED_YET, stage=visit.stage.value)
        return
    if not RECORD_OWED.holds(visit):
        raise Refusal(RecordReason.NOT_ON_SITE, stage=visit.stage.value)
    scanned = scanned_count(visit)
    # Turned away at the door, the second inspector may never have come in.
    if visit.stage is Stage.ON_SITE and scanned < visit.inspectors_needed:
        raise Refusal(RecordReason.TOO_FEW_SCANS, scanned=scanned, needed=visit.inspectors_needed)


def refuse_file(visit: Visit, *, by: Actor) -> None:
    """Refuse a photo or file unless an inspector may record the visit, or its enterprise was asked for materials."""
    if by.role is Role.ENTERPRISE:
        refuse_material(visit)
    else:
        refuse_unrecordable(visit, by=by)


def refuse_material(visit: Visit) -> None:
    """Refuse an enterprise's materials unless an approved inspection off site asked for them."""
    if not visit.is_off_site or visit.stage is not Stage.APPROVED:
        raise Refusal(RecordReason.NO_MATERIALS_ASKED, stage=visit.stage.value)


def refuse_draft(visit: Visit, draft: Draft) -> None:
    """Refuse what does not belong into this record, or is missing from it."""
    if not is_inspection(visit) and (draft.findings or draft.disposition is not Disposition.NONE):
        raise Refusal(RecordReason.SERVICE_VISIT_HAS_FINDINGS)
    asked = {(matter.id, item["key"]) for matter in visit.matters for item in matter.checklist}
    given = {(each.matter_id, each.key) for each in draft.answers}
    # What is not on the locked list was not to be asked (超清单检查).
    if given - asked or len(given) != len(draft.answers):
        raise Refusal(RecordReason.FOREIGN_ANSWER)
    locked = {matter.id for matter in visit.matters}
    if any(finding.matter_id is not None and finding.matter_id not in locked for finding in draft.findings):
        raise Refusal(RecordReason.FOREIGN_ANSWER)
    if visit.stage is not Stage.TURNED_AWAY and asked - given:
        raise Refusal(RecordReason.CHECKLIST_INCOMPLETE, missing=sorted(key for _, key in asked - given))
    grave = draft.disposition in (Disposition.CORRECTION_ORDER, Disposition.CASE_OPENED, Disposition.TRANSFERRED)
    if grave and not draft.findings:
        raise Refusal(RecordReason.FINDING_MISSING)
    if any(each is None or each.visit_id != visit.id for each in draft.evidence):
        raise Refusal(RecordReason.UNKNOWN_EVIDENCE)


def _judge_sealing(visit: Visit, draft: Draft, *, policy: Pack, at: datetime) -> None:
    """What the pack says of this record; a warning needs a written reason, and is kept with the visit."""
    sealing = Sealing(
        basis=visit.basis.value,
        purpose=visit.purpose.value,
        agency_kind=visit.agency.department,
        region=visit.region_code,
        disposition=draft.disposition.value,
        first_offences=draft.first_offences,
        tier=visit.tier,
        matters=tuple(MatterFact(matter.code) for matter in visit.matters),
    )
    spoken = [each for each in judge_sealing(policy, sealing, on=day_of(at)) if each.outcome is not Outcome.PASS]
    if spoken and not draft.reason:
        said = [
            {"clause": each.clause.id, "sentence": each.sentence, "source": each.clause.source.cited} for each in spoken
        ]
        raise Refusal(RecordReason.PENALTY_NEEDS_REASON, verdicts=said)
    for verdict in spoken:
        kept = VisitVerdict(
            clause_id=verdict.clause.id,
            kind=verdict.clause.kind,
            pack=policy.name,
            outcome=verdict.outcome,
            moment="record",
            numbers={**verdict.numbers, "reason": draft.reason},
            sentence=verdict.sentence,
            sentence_en=verdict.clause.sentence(verdict.numbers, english=True),
            source=verdict.clause.source.cited,
            judged_at=at,
        )
        visit.verdicts.append(kept)


def turn_away(visit: Visit, *, ground: str, reason: str, by: Actor, at: datetime) -> None:
    """The enterprise lawfully refused entry; a record of it is still due."""
    if not any(part.inspector_id == by.inspector_id for part in visit.inspectors):
        raise not_found()
    move(visit, Stage.TURNED_AWAY, by=by.hand, at=at, ground=ground, reason=reason)


def amend(visit: Visit, record: Record, *, text: str, reason: str, by: Actor, at: datetime) -> None:
    """Add to a sealed record; only those who were there may."""
    if not may_amend(visit, by):
        raise not_found()
    record.amendments.append(Amendment(text=text, reason=reason, amended_at=at, amended_by=by.account_id))
    note(visit, "amended", by=by.hand, at=at, after={"amendments": len(record.amendments)})


def may_record(visit: Visit, by: Actor) -> bool:
    """Whether this inspector can seal the record now."""
    try:
        refuse_unrecordable(visit, by=by)
    except Refusal:
        return False
    return True


def may_send_material(visit: Visit, by: Actor) -> bool:
    """Whether this enterprise was asked for materials and may still send some."""
    asked = visit.is_off_site and visit.stage is Stage.APPROVED
    return asked and by.role is Role.ENTERPRISE and by.enterprise_id == visit.enterprise_id


def may_turn_away(visit: Visit, by: Actor) -> bool:
    """Whether this inspector stands at a door that may be closed to him."""
    return visit.stage is Stage.ON_SITE and any(part.inspector_id == by.inspector_id for part in visit.inspectors)


def may_amend(visit: Visit, by: Actor) -> bool:
    """Whether this person was on the visit and its record is sealed."""
    return (
        by.role is Role.INSPECTOR
        and visit.recorded_at is not None
        and any(part.inspector_id == by.inspector_id for part in visit.inspectors)
    )


def scanned_count(visit: Visit) -> int:
    """How many of the named inspectors have scanned."""
    return sum(part.scanned_at is not None for part in visit.inspectors)
