"""Phones with keys of their own, an enterprise's or an inspector's: enrolled, listed, handed over, ended."""

import base64
import binascii
from typing import Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from pydantic import Field
from sqlalchemy import func, select

import qr
from server.account.models import Account, Device, Role
from server.account.rules import SignInReason
from server.account.rules import revoke as end_session
from server.account.sign_in import allow
from server.change import MEANINGS, changing
from server.clock import now
from server.db import db, locked
from server.enterprise.models import Enterprise, reachable
from server.ledger.rules import Hand, event
from server.paging import In, Moment, Out
from server.refusal import Reason, Refusal, not_found

from .models import LAST_NUMBER, MOST_PHONES, Phone, PhoneRole

bp = APIBlueprint("phones", __name__, tag="enterprise")


class PhoneReason(Reason):
    """Why a phone is not enrolled or a slip not taken."""

    BAD_PHONE_KEY = "bad_phone_key"
    PHONE_ENROLLED = "phone_enrolled"
    PHONES_FULL = "phones_full"
    OWNER_ONLY = "owner_only"
    LAST_OWNER = "last_owner"


MEANINGS |= {"uq_phone_public_key": PhoneReason.PHONE_ENROLLED, "failed: phone.public_key": PhoneReason.PHONE_ENROLLED}


class PhoneIn(In):
    """A public key as WebCrypto exports it raw (P-256, 65 bytes), base64url without padding."""

    public_key: str = Field(min_length=86, max_length=90)
    label: str = Field(min_length=1, max_length=64)


class PhoneOut(Out):
    number: int
    label: str
    role: PhoneRole | None
    enrolled_at: Moment
    revoked_at: Moment | None
    revoked_because: str | None
    mine: bool


class Phones(Out):
    items: list[PhoneOut]
    most: int


class RevocationIn(In):
    reason: str = Field(min_length=1, max_length=200)


class RoleIn(In):
    role: PhoneRole


@bp.get("/phones")
@allow(Role.ENTERPRISE, Role.INSPECTOR)
@bp.output(Phones)
def phones() -> dict[str, Any]:
    """The phones of my enterprise, or my own as an inspector, revoked ones too."""
    return _list(_mine())


@bp.get("/enterprises/<uuid:enterprise_id>/phones")
@allow(Role.ADMINISTRATOR)
@bp.output(Phones)
def phones_of(enterprise_id: UUID) -> dict[str, Any]:
    """An enterprise's phones, for the desk it rings when the only one is lost."""
    return _list(Phone.enterprise_id == enterprise_id, _mine())


@bp.post("/phones")
@allow(Role.ENTERPRISE, Role.INSPECTOR)
@changing
@bp.input(PhoneIn)
@bp.output(PhoneOut, 201)
def enrol(json_data: PhoneIn) -> dict[str, Any]:
    """Enrol the phone I am signed in on."""
    # The access token of a lost phone outlives its session by minutes.
    device = db.session.get(Device, g.actor.device_id) if g.actor.device_id is not None else None
    if device is not None and device.revoked_at is not None:
        raise Refusal(SignInReason.SESSION_REVOKED, 401)
    account = db.session.get_one(Account, g.actor.account_id)
    return out_of(enrol_phone(account, json_data, by=g.actor.hand))


@bp.post("/phones/<int:number>/role")
@allow(Role.ENTERPRISE)
@changing
@bp.input(RoleIn)
@bp.output(PhoneOut, 201)
def set_role(number: int, json_data: RoleIn) -> dict[str, Any]:
    """As an owner, make another phone an owner or a clerk; one owner there must be."""
    assert g.actor.enterprise_id is not None  # the account's CHECK demands it
    _lock_phones_of(g.actor.enterprise_id)
    phone = _to_change(number)
    if not _is_owner():
        raise Refusal(PhoneReason.OWNER_ONLY, 403)
    others = (Phone.number != number, Phone.role == PhoneRole.OWNER, Phone.revoked_at.is_(None), _mine())
    if json_data.role is PhoneRole.CLERK and db.session.scalar(select(Phone.number).where(*others).limit(1)) is None:
        raise Refusal(PhoneReason.LAST_OWNER)
    if phone.role is not json_data.role:
        phone.role = json_data.role
        _noted("phone_role", phone, by=g.actor.hand, role=json_data.role.value)
    return out_of(phone)


