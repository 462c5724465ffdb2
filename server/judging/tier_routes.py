"""A tier is set, and what is planned is judged again by it."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import g

from server.account.models import Role
from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.constraints import MEANINGS
from server.db import db
from server.enterprise.models import get_enterprise
from server.ids import new_id
from server.ledger.rules import event
from server.policy.current import policy
from server.standing.models import Tier, tiers_of
from server.standing.rules import StandingReason
from server.standing.schemas import TierIn, TierOut, Tiers

from .rejudging import rejudge

bp = APIBlueprint("tier", __name__, tag="enterprise")
MEANINGS |= {"uq_tier_enterprise_id_department_since_on": StandingReason.TIER_EXISTS}


@bp.post("/enterprises/<uuid:enterprise_id>/tiers")
@allow(Role.SUPERVISOR, Role.ADMINISTRATOR)
@bp.input(TierIn)
@changing
@bp.output(Tiers, 201)
def set_tier(enterprise_id: UUID, json_data: TierIn) -> Tiers:
    """Set a tier from a day on; what is planned is judged again by it."""
    at = now()
    firm = get_enterprise(enterprise_id, g.actor)
    letter = json_data.tier or policy().tier_of(json_data.risk.value, json_data.credit)
    asked = {**json_data.model_dump(), "tier": letter}
    db.session.add(Tier(id=new_id(), enterprise_id=firm.id, set_at=at, set_by=g.actor.account_id, **asked))
    told = {"department": json_data.department, "tier": letter, "since_on": json_data.since_on.isoformat()}
    db.session.add(event("tier_set", **firm.as_subject, by=g.actor.hand, at=at, after=told))
    db.session.flush()
    changed = rejudge(firm.id, policy=policy(), because="tier", by=g.actor.hand, at=at)
    return Tiers(items=[TierOut.model_validate(tier) for tier in tiers_of(firm.id)], rejudged=changed)
