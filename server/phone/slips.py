"""纸质一次码: made, with nothing kept of them but a keyed hash."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import insert

import qr
from server.config import Config
from server.db import db
from server.enterprise.models import Enterprise
from server.ledger.rules import Hand, event

from .models import Slip, SlipPurpose

_ROWS_AT_ONCE = 5000


def kept_of_slip(code: str) -> bytes:
    """What the database holds of a one-time code as it is printed."""
    config: Config = current_app.config["RUQI"]
    return qr.slip_hash(code, secret=config.token_secret.encode())


def make_codes(count: int) -> list[str]:
    """One-time codes that nobody knows yet."""
    return [qr.make_slip() for _ in range(count)]


def issue_slips(enterprise: Enterprise, purpose: SlipPurpose, codes: Sequence[str], *, by: Hand, at: datetime) -> None:
    """Let codes that are on paper count for an enterprise, with their event; nothing but a hash is kept of them."""
    db.session.add_all(
        Slip(
            code_hash=kept_of_slip(code), enterprise_id=enterprise.id, purpose=purpose, issued_at=at,
            issued_by=by.account_id,
        )
        for code in codes
    )  # fmt: skip
    told = {"purpose": purpose.value, "count": len(codes)}
    db.session.add(event("slips_issued", **enterprise.as_subject, by=by, at=at, after=told))


def seal_slips(enterprise_ids: Sequence[UUID], *, at: datetime) -> list[str]:
    """Make a code that enrols a first phone for each of very many enterprises, in their order; the caller commits."""
    codes = make_codes(len(enterprise_ids))
    rows = [
        {
            "code_hash": kept_of_slip(code),
            "enterprise_id": enterprise_id,
            "purpose": SlipPurpose.ACTIVATION,
            "issued_at": at,
        }
        for code, enterprise_id in zip(codes, enterprise_ids, strict=True)
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        db.session.execute(insert(Slip), rows[start : start + _ROWS_AT_ONCE])
    return codes
