"""What the database knows of a text that was read."""

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from server.clock import as_moment
from server.config import Config
from server.db import db
from server.enterprise.models import Enterprise
from server.phone import models as phones
from server.phone.slips import kept_of_slip
from server.plaque.models import Plaque
from server.refusal import Reason, Refusal

from . import rules
from .rules import CodeReason


def look_up(text: str, *, at: datetime) -> tuple[rules.Token, Plaque | None, Enterprise | None]:
    """A text scanned or typed at a moment, and what the database knows of it."""
    config: Config = current_app.config["RUQI"]
    token = rules.read_code(
        text, keys=config.plaque_ring, prefix=config.plaque_prefix, key_of=phones.key_of_phone, at=at
    )
    if token.serial is not None:
        row = db.session.execute(
            select(Plaque, Enterprise).join(Plaque.enterprise).where(Plaque.serial == token.serial)
        ).one_or_none()
        return (token, row[0], row[1]) if row else (token, None, None)
    if token.phone is not None:
        return token, None, phones.enterprise_of_phone(token.phone)
    if token.slip is not None:
        return token, None, phones.enterprise_of_slip(kept_of_slip(token.slip))
    if token.uscc is not None:
        return token, None, db.session.scalar(select(Enterprise).where(Enterprise.uscc == token.uscc))
    return token, None, None


def code_refusal(reason: Reason, plaque: Plaque | None) -> Refusal:
    """The refusal of a code; a revoked one says since when, why, and whether somebody is looking for it."""
    if reason is CodeReason.REVOKED_CODE and plaque is not None:
        return Refusal(reason, **ended(plaque))
    return Refusal(reason, 404 if reason is CodeReason.UNKNOWN_CODE else 409)


def ended(plaque: Plaque) -> dict[str, Any]:
    """What whoever reads a revoked plaque is told."""
    at = as_moment(plaque.revoked_at) if plaque.revoked_at is not None else None
    return {"revoked_at": at, "revoked_reason": plaque.revoked_because, "lost": plaque.lost and plaque.found_at is None}
