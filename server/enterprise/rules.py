"""May this enterprise be added, and as what?"""

from server.account.models import Region
from server.account.rules import Actor, covers
from server.ids import new_id
from server.refusal import Fault, General, Reason, Refusal, field_error

from .models import Enterprise, EnterpriseKind
from .uscc import read_uscc


class AddingReason(Reason):
    """Why an enterprise is not added."""

    ENTERPRISE_EXISTS = "enterprise_exists"


def add(
    *, uscc: str, name: str, address: str, region: Region | None, there: Enterprise | None, by: Actor
) -> Enterprise:
    """An enterprise by its typed code; a check character that disagrees is kept as a doubt, never a refusal.

    `region` is what its division code names, `there` the enterprise that has the code already. An inspector stands
    at the door, wherever it is; a desk adds what lies below it.
    """
    code = read_uscc(uscc)
    if code is None:
        raise Refusal(General.INVALID_INPUT, 422, errors=[field_error("uscc", Fault.MALFORMED)])
    if region is None or (by.region_code is not None and not covers(by.region_code, region.code)):
        raise Refusal(General.UNKNOWN_REFERENCE, 422, errors=[field_error("region_code", Fault.UNKNOWN)])
    if there is not None:
        raise Refusal(AddingReason.ENTERPRISE_EXISTS, enterprise={"id": str(there.id), "name": there.name})
    return Enterprise(
        id=new_id(),
        uscc=code.text,
        uscc_doubtful=code.doubtful,
        name=name,
        kind=EnterpriseKind.of_code(code.text),
        region=region,
        region_code=region.code,
        address=address,
    )
