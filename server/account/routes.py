"""Sign-in, devices, accounts, and the reference lists of who may act."""

import secrets
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import g
from sqlalchemy import literal_column, or_, select

from server.change import changing, changing_without_key, told_once
from server.clock import now
from server.db import db, locked
from server.ids import new_id
from server.ledger.rules import event
from server.paging import page
from server.refusal import Refusal, not_found

from . import rules
from .models import Account, Agency, Device, Inspector, Region, Role
from .schemas import (
    AccountOut,
    AccountQuery,
    Accounts,
    Agencies,
    AgencyOut,
    AgencyQuery,
    AgencyRef,
    DeviceOut,
    Devices,
    EnterpriseRef,
    InspectorQuery,
    Inspectors,
    Me,
    OneTimePassword,
    PasswordIn,
    RefreshIn,
    RegionOut,
    RegionRef,
    Regions,
    Session,
    SessionIn,
)
from .sessions import inspector_ref, me_of, session_of
from .sign_in import allow, hash_password, password_matches, public

bp = APIBlueprint("account", __name__, tag="account")


# --- sign-in and devices -----------------------------------------------------------------------


def try_password(json_data: SessionIn, *, by: None) -> str | None:
    """Compare a password, which takes time, before anything is held; gives the hash that it fits.

    A name that nobody has costs the same time. An account that is locked out is not even asked.
    """
    at = now()
    account = db.session.scalar(select(Account).where(Account.username == json_data.username))
    if account is not None and rules.is_locked(account, at=at):
        return None
    return account.password_hash if password_matches(account, json_data.password) and account is not None else None


@bp.post("/sessions")
@public
@bp.input(SessionIn)
@changing_without_key(before=try_password)
@bp.output(Session, 201)
def sign_in(json_data: SessionIn, ready: str | None) -> Session:
    """Sign in with user name and password; each sign-in is one device."""
    at = now()
    account = db.session.scalar(locked(select(Account).where(Account.username == json_data.username), of=Account))
    # What was compared must still hold: somebody may have changed the password meanwhile.
    matches = account is not None and ready is not None and account.password_hash == ready
    account = rules.refuse_sign_in(account, matches=matches, at=at)
    secret = secrets.token_urlsafe(32)
    device = Device(
        id=new_id(),
        account=account,
        label=json_data.device,
        token_hash=rules.token_hash(secret),
        created_at=at,
        used_at=at,
    )
    db.session.add(device)
    return session_of(account, device, secret, at=at)


@bp.post("/sessions/refresh")
@public
@bp.input(RefreshIn)
@changing_without_key
@bp.output(Session)
def refresh(json_data: RefreshIn) -> Session:
    """Exchange a refresh token; used twice, it ends the device's session."""
    at = now()
    device_id, _, secret = json_data.refresh_token.partition(".")
    try:
        device = db.session.scalar(locked(select(Device).where(Device.id == UUID(device_id)), of=Device))
    except ValueError:
        device = None
    device = rules.refuse_refresh(device, at=at)
    fresh = secrets.token_urlsafe(32)
    if not rules.rotate(device, presented=secret, fresh=fresh, at=at):
        raise Refusal(rules.SignInReason.SESSION_REVOKED, 401, keeps=True)
    return session_of(device.account, device, fresh, at=at)


@bp.get("/sessions")
@allow()
@bp.output(Devices)
def devices() -> Devices:
    """The devices on which I am signed in."""
    mine = select(Device).where(Device.account_id == g.actor.account_id, Device.revoked_at.is_(None))
    rows = db.session.scalars(mine.order_by(Device.used_at.desc()))
    at = now()
    return Devices(items=[_device(device, by=g.actor) for device in rows if rules.is_live(device, at=at)])


@bp.delete("/sessions/current")
@allow()
@changing_without_key
@bp.output({}, 204)
def sign_out() -> str:
    """End this device's session."""
    return _end_session(g.actor.device_id, by=g.actor)


@bp.delete("/sessions/<uuid:device_id>")
@allow()
@changing_without_key
@bp.output({}, 204)
def end_session(device_id: UUID) -> str:
    """End the session of one of my devices."""
    return _end_session(device_id, by=g.actor)


@bp.get("/me")
@allow()
@bp.output(Me)
def me() -> Me:
    """Who I am, and for whom I act."""
    return me_of(db.session.get_one(Account, g.actor.account_id), at=now())


def hash_anew(json_data: PasswordIn, *, by: rules.Actor) -> tuple[str, str]:
    """The hash that the present password fits, and that of the new one, before anything is held."""
    account = db.session.get_one(Account, by.account_id)
    if not password_matches(account, json_data.current):
        raise Refusal(rules.SignInReason.BAD_CREDENTIALS, 401)
    rules.refuse_weak(json_data.new, username=account.username)
    return account.password_hash, hash_password(json_data.new)


@bp.post("/me/password")
@allow()
@bp.input(PasswordIn)
@changing(before=hash_anew)
@bp.output({}, 204)
def change_password(json_data: PasswordIn, ready: tuple[str, str]) -> str:
    """Replace my password; every other device is signed out."""
    at = now()
    compared, fresh = ready
    mine = select(Account).where(Account.id == g.actor.account_id)
    account = db.session.scalars(locked(mine, of=Account).execution_options(populate_existing=True)).one()
    if account.password_hash != compared:
        raise Refusal(rules.SignInReason.BAD_CREDENTIALS, 401)
    account.password_hash = fresh
    for device in db.session.scalars(select(Device).where(Device.account_id == account.id)):
        if device.id != g.actor.device_id:
            rules.revoke(device, because="password_changed", at=at)
    db.session.add(event("password_changed", subject=("account", account.id), by=g.actor.hand, at=at))
    return ""


