"""Tokens and passwords at the edge of HTTP: what a request proves about who sent it."""

import functools
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import current_app, g, request
from sqlalchemy import select

from server.clock import now
from server.db import db
from server.refusal import General, Refusal

from .models import Account, Device, Role
from .rules import Actor, SignInReason

ACCESS_LIFE = timedelta(minutes=15)
# OWASP's floor (19 MiB, two passes): 20 ms. The library's default takes 141 ms of every core.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# One at a time in each process, so that a storm of sign-ins cannot starve the scans.
_HASHING = threading.Semaphore(1)
# Verified against when the user name is unknown, so that time does not tell.
_NOBODY = HASHER.hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """Argon2id with its parameters in the text."""
    with _HASHING:
        return HASHER.hash(password)


def password_matches(account: Account | None, password: str) -> bool:
    """Compare in constant time, also when there is no such account or it has no password yet."""
    stored = account.password_hash if account and account.password_hash else _NOBODY
    with _HASHING:
        try:
            return HASHER.verify(stored, password) and stored != _NOBODY
        except (VerifyMismatchError, InvalidHashError):
            return False


def access_token(account: Account, *, device_id: UUID, at: datetime) -> str:
    """A signed token of a quarter of an hour that carries the scope, so that no request asks for it."""
    claims: dict[str, Any] = {
        "sub": str(account.id),
        "role": account.role.value,
        "dev": str(device_id),
        "iat": int(at.timestamp()),
        "exp": int((at + ACCESS_LIFE).timestamp()),
    }
    for claim, value in (
        ("agc", account.agency_id),
        ("ins", account.inspector_id),
        ("ent", account.enterprise_id),
        ("reg", account.region_code),
    ):
        if value is not None:
            claims[claim] = str(value)
    return jwt.encode(claims, current_app.config["TOKEN_SECRET"], algorithm="HS256")


def allow(*roles: Role, asks_itself: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let these roles in (all when none is named); `g.actor` is who it is.

    A token is good for a quarter of an hour; whether its session and its account still live is asked each time. A view
    that `asks_itself` does so in a statement of its own.
    """

    def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            g.actor = actor_of_request()
            if not asks_itself:
                refuse_dead_session(g.actor)
            if roles and g.actor.role not in roles:
                raise Refusal(General.NOT_PERMITTED, 403)
            return view(*args, **kwargs)

        spec = wrapper.__dict__.setdefault("_spec", {})
        spec["security"] = ["Token"]
        wrapper.__dict__["_roles"] = roles or tuple(Role)
        return wrapper

    return decorator


def refuse_dead_session(by: Actor) -> None:
    """Refuse whoever was signed out, whose phone was ended, or whose account was disabled, at once."""
    statement = (
        select(Account.disabled_at, Device.revoked_at)
        .outerjoin(Device, Device.id == by.device_id)
        .where(Account.id == by.account_id)
    )
    row = db.session.execute(statement).one_or_none()
    if row is not None and (row.disabled_at is not None or row.revoked_at is not None):
        raise Refusal(SignInReason.SESSION_REVOKED, 401)


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that anyone may call; a test demands `allow` or `public` on each operation."""
    view.__dict__["_roles"] = ()
    return view


def actor_of_request() -> Actor:
    """Who sent this request, by its bearer token; 401 when it proves nobody."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal(General.NOT_SIGNED_IN, 401)
    expires_at, actor = _proven(token, current_app.config["TOKEN_SECRET"])
    if expires_at <= now().timestamp():
        raise Refusal(General.TOKEN_EXPIRED, 401)
    return replace(actor, address=request.remote_addr or "")


@functools.lru_cache(maxsize=4_096)
def _proven(token: str, secret: str) -> tuple[float, Actor]:
    """When a token expires, and whom it proves; a signature once verified holds, only the clock goes on."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            # The library would read a clock of its own; ours is asked by the caller.
            options={"require": ["exp", "sub", "role", "dev"], "verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError:
        raise Refusal(General.NOT_SIGNED_IN, 401) from None
    return claims["exp"], Actor(
        account_id=UUID(claims["sub"]),
        role=Role(claims["role"]),
        device_id=UUID(claims["dev"]),
        agency_id=_id(claims.get("agc")),
        inspector_id=_id(claims.get("ins")),
        region_code=claims.get("reg"),
        enterprise_id=_id(claims.get("ent")),
        address="",
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
