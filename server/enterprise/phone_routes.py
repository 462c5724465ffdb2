"""Enrolling phones: an enterprise's own, with the one-time code of its plaque sheet or a sign-in; an inspector's."""

import base64
import binascii
import secrets
from typing import Any, Literal
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, current_app, g
from pydantic import Field
from sqlalchemy import func, select

import qr
from server.account.models import Account, Device, Role
from server.account.rules import revoke as end_session
from server.account.rules import token_hash
from server.account.schemas import Session
from server.account.sessions import session_of
from server.account.sign_in import allow, public
from server.change import MEANINGS, changing, changing_without_key
from server.clock import now
from server.config import Config
from server.db import db, locked, new_id
from server.ledger.rules import Hand, event
from server.paging import In, Moment, Out
from server.refusal import Reason, Refusal, not_found

from .code_routes import kept_of_slip
from .models import Enterprise
from .phones import MOST_PHONES, Phone, PhoneRole, Slip, SlipPurpose
from .routes import reachable

bp = APIBlueprint("phones", __name__, tag="enterprise")


class PhoneReason(Reason):
    """Why a phone is not enrolled or a slip not taken."""

    BAD_PHONE_KEY = "bad_phone_key"
    PHONE_ENROLLED = "phone_enrolled"
    PHONES_FULL = "phones_full"
    OWNER_ONLY = "owner_only"
    BAD_SLIP = "bad_slip"
    SLIP_USED = "slip_used"


MEANINGS |= {"uq_phone_public_key": PhoneReason.PHONE_ENROLLED, "failed: phone.public_key": PhoneReason.PHONE_ENROLLED}


class PhoneIn(In):
    """A public key as WebCrypto exports it raw (P-256, 65 bytes), base64url without padding."""

    public_key: str = Field(min_length=86, max_length=90)
    label: str = Field(min_length=1, max_length=64)


class EnrolmentIn(PhoneIn):
    slip: str = Field(min_length=16, max_length=200)


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


class Enrolment(Session):
    phone: PhoneOut


class RevocationIn(In):
    reason: str = Field(min_length=1, max_length=200)


class SlipsIn(In):
    purpose: SlipPurpose
    count: int = Field(1, ge=1, le=8)


@bp.get("/phones")
@allow(Role.ENTERPRISE, Role.INSPECTOR)
@bp.output(Phones)
def phones() -> dict[str, Any]:
    """The phones of my enterprise, or my own as an inspector, revoked ones too."""
    statement = select(Phone).where(_mine()).order_by(Phone.revoked_at.is_not(None), Phone.number)
    return {"items": [_out(phone) for phone in db.session.scalars(statement)], "most": MOST_PHONES}


@bp.post("/phones")
@allow(Role.ENTERPRISE, Role.INSPECTOR)
@changing
@bp.input(PhoneIn)
@bp.output(PhoneOut, 201)
def enrol(json_data: PhoneIn) -> dict[str, Any]:
    """Enrol the phone I am signed in on."""
    account = db.session.get_one(Account, g.actor.account_id)
    return _out(_enrol(account, json_data, by=g.actor.hand))


@bp.post("/enrolments")
@public
@changing_without_key
@bp.input(EnrolmentIn)
@bp.output(Enrolment, 201)
def enrol_by_slip(json_data: EnrolmentIn) -> dict[str, Any]:
    """Enrol a phone with the one-time code of the plaque sheet, and sign it in: no password is needed.

    Each phone gets an account of its own, so that what it does can be told apart and ended.
    """
    at = now()
    slip = db.session.scalar(locked(select(Slip).where(Slip.code_hash == slip_hash_of(json_data.slip))))
    if slip is None or slip.purpose is not SlipPurpose.ACTIVATION:
        raise Refusal(PhoneReason.BAD_SLIP, 404)
    if slip.used_at is not None:
        raise Refusal(PhoneReason.SLIP_USED)
    enterprise = db.session.get_one(Enterprise, slip.enterprise_id)
    account = Account(
        id=new_id(), username=f"phone-{secrets.token_hex(6)}", name=json_data.label, role=Role.ENTERPRISE,
        enterprise_id=enterprise.id, enterprise=enterprise, failed_count=0,
    )  # fmt: skip
    secret = secrets.token_urlsafe(32)
    device = Device(
        id=new_id(), account=account, label=json_data.label, token_hash=token_hash(secret), created_at=at, used_at=at
    )
    db.session.add_all([account, device])
    db.session.flush()
    slip.used_at, slip.used_by = at, account.id
    hand = Hand(account_id=account.id, role=Role.ENTERPRISE.value, device_id=device.id)
    phone = _enrol(account, json_data, by=hand)
    return {**session_of(account, device, secret, at=at), "phone": {**_out_of(phone), "mine": True}}


