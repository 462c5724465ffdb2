"""企业码: issued, revoked, lost and found."""

from collections.abc import Callable
from datetime import datetime

from server.enterprise.models import Enterprise
from server.ledger.models import Event
from server.ledger.rules import Hand, event
from server.refusal import Reason, Refusal

from .models import Plaque


class PlaqueReason(Reason):
    """Why a plaque cannot be printed or changed."""

    PLAQUE_REVOKED = "plaque_revoked"
    GLYPH_MISSING = "glyph_missing"
    PLAQUE_NOT_LOST = "plaque_not_lost"


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
    record(event("plaque_issued", **enterprise.as_subject, by=by, at=at))
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
    return event(verb, **plaque.enterprise.as_subject, by=by, at=at, after=after)
