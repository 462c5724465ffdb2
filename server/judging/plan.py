"""What somebody wants to register, and how clauses see it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from server.account.models import Agency, Inspector
from server.account.rules import region_prefix
from server.catalogue.models import Matter
from server.clock import day_of
from server.enterprise.industry import sector_of
from server.enterprise.models import Enterprise
from server.policy.case import Case, InspectorFact, MatterFact, Past
from server.policy.clause import Outcome, Verdict
from server.visit.stages import Basis, Purpose


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows that a plan does not say."""

    past: Sequence[Past] = ()
    tier: str = ""
    quiet_days: frozenset[date] = frozenset()
    delegated: frozenset[tuple[UUID, str]] = frozenset()
    plan_published_on: date | None = None
    planned: bool = False
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """An exception put forward against one clause: its class and what proves it."""

    clause: str
    class_: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to register; every reference already looked up."""

    id: UUID
    enterprise: Enterprise
    agency: Agency
    joint_agencies: Sequence[Agency]
    purpose: Purpose
    basis: Basis
    matters: Sequence[Matter]
    inspectors: Sequence[Inspector]
    helpers: Sequence[tuple[str, str]]
    window_from_at: datetime
    window_to_at: datetime
    reason: str
    # The inspectors' visits whose record is late: (visit id, enterprise name).
    overdue: Sequence[tuple[UUID, str]] = field(default=())
    off_site_means: str | None = None
    asked_for: str = ""
    claims: Sequence[Claim] = ()
    facts: Facts = Facts()


def as_case(plan: Plan, *, at: datetime) -> Case:
    """The plan as clauses see it."""
    first, last = day_of(plan.window_from_at), day_of(plan.window_to_at)
    visiting = (plan.agency, *plan.joint_agencies)
    facts = plan.facts
    return Case(
        at=at,
        opens_at=plan.window_from_at,
        closes_at=plan.window_to_at,
        agency=str(plan.agency.id),
        agency_kind=plan.agency.department,
        region=plan.enterprise.region_code,
        basis=plan.basis.value,
        purpose=plan.purpose.value,
        off_site=plan.off_site_means is not None,
        reason=plan.reason,
        sector=sector_of(plan.enterprise.industry_code),
        zone=plan.enterprise.zone or "",
        tier=facts.tier,
        matters=tuple(
            matter_fact(matter, visiting, region=plan.enterprise.region_code, delegated=facts.delegated)
            for matter in plan.matters
        ),
        inspectors=tuple(
            InspectorFact(str(each.id), each.name, each.is_certified(first) and each.is_certified(last))
            for each in plan.inspectors
        ),
        helpers=len(plan.helpers),
        joint=tuple(str(agency.id) for agency in plan.joint_agencies),
        past=facts.past,
        quiet_days=facts.quiet_days,
        plan_published_on=facts.plan_published_on,
        planned=facts.planned,
        drawn=facts.drawn,
    )


def matter_fact(
    matter: Matter, visiting: Sequence[Agency], *, region: str, delegated: frozenset[tuple[UUID, str]] = frozenset()
) -> MatterFact:
    """A matter as clauses see it: own duty of a visiting body in that place, or delegated to it."""
    authorised = any(
        (agency.department == matter.department and region.startswith(region_prefix(agency.region_code)))
        or (agency.id, matter.code) in delegated
        for agency in visiting
    )
    return MatterFact(
        code=matter.code,
        name=matter.name,
        listed=matter.is_listed,
        authorised=authorised,
        yearly=matter.yearly_frequency,
        off_site=matter.can_be_off_site,
    )


def claim_on(verdict: Verdict, claims: Sequence[Claim]) -> Claim | None:
    """The claim that this block's clause knows; a claim without evidence is none."""
    if verdict.outcome is not Outcome.BLOCK:
        return None
    known = (claim for claim in claims if claim.clause == verdict.clause.id and claim.evidence.strip())
    return next((claim for claim in known if verdict.clause.exception_of(claim.class_) is not None), None)
