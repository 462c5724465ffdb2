"""Who is signed in, what they may reach, and when a sign-in is refused."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server.ledger.rules import Hand
from server.refusal import Reason, Refusal, not_found

from .models import Account, Device, Role

FREE_FAILURES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(hours=1)
DEVICE_LIFE = timedelta(days=30)
# A phone whose answer to the last refresh was lost comes again with the token before.
ROTATION_GRACE = timedelta(seconds=60)


class SignInReason(Reason):
    """Why a sign-in, a refresh or a new password was refused."""

    BAD_CREDENTIALS = "bad_credentials"
    LOCKED_OUT = "locked_out"
    SESSION_REVOKED = "session_revoked"
    PASSWORD_TOO_WEAK = "password_too_weak"


class PhotoReason(Reason):
    """Why a portrait is not taken."""

    UNREADABLE_PHOTO = "unreadable_photo"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request, as the access token says; one scope by role."""

    account_id: UUID
    role: Role
    device_id: UUID | None = None
    agency_id: UUID | None = None
    inspector_id: UUID | None = None
    region_code: str | None = None
    enterprise_id: UUID | None = None
    address: str = ""

    @property
    def hand(self) -> Hand:
        """The actor as events record it."""
        return Hand(self.account_id, self.role.value, self.device_id, self.address)


def region_prefix(code: str) -> str:
    """The leading digits that all divisions below this one share (GB/T 2260: two digits a level)."""
    return re.sub(r"(00)+$", "", code) or code[:2]


def covers(actor_region: str | None, region_code: str) -> bool:
    """Whether a region subtree holds a division."""
    return actor_region is not None and region_code.startswith(region_prefix(actor_region))


def refuse_outside_region(actor: Actor, region_code: str) -> None:
    """404 unless the division lies in the actor's subtree."""
    if not covers(actor.region_code, region_code):
        raise not_found()


# --- sign-in -----------------------------------------------------------------------------------


def refuse_sign_in(account: Account | None, *, matches: bool, at: datetime) -> Account:
    """The account when it may sign in; a wrong password is counted, and the count is kept.

    A name that nobody has, a wrong password and a disabled account are told in the same words.
    """
    if account is not None:
        refuse_locked(account, at=at)
    if account is None or not matches or account.disabled_at is not None:
        if account is not None:
            count_failure(account, at=at)
        raise Refusal(SignInReason.BAD_CREDENTIALS, 401, keeps=True)
    welcome(account)
    return account


def is_locked(account: Account, *, at: datetime) -> bool:
    """Whether the account is locked out at this moment."""
    return account.locked_until_at is not None and at < account.locked_until_at


def refuse_locked(account: Account, *, at: datetime) -> None:
    """Refuse while the account is locked out, and say for how many seconds more."""
    if account.locked_until_at is not None and at < account.locked_until_at:
        seconds = int((account.locked_until_at - at).total_seconds()) + 1
        raise Refusal(SignInReason.LOCKED_OUT, 429, retry_after=seconds)


def count_failure(account: Account, *, at: datetime) -> None:
    """Count a wrong password; from the fifth on, each doubles the wait, up to an hour."""
    account.failed_count += 1
    beyond = account.failed_count - FREE_FAILURES
    if beyond >= 0:
        account.locked_until_at = at + min(FIRST_LOCK * 2 ** min(beyond, 10), LONGEST_LOCK)


def welcome(account: Account) -> None:
    """Forget the failures before a right password."""
    account.failed_count = 0
    account.locked_until_at = None


def refuse_weak(password: str, *, username: str) -> None:
    """At least 10 characters of at least two kinds, and not the user name (等保2.0 8.1.4.1)."""
    kinds = sum(bool(re.search(kind, password)) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z\d]"))
    if len(password) < 10 or kinds < 2 or username.lower() in password.lower():
        raise Refusal(SignInReason.PASSWORD_TOO_WEAK, 422)


# --- devices -----------------------------------------------------------------------------------


def token_hash(secret: str) -> bytes:
    """What is stored of a refresh token; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def rotate(device: Device, *, presented: str, fresh: str, at: datetime) -> bool:
    """Exchange a refresh token for a fresh one; False when it was stolen, and the device is revoked.

    A token that was already exchanged means that two holders have it: nobody keeps the device.
    """
    given = token_hash(presented)
    if given == device.previous_hash and at - device.used_at <= ROTATION_GRACE:
        pass
    elif given != device.token_hash:
        revoke(device, because="token_reused", at=at)
        return False
    else:
        device.previous_hash = device.token_hash
    device.token_hash = token_hash(fresh)
    device.used_at = at
    return True


def revoke(device: Device, *, because: str, at: datetime) -> None:
    """End a device's session; the harmless repeat keeps the first reason."""
    if device.revoked_at is None:
        device.revoked_at, device.revoked_because = at, because


def refuse_refresh(device: Device | None, *, at: datetime) -> Device:
    """The device when it may still refresh: known, not ended, used within its life, of an account that is enabled."""
    if device is None or not is_live(device, at=at) or device.account.disabled_at is not None:
        raise Refusal(SignInReason.SESSION_REVOKED, 401)
    return device


def is_live(device: Device, *, at: datetime) -> bool:
    """Whether this device may still refresh."""
    return device.revoked_at is None and at - device.used_at <= DEVICE_LIFE
