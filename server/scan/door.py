"""The door as the database knows it: what the sequence of a scan asks of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from server.account.models import Inspector
from server.account.rules import Actor
from server.code.looking import look_up
from server.code.rules import Token
from server.db import db, locked
from server.enterprise.models import Enterprise
from server.meeting import meetings
from server.meeting.models import Handshake
from server.phone import models as phones
from server.phone.slips import kept_of_slip
from server.policy.pack import Pack
from server.refusal import not_found
from server.visit.counting import settle
from server.visit.models import Visit, VisitInspector, in_scope

from .models import Scan
from .sequence import Found, Reading


class DatabaseDoor:
    """Codes, phones and counters of one visit, in the session's transaction."""

    def __init__(self, visit: Visit, *, policy: Pack, by: Actor) -> None:
        self._visit, self._policy, self._by = visit, policy, by

    def look_up(self, reading: Reading) -> Found:
        """The code by its table, and the phone that signed the moment."""
        token, plaque, enterprise = look_up(reading.code, at=reading.scanned_at)
        assert self._by.inspector_id is not None  # the account's CHECK demands it
        signed_by = meetings.signer_of(
            reading.phone_code, visit=self._visit, inspector_id=self._by.inspector_id, at=reading.scanned_at
        )
        return Found(token, plaque, enterprise, signed_by)

    def strike_off(self, token: Token, *, at: datetime) -> bool:
        """A living code's step and a slip count once."""
        if token.phone is not None and token.step is not None:
            return phones.use_step(token.phone, token.step, at=at)
        if token.slip is not None:
            return phones.use_slip(kept_of_slip(token.slip), account_id=self._by.account_id, at=at)
        return True

    def meet(self, part: VisitInspector, *, inspector_phone: int, enterprise_phone: int, at: datetime) -> Handshake:
        """The words that both phones show."""
        met = {"inspector_phone": inspector_phone, "enterprise_phone": enterprise_phone}
        return meetings.meet(self._visit, part, **met, by=self._by.hand, at=at)

    def settle(self) -> None:
        """The counters of the year of arrival."""
        db.session.flush()
        settle(self._visit, policy=self._policy, at_the_door=True)

    def row(self, **columns: Any) -> Scan:
        """A row for the session, which the caller adds."""
        return Scan(**columns)


def locked_visit(visit_id: UUID, *, by: Actor) -> tuple[Visit, Inspector]:
    """The visit with its row locked, and the scanning inspector: two phones come one after the other.

    Only the visit is read here. PostgreSQL reads a row again once it has waited for its lock, but not the
    rows joined to it: what the other phone has just changed must be read after the lock is ours.
    """
    statement = (
        select(Visit, Inspector)
        .select_from(Visit)
        .join(Inspector, Inspector.id == by.inspector_id)
        .where(Visit.id == visit_id, in_scope(by))
        .options(
            joinedload(Visit.enterprise, innerjoin=True).lazyload(Enterprise.region),
            selectinload(Visit.inspectors),
            lazyload(Inspector.agency),
        )
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(locked(statement, of=Visit)).one_or_none()
    if row is None:
        raise not_found()
    return row[0], row[1]


def first_scan(visit: Visit, *, by: Actor) -> Scan | None:
    """The accepted scan of this inspector here, if there is one that was not taken back."""
    return db.session.scalar(
        select(Scan)
        .where(
            Scan.visit_id == visit.id,
            Scan.inspector_id == by.inspector_id,
            Scan.reason.is_(None),
            Scan.withdrawn_at.is_(None),
        )
        .order_by(Scan.received_at)
        .limit(1)
    )
