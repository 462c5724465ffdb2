"""Phones with keys of their own, an enterprise's or an inspector's: enrolled, listed, handed over, ended."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from pydantic import Field
from sqlalchemy import ColumnElement, Select, select

from server.account.models import Account, Device, Role
from server.account.rules import Actor
from server.account.rules import revoke as end_session
from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.constraints import MEANINGS
from server.db import db, locked
from server.enterprise.models import Enterprise, reachable
from server.incoming import Prose
from server.paging import In, Out
from server.refusal import not_found

from . import rules
from .enrolling import enrol_phone, live_phones
from .models import LAST_NUMBER, MOST_PHONES, Phone, PhoneRole
from .rules import PhoneReason
from .schemas import PhoneIn, PhoneOut

bp = APIBlueprint("phones", __name__, tag="enterprise")
MEANINGS |= {"uq_phone_public_key": PhoneReason.PHONE_ENROLLED}


class Phones(Out):
    """Phones, and how many there may be."""

    items: list[PhoneOut]
    most: int


class RevocationIn(In):
    """Why a phone is ended."""

    reason: Prose = Field(min_length=1, max_length=200)


class RoleIn(In):
    """Whose phone it is to be: an owner's or a clerk's."""

    role: PhoneRole


@bp.get("/phones")
@allow(Role.ENTERPRISE, Role.INSPECTOR)
@bp.output(Phones)
def phones() -> Phones:
    """The phones of my enterprise, or my own as an inspector, revoked ones too."""
    return _list(_within_reach(g.actor), to=g.actor)


@bp.get("/enterprises/<uuid:enterprise_id>/phones")
@allow(Role.ADMINISTRATOR)
@bp.output(Phones)
def phones_of(enterprise_id: UUID) -> Phones:
    """An enterprise's phones, for the desk it rings when the only one is lost."""
    return _list(Phone.enterprise_id == enterprise_id, _within_reach(g.actor), to=g.actor)


@bp.post("/phones")
@allow(Role.ENTERPRISE, Role.INSPECTOR)
@bp.input(PhoneIn)
@changing
@bp.output(PhoneOut, 201)
def enrol(json_data: PhoneIn) -> PhoneOut:
    """Enrol the phone I am signed in on."""
    account = db.session.get_one(Account, g.actor.account_id)
    return PhoneOut.of(enrol_phone(account, json_data, by=g.actor.hand, at=now()), to=account.id)


@bp.post("/phones/<int:number>/role")
@allow(Role.ENTERPRISE)
@bp.input(RoleIn)
@changing
@bp.output(PhoneOut, 201)
def set_role(number: int, json_data: RoleIn) -> PhoneOut:
    """As an owner, make another phone an owner or a clerk; one owner there must be."""
    live = live_phones(enterprise_id=g.actor.enterprise_id)
    phone, changed = rules.hand_over(number, json_data.role, live=live, by=g.actor)
    if changed:
        told = rules.told("phone_role", phone, by=g.actor.hand, at=now(), role=json_data.role.value)
        db.session.add(told)
    return PhoneOut.of(phone, to=g.actor.account_id)


@bp.post("/phones/<int:number>/revocation")
@allow(Role.ENTERPRISE, Role.INSPECTOR, Role.ADMINISTRATOR)
@bp.input(RevocationIn)
@changing
@bp.output(PhoneOut, 201)
def revoke(number: int, json_data: RevocationIn) -> PhoneOut:
    """End a phone: my own, as an owner any of my enterprise's, as an administrator one that was lost.

    A phone that was enrolled without a password is signed out with it: its account is that phone's alone.
    """
    at = now()
    live = live_phones(enterprise_id=g.actor.enterprise_id, inspector_id=g.actor.inspector_id)
    phone = _to_change(number, by=g.actor)
    if rules.end(phone, because=json_data.reason, live=live, by=g.actor, at=at):
        for device in db.session.scalars(_signed_in_by_it_alone(phone)):
            end_session(device, because="phone_revoked", at=at)
        db.session.add(rules.told("phone_revoked", phone, by=g.actor.hand, at=at, because=json_data.reason))
    return PhoneOut.of(phone, to=g.actor.account_id)


# --- helpers, in calling order -----------------------------------------------------------------


def _list(*among: ColumnElement[bool], to: Actor) -> Phones:
    statement = select(Phone).where(*among).order_by(Phone.revoked_at.is_not(None), Phone.number)
    items = [PhoneOut.of(phone, to=to.account_id) for phone in db.session.scalars(statement)]
    return Phones(items=items, most=MOST_PHONES)


def _within_reach(by: Actor) -> ColumnElement[bool]:
    """Phones within reach: an inspector's own, an enterprise's, for an administrator those of the own subtree."""
    if by.role is Role.INSPECTOR:
        return Phone.inspector_id == by.inspector_id
    if by.role is Role.ADMINISTRATOR:
        return Phone.enterprise_id.in_(select(Enterprise.id).where(reachable(by)))
    return Phone.enterprise_id == by.enterprise_id


def _to_change(number: int, *, by: Actor) -> Phone:
    # A longer number is nobody's, and more than the database can compare with.
    statement = select(Phone).where(Phone.number == min(number, LAST_NUMBER + 1), _within_reach(by))
    phone = db.session.scalar(locked(statement, of=Phone))
    if phone is None:
        raise not_found()
    return phone


def _signed_in_by_it_alone(phone: Phone) -> Select[Device]:
    return select(Device).join(Device.account).where(Device.account_id == phone.account_id, Account.password_hash == "")
