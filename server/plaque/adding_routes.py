"""An enterprise that nobody has loaded yet, found by its licence or a typed code: the inspector at the door adds it."""

from typing import Any

from apiflask import APIBlueprint
from flask import current_app, g
from pydantic import Field
from sqlalchemy import select

from server.account.models import Region, Role
from server.account.rules import covers
from server.account.sign_in import allow
from server.change import MEANINGS, changing
from server.clock import now
from server.config import Config
from server.db import db, new_id
from server.enterprise.models import Enterprise, EnterpriseKind
from server.enterprise.schemas import EnterpriseOut
from server.enterprise.uscc import read_uscc
from server.ledger.rules import event
from server.paging import In
from server.refusal import Fault, General, Reason, Refusal, field_error

from .models import Plaque

bp = APIBlueprint("adding", __name__, tag="enterprise")


class AddingReason(Reason):
    """Why an enterprise is not added."""

    ENTERPRISE_EXISTS = "enterprise_exists"


MEANINGS |= {
    "uq_enterprise_uscc": AddingReason.ENTERPRISE_EXISTS,
    "failed: enterprise.uscc": AddingReason.ENTERPRISE_EXISTS,
}


class EnterpriseIn(In):
    uscc: str = Field(min_length=18, max_length=40)
    name: str = Field(min_length=2, max_length=200)
    region_code: str = Field(min_length=6, max_length=6)
    address: str = Field("", max_length=200)


@bp.post("/enterprises")
@allow(Role.INSPECTOR, Role.HEAD, Role.ADMINISTRATOR)
@changing
@bp.input(EnterpriseIn)
@bp.output(EnterpriseOut, 201)
def add(json_data: EnterpriseIn) -> Enterprise:
    """Add an enterprise by its code; a check character that disagrees is kept as a doubt, never a refusal."""
    at = now()
    uscc = read_uscc(json_data.uscc)
    if uscc is None:
        raise Refusal(General.INVALID_INPUT, 422, errors=[field_error("uscc", Fault.MALFORMED)])
    region = db.session.get(Region, json_data.region_code)
    # An inspector stands at the door, wherever it is; a desk adds what lies below it.
    if region is None or (g.actor.region_code is not None and not covers(g.actor.region_code, region.code)):
        raise Refusal(General.UNKNOWN_REFERENCE, 422, errors=[field_error("region_code", Fault.UNKNOWN)])
    there = db.session.scalar(select(Enterprise).where(Enterprise.uscc == uscc.text))
    if there is not None:
        raise Refusal(AddingReason.ENTERPRISE_EXISTS, enterprise={"id": str(there.id), "name": there.name})
    made = Enterprise(
        id=new_id(),
        uscc=uscc.text,
        uscc_doubtful=uscc.doubtful,
        name=json_data.name,
        kind=EnterpriseKind.of_code(uscc.text),
        region=region,
        region_code=region.code,
        address=json_data.address,
    )
    config: Config = current_app.config["RUQI"]
    db.session.add(made)
    db.session.flush()
    # It can be scanned from today on, as soon as its plaque is printed.
    db.session.add(
        Plaque(enterprise_id=made.id, key_id=config.signing_key_id, issued_at=at, issued_by=g.actor.account_id)
    )
    told: dict[str, Any] = {"uscc": made.uscc, "doubtful": made.uscc_doubtful}
    db.session.add(
        event(
            "enterprise_added",
            subject=("enterprise", made.id),
            by=g.actor.hand,
            at=at,
            after=told,
            region_code=made.region_code,
            enterprise_id=made.id,
        )
    )
    return made