# --- reference lists ---------------------------------------------------------------------------


@bp.get("/regions")
@allow()
@bp.output(Regions)
def regions() -> Regions:
    """All divisions, by code."""
    return Regions(items=RegionOut.all(db.session.scalars(select(Region).order_by(Region.code))))


@bp.get("/agencies")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR, Role.ADMINISTRATOR)
@bp.input(AgencyQuery, location="query")
@bp.output(Agencies)
def agencies(query_data: AgencyQuery) -> Agencies:
    """The bodies that may visit, by region and name."""
    statement = select(Agency).order_by(Agency.region_code, Agency.name)
    if query_data.region:
        statement = statement.where(Agency.region_code.startswith(rules.region_prefix(query_data.region)))
    if query_data.q:
        statement = statement.where(Agency.name.contains(query_data.q, autoescape=True))
    return Agencies(items=AgencyOut.all(db.session.scalars(statement)))


@bp.get("/inspectors")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR, Role.ADMINISTRATOR)
@bp.input(InspectorQuery, location="query")
@bp.output(Inspectors)
def inspectors(query_data: InspectorQuery) -> Inspectors:
    """Inspectors with the state of their certificates, by agency."""
    statement = select(Inspector)
    if query_data.agency_id:
        statement = statement.where(Inspector.agency_id == query_data.agency_id)
    if query_data.q:
        statement = statement.where(Inspector.name.contains(query_data.q, autoescape=True))
    rows, cursor = page(statement, [Inspector.name, Inspector.id], query_data)
    return Inspectors(items=[inspector_ref(row, at=now()) for row in rows], next_cursor=cursor)


# --- administration ----------------------------------------------------------------------------


@bp.get("/accounts")
@allow(Role.ADMINISTRATOR)
@bp.input(AccountQuery, location="query")
@bp.output(Accounts)
def accounts(query_data: AccountQuery) -> Accounts:
    """The accounts of the administrator's region."""
    statement = select(Account).where(_administered(g.actor))
    if query_data.role:
        statement = statement.where(Account.role == query_data.role)
    if query_data.q:
        like = [column.contains(query_data.q, autoescape=True) for column in (Account.username, Account.name)]
        statement = statement.where(or_(*like))
    rows, cursor = page(statement, [Account.username], query_data)
    return Accounts(items=[_account(row) for row in rows], next_cursor=cursor)


def make_password(account_id: UUID, *, by: rules.Actor) -> tuple[str, str]:
    """A new password and its hash, before anything is held."""
    if db.session.scalar(select(Account.id).where(Account.id == account_id, _administered(by))) is None:
        raise not_found()
    password = secrets.token_urlsafe(9)
    return password, hash_password(password)


@bp.post("/accounts/<uuid:account_id>/passwords")
@allow(Role.ADMINISTRATOR)
@changing(before=make_password)
@told_once
@bp.output(OneTimePassword, 201)
def reset_password(account_id: UUID, ready: tuple[str, str]) -> OneTimePassword:
    """Give an account a new password, shown once; all its devices are signed out."""
    at = now()
    statement = select(Account).where(Account.id == account_id, _administered(g.actor))
    account = db.session.scalar(locked(statement, of=Account))
    if account is None:
        raise not_found()
    password, account.password_hash = ready
    rules.welcome(account)
    for device in db.session.scalars(select(Device).where(Device.account_id == account.id)):
        rules.revoke(device, because="password_reset", at=at)
    db.session.add(event("password_reset", subject=("account", account.id), by=g.actor.hand, at=at))
    return OneTimePassword(password=password)


# --- helpers, in calling order -----------------------------------------------------------------


def _device(device: Device, *, by: rules.Actor) -> DeviceOut:
    return DeviceOut(
        id=device.id,
        label=device.label,
        created_at=device.created_at,
        used_at=device.used_at,
        current=device.id == by.device_id,
    )


def _end_session(device_id: UUID | None, *, by: rules.Actor) -> str:
    device = db.session.scalar(select(Device).where(Device.id == device_id, Device.account_id == by.account_id))
    if device is None:
        raise not_found()
    rules.revoke(device, because="signed_out", at=now())
    return ""


def _administered(by: rules.Actor) -> Any:
    """Accounts inside the administrator's subtree: by their agency, region or enterprise."""
    assert by.region_code is not None  # the account's CHECK demands it
    like = rules.region_prefix(by.region_code) + "%"
    agency = select(Agency.id).where(Agency.region_code.like(like))
    return or_(
        Account.agency_id.in_(agency),
        Account.region_code.like(like),
        Account.enterprise.has(literal_column("region_code").like(like)),
    )


def _account(account: Account) -> AccountOut:
    return AccountOut(
        id=account.id,
        username=account.username,
        name=account.name,
        role=account.role,
        agency=AgencyRef.model_validate(account.agency) if account.agency else None,
        region=RegionRef.model_validate(account.region) if account.region else None,
        enterprise=EnterpriseRef.model_validate(account.enterprise) if account.enterprise else None,
        locked_until=account.locked_until_at,
        disabled=account.disabled_at is not None,
    )
