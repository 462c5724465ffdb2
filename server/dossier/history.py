"""What happened to a visit, in order, as far as its reader may know."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.account.models import Account, Role
from server.account.rules import Actor
from server.db import db
from server.ledger.models import Event

from .schemas import EventOut

# What an enterprise says of those at its door is never shown to them or to their unit.
OF_THE_DOOR = ("door_report", "door_report_seen")


def events_of(visit_id: UUID, *, to: Actor) -> list[EventOut]:
    """Every event of a visit, the oldest first, with who did it."""
    statement = (
        select(Event, Account.name)
        .outerjoin(Account, Account.id == Event.account_id)
        .where(Event.subject_kind == "visit", Event.subject_id == visit_id)
        .order_by(Event.id)
    )
    if to.role in (Role.INSPECTOR, Role.HEAD):
        statement = statement.where(Event.verb.not_in(OF_THE_DOOR))
    return [
        EventOut(
            id=each.id,
            at=each.at,
            verb=each.verb,
            by=name or "",
            role=each.role,
            before=each.before,
            after=_told(each, to_enterprise=to.role is Role.ENTERPRISE),
        )
        for each, name in db.session.execute(statement)
    ]


def _told(happened: Event, *, to_enterprise: bool) -> dict[str, Any]:
    """What an event says to its reader: why a block was lifted may name whoever complained."""
    if to_enterprise and happened.verb in ("block_lifted", "lift_refused"):
        return {key: value for key, value in happened.after.items() if key != "because"}
    return happened.after
