"""Phones with keys of their own: who may enrol one, hand one over, end one."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

from qr import DevicePublicKey
from server.account.models import Account, Role
from server.account.rules import Actor
from server.ledger.models import Event
from server.ledger.rules import Hand, event
from server.refusal import Reason, Refusal, not_found

from .models import MOST_PHONES, Phone, PhoneRole


class PhoneReason(Reason):
    """Why a phone is not enrolled, handed over or ended."""

    BAD_PHONE_KEY = "bad_phone_key"
    PHONE_ENROLLED = "phone_enrolled"
    PHONES_FULL = "phones_full"
    OWNER_ONLY = "owner_only"
    LAST_OWNER = "last_owner"


def read_key(text: str) -> bytes:
    """A public key as WebCrypto exports it raw (P-256, 65 bytes), from base64url without padding; refuses others."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        DevicePublicKey(raw)
    except (ValueError, binascii.Error):
        raise Refusal(PhoneReason.BAD_PHONE_KEY, 422) from None
    return raw


def enrol(account: Account, *, public_key: bytes, label: str, live: Sequence[Phone], at: datetime) -> Phone:
    """Enrol a phone for an account; the first of an enterprise is its owner's, and five are the most.

    `live` are the phones of the same holder (enterprise or inspector) that have not ended.
    """
    if len(live) >= MOST_PHONES:
        raise Refusal(PhoneReason.PHONES_FULL, most=MOST_PHONES)
    role = None
    if account.enterprise_id is not None:
        owned = any(phone.role is PhoneRole.OWNER for phone in live)
        role = PhoneRole.CLERK if owned else PhoneRole.OWNER
    return Phone(
        account_id=account.id, enterprise_id=account.enterprise_id, inspector_id=account.inspector_id, role=role,
        public_key=public_key, label=label, enrolled_at=at,
    )  # fmt: skip


def hand_over(number: int, role: PhoneRole, *, live: Sequence[Phone], by: Actor) -> tuple[Phone, bool]:
    """As an owner, make a phone of my enterprise an owner's or a clerk's; one owner there must be.

    Gives the phone and whether anything changed: the same role again is no change.
    """
    phone = next((each for each in live if each.number == number), None)
    if phone is None:
        raise not_found()
    if not is_owner(by, live):
        raise Refusal(PhoneReason.OWNER_ONLY, 403)
    others = any(each.role is PhoneRole.OWNER for each in live if each.number != number)
    if role is PhoneRole.CLERK and not others:
        raise Refusal(PhoneReason.LAST_OWNER)
    changed = phone.role is not role
    phone.role = role
    return phone, changed


def end(phone: Phone, *, because: str, live: Sequence[Phone], by: Actor, at: datetime) -> bool:
    """End a phone: my own, as an owner any of my enterprise's, as an administrator one that was lost.

    False when it had ended already: the first reason stays.
    """
    if by.role is not Role.ADMINISTRATOR and phone.account_id != by.account_id and not is_owner(by, live):
        raise Refusal(PhoneReason.OWNER_ONLY, 403)
    if phone.revoked_at is not None:
        return False
    phone.revoked_at, phone.revoked_by, phone.revoked_because = at, by.account_id, because
    return True


def is_owner(by: Actor, live: Sequence[Phone]) -> bool:
    """Whether the account holds an owner's phone among these."""
    return any(phone.account_id == by.account_id and phone.role is PhoneRole.OWNER for phone in live)


def told(verb: str, phone: Phone, *, by: Hand, at: datetime, **after: str) -> Event:
    """The event of a phone: the enterprise's, or of the account when it is an inspector's."""
    subject = ("enterprise", phone.enterprise_id) if phone.enterprise_id else ("account", phone.account_id)
    facts = {"phone": phone.number, "label": phone.label, **after}
    return event(verb, subject=subject, by=by, at=at, after=facts, enterprise_id=phone.enterprise_id)
