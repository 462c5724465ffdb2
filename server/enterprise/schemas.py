"""An enterprise as its readers see it."""

from server.account.schemas import EnterpriseRef, RegionRef

from .models import EnterpriseKind


class EnterpriseOut(EnterpriseRef):
    """An enterprise as its readers see it."""

    uscc_doubtful: bool
    kind: EnterpriseKind
    region: RegionRef
    address: str
    latitude: float | None
    longitude: float | None
