"""Enrolling a phone: the holder's phones read under a lock, the rule asked, the row and its event added."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from server.account.models import Account
from server.db import db, locked
from server.enterprise.models import Enterprise
from server.ledger.rules import Hand

from . import rules
from .models import Phone
from .schemas import PhoneIn


def enrol_phone(account: Account, asked: PhoneIn, *, by: Hand, at: datetime) -> Phone:
    """Enrol a phone for an account, with its event."""
    public_key = rules.read_key(asked.public_key)
    live = live_phones(enterprise_id=account.enterprise_id, inspector_id=account.inspector_id)
    phone = rules.enrol(account, public_key=public_key, label=asked.label, live=live, at=at)
    db.session.add(phone)
    db.session.flush()
    db.session.add(rules.told("phone_enrolled", phone, by=by, at=at))
    return phone


def live_phones(*, enterprise_id: UUID | None, inspector_id: UUID | None = None) -> Sequence[Phone]:
    """The phones of an enterprise or of an inspector that have not ended, to decide on.

    An enterprise's row is locked first: of two requests at once not both are the fifth phone, the first owner or
    the last. Nobody's phones are none.
    """
    if enterprise_id is None and inspector_id is None:
        return []
    holder = Phone.inspector_id == inspector_id
    if enterprise_id is not None:
        db.session.execute(locked(select(Enterprise.id).where(Enterprise.id == enterprise_id)))
        holder = Phone.enterprise_id == enterprise_id
    fresh = select(Phone).where(holder, Phone.revoked_at.is_(None)).order_by(Phone.number)
    return db.session.scalars(fresh.execution_options(populate_existing=True)).all()
