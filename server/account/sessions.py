"""What a signed-in device is told."""

from datetime import datetime

from server.clock import day_of

from .models import Account, Device, Inspector
from .schemas import AgencyRef, EnterpriseRef, InspectorRef, Me, RegionRef, Session
from .sign_in import ACCESS_LIFE, access_token


def session_of(account: Account, device: Device, secret: str, *, at: datetime) -> Session:
    """What signing in answers; the secret is told this once."""
    return Session(
        access_token=access_token(account, device_id=device.id, at=at),
        expires_in=int(ACCESS_LIFE.total_seconds()),
        refresh_token=f"{device.id}.{secret}",
        me=me_of(account, at=at),
    )


def me_of(account: Account, *, at: datetime) -> Me:
    """Who somebody is, as the client shows it."""
    return Me(
        id=account.id,
        username=account.username,
        name=account.name,
        role=account.role,
        agency=AgencyRef.model_validate(account.agency) if account.agency else None,
        region=RegionRef.model_validate(account.region) if account.region else None,
        enterprise=EnterpriseRef.model_validate(account.enterprise) if account.enterprise else None,
        inspector=inspector_ref(account.inspector, at=at) if account.inspector else None,
    )


def inspector_ref(inspector: Inspector, *, at: datetime) -> InspectorRef:
    """An inspector as others see one."""
    return InspectorRef(
        id=inspector.id,
        name=inspector.name,
        certificate_no=inspector.certificate_no,
        valid_from_on=inspector.valid_from_on,
        valid_to_on=inspector.valid_to_on,
        expired=not inspector.is_certified(day_of(at)),
        agency=AgencyRef.model_validate(inspector.agency),
    )
