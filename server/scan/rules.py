"""扫码: may this scan open the visit, how strongly does it prove presence, and can it be taken back?"""

from datetime import datetime, timedelta

from server.account.rules import Actor
from server.clock import day_of
from server.code.rules import CodeReason
from server.enterprise.models import Enterprise
from server.policy.pack import Pack
from server.refusal import Reason, Refusal, not_found
from server.visit.conditions import DOOR_OPEN
from server.visit.models import Visit, VisitInspector
from server.visit.rules import due, move, note
from server.visit.stages import Stage

from .models import CodeKind, Scan, ScanMethod
from .presence import is_late


class ScanReason(Reason):
    """Why a scan does not open a visit."""

    OTHER_ENTERPRISE = "other_enterprise"
    NOT_ON_VISIT = "not_on_visit"
    NOT_APPROVED = "not_approved"
    VISIT_CLOSED = "visit_closed"
    ALREADY_SCANNED = "already_scanned"
    NO_DOOR = "no_door"
    BAD_CLOCK = "bad_clock"
    OUTSIDE_WINDOW = "outside_window"
    EXPIRED_CERTIFICATE = "expired_certificate"


class WithdrawalReason(Reason):
    """Why a scan stays."""

    WITHDRAWAL_TOO_LATE = "withdrawal_too_late"
    NOT_YOUR_SCAN = "not_your_scan"
    ALREADY_WITHDRAWN = "already_withdrawn"


def judge(
    visit: Visit,
    *,
    scanned: Enterprise | None,
    fault: CodeReason | None,
    part: VisitInspector | None,
    scanned_at: datetime,
    received_at: datetime,
    policy: Pack,
) -> Reason | None:
    """Say why this scan may not open the visit, or None when it may.

    `scanned` is whose code was read and `fault` what is wrong with the code; `part` is the
    scanning inspector's place in the visit, None for somebody who was not named.
    """
    if fault is not None or scanned is None:
        return fault or CodeReason.UNKNOWN_CODE
    if scanned.id != visit.enterprise_id:
        return ScanReason.OTHER_ENTERPRISE
    if part is None:
        return ScanReason.NOT_ON_VISIT
    if visit.is_off_site:
        return ScanReason.NO_DOOR
    if visit.stage is Stage.REGISTERED:
        return ScanReason.NOT_APPROVED
    if part.scanned_at is not None:
        return ScanReason.ALREADY_SCANNED
    if not DOOR_OPEN.holds(visit):
        return ScanReason.VISIT_CLOSED
    if not _is_credible(scanned_at, received_at=received_at, policy=policy):
        return ScanReason.BAD_CLOCK
    early = timedelta(minutes=policy.scan.early_minutes)
    if not visit.window_from_at - early <= scanned_at <= visit.window_to_at:
        return ScanReason.OUTSIDE_WINDOW
    if not part.inspector.is_certified(day_of(scanned_at)):
        return ScanReason.EXPIRED_CERTIFICATE
    return None


def is_meeting(scan: Scan, *, policy: Pack) -> bool:
    """Whether two phones meet by this scan: a living code read off a screen, just now, by an enrolled phone."""
    live = scan.code_kind == CodeKind.LIVING and scan.method in (ScanMethod.CAMERA, ScanMethod.LINK)
    return live and scan.inspector_phone is not None and not is_late(scan, policy=policy)


def admit(visit: Visit, part: VisitInspector, *, scan: Scan, policy: Pack, by: Actor) -> None:
    """Let an accepted scan in: the first opens the visit and starts the record's clock."""
    part.scanned_at = scan.scanned_at
    proof = {"scan": str(scan.id), "presence": scan.presence.value if scan.presence else None}
    if visit.stage is Stage.APPROVED:
        visit.on_site_at = scan.scanned_at
        visit.record_due_at = due(visit, "record", scan.received_at, policy=policy)
        move(visit, Stage.ON_SITE, by=by.hand, at=scan.received_at, **proof)
    else:
        note(visit, "scanned", by=by.hand, at=scan.received_at, after=proof)


def withdraw(visit: Visit, scan: Scan, *, reason: str, policy: Pack, by: Actor, at: datetime) -> None:
    """Take back a scan made by mistake, within minutes; the row stays and says why.

    When nobody else has scanned, the visit waits at the door again.
    """
    if scan.reason is not None:
        raise not_found()
    if scan.account_id != by.account_id:
        raise Refusal(WithdrawalReason.NOT_YOUR_SCAN)
    if scan.withdrawn_at is not None:
        raise Refusal(WithdrawalReason.ALREADY_WITHDRAWN)
    if visit.stage is not Stage.ON_SITE or not is_withdrawable(scan, policy=policy, at=at):
        raise Refusal(WithdrawalReason.WITHDRAWAL_TOO_LATE)
    scan.withdrawn_at, scan.withdrawn_because = at, reason
    part = next(part for part in visit.inspectors if part.inspector_id == scan.inspector_id)
    part.scanned_at = None
    left = {"scan": str(scan.id), "because": reason}
    if any(each.scanned_at for each in visit.inspectors):
        note(visit, "scan_withdrawn", by=by.hand, at=at, after=left)
    else:
        visit.on_site_at = visit.record_due_at = None
        move(visit, Stage.APPROVED, by=by.hand, at=at, **left)


def is_withdrawable(scan: Scan, *, policy: Pack, at: datetime) -> bool:
    """Whether the minutes for taking a scan back are not over; counted from when the server heard."""
    open_until = scan.received_at + timedelta(minutes=policy.scan.withdraw_minutes)
    return scan.reason is None and scan.withdrawn_at is None and at <= open_until


def may_scan(visit: Visit, by: Actor) -> bool:
    """Whether this inspector is expected at the door."""
    return any(part.scanned_at is None for part in _at_door(visit, by))


def may_show_code(visit: Visit, by: Actor) -> bool:
    """Whether this inspector's phone may say who it is at the door, before and after scanning."""
    return bool(_at_door(visit, by))


def _at_door(visit: Visit, by: Actor) -> list[VisitInspector]:
    """The actor's own place in a visit whose door is open."""
    if not DOOR_OPEN.holds(visit):
        return []
    return [part for part in visit.inspectors if part.inspector_id == by.inspector_id]


def _is_credible(scanned_at: datetime, *, received_at: datetime, policy: Pack) -> bool:
    """A phone's clock may run a little ahead, and an offline scan may come days later; no more."""
    ahead = timedelta(minutes=policy.scan.clock_skew_minutes)
    return received_at - timedelta(days=policy.scan.offline_days) <= scanned_at <= received_at + ahead