@bp.post("/phones/<int:number>/revocation")
@allow(Role.ENTERPRISE, Role.INSPECTOR, Role.ADMINISTRATOR)
@changing
@bp.input(RevocationIn)
@bp.output(PhoneOut, 201)
def revoke(number: int, json_data: RevocationIn) -> dict[str, Any]:
    """End a phone: my own, as an owner any of my enterprise's, as an administrator one that was lost.

    A phone that was enrolled without a password is signed out with it: its account is that phone's alone.
    """
    at = now()
    phone = _to_change(number)
    if g.actor.role is not Role.ADMINISTRATOR and phone.account_id != g.actor.account_id and not _is_owner():
        raise Refusal(PhoneReason.OWNER_ONLY, 403)
    if phone.revoked_at is None:
        phone.revoked_at, phone.revoked_by, phone.revoked_because = at, g.actor.account_id, json_data.reason
        signed_in = (
            select(Device)
            .join(Device.account)
            .where(Device.account_id == phone.account_id, Account.password_hash == "")
        )
        for device in db.session.scalars(signed_in):
            end_session(device, because="phone_revoked", at=at)
        _noted("phone_revoked", phone, by=g.actor.hand, because=json_data.reason)
    return out_of(phone)


def enrol_phone(account: Account, asked: PhoneIn, *, by: Hand) -> Phone:
    """Enrol a phone for an account; the first of an enterprise is its owner's."""
    try:
        raw = base64.urlsafe_b64decode(asked.public_key + "=" * (-len(asked.public_key) % 4))
        qr.DevicePublicKey(raw)
    except (ValueError, binascii.Error):
        raise Refusal(PhoneReason.BAD_PHONE_KEY, 422) from None
    role: Literal[PhoneRole.OWNER, PhoneRole.CLERK] | None = None
    holder = Phone.inspector_id == account.inspector_id
    if account.enterprise_id is not None:
        _lock_phones_of(account.enterprise_id)
        holder = Phone.enterprise_id == account.enterprise_id
        owners = select(Phone.number).where(holder, Phone.revoked_at.is_(None), Phone.role == PhoneRole.OWNER).limit(1)
        role = PhoneRole.CLERK if db.session.scalar(owners) is not None else PhoneRole.OWNER
    if (db.session.scalar(select(func.count()).where(holder, Phone.revoked_at.is_(None))) or 0) >= MOST_PHONES:
        raise Refusal(PhoneReason.PHONES_FULL, most=MOST_PHONES)
    phone = Phone(
        account_id=account.id, enterprise_id=account.enterprise_id, inspector_id=account.inspector_id, role=role,
        public_key=raw, label=asked.label, enrolled_at=now(),
    )  # fmt: skip
    db.session.add(phone)
    db.session.flush()
    _noted("phone_enrolled", phone, by=by)
    return phone


def out_of(phone: Phone, *, mine: bool | None = None) -> dict[str, Any]:
    """A phone as its enterprise sees it."""
    return {
        "number": phone.number,
        "label": phone.label,
        "role": phone.role,
        "enrolled_at": phone.enrolled_at,
        "revoked_at": phone.revoked_at,
        "revoked_because": phone.revoked_because,
        "mine": phone.account_id == g.actor.account_id if mine is None else mine,
    }


# --- helpers, in calling order -----------------------------------------------------------------


def _list(*among: Any) -> dict[str, Any]:
    statement = select(Phone).where(*among).order_by(Phone.revoked_at.is_not(None), Phone.number)
    return {"items": [out_of(phone) for phone in db.session.scalars(statement)], "most": MOST_PHONES}


def _mine() -> Any:
    """Phones within reach: an inspector's own, an enterprise's, for an administrator those of the own subtree."""
    if g.actor.role is Role.INSPECTOR:
        return Phone.inspector_id == g.actor.inspector_id
    if g.actor.role is Role.ADMINISTRATOR:
        return Phone.enterprise_id.in_(select(Enterprise.id).where(reachable(g.actor)))
    return Phone.enterprise_id == g.actor.enterprise_id


def _lock_phones_of(enterprise_id: UUID) -> None:
    """The enterprise's row: of two requests at once not both are the fifth phone, the first owner or the last."""
    db.session.execute(locked(select(Enterprise.id).where(Enterprise.id == enterprise_id)))


def _to_change(number: int) -> Phone:
    # A longer number is nobody's, and more than the database can compare with.
    statement = select(Phone).where(Phone.number == min(number, LAST_NUMBER + 1), _mine())
    phone = db.session.scalar(locked(statement, of=Phone))
    if phone is None:
        raise not_found()
    return phone


def _is_owner() -> bool:
    owner = select(Phone.number).where(
        Phone.account_id == g.actor.account_id, Phone.role == PhoneRole.OWNER, Phone.revoked_at.is_(None)
    )
    return db.session.scalar(owner.limit(1)) is not None


def _noted(verb: str, phone: Phone, *, by: Hand, **after: str) -> None:
    subject = ("enterprise", phone.enterprise_id) if phone.enterprise_id else ("account", phone.account_id)
    told = {"phone": phone.number, "label": phone.label, **after}
    db.session.add(event(verb, subject=subject, by=by, at=now(), after=told, enterprise_id=phone.enterprise_id))
