"""扫码: the scan at the door, and taking back one made by mistake."""

from datetime import datetime
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload

from server.account.models import Inspector, Role
from server.account.schemas import EnterpriseRef
from server.account.sign_in import allow
from server.change import MEANINGS, changing
from server.clock import as_moment, day_of, now
from server.code.looking import ended, look_up
from server.code.rules import CodeReason, Token, fault_of
from server.db import db, locked
from server.enterprise.models import Enterprise
from server.meeting import meetings
from server.meeting.meetings import WordsOut
from server.meeting.models import Handshake
from server.metrics import SCANS
from server.paging import In, Moment, Out
from server.phone import models as phones
from server.phone.slips import kept_of_slip
from server.policy.current import policy
from server.refusal import General, Reason, Refusal, not_found
from server.visit.counting import settle
from server.visit.models import Stage, Visit, VisitInspector, in_scope
from server.visit.rules import note
from server.visit.schemas import VisitState, state_of, visit_to_change

from . import rules
from .models import CodeKind, Presence, Scan, ScanMethod
from .rules import ScanReason

bp = APIBlueprint("scan", __name__, tag="visit")
MEANINGS |= {
    "uq_scan_accepted": ScanReason.ALREADY_SCANNED,
    "failed: scan.visit_id, scan.inspector_id": ScanReason.ALREADY_SCANNED,
    "pk_scan": General.ID_REUSED,
    "failed: scan.id": General.ID_REUSED,
}


class PlaceIn(In):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    accuracy_m: float = Field(ge=0, le=1_000_000)


class ScanIn(In):
    id: UUID
    code: str = Field(min_length=1, max_length=600)
    method: ScanMethod
    scanned_at: AwareDatetime
    place: PlaceIn | None = None
    # My enrolled phone's visit code of this very moment: it signs the scan.
    phone_code: str | None = Field(None, max_length=600)


class Place(Out):
    latitude: float
    longitude: float
    accuracy_m: int


class ScanOut(Out):
    id: UUID
    inspector: str
    method: ScanMethod
    scanned_at: Moment
    received_at: Moment
    accepted: bool
    reason: str | None
    presence: Presence | None
    presence_because: list[str]
    code_kind: CodeKind | None
    place: Place | None
    withdrawn_at: Moment | None
    withdrawn_reason: str | None
    mine: bool
    withdrawable: bool


class ScanAnswer(Out):
    scan: ScanOut
    visit_id: UUID
    stage: Stage
    enterprise: EnterpriseRef
    scanned: int
    needed: int
    words: WordsOut | None


class WithdrawalIn(In):
    reason: str = Field(min_length=1, max_length=200)


