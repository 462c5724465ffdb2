"""激活: an enterprise's phone is enrolled without a password, by the sealed code of its plaque sheet or by a text."""

import secrets
from datetime import datetime

from apiflask import APIBlueprint
from flask import current_app
from pydantic import Field, model_validator
from sqlalchemy import select

import qr
from server.account.models import Account, Device, Role
from server.account.rules import token_hash
from server.account.schemas import Session
from server.account.sessions import session_of
from server.account.sign_in import public
from server.change import changing_without_key
from server.clock import now
from server.config import Config
from server.db import db, locked
from server.enterprise.models import Enterprise
from server.enterprise.uscc import read_uscc
from server.ids import new_id
from server.incoming import Line
from server.ledger.rules import PUBLIC, Hand, event
from server.notice.rules import sms
from server.paging import In, Out
from server.refusal import Refusal

from . import activation
from .activation import ActivationReason
from .enrolling import enrol_phone
from .models import Slip, SmsCode
from .schemas import PhoneIn, PhoneOut
from .slips import kept_of_slip

bp = APIBlueprint("activation", __name__, tag="enterprise")


class ActivationIn(In):
    """Which enterprise asks for a text."""

    uscc: Line = Field(min_length=18, max_length=40)


class Activation(Out):
    """The same answer for everybody: strangers learn nothing."""

    sent: bool


class EnrolmentIn(PhoneIn):
    """A phone's key, with the code of the sheet, or with an enterprise's code and the digits that were texted."""

    slip: Line | None = Field(None, min_length=16, max_length=200)
    uscc: Line | None = Field(None, min_length=18, max_length=40)
    sms_code: Line | None = Field(None, min_length=6, max_length=6)

    @model_validator(mode="after")
    def _one_way(self) -> "EnrolmentIn":
        if (self.slip is None) == (self.sms_code is None) or (self.uscc is None) != (self.sms_code is None):
            raise ValueError("either slip, or uscc and sms_code")
        return self


class Enrolment(Session):
    """A session of the account that was made for this phone, and the phone."""

    phone: PhoneOut


@bp.post("/activations")
@public
@bp.input(ActivationIn)
@changing_without_key
@bp.output(Activation, 202)
def ask_for_text(json_data: ActivationIn) -> Activation:
    """Text six digits to the number on file.

    The answer is the same for an enterprise that nobody knows, that has no number, or that was texted a moment ago:
    strangers learn nothing here.
    """
    at = now()
    config: Config = current_app.config["RUQI"]
    if not config.sms_url:
        raise Refusal(ActivationReason.SMS_OFF)
    enterprise = _by_uscc(json_data.uscc)
    if enterprise is not None and enterprise.contact_mobile and activation.may_send(_codes(enterprise), at=at):
        digits = activation.make_digits()
        kept = activation.hash_of(digits, enterprise_id=enterprise.id, secret=config.token_secret.encode())
        db.session.add(
            SmsCode(enterprise_id=enterprise.id, code_hash=kept, sent_at=at, expires_at=at + activation.LIFE, tries=0)
        )
        db.session.add(sms(enterprise.contact_mobile, activation.text_of(digits), at=at, life=activation.LIFE))
        db.session.add(event("activation_texted", **enterprise.as_subject, by=PUBLIC, at=at))
    return Activation(sent=True)


@bp.post("/enrolments")
@public
@bp.input(EnrolmentIn)
@changing_without_key
@bp.output(Enrolment, 201)
def enrol(json_data: EnrolmentIn) -> Enrolment:
    """Enrol a phone with a one-time code, and sign it in: no password is needed.

    Each phone gets an account of its own, so that what it does can be told apart and ended.
    """
    at = now()
    proof = _proof(json_data, at=at)
    account = _account_for(db.session.get_one(Enterprise, proof.enterprise_id), label=json_data.label)
    secret = secrets.token_urlsafe(32)
    device = Device(
        id=new_id(), account=account, label=json_data.label, token_hash=token_hash(secret), created_at=at, used_at=at
    )
    db.session.add_all([account, device])
    db.session.flush()
    proof.used_at = at
    if isinstance(proof, Slip):
        proof.used_by = account.id
    hand = Hand(account_id=account.id, role=Role.ENTERPRISE.value, device_id=device.id)
    phone = enrol_phone(account, json_data, by=hand, at=at)
    session = session_of(account, device, secret, at=at)
    return Enrolment(**dict(session), phone=PhoneOut.of(phone, to=account.id))


# --- helpers, in calling order -----------------------------------------------------------------


def _by_uscc(text: str) -> Enterprise | None:
    """The enterprise of a typed code, with its row locked: two requests at once are one text, and one try."""
    uscc = read_uscc(text)
    if uscc is None:
        return None
    return db.session.scalar(locked(select(Enterprise).where(Enterprise.uscc == uscc.text), of=Enterprise))


def _codes(enterprise: Enterprise) -> list[SmsCode]:
    """The newest codes that were texted to an enterprise, the latest first."""
    statement = select(SmsCode).where(SmsCode.enterprise_id == enterprise.id).order_by(SmsCode.sent_at.desc())
    return list(db.session.scalars(statement.limit(activation.MOST_A_DAY)))


def _proof(asked: EnrolmentIn, *, at: datetime) -> Slip | SmsCode:
    """The slip or the text that lets this phone in; refuses when there is none."""
    config: Config = current_app.config["RUQI"]
    if asked.slip is not None:
        try:
            code = qr.read_slip(asked.slip, prefix=config.plaque_prefix)
        except qr.BadCode:
            raise Refusal(ActivationReason.BAD_SLIP, 422) from None
        return activation.refuse_slip(
            db.session.scalar(locked(select(Slip).where(Slip.code_hash == kept_of_slip(code))))
        )
    assert asked.uscc is not None and asked.sms_code is not None  # the shape demands them
    enterprise = _by_uscc(asked.uscc)
    newest = next(iter(_codes(enterprise)), None) if enterprise is not None else None
    return activation.refuse_text(newest, asked.sms_code, secret=config.token_secret.encode(), at=at)


def _account_for(enterprise: Enterprise, *, label: str) -> Account:
    return Account(
        id=new_id(), username=f"phone-{secrets.token_hex(6)}", name=label, role=Role.ENTERPRISE,
        enterprise_id=enterprise.id, enterprise=enterprise, failed_count=0,
    )  # fmt: skip
