"""扫码: may this scan open the visit, how strongly does it prove presence, and can it be taken back?"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.account.rules import Actor
from server.clock import day_of
from server.code.rules import CodeReason
from server.enterprise.models import Enterprise
from server.policy.pack import Pack
from server.refusal import Reason, Refusal, not_found
from server.visit.models import Stage, Visit, VisitInspector
from server.visit.rules import due, move, note

from .models import CodeKind, Presence, Scan, ScanMethod

EARTH_RADIUS_M = 6_371_000
# How the place of a phone agrees with the site, as a grade tells it.
WHERE = ("on_site", "place_far", "place_missing", "site_unknown")


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
    if visit.stage not in (Stage.APPROVED, Stage.ON_SITE):
        return ScanReason.VISIT_CLOSED
    if not _is_credible(scanned_at, received_at=received_at, policy=policy):
        return ScanReason.BAD_CLOCK
    early = timedelta(minutes=policy.scan.early_minutes)
    if not visit.window_from_at - early <= scanned_at <= visit.window_to_at:
        return ScanReason.OUTSIDE_WINDOW
    if not part.inspector.is_certified(day_of(scanned_at)):
        return ScanReason.EXPIRED_CERTIFICATE
    return None


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


@dataclass(frozen=True, slots=True)
class Proof:
    """What was shown at the door, for its strength.

    `code` is what was read; `where` is how the place of the phone agrees with the site (`where_of`); `met` says
    that the enterprise's phone and the inspector's met; `is_signed` that the inspector's enrolled phone signed the
    scan; `is_late` that the server heard of it so late that only the phones say when it was.
    """

    code: CodeKind
    method: ScanMethod
    where: str = "place_missing"
    met: bool = False
    is_signed: bool = False
    is_late: bool = False


def grade(proof: Proof) -> tuple[Presence, list[str]]:
    """The strength of presence and what it rests on, as closed words; the second of them says where.

    Strong needs the enterprise's own phone, now: a living code or a handshake. A plaque read on the spot, or a
    one-time slip, is fair. A photo, a typed code or a licence is weak, and so is a plaque whose place is missing or
    far. Far from the site a living code is only fair, since it may have been relayed, and so it is when the server
    hears of it late: a picture of it may have waited. A plaque heard of late is weak, unless the inspector's own
    enrolled phone signed the moment.
    """
    read = proof.method in (ScanMethod.CAMERA, ScanMethod.LINK)
    live = proof.code is CodeKind.LIVING and read
    far = proof.where == "place_far"
    if proof.met or live:
        first = "handshake" if proof.met else "living_code"
        presence = Presence.FAIR if far or (proof.is_late and not proof.met) else Presence.STRONG
    elif proof.code is CodeKind.SLIP:
        first, presence = "slip", Presence.WEAK if far else Presence.FAIR
    elif proof.code is CodeKind.PLAQUE and read:
        proven = proof.where == "on_site" and (proof.is_signed or not proof.is_late)
        first, presence = "plaque", Presence.FAIR if proven else Presence.WEAK
    else:
        first = proof.code.value if proof.code is not CodeKind.PLAQUE else proof.method.value
        presence = Presence.WEAK
    told = {"signed": proof.is_signed, "heard_late": proof.is_late}
    return presence, [first, proof.where, *(word for word, holds in told.items() if holds)]


def where_of(place: tuple[float, float, int] | None, *, site: tuple[float, float] | None, policy: Pack) -> str:
    """How a phone's latitude, longitude and accuracy in metres agree with where the enterprise is, as a closed word."""
    if place is None:
        return "place_missing"
    if site is None:
        return "site_unknown"
    near = distance_m(place[:2], site) - place[2] <= policy.scan.site_radius_m
    return "on_site" if near else "place_far"


def is_late(scan: Scan, *, policy: Pack) -> bool:
    """Whether the server heard of a scan so late that only the phones say when it was."""
    return scan.received_at - scan.scanned_at > timedelta(minutes=policy.scan.prompt_minutes)


def strengthen(scan: Scan, *, policy: Pack) -> None:
    """Grade a scan again that was made before the two phones met; where it was judged to be stays."""
    where = next((word for word in scan.presence_because or [] if word in WHERE), "place_missing")
    signed = scan.inspector_phone is not None
    late = is_late(scan, policy=policy)
    code = CodeKind(scan.code_kind or CodeKind.PLAQUE)
    proof = Proof(code=code, method=scan.method, where=where, met=True, is_signed=signed, is_late=late)
    scan.presence, scan.presence_because = grade(proof)


def coarse(degrees: float) -> float:
    """A position as it is kept: to about 100 metres, once it has been judged (个人信息保护法: no more than needed)."""
    return round(degrees, 3)


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance in metres between two (latitude, longitude) in degrees (haversine)."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, point)) for point in (a, b))
    half = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


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
    if visit.is_off_site or visit.stage not in (Stage.APPROVED, Stage.ON_SITE):
        return []
    return [part for part in visit.inspectors if part.inspector_id == by.inspector_id]


def _is_credible(scanned_at: datetime, *, received_at: datetime, policy: Pack) -> bool:
    """A phone's clock may run a little ahead, and an offline scan may come days later; no more."""
    ahead = timedelta(minutes=policy.scan.clock_skew_minutes)
    return received_at - timedelta(days=policy.scan.offline_days) <= scanned_at <= received_at + ahead
