"""Issuing and revoking plaques, and saying whose code a text is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from qr import (
    BadCode,
    CodeFault,
    DevicePublicKey,
    KeyRing,
    Kind,
    kind_of,
    open_living,
    open_plaque,
    read_slip,
)
from server.ledger.models import Event
from server.ledger.rules import Hand, event
from server.refusal import Reason, Refusal

from .models import Enterprise, Plaque
from .uscc import find_uscc, read_uscc


class CodeReason(Reason):
    """Why a scanned or typed code leads to no enterprise."""

    UNKNOWN_CODE = "unknown_code"
    FORGED_CODE = "forged_code"
    REVOKED_CODE = "revoked_code"
    STALE_CODE = "stale_code"
    USED_CODE = "used_code"


class PlaqueReason(Reason):
    """Why a plaque cannot be printed or changed."""

    PLAQUE_REVOKED = "plaque_revoked"
    GLYPH_MISSING = "glyph_missing"
    PLAQUE_NOT_LOST = "plaque_not_lost"


@dataclass(frozen=True, slots=True)
class Token:
    """What a text claims, before the database is asked.

    A verified serial of a plaque, a verified step of an enrolled phone, a slip as it is printed, or a USCC,
    typed or inside the text of a business licence's QR code.
    """

    serial: int | None = None
    phone: int | None = None
    step: int | None = None
    slip: str | None = None
    uscc: str | None = None
    licence: bool = False
    fault: CodeReason | None = None


def read_code(
    text: str, *, keys: KeyRing, prefix: str, key_of: Callable[[int], DevicePublicKey | None], at: datetime
) -> Token:
    """Open a scanned or typed text. A signature must verify: decoders do misread.

    `key_of` gives the key of an enrolled phone, `at` the moment at which the code was read: a living code
    is of that half minute or of none.
    """
    typed = read_uscc(text)
    if typed is not None:
        return Token(uscc=typed.text)
    try:
        kind = kind_of(text, prefix=prefix)
        if kind is Kind.LIVING:
            living = open_living(text, key_of=key_of, at=at.timestamp(), prefix=prefix)
            return Token(phone=living.device, step=living.step)
        if kind is Kind.SLIP:
            return Token(slip=read_slip(text, prefix=prefix))
        return Token(serial=open_plaque(text, keys=keys, prefix=prefix).serial)
    except BadCode as bad:
        return _read_otherwise(text, prefix=prefix, bad=bad)


# What the person with the phone is told for each fault of a token.
_TOLD = {
    CodeFault.FORGED: CodeReason.FORGED_CODE,
    CodeFault.UNKNOWN_KEY: CodeReason.FORGED_CODE,
    CodeFault.REVOKED_KEY: CodeReason.REVOKED_CODE,
    CodeFault.EXPIRED: CodeReason.STALE_CODE,
    CodeFault.NOT_YET: CodeReason.STALE_CODE,
}


def _read_otherwise(text: str, *, prefix: str, bad: BadCode) -> Token:
    """A text that is no token of ours: a typed slip, or a business licence's QR code."""
    if bad.reason in _TOLD:
        return Token(fault=_TOLD[bad.reason])
    try:
        return Token(slip=read_slip(text, prefix=prefix))
    except BadCode:
        licence = find_uscc(text)
        return Token(uscc=licence.text, licence=True) if licence else Token(fault=CodeReason.UNKNOWN_CODE)


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
    site: str = "",
    record: Callable[[Event], None],
    flush: Callable[[], None],
) -> Plaque:
    """Give an enterprise, or one of its sites, a new plaque; its valid one, if any, is revoked for this reason.

    `flush` lets the revocation reach the database first, where only one plaque may be valid.
    """
    for plaque in enterprise.plaques:
        if plaque.revoked_at is None and (plaque.site or "") == site:
            revoke(plaque, reason=reason or "reissued", by=by, at=at, record=record)
            flush()
    fresh = Plaque(enterprise=enterprise, site=site, key_id=key_id, issued_at=at, issued_by=by.account_id)
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


def revoke(
    plaque: Plaque, *, reason: str, by: Hand, at: datetime, record: Callable[[Event], None], lost: bool = False
) -> None:
    """End a plaque; whoever scans it afterwards is told since when and why, and a finder of a lost one what to do."""
    if plaque.revoked_at is not None:
        raise Refusal(PlaqueReason.PLAQUE_REVOKED)
    plaque.revoked_at, plaque.revoked_by, plaque.revoked_because, plaque.lost = at, by.account_id, reason, lost
    told = {"serial": plaque.serial, "reason": reason, "lost": lost}
    record(_event("plaque_revoked", plaque, by=by, at=at, after=told))


def find(plaque: Plaque, *, note: str, by: Hand, at: datetime, record: Callable[[Event], None]) -> None:
    """Say that a lost plaque has turned up; the first to say so counts, and it stays revoked."""
    if not plaque.lost:
        raise Refusal(PlaqueReason.PLAQUE_NOT_LOST)
    if plaque.found_at is not None:
        return
    plaque.found_at, plaque.found_by, plaque.found_note = at, by.account_id, note
    record(_event("plaque_found", plaque, by=by, at=at, after={"serial": plaque.serial}))


def _event(verb: str, plaque: Plaque, *, by: Hand, at: datetime, after: dict[str, object]) -> Event:
    return event(
        verb,
        subject=("enterprise", plaque.enterprise_id),
        by=by,
        at=at,
        after=after,
        region_code=plaque.enterprise.region_code,
        enterprise_id=plaque.enterprise_id,
    )
