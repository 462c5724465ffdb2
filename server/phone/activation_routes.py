"""激活: an enterprise's phone is enrolled without a password, by the sealed code of its plaque sheet or by a text."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, current_app, g
from pydantic import Field, model_validator
from sqlalchemy import select

import qr
from server.account.models import Account, Device, Role
from server.account.rules import token_hash
from server.account.schemas import Session
from server.account.sessions import session_of
from server.account.sign_in import allow, public
from server.change import changing_without_key
from server.clock import now
from server.config import Config
from server.db import db, locked, new_id
from server.enterprise.models import Enterprise, reachable
from server.enterprise.uscc import read_uscc
from server.ledger.rules import PUBLIC, Hand, event
from server.notice.rules import sms
from server.paging import In, Out
from server.plaque.models import Plaque
from server.plaque.rules import PlaqueReason
from server.plaque.sheets import sheet_of
from server.refusal import Reason, Refusal, not_found

from . import activation
from .models import Slip, SlipPurpose, SmsCode
from .routes import PhoneIn, PhoneOut, enrol_phone, out_of
from .slips import kept_of_slip

bp = APIBlueprint("activation", __name__, tag="enterprise")


class ActivationReason(Reason):
    """Why a one-time code enrols nothing."""

    BAD_SLIP = "bad_slip"
    SLIP_USED = "slip_used"
    SMS_OFF = "sms_off"
    BAD_SMS_CODE = "bad_sms_code"


class ActivationIn(In):
    uscc: str = Field(min_length=18, max_length=40)


class Activation(Out):
    sent: bool


class EnrolmentIn(PhoneIn):
    """A phone's key, with the code of the sheet, or with an enterprise's code and the digits that were texted."""

    slip: str | None = Field(None, min_length=16, max_length=200)
    uscc: str | None = Field(None, min_length=18, max_length=40)
    sms_code: str | None = Field(None, min_length=6, max_length=6)

    @model_validator(mode="after")
    def _one_way(self) -> "EnrolmentIn":
        if (self.slip is None) == (self.sms_code is None) or (self.uscc is None) != (self.sms_code is None):
            raise ValueError("either slip, or uscc and sms_code")
        return self


class Enrolment(Session):
    phone: PhoneOut


class SlipsIn(In):
    purpose: SlipPurpose
    count: int = Field(1, ge=1, le=8)


@bp.post("/activations")
@public
@changing_without_key
@bp.input(ActivationIn)
@bp.output(Activation, 202)
def ask_for_text(json_data: ActivationIn) -> dict[str, Any]:
    """Text six digits to the number on file.

    The answer is the same for an enterprise that nobody knows, that has no number, or that was texted a moment ago:
    strangers learn nothing here.
    """
    at = now()
    config: Config = current_app.config["RUQI"]
    if not config.sms_url:
        raise Refusal(ActivationReason.SMS_OFF)
    enterprise = _by_uscc(json_data.uscc)
    if enterprise is not None and enterprise.contact_mobile and activation.may_send(_codes(enterprise, at), at=at):
        digits = activation.make_digits()
        kept = activation.hash_of(digits, enterprise_id=enterprise.id, secret=config.token_secret.encode())
        db.session.add(
            SmsCode(enterprise_id=enterprise.id, code_hash=kept, sent_at=at, expires_at=at + activation.LIFE, tries=0)
        )
        minutes = int(activation.LIFE.total_seconds() // 60)
        text = f"【入企码】{digits} 是开通企业手机的验证码，{minutes} 分钟内有效。任何检查人员都不会向您索要。"
        db.session.add(sms(enterprise.contact_mobile, text, at=at, life=activation.LIFE))
        db.session.add(
            event(
                "activation_texted", subject=("enterprise", enterprise.id), by=PUBLIC, at=at,
                region_code=enterprise.region_code, enterprise_id=enterprise.id,
            )
        )  # fmt: skip
    return {"sent": True}


@bp.post("/enrolments")
@public
@changing_without_key
@bp.input(EnrolmentIn)
@bp.output(Enrolment, 201)
def enrol(json_data: EnrolmentIn) -> dict[str, Any]:
    """Enrol a phone with a one-time code, and sign it in: no password is needed.

    Each phone gets an account of its own, so that what it does can be told apart and ended.
    """
    at = now()
    proof = _slip_of(json_data.slip) if json_data.slip is not None else _text_of(json_data, at=at)
    enterprise = db.session.get_one(Enterprise, proof.enterprise_id)
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
    proof.used_at = at
    if isinstance(proof, Slip):
        proof.used_by = account.id
    hand = Hand(account_id=account.id, role=Role.ENTERPRISE.value, device_id=device.id)
    phone = enrol_phone(account, json_data, by=hand)
    return {**session_of(account, device, secret, at=at), "phone": out_of(phone, mine=True)}


@bp.post("/enterprises/<uuid:enterprise_id>/slips")
@allow(Role.ADMINISTRATOR)
@changing_without_key  # a stored answer would hold the codes
@bp.input(SlipsIn)
@bp.doc(responses={200: "a PDF of slips; the codes are on it alone"})
def make_slips(enterprise_id: UUID, json_data: SlipsIn) -> Response:
    """Print one-time codes: to enrol phones, or for an enterprise without one. Nobody can read them again."""
    enterprise = db.session.scalar(select(Enterprise).where(Enterprise.id == enterprise_id, reachable(g.actor)))
    if enterprise is None:
        raise not_found()
    codes = _issue(enterprise, json_data.purpose, count=json_data.count)
    config: Config = current_app.config["RUQI"]
    body = qr.slip_pdf(
        [qr.SlipSheet(code=code, name=enterprise.name) for code in codes],
        design=config.plaque_design,
        prefix=config.plaque_prefix,
        call_back=config.call_back,
    )
    headers = {"Content-Disposition": f'attachment; filename="ruqi-slips-{enterprise.uscc}.pdf"'}
    return Response(body, content_type="application/pdf", headers=headers)


@bp.post("/plaques/<int:serial>/sealed-sheet")
@allow(Role.ADMINISTRATOR)
@changing_without_key  # a stored answer would hold the code
@bp.doc(responses={200: "a PDF: the plaque, and the part to be sealed with a fresh one-time code"})
def sealed_sheet(serial: int) -> Response:
    """Print a plaque together with the code that enrols its enterprise's first phone."""
    statement = select(Plaque).join(Plaque.enterprise).where(Plaque.serial == serial, reachable(g.actor))
    plaque = db.session.scalar(statement)
    if plaque is None:
        raise not_found()
    if plaque.revoked_at is not None:
        raise Refusal(PlaqueReason.PLAQUE_REVOKED)
    config: Config = current_app.config["RUQI"]
    [code] = _issue(plaque.enterprise, SlipPurpose.ACTIVATION, count=1)
    try:
        body = qr.plaque_pdf(
            [sheet_of(plaque, activation=code)], design=config.plaque_design, on=qr.PlaqueFormat.SEALED
        )
    except qr.MissingGlyph as missing:
        raise Refusal(PlaqueReason.GLYPH_MISSING, glyphs=missing.glyphs) from None
    headers = {"Content-Disposition": f'attachment; filename="ruqi-sealed-{plaque.enterprise.uscc}.pdf"'}
    return Response(body, content_type="application/pdf", headers=headers)


