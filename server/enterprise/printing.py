"""Plaques of many enterprises into one PDF."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from server.account.rules import region_prefix
from server.db import db

from .models import Enterprise, Plaque
from .routes import plaque_pages


def sheets_of(*, region: str | None, out: Path, limit: int, progress: Callable[[int, int], None]) -> int:
    """Write one A5 page for each enterprise with a valid plaque; returns how many."""
    statement = (
        select(Enterprise)
        .join(Plaque, (Plaque.enterprise_id == Enterprise.id) & Plaque.revoked_at.is_(None))
        .options(selectinload(Enterprise.plaques))
        .order_by(Enterprise.region_code, Enterprise.name)
        .limit(limit)
    )
    if region:
        statement = statement.where(Enterprise.region_code.startswith(region_prefix(region)))
    found = list(db.session.scalars(statement))
    progress(0, len(found))
    out.write_bytes(plaque_pages(found))
    progress(len(found), len(found))
    return len(found)
