"""扫码: the scan at the door, and taking back one made by mistake."""

from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from sqlalchemy import select

from server.account.models import Role
from server.account.rules import Actor
from server.account.schemas import EnterpriseRef
from server.account.sign_in import allow, refuse_dead_session
from server.change import changing
from server.clock import as_moment, now
from server.code.looking import ended
from server.code.rules import CodeReason
from server.constraints import MEANINGS
from server.db import db
from server.meeting.schemas import WordsOut
from server.metrics import SCANS
from server.policy.current import policy
from server.refusal import General, Refusal, not_found
from server.straight import straight
from server.visit.counting import settle
from server.visit.models import INSPECTORS, Visit
from server.visit.schemas import VisitState, state_of, visit_to_change

from . import rules
from .door import DatabaseDoor, first_scan, locked_visit
from .models import Scan
from .rules import ScanReason
from .schemas import ScanAnswer, ScanIn, WithdrawalIn, place_of, scan_out
from .sequence import Outcome, take
from .straight import scan_straight

bp = APIBlueprint("scan", __name__, tag="visit")
MEANINGS |= {
    "uq_scan_accepted": ScanReason.ALREADY_SCANNED,
    "pk_scan": General.ID_REUSED,
}


@bp.post("/visits/<uuid:visit_id>/scans")
@allow(Role.INSPECTOR, asks_itself=True)
@bp.input(ScanIn)
@straight(scan_straight)
@changing
@bp.output(ScanAnswer, 201)
def create(visit_id: UUID, json_data: ScanIn) -> ScanAnswer:
    """Try to open the visit with a scanned code; a refused attempt is kept as well."""
    refuse_dead_session(g.actor)
    received_at = now()
    visit, inspector = locked_visit(visit_id, by=g.actor)
    door = DatabaseDoor(visit, policy=policy(), by=g.actor)
    reading = json_data.reading(received_at=received_at)
    outcome = take(visit, inspector, reading, door=door, policy=policy(), by=g.actor)
    outcome.scan.visit, outcome.scan.inspector = visit, inspector
    db.session.add(outcome.scan)
    SCANS.labels(outcome=outcome.reason.value if outcome.reason else "accepted").inc()
    if outcome.reason is not None:
        raise Refusal(outcome.reason, keeps=True, **_to_know(outcome, visit, by=g.actor))
    db.session.flush()
    return ScanAnswer(
        scan=scan_out(outcome.scan, to=g.actor.account_id, policy=policy(), at=received_at),
        visit_id=visit.id,
        stage=visit.stage,
        enterprise=EnterpriseRef.model_validate(visit.enterprise),
        scanned=sum(each.scanned_at is not None for each in visit.inspectors),
        needed=visit.inspectors_needed,
        words=WordsOut.model_validate(outcome.words) if outcome.words else None,
    )


@bp.post("/visits/<uuid:visit_id>/scans/<uuid:scan_id>/withdrawals")
@allow(Role.INSPECTOR)
@bp.input(WithdrawalIn)
@changing
@bp.output(VisitState, 201)
def withdraw(visit_id: UUID, scan_id: UUID, json_data: WithdrawalIn) -> VisitState:
    """Take back a scan made by mistake; the row stays."""
    visit = visit_to_change(visit_id, g.actor, INSPECTORS)
    scan = db.session.scalar(select(Scan).where(Scan.id == scan_id, Scan.visit_id == visit.id))
    if scan is None:
        raise not_found()
    rules.withdraw(visit, scan, reason=json_data.reason, policy=policy(), by=g.actor, at=now())
    settle(visit, policy=policy(), at_the_door=True)
    return state_of(visit)


def _to_know(outcome: Outcome, visit: Visit, *, by: Actor) -> dict[str, Any]:
    """What an inspector who was refused needs to know next."""
    reason, found = outcome.reason, outcome.found
    if reason is ScanReason.OTHER_ENTERPRISE and found.enterprise is not None:
        return {"scanned_enterprise": found.enterprise.name}
    if reason is ScanReason.OUTSIDE_WINDOW:
        return {"window_from_at": as_moment(visit.window_from_at), "window_to_at": as_moment(visit.window_to_at)}
    if reason is ScanReason.VISIT_CLOSED:
        return {"stage": visit.stage.value}
    if reason is ScanReason.EXPIRED_CERTIFICATE and outcome.part is not None:
        return {"inspectors": [outcome.part.inspector.name]}
    if reason is ScanReason.ALREADY_SCANNED:
        return {"first": _told_of(first_scan(visit, by=by))}
    if reason is CodeReason.REVOKED_CODE and found.plaque is not None:
        return ended(found.plaque)
    return {}


def _told_of(first: Scan | None) -> dict[str, Any] | None:
    """Who scanned here first, when, and where."""
    if first is None:
        return None
    place = place_of(first)
    return {
        "by": first.inspector.name,
        "scanned_at": as_moment(first.scanned_at),
        "place": place.model_dump() if place else None,
    }