@bp.post("/phones/<int:number>/revocation")
@allow(Role.ENTERPRISE, Role.INSPECTOR)
@changing
@bp.input(RevocationIn)
@bp.output(PhoneOut, 201)
def revoke(number: int, json_data: RevocationIn) -> dict[str, Any]:
    """End a phone: my own, or as an owner any of my enterprise's. Its codes count no more.

    A phone that was enrolled without a password is signed out with it: its account is that phone's alone.
    """
    at = now()
    phone = db.session.scalar(locked(select(Phone).where(Phone.number == number, _mine()), of=Phone))
    if phone is None:
        raise not_found()
    if phone.account_id != g.actor.account_id and not _is_owner():
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
    return _out(phone)


@bp.post("/enterprises/<uuid:enterprise_id>/slips")
@allow(Role.ADMINISTRATOR)
@changing_without_key  # a stored answer would hold the codes
@bp.input(SlipsIn)
@bp.doc(responses={200: "a PDF of slips; the codes are on it alone"})
def make_slips(enterprise_id: UUID, json_data: SlipsIn) -> Response:
    """Print one-time codes: to enrol phones, or for an enterprise without one. Nobody can read them again."""
    at = now()
    enterprise = db.session.scalar(select(Enterprise).where(Enterprise.id == enterprise_id, reachable(g.actor)))
    if enterprise is None:
        raise not_found()
    codes = [qr.make_slip() for _ in range(json_data.count)]
    db.session.add_all(
        Slip(
            code_hash=kept_of_slip(code), enterprise_id=enterprise.id, purpose=json_data.purpose, issued_at=at,
            issued_by=g.actor.account_id,
        )
        for code in codes
    )  # fmt: skip
    told = {"purpose": json_data.purpose.value, "count": len(codes)}
    db.session.add(
        event(
            "slips_issued", subject=("enterprise", enterprise.id), by=g.actor.hand, at=at, after=told,
            region_code=enterprise.region_code, enterprise_id=enterprise.id,
        )
    )  # fmt: skip
    config: Config = current_app.config["RUQI"]
    body = qr.slip_pdf(
        [qr.SlipSheet(code=code, name=enterprise.name) for code in codes],
        design=config.plaque_design,
        prefix=config.plaque_prefix,
        call_back=config.call_back,
    )
    headers = {"Content-Disposition": f'attachment; filename="ruqi-slips-{enterprise.uscc}.pdf"'}
    return Response(body, content_type="application/pdf", headers=headers)


def slip_hash_of(text: str) -> bytes:
    """What is kept of a typed or scanned slip; 422 when characters were mistaken."""
    config: Config = current_app.config["RUQI"]
    try:
        code = qr.read_slip(text, prefix=config.plaque_prefix)
    except qr.BadCode:
        raise Refusal(PhoneReason.BAD_SLIP, 422) from None
    return kept_of_slip(code)


# --- helpers, in calling order -----------------------------------------------------------------


def _mine() -> Any:
    if g.actor.role is Role.INSPECTOR:
        return Phone.inspector_id == g.actor.inspector_id
    return Phone.enterprise_id == g.actor.enterprise_id


def _enrol(account: Account, asked: PhoneIn, *, by: Hand) -> Phone:
    try:
        raw = base64.urlsafe_b64decode(asked.public_key + "=" * (-len(asked.public_key) % 4))
        qr.DevicePublicKey(raw)
    except (ValueError, binascii.Error):
        raise Refusal(PhoneReason.BAD_PHONE_KEY, 422) from None
    role: Literal[PhoneRole.OWNER, PhoneRole.CLERK] | None = None
    if account.enterprise_id is not None:
        # The enterprise's row, so that two phones at once do not both become the fifth, or both the owner.
        db.session.execute(locked(select(Enterprise.id).where(Enterprise.id == account.enterprise_id)))
        live = (Phone.enterprise_id == account.enterprise_id, Phone.revoked_at.is_(None))
        if (db.session.scalar(select(func.count()).where(*live)) or 0) >= MOST_PHONES:
            raise Refusal(PhoneReason.PHONES_FULL, most=MOST_PHONES)
        owners = select(Phone.number).where(*live, Phone.role == PhoneRole.OWNER).limit(1)
        role = PhoneRole.CLERK if db.session.scalar(owners) is not None else PhoneRole.OWNER
    phone = Phone(
        account_id=account.id, enterprise_id=account.enterprise_id, inspector_id=account.inspector_id, role=role,
        public_key=raw, label=asked.label, enrolled_at=now(),
    )  # fmt: skip
    db.session.add(phone)
    db.session.flush()
    _noted("phone_enrolled", phone, by=by)
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


def _out_of(phone: Phone) -> dict[str, Any]:
    return {
        "number": phone.number,
        "label": phone.label,
        "role": phone.role,
        "enrolled_at": phone.enrolled_at,
        "revoked_at": phone.revoked_at,
        "revoked_because": phone.revoked_because,
    }


def _out(phone: Phone) -> dict[str, Any]:
    return {**_out_of(phone), "mine": phone.account_id == g.actor.account_id}