@bp.post("/visits/<uuid:visit_id>/scans")
@allow(Role.INSPECTOR)
@changing
@bp.input(ScanIn)
@bp.output(ScanAnswer, 201)
def create(visit_id: UUID, json_data: ScanIn) -> dict[str, Any]:
    """Try to open the visit with a scanned code; a refused attempt is kept as well."""
    received_at = now()
    visit, inspector = _locked_visit(visit_id)
    part = next((part for part in visit.inspectors if part.inspector_id == inspector.id), None)
    token, plaque, scanned = look_up(json_data.code, at=json_data.scanned_at)
    reason = rules.judge(
        visit,
        scanned=scanned,
        fault=fault_of(token, plaque=plaque, enterprise=scanned),
        part=part,
        scanned_at=json_data.scanned_at,
        received_at=received_at,
        policy=policy(),
    )
    # What counts once is struck off only when everything else is in order.
    if reason is None and not _strike_off(token, at=received_at):
        reason = CodeReason.USED_CODE
    scan = Scan(
        id=json_data.id,
        visit=visit,
        enterprise_id=visit.enterprise_id,
        inspector=inspector,
        account_id=g.actor.account_id,
        device_id=g.actor.device_id,
        serial=token.serial,
        code_kind=kind_of_token(token).value,
        phone_number=token.phone if scanned is not None else None,
        inspector_phone=meetings.signer_of(
            json_data.phone_code, visit=visit, inspector_id=inspector.id, at=json_data.scanned_at
        ),
        method=json_data.method,
        scanned_at=json_data.scanned_at,
        received_at=received_at,
        reason=reason.value if reason else None,
        **_place(json_data.place),
    )
    db.session.add(scan)
    SCANS.labels(outcome=reason.value if reason else "accepted").inc()
    if reason is not None:
        note(visit, "scan_refused", by=g.actor.hand, at=received_at, after={"scan": str(scan.id), "reason": reason})
        raise _refusal(reason, visit=visit, part=part, scanned=scanned, plaque=plaque)
    assert part is not None  # judge refuses whoever is not on the visit
    words = _met(scan, visit, part)
    scan.presence, scan.presence_because = rules.grade(_proof(scan, json_data.place, met=part.met_at is not None))
    rules.admit(visit, part, scan=scan, policy=policy(), by=g.actor)
    db.session.flush()
    if day_of(scan.scanned_at).year != day_of(visit.window_from_at).year:
        settle(visit, policy=policy(), at_the_door=True)
    return {
        "scan": scan_out(scan, by=g.actor.account_id, at=received_at),
        "visit_id": visit.id,
        "stage": visit.stage,
        "enterprise": visit.enterprise,
        "scanned": sum(each.scanned_at is not None for each in visit.inspectors),
        "needed": visit.inspectors_needed,
        "words": words,
    }


@bp.post("/visits/<uuid:visit_id>/scans/<uuid:scan_id>/withdrawals")
@allow(Role.INSPECTOR)
@changing
@bp.input(WithdrawalIn)
@bp.output(VisitState, 201)
def withdraw(visit_id: UUID, scan_id: UUID, json_data: WithdrawalIn) -> dict[str, Any]:
    """Take back a scan made by mistake; the row stays."""
    visit = visit_to_change(visit_id, g.actor)
    scan = db.session.scalar(select(Scan).where(Scan.id == scan_id, Scan.visit_id == visit.id))
    if scan is None:
        raise not_found()
    rules.withdraw(visit, scan, reason=json_data.reason, policy=policy(), by=g.actor, at=now())
    settle(visit, policy=policy(), at_the_door=True)
    return state_of(visit)


def scan_out(scan: Scan, *, by: UUID, at: datetime) -> dict[str, Any]:
    """An attempt as its readers see it."""
    mine = scan.account_id == by
    place = None
    if scan.latitude is not None:
        place = {"latitude": scan.latitude, "longitude": scan.longitude, "accuracy_m": scan.accuracy_m}
    return {
        "id": scan.id,
        "inspector": scan.inspector.name,
        "method": scan.method,
        "scanned_at": scan.scanned_at,
        "received_at": scan.received_at,
        "accepted": scan.reason is None,
        "reason": scan.reason,
        "presence": scan.presence,
        "presence_because": scan.presence_because or [],
        "code_kind": scan.code_kind,
        "place": place,
        "withdrawn_at": scan.withdrawn_at,
        "withdrawn_reason": scan.withdrawn_because,
        "mine": mine,
        "withdrawable": mine and rules.is_withdrawable(scan, policy=policy(), at=at),
    }


# --- helpers, in calling order -----------------------------------------------------------------


