"""The one function that makes an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from server.ids import new_id

from .models import Event


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose hand did it: an account on a device at a network address, or the system itself."""

    account_id: UUID | None
    role: str
    device_id: UUID | None = None
    address: str = ""


SYSTEM = Hand(account_id=None, role="system")
PUBLIC = Hand(account_id=None, role="public")


def event(
    verb: str,
    *,
    subject: tuple[str, UUID],
    by: Hand,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    region_code: str | None = None,
    agency_id: UUID | None = None,
    enterprise_id: UUID | None = None,
    basis: str | None = None,
) -> Event:
    """Make the event that proves a change; the caller adds it in the transaction of the change."""
    about = {"region_code": region_code, "agency_id": agency_id, "enterprise_id": enterprise_id, "basis": basis}
    return Event(**columns_of(verb, subject=subject, by=by, at=at, before=before, after=after, **about))


def columns_of(
    verb: str,
    *,
    subject: tuple[str, UUID],
    by: Hand,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    **about: Any,
) -> dict[str, Any]:
    """An event's columns, for who writes them without a session.

    `subject` is the kind of thing and its id, as ("visit", id). `before` and `after` are flat and
    JSON-safe: codes, numbers, ids as text.
    """
    kind, subject_id = subject
    return {
        "id": new_id(),
        "verb": verb,
        "subject_kind": kind,
        "subject_id": subject_id,
        "account_id": by.account_id,
        "role": by.role,
        "device_id": by.device_id,
        "address": by.address,
        "at": at,
        "before": dict(before or {}),
        "after": dict(after or {}),
        **about,
    }
