"""An enterprise that nobody has loaded yet, found by its licence or a typed code: the inspector at the door adds it.

Here and not beside enterprises, since it gets its plaque at once.
"""

from apiflask import APIBlueprint
from flask import current_app, g
from pydantic import Field
from sqlalchemy import select

from server.account.models import Region, Role
from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.config import Config
from server.constraints import MEANINGS
from server.db import db
from server.enterprise import rules
from server.enterprise.models import Enterprise
from server.enterprise.rules import AddingReason
from server.enterprise.schemas import EnterpriseOut
from server.enterprise.uscc import read_uscc
from server.incoming import Line, RegionCode
from server.ledger.rules import event
from server.paging import In

from .models import Plaque

bp = APIBlueprint("adding", __name__, tag="enterprise")
MEANINGS |= {
    "uq_enterprise_uscc": AddingReason.ENTERPRISE_EXISTS,
}


class EnterpriseIn(In):
    """What somebody at the door knows of an enterprise."""

    uscc: Line = Field(min_length=18, max_length=40)
    name: Line = Field(min_length=2, max_length=200)
    region_code: RegionCode = Field(min_length=6, max_length=6)
    address: Line = Field("", max_length=200)


@bp.post("/enterprises")
@allow(Role.INSPECTOR, Role.HEAD, Role.ADMINISTRATOR)
@bp.input(EnterpriseIn)
@changing
@bp.output(EnterpriseOut, 201)
def add(json_data: EnterpriseIn) -> EnterpriseOut:
    """Add an enterprise by its code; a check character that disagrees is kept as a doubt, never a refusal."""
    at = now()
    code = read_uscc(json_data.uscc)
    firm = rules.add(
        uscc=json_data.uscc,
        name=json_data.name,
        address=json_data.address,
        region=db.session.get(Region, json_data.region_code),
        there=db.session.scalar(select(Enterprise).where(Enterprise.uscc == code.text)) if code else None,
        by=g.actor,
    )
    db.session.add(firm)
    db.session.flush()
    config: Config = current_app.config["RUQI"]
    # It can be scanned from today on, as soon as its plaque is printed.
    db.session.add(
        Plaque(enterprise_id=firm.id, key_id=config.signing_key_id, issued_at=at, issued_by=g.actor.account_id)
    )
    told = {"uscc": firm.uscc, "doubtful": firm.uscc_doubtful}
    db.session.add(event("enterprise_added", **firm.as_subject, by=g.actor.hand, at=at, after=told))
    return EnterpriseOut.model_validate(firm)