def _locked_visit(visit_id: UUID) -> tuple[Visit, Inspector]:
    """The visit with its row locked, and myself: two phones come one after the other.

    Only the visit is read here. PostgreSQL reads a row again once it has waited for its lock, but not the
    rows joined to it: what the other phone has just changed must be read after the lock is ours.
    """
    statement = (
        select(Visit, Inspector)
        .select_from(Visit)
        .join(Inspector, Inspector.id == g.actor.inspector_id)
        .where(Visit.id == visit_id, in_scope(g.actor))
        .options(joinedload(Visit.enterprise, innerjoin=True).lazyload(Enterprise.region), lazyload(Inspector.agency))
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(locked(statement, of=Visit)).one_or_none()
    if row is None:
        raise not_found()
    return row[0], row[1]


def _met(scan: Scan, visit: Visit, part: VisitInspector) -> Handshake | None:
    """Let the two phones meet when a living code was read off a screen, just now, by an enrolled phone."""
    live = scan.code_kind == CodeKind.LIVING and scan.method in (ScanMethod.CAMERA, ScanMethod.LINK)
    if not live or scan.inspector_phone is None or rules.is_late(scan, policy=policy()):
        return None
    assert scan.phone_number is not None  # whose living code it was
    phones_met = {"inspector_phone": scan.inspector_phone, "enterprise_phone": scan.phone_number}
    return meetings.meet(visit, part, **phones_met, by=g.actor.hand, at=scan.received_at)


def _proof(scan: Scan, place: PlaceIn | None, *, met: bool) -> rules.Proof:
    """What an accepted scan proves; the exact place is judged here and kept nowhere."""
    near = (place.latitude, place.longitude, int(place.accuracy_m)) if place else None
    return rules.Proof(
        code=CodeKind(scan.code_kind or CodeKind.TYPED),
        method=scan.method,
        where=rules.where_of(near, site=scan.visit.enterprise.site, policy=policy()),
        met=met,
        is_signed=scan.inspector_phone is not None,
        is_late=rules.is_late(scan, policy=policy()),
    )


def _place(place: PlaceIn | None) -> dict[str, Any]:
    if place is None:
        return {}
    where = {"latitude": rules.coarse(place.latitude), "longitude": rules.coarse(place.longitude)}
    return {**where, "accuracy_m": int(place.accuracy_m)}


def kind_of_token(token: Token) -> CodeKind:
    """What was read, for its strength."""
    if token.serial is not None:
        return CodeKind.PLAQUE
    if token.phone is not None:
        return CodeKind.LIVING
    if token.slip is not None:
        return CodeKind.SLIP
    return CodeKind.LICENCE if token.licence else CodeKind.TYPED


def _strike_off(token: Token, *, at: datetime) -> bool:
    """Use up what counts once; True for what may be shown again and again."""
    if token.phone is not None and token.step is not None:
        return phones.use_step(token.phone, token.step, at=at)
    if token.slip is not None:
        return phones.use_slip(kept_of_slip(token.slip), account_id=g.actor.account_id, at=at)
    return True


def _refusal(
    reason: Reason, *, visit: Visit, part: VisitInspector | None, scanned: Enterprise | None, plaque: Any
) -> Refusal:
    """The refusal with what the inspector needs to know next; the attempt is kept."""
    extras: dict[str, Any] = {}
    if reason is ScanReason.OTHER_ENTERPRISE and scanned is not None:
        extras["scanned_enterprise"] = scanned.name
    elif reason is ScanReason.OUTSIDE_WINDOW:
        extras = {"window_from_at": as_moment(visit.window_from_at), "window_to_at": as_moment(visit.window_to_at)}
    elif reason is ScanReason.VISIT_CLOSED:
        extras["stage"] = visit.stage.value
    elif reason is ScanReason.EXPIRED_CERTIFICATE and part is not None:
        extras["inspectors"] = [part.inspector.name]
    elif reason is ScanReason.ALREADY_SCANNED:
        extras["first"] = _first_scan(visit)
    elif reason is CodeReason.REVOKED_CODE and plaque is not None:
        extras = ended(plaque)
    return Refusal(reason, keeps=True, **extras)


def _first_scan(visit: Visit) -> dict[str, Any] | None:
    """Who scanned here first with this account's inspector, when, and where."""
    first = db.session.scalar(
        select(Scan)
        .where(
            Scan.visit_id == visit.id,
            Scan.inspector_id == g.actor.inspector_id,
            Scan.reason.is_(None),
            Scan.withdrawn_at.is_(None),
        )
        .order_by(Scan.received_at)
        .limit(1)
    )
    if first is None:
        return None
    return {
        "by": first.inspector.name,
        "scanned_at": as_moment(first.scanned_at),
        "place": scan_out(first, by=g.actor.account_id, at=now())["place"],
    }
