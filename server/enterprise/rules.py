"""Issuing and revoking plaques, and saying whose code a text is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from qr import BadCode, CodeFault, KeyRing, open_plaque
from server.ledger.models import Event
from server.ledger.rules import Hand, event
from server.refusal import Reason, Refusal

from .models import Enterprise, Plaque
from .uscc import read_uscc


class CodeReason(Reason):
    """Why a scanned or typed code leads to no enterprise."""

    UNKNOWN_CODE = "unknown_code"
    FORGED_CODE = "forged_code"
    REVOKED_CODE = "revoked_code"


class PlaqueReason(Reason):
    """Why a plaque cannot be printed or changed."""

    PLAQUE_REVOKED = "plaque_revoked"
    GLYPH_MISSING = "glyph_missing"


@dataclass(frozen=True, slots=True)
class Token:
    """What a text claims, before the database is asked: a verified serial or a typed USCC."""

    serial: int | None = None
    uscc: str | None = None
    fault: CodeReason | None = None


def read_code(text: str, *, keys: KeyRing, prefix: str) -> Token:
    """Open a scanned or typed text. A signature must verify: decoders do misread."""
    typed = read_uscc(text)
    if typed is not None:
        return Token(uscc=typed.text)
    try:
        return Token(serial=open_plaque(text, keys=keys, prefix=prefix).serial)
    except BadCode as bad:
        forged = bad.reason in (CodeFault.FORGED, CodeFault.UNKNOWN_KEY)
        return Token(fault=CodeReason.FORGED_CODE if forged else CodeReason.UNKNOWN_CODE)


def fault_of(token: Token, *, plaque: Plaque | None, enterprise: Enterprise | None) -> CodeReason | None:
    """Why this code may not be used, or None; `plaque` and `enterprise` are what the database knows."""
    if token.fault is not None:
        return token.fault
    if enterprise is None:
        return CodeReason.UNKNOWN_CODE
    if plaque is not None and plaque.revoked_at is not None:
        return CodeReason.REVOKED_CODE
    return None


def issue(
    enterprise: Enterprise,
    *,
    key_id: int,
    by: Hand,
    at: datetime,
    reason: str,
    record: Callable[[Event], None],
    flush: Callable[[], None],
) -> Plaque:
    """Give an enterprise a new plaque; the valid one, if any, is revoked for this reason.

    `flush` lets the revocation reach the database first, where only one plaque may be valid.
    """
    for plaque in enterprise.plaques:
        if plaque.revoked_at is None:
            revoke(plaque, reason=reason or "reissued", by=by, at=at, record=record)
            flush()
    fresh = Plaque(enterprise=enterprise, key_id=key_id, issued_at=at, issued_by=by.account_id)
    record(
        event(
            "plaque_issued",
            subject=("enterprise", enterprise.id),
            by=by,
            at=at,
            region_code=enterprise.region_code,
            enterprise_id=enterprise.id,
        )
    )
    return fresh


def revoke(plaque: Plaque, *, reason: str, by: Hand, at: datetime, record: Callable[[Event], None]) -> None:
    """End a plaque; whoever scans it afterwards is told since when and why."""
    if plaque.revoked_at is not None:
        raise Refusal(PlaqueReason.PLAQUE_REVOKED)
    plaque.revoked_at, plaque.revoked_by, plaque.revoked_because = at, by.account_id, reason
    record(
        event(
            "plaque_revoked",
            subject=("enterprise", plaque.enterprise_id),
            by=by,
            at=at,
            after={"serial": plaque.serial, "reason": reason},
            region_code=plaque.enterprise.region_code,
            enterprise_id=plaque.enterprise_id,
        )
    )