# --- helpers, in calling order -----------------------------------------------------------------


def _issue(enterprise: Enterprise, purpose: SlipPurpose, *, count: int) -> list[str]:
    """Make one-time codes: on paper alone from here on."""
    at = now()
    codes = [qr.make_slip() for _ in range(count)]
    db.session.add_all(
        Slip(
            code_hash=kept_of_slip(code), enterprise_id=enterprise.id, purpose=purpose, issued_at=at,
            issued_by=g.actor.account_id,
        )
        for code in codes
    )  # fmt: skip
    told = {"purpose": purpose.value, "count": count}
    db.session.add(
        event(
            "slips_issued", subject=("enterprise", enterprise.id), by=g.actor.hand, at=at, after=told,
            region_code=enterprise.region_code, enterprise_id=enterprise.id,
        )
    )  # fmt: skip
    return codes


def _by_uscc(text: str) -> Enterprise | None:
    """The enterprise of a typed code, with its row locked: two requests at once are one text, and one try."""
    uscc = read_uscc(text)
    if uscc is None:
        return None
    return db.session.scalar(locked(select(Enterprise).where(Enterprise.uscc == uscc.text), of=Enterprise))


def _codes(enterprise: Enterprise, at: datetime) -> list[SmsCode]:
    """The newest codes that were texted to an enterprise, the latest first."""
    statement = select(SmsCode).where(SmsCode.enterprise_id == enterprise.id).order_by(SmsCode.sent_at.desc())
    return list(db.session.scalars(statement.limit(activation.MOST_A_DAY)))


def _slip_of(text: str) -> Slip:
    config: Config = current_app.config["RUQI"]
    try:
        code = qr.read_slip(text, prefix=config.plaque_prefix)
    except qr.BadCode:
        raise Refusal(ActivationReason.BAD_SLIP, 422) from None
    slip = db.session.scalar(locked(select(Slip).where(Slip.code_hash == kept_of_slip(code))))
    if slip is None or slip.purpose is not SlipPurpose.ACTIVATION:
        raise Refusal(ActivationReason.BAD_SLIP, 404)
    if slip.used_at is not None:
        raise Refusal(ActivationReason.SLIP_USED)
    return slip


def _text_of(asked: EnrolmentIn, *, at: datetime) -> SmsCode:
    """The text whose digits these are; a wrong guess is counted, whoever makes it."""
    assert asked.uscc is not None and asked.sms_code is not None  # the shape demands them
    config: Config = current_app.config["RUQI"]
    enterprise = _by_uscc(asked.uscc)
    newest = next(iter(_codes(enterprise, at)), None) if enterprise is not None else None
    if newest is None or not activation.holds(newest, asked.sms_code, secret=config.token_secret.encode(), at=at):
        if newest is not None:
            newest.tries += 1
        raise Refusal(ActivationReason.BAD_SMS_CODE, 422, keeps=True)
    return newest
