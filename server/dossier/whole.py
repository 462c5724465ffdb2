"""案卷: one visit as a whole, as far as the asker may see it, and what the asker may do now."""

from datetime import datetime
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from server.account.models import Account, Agency, Inspector, Role
from server.account.rules import Actor
from server.account.schemas import AgencyRef
from server.catalogue.schemas import MatterOut
from server.db import db
from server.evaluation.models import Evaluation
from server.evaluation.rules import may_evaluate, visible
from server.judging.verdicts import may_lift
from server.policy.current import policy
from server.record.models import Evidence, Material, Record
from server.record.rules import may_amend, may_record, may_send_material, may_turn_away
from server.record.schemas import evidence_out
from server.registration.rules import may_cancel, may_confirm, may_decide
from server.scan.models import Presence, Scan
from server.scan.rules import may_scan, may_show_code
from server.scan.schemas import ScanOut, scan_out
from server.visit.models import Visit, VisitAgency, VisitInspector
from server.visit.verdicts import VisitVerdict

from .lists import row_of, row_parts
from .schemas import (
    AmendmentOut,
    ApprovalOut,
    EvaluationOut,
    FindingOut,
    HelperOut,
    MaterialOut,
    RecordAnswerOut,
    RecordOut,
    VisitAction,
    VisitInspectorOut,
    VisitOut,
)
from .verdicts import grounds_of, verdicts_of


def whole_parts() -> tuple[ExecutableOption, ...]:
    """What the whole of a visit reads beside the visit itself."""
    return (
        *row_parts(),
        selectinload(Visit.agencies).joinedload(VisitAgency.agency, innerjoin=True).lazyload(Agency.region),
        selectinload(Visit.helpers),
        selectinload(Visit.verdicts).joinedload(VisitVerdict.decider),
    )


def whole_of(visit: Visit, *, by: Actor, at: datetime) -> VisitOut:
    """Everything that the asker may see of a visit that was read with `whole_parts`."""
    record = db.session.scalar(select(Record).where(Record.visit_id == visit.id))
    rating = visible(db.session.scalar(select(Evaluation).where(Evaluation.visit_id == visit.id)), visit=visit, to=by)
    return VisitOut(
        **dict(row_of(visit, at=at)),
        reason=visit.reason,
        joint_agencies=[
            AgencyRef.model_validate(part.agency) for part in visit.agencies if part.agency_id != visit.agency_id
        ],
        inspector_list=[_inspector(part) for part in visit.inspectors],
        helpers=[HelperOut.model_validate(each) for each in visit.helpers],
        matter_list=[MatterOut.model_validate(each) for each in visit.matters],
        approvals=_approvals(visit),
        approval_due_at=visit.approval_due_at,
        scans=_scans(visit, by=by, at=at),
        record=_record(record) if record is not None else None,
        evaluation=EvaluationOut.model_validate(rating) if rating is not None else None,
        evaluation_due_at=visit.evaluation_due_at,
        inspectors_needed=visit.inspectors_needed,
        policy_version=visit.policy_version,
        verdicts=verdicts_of(visit, to_enterprise=by.role is Role.ENTERPRISE),
        refusal_grounds=grounds_of(visit),
        presence_demanded=visit.presence_demanded,
        presence_short=_presence_short(visit),
        tier=visit.tier,
        off_site_means=visit.off_site_means,
        asked_for=visit.asked_for,
        materials=_materials(visit),
        is_late=visit.is_late,
        confirmed=visit.confirmed,
        liftable=may_lift(visit, by),
        actions=actions_of(visit, by=by, at=at),
    )


def actions_of(visit: Visit, *, by: Actor, at: datetime) -> list[VisitAction]:
    """What the asker may do now; the client shows buttons by this list and never decides."""
    possible: dict[VisitAction, bool] = {
        "approve": may_decide(visit, by),
        "lift": bool(may_lift(visit, by)),
        "confirm": may_confirm(visit, by),
        "send_material": may_send_material(visit, by),
        "scan": may_scan(visit, by),
        "show_code": may_show_code(visit, by),
        "record": may_record(visit, by),
        "turn_away": may_turn_away(visit, by),
        "amend": may_amend(visit, by),
        "evaluate": may_evaluate(visit, by, at=at),
        "cancel": may_cancel(visit, by),
    }
    return [action for action in get_args(VisitAction) if possible[action]]


# --- helpers, in calling order -----------------------------------------------------------------


def _inspector(part: VisitInspector) -> VisitInspectorOut:
    return VisitInspectorOut(
        id=part.inspector_id,
        name=part.inspector.name,
        has_photo=part.inspector.photo_key is not None,
        agency=AgencyRef.model_validate(part.inspector.agency),
        certificate_no=part.certificate_no,
        valid_to_on=part.inspector.valid_to_on,
        scanned_at=part.scanned_at,
        met_at=part.met_at,
    )


def _approvals(visit: Visit) -> list[ApprovalOut]:
    deciders = [part.decided_by for part in visit.agencies if part.decided_by is not None]
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(deciders)))
    names = {row.id: row.name for row in rows}
    return [
        ApprovalOut(
            agency=AgencyRef.model_validate(part.agency),
            decision=part.decision,
            reason=part.reason,
            decided_at=part.decided_at,
            decided_by=names.get(part.decided_by) if part.decided_by else None,
        )
        for part in visit.agencies
    ]


def _scans(visit: Visit, *, by: Actor, at: datetime) -> list[ScanOut]:
    """All attempts; the enterprise sees those that were let in."""
    statement = select(Scan).where(Scan.visit_id == visit.id).order_by(Scan.received_at)
    if by.role is Role.ENTERPRISE:
        statement = statement.where(Scan.reason.is_(None))
    statement = statement.options(joinedload(Scan.inspector, innerjoin=True).lazyload(Inspector.agency))
    pack = policy()
    return [scan_out(scan, to=by.account_id, policy=pack, at=at) for scan in db.session.scalars(statement)]


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


def _materials(visit: Visit) -> list[MaterialOut]:
    """What the enterprise has answered to an inspection off site."""
    if not visit.is_off_site:
        return []
    statement = select(Material).where(Material.visit_id == visit.id).order_by(Material.sent_at)
    rows = db.session.scalars(statement.options(joinedload(Material.author, innerjoin=True)))
    return [MaterialOut(id=each.id, text=each.text, by=each.author.name, sent_at=each.sent_at) for each in rows]


def _record(record: Record) -> RecordOut:
    evidence = db.session.scalars(
        select(Evidence).where(Evidence.record_id == record.id).order_by(Evidence.uploaded_at)
    )
    return RecordOut(
        answers=[RecordAnswerOut.model_validate(each) for each in record.answers],
        findings=[FindingOut.model_validate(each) for each in record.findings],
        disposition=record.disposition,
        advice=record.advice,
        heads=record.heads,
        minutes=record.minutes,
        evidence=[evidence_out(each) for each in evidence],
        sealed_at=record.sealed_at,
        sealed_by=record.author.name,
        amendments=[
            AmendmentOut(id=each.id, text=each.text, reason=each.reason, by=each.author.name, at=each.amended_at)
            for each in record.amendments
        ],
    )
