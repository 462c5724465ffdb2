"""Judging planned visits again, when what they were judged by has changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from server.db import db, locked
from server.ledger.rules import Hand
from server.policy.clause import Outcome
from server.policy.judging import judge
from server.policy.pack import Pack
from server.visit.counting import settle
from server.visit.models import WHOLE, Visit
from server.visit.rules import note
from server.visit.stages import Stage

from .facts import gather
from .plan import Plan, as_case
from .verdicts import is_row, keep_verdict


def rejudge(enterprise_id: UUID, *, policy: Pack, because: str, by: Hand, at: datetime) -> int:
    """Judge every visit of an enterprise that is planned and has not begun; returns how many now read otherwise.

    A new block or warning is added beside the old ones and named in an event; nobody's approval is
    taken back by it, since a head has decided: the head, the inspectors and supervisors see it.
    """
    planned = select(Visit).where(
        Visit.enterprise_id == enterprise_id,
        Visit.stage.in_((Stage.REGISTERED, Stage.APPROVED)),
        Visit.window_from_at > at,
    )
    changed = 0
    for visit in db.session.scalars(locked(planned.order_by(Visit.id).options(*WHOLE), of=Visit)).all():
        changed += _judge_again(visit, policy=policy, because=because, by=by, at=at)
    return changed


def _judge_again(visit: Visit, *, policy: Pack, because: str, by: Hand, at: datetime) -> bool:
    plan = _plan_of(visit)
    visit.tier = plan.facts.tier
    before = {verdict.clause_id: verdict.outcome for verdict in visit.verdicts}
    fresh = [
        verdict
        for verdict in judge(policy, as_case(plan, at=visit.registered_at))
        if is_row(verdict)
        and verdict.outcome is not Outcome.RECORD
        and before.get(verdict.clause.id) is not verdict.outcome
    ]
    for verdict in fresh:
        visit.verdicts.append(keep_verdict(verdict, policy=policy, at=at, moment=because))
    if fresh:
        told = {"because": because, "verdicts": {verdict.clause.id: verdict.outcome.value for verdict in fresh}}
        note(visit, "rejudged", by=by, at=at, after=told)
    db.session.flush()
    settle(visit, policy=policy, at_the_door=True)
    return bool(fresh)


def _plan_of(visit: Visit) -> Plan:
    """A visit as the plan it once was, with today's facts."""
    visiting = sorted((part.agency for part in visit.agencies), key=lambda agency: agency.id != visit.agency_id)
    return Plan(
        id=visit.id,
        enterprise=visit.enterprise,
        agency=visiting[0],
        joint_agencies=visiting[1:],
        purpose=visit.purpose,
        basis=visit.basis,
        matters=visit.matters,
        inspectors=[part.inspector for part in visit.inspectors],
        helpers=[(helper.name, helper.organisation) for helper in visit.helpers],
        window_from_at=visit.window_from_at,
        window_to_at=visit.window_to_at,
        reason=visit.reason,
        off_site_means=visit.off_site_means,
        facts=gather(
            enterprise_id=visit.enterprise_id,
            agencies=[(agency.id, agency.department) for agency in visiting],
            matter_codes=[matter.code for matter in visit.matters],
            inspector_ids=[part.inspector_id for part in visit.inspectors],
            opens_at=visit.window_from_at,
            without=visit.id,
        ),
    )
