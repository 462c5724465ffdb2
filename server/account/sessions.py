"""What a signed-in device is told."""

from datetime import datetime
from typing import Any

from server.clock import day_of

from .models import Account, Device, Inspector
from .sign_in import ACCESS_LIFE, access_token


def session_of(account: Account, device: Device, secret: str, *, at: datetime) -> dict[str, Any]:
    """What signing in answers; the secret is told this once."""
    return {
        "access_token": access_token(account, device_id=device.id, at=at),
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "refresh_token": f"{device.id}.{secret}",
        "me": me_of(account, at=at),
    }


def me_of(account: Account, *, at: datetime) -> dict[str, Any]:
    """Who somebody is, as the client shows it."""
    return {
        "id": account.id,
        "username": account.username,
        "name": account.name,
        "role": account.role,
        "agency": account.agency,
        "region": account.region,
        "enterprise": account.enterprise,
        "inspector": inspector_ref(account.inspector, at=at) if account.inspector else None,
    }


def inspector_ref(inspector: Inspector, *, at: datetime) -> dict[str, Any]:
    """An inspector as others see one."""
    return {
        "id": inspector.id,
        "name": inspector.name,
        "certificate_no": inspector.certificate_no,
        "valid_from_on": inspector.valid_from_on,
        "valid_to_on": inspector.valid_to_on,
        "expired": not inspector.is_certified(day_of(at)),
        "agency": inspector.agency,
    }
