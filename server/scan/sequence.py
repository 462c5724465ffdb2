"""扫码, step by step: look up, judge, strike off, meet, grade, admit, settle; the same for every scan there is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from server.account.models import Inspector
from server.account.rules import Actor
from server.clock import day_of
from server.code.rules import CodeReason, Token, fault_of
from server.enterprise.models import Enterprise
from server.meeting.models import Handshake
from server.plaque.models import Plaque
from server.policy.pack import Pack
from server.refusal import Reason
from server.visit.models import Visit, VisitInspector
from server.visit.rules import note

from . import rules
from .models import CodeKind, Scan, ScanMethod
from .presence import Proof, coarse, grade, is_late, where_of


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phone says that it read, and when; `place` is latitude, longitude (degrees) and accuracy (metres)."""

    id: UUID
    code: str
    method: ScanMethod
    scanned_at: datetime
    received_at: datetime
    place: tuple[float, float, int] | None = None
    phone_code: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a code: what it claims, the plaque, whose it is, and which enrolled phone signed the moment."""

    token: Token
    plaque: Plaque | None
    enterprise: Enterprise | None
    signed_by: int | None = None


class Door(Protocol):
    """What the sequence asks of the world; the database outside, a few lines in a test."""

    def look_up(self, reading: Reading) -> Found:
        """What is known of the code that was read."""

    def strike_off(self, token: Token, *, at: datetime) -> bool:
        """Use up what counts once; False when somebody was quicker, True for what may be shown again."""

    def meet(self, part: VisitInspector, *, inspector_phone: int, enterprise_phone: int, at: datetime) -> Handshake:
        """Let two phones meet that have both proven themselves."""

    def settle(self) -> None:
        """Count the visit in the year in which it took place after all."""

    def row(self, **columns: Any) -> Scan:
        """The row that is kept of the attempt."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scan: the row that is kept in any case, and the reason when it opened nothing."""

    scan: Scan
    found: Found
    part: VisitInspector | None
    reason: Reason | None = None
    words: Handshake | None = None


def take(visit: Visit, inspector: Inspector, reading: Reading, *, door: Door, policy: Pack, by: Actor) -> Outcome:
    """Take one scan of a visit by an inspector, whatever it is: an attempt that opens nothing is kept as well."""
    found = door.look_up(reading)
    part = next((part for part in visit.inspectors if part.inspector_id == inspector.id), None)
    reason = rules.judge(
        visit,
        scanned=found.enterprise,
        fault=fault_of(found.token, plaque=found.plaque, enterprise=found.enterprise),
        part=part,
        scanned_at=reading.scanned_at,
        received_at=reading.received_at,
        policy=policy,
    )
    # What counts once is struck off only when everything else is in order.
    if reason is None and not door.strike_off(found.token, at=reading.received_at):
        reason = CodeReason.USED_CODE
    scan = door.row(**_columns(visit, inspector, reading, found, reason=reason, by=by))
    if reason is not None or part is None:
        told = {"scan": str(scan.id), "reason": reason}
        note(visit, "scan_refused", by=by.hand, at=reading.received_at, after=told)
        return Outcome(scan, found, part, reason)
    words = None
    if rules.is_meeting(scan, policy=policy):
        assert scan.inspector_phone is not None and scan.phone_number is not None  # that is what makes it one
        phones = {"inspector_phone": scan.inspector_phone, "enterprise_phone": scan.phone_number}
        words = door.meet(part, **phones, at=scan.received_at)
    proof = _proof(scan, reading, site=visit.enterprise.site, met=part.met_at is not None, policy=policy)
    scan.presence, scan.presence_because = grade(proof)
    rules.admit(visit, part, scan=scan, policy=policy, by=by)
    if day_of(scan.scanned_at).year != day_of(visit.window_from_at).year:
        door.settle()
    return Outcome(scan, found, part, words=words)


def kind_of_token(token: Token) -> CodeKind:
    """What was read, for its strength."""
    if token.serial is not None:
        return CodeKind.PLAQUE
    if token.phone is not None:
        return CodeKind.LIVING
    if token.slip is not None:
        return CodeKind.SLIP
    return CodeKind.LICENCE if token.licence else CodeKind.TYPED


def _columns(
    visit: Visit, inspector: Inspector, reading: Reading, found: Found, *, reason: Reason | None, by: Actor
) -> dict[str, Any]:
    return {
        "id": reading.id,
        "visit_id": visit.id,
        "enterprise_id": visit.enterprise_id,
        "inspector_id": inspector.id,
        "account_id": by.account_id,
        "device_id": by.device_id,
        "serial": found.token.serial,
        "code_kind": kind_of_token(found.token).value,
        "phone_number": found.token.phone if found.enterprise is not None else None,
        "inspector_phone": found.signed_by,
        "method": reading.method,
        "scanned_at": reading.scanned_at,
        "received_at": reading.received_at,
        "reason": reason.value if reason else None,
        **_coarse_place(reading),
    }


def _coarse_place(reading: Reading) -> dict[str, Any]:
    """The place as it is kept; the exact one is judged here and kept nowhere."""
    if reading.place is None:
        return {}
    latitude, longitude, accuracy = reading.place
    return {"latitude": coarse(latitude), "longitude": coarse(longitude), "accuracy_m": accuracy}


def _proof(scan: Scan, reading: Reading, *, site: tuple[float, float] | None, met: bool, policy: Pack) -> Proof:
    return Proof(
        code=CodeKind(scan.code_kind or CodeKind.TYPED),
        method=scan.method,
        where=where_of(reading.place, site=site, policy=policy),
        met=met,
        is_signed=scan.inspector_phone is not None,
        is_late=is_late(scan, policy=policy),
    )
