"""登记: may this visit be planned, and who may approve or call it off?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from server.account.models import Agency, Inspector, Role
from server.account.rules import Actor
from server.catalogue.models import Matter
from server.clock import day_of
from server.enterprise.models import Enterprise
from server.policy.pack import Pack
from server.refusal import Reason, Refusal, not_found
from server.visit.models import Basis, Helper, Purpose, Stage, Visit, VisitAgency, VisitInspector
from server.visit.rules import move, note


class RegistrationReason(Reason):
    """Why a visit may not be registered."""

    UNLISTED_MATTER = "unlisted_matter"
    MATTER_MISSING = "matter_missing"
    SERVICE_VISIT_HAS_MATTERS = "service_visit_has_matters"
    TOO_FEW_INSPECTORS = "too_few_inspectors"
    INSPECTOR_OF_OTHER_AGENCY = "inspector_of_other_agency"
    EXPIRED_CERTIFICATE = "expired_certificate"
    OVERDUE_RECORD = "overdue_record"
    BAD_WINDOW = "bad_window"
    REASON_MISSING = "reason_missing"


class ApprovalReason(Reason):
    """Why a head's decision is not taken."""

    ALREADY_DECIDED = "already_decided"


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


def register(plan: Plan, *, policy: Pack, by: Actor, at: datetime) -> Visit:
    """Make a registered visit, or refuse with the first reason an inspector should hear.

    An urgent basis is approved at once and amber until the heads have followed.
    """
    refuse_plan(plan, policy=policy, at=at)
    visit = Visit(
        id=plan.id,
        enterprise=plan.enterprise,
        enterprise_id=plan.enterprise.id,
        agency=plan.agency,
        agency_id=plan.agency.id,
        region_code=plan.enterprise.region_code,
        purpose=plan.purpose,
        basis=plan.basis,
        stage=Stage.REGISTERED,
        reason=plan.reason,
        window_from_at=plan.window_from_at,
        window_to_at=plan.window_to_at,
        inspectors_needed=policy.registration.min_inspectors,
        policy_version=f"{policy.id}@{policy.version}",
        registered_at=at,
        registered_by=by.account_id,
        matters=list(plan.matters),
        agencies=[VisitAgency(agency_id=agency.id, agency=agency) for agency in (plan.agency, *plan.joint_agencies)],
        inspectors=[
            VisitInspector(inspector_id=inspector.id, inspector=inspector, certificate_no=inspector.certificate_no)
            for inspector in plan.inspectors
        ],
        helpers=[Helper(name=name, organisation=organisation) for name, organisation in plan.helpers],
    )
    note(visit, Stage.REGISTERED.value, by=by.hand, at=at, after=_as_registered(visit))
    if is_urgent(plan.basis, policy=policy):
        visit.approval_due_at = at + timedelta(hours=policy.approval.urgent_hours)
        move(visit, Stage.APPROVED, by=by.hand, at=at, urgent=True)
    return visit


def refuse_plan(plan: Plan, *, policy: Pack, at: datetime) -> None:
    """Raise the Refusal that forbids this plan; pass when there is none."""
    numbers = policy.registration
    _refuse_window(plan, policy=policy, at=at)
    if plan.purpose is Purpose.SERVICE and plan.matters:
        raise Refusal(RegistrationReason.SERVICE_VISIT_HAS_MATTERS)
    if plan.purpose is Purpose.INSPECTION and not plan.matters:
        raise Refusal(RegistrationReason.MATTER_MISSING)
    unlisted = [matter.name for matter in plan.matters if not matter.is_listed]
    if unlisted:
        raise Refusal(RegistrationReason.UNLISTED_MATTER, matters=unlisted)
    if len({inspector.id for inspector in plan.inspectors}) < numbers.min_inspectors:
        raise Refusal(RegistrationReason.TOO_FEW_INSPECTORS, needed=numbers.min_inspectors)
    visiting = {agency.id for agency in (plan.agency, *plan.joint_agencies)}
    strangers = [inspector.name for inspector in plan.inspectors if inspector.agency_id not in visiting]
    if strangers:
        raise Refusal(RegistrationReason.INSPECTOR_OF_OTHER_AGENCY, inspectors=strangers)
    first, last = day_of(plan.window_from_at), day_of(plan.window_to_at)
    expired = [each.name for each in plan.inspectors if not (each.is_certified(first) and each.is_certified(last))]
    if expired:
        raise Refusal(RegistrationReason.EXPIRED_CERTIFICATE, inspectors=expired)
    urgent = is_urgent(plan.basis, policy=policy)
    if urgent and not plan.reason:
        raise Refusal(RegistrationReason.REASON_MISSING)
    if plan.overdue and not urgent:
        late = [{"id": str(visit_id), "enterprise": name} for visit_id, name in plan.overdue]
        raise Refusal(RegistrationReason.OVERDUE_RECORD, visits=late)


def is_urgent(basis: Basis, *, policy: Pack) -> bool:
    """Whether this basis may be approved afterwards."""
    return basis.value in policy.registration.urgent_bases


def decide(visit: Visit, decision: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Take the decision (`approve` or `reject`) of the actor's agency; every agency's yes approves the visit."""
    part = next((part for part in visit.agencies if part.agency_id == by.agency_id), None)
    if part is None:
        raise not_found()
    if part.decision is not None:
        raise Refusal(ApprovalReason.ALREADY_DECIDED, decision=part.decision)
    if decision == "reject" and not reason:
        raise Refusal(RegistrationReason.REASON_MISSING)
    if not visit.is_amber and visit.stage is not Stage.REGISTERED:
        move(visit, Stage.APPROVED, by=by.hand, at=at)  # raises: the table has no such move
    part.decision, part.reason, part.decided_at, part.decided_by = decision, reason, at, by.account_id
    agency = str(by.agency_id)
    if decision == "reject":
        if visit.stage is Stage.REGISTERED:
            move(visit, Stage.REJECTED, by=by.hand, at=at, agency=agency)
        elif visit.stage is Stage.APPROVED:
            move(visit, Stage.CANCELLED, by=by.hand, at=at, agency=agency, because="approval_refused")
        else:
            note(visit, "approval_refused", by=by.hand, at=at, after={"agency": agency})
        return
    if any(part.decision != "approve" for part in visit.agencies):
        note(visit, "approval_given", by=by.hand, at=at, after={"agency": agency})
    elif visit.stage is Stage.REGISTERED:
        visit.approved_at = at
        move(visit, Stage.APPROVED, by=by.hand, at=at, agency=agency)
    else:
        visit.approved_at = at
        note(visit, "approved_afterwards", by=by.hand, at=at, after={"agency": agency})


def may_decide(visit: Visit, by: Actor) -> bool:
    """Whether this head still owes this visit a decision."""
    if by.role is not Role.HEAD or not (visit.stage is Stage.REGISTERED or visit.is_amber):
        return False
    return any(part.agency_id == by.agency_id and part.decision is None for part in visit.agencies)


def cancel(visit: Visit, *, reason: str, by: Actor, at: datetime) -> None:
    """Call a visit off before anyone was at the door; only the lead agency may."""
    if by.agency_id != visit.agency_id:
        raise not_found()
    if not reason:
        raise Refusal(RegistrationReason.REASON_MISSING)
    move(visit, Stage.CANCELLED, by=by.hand, at=at, because=reason)


def may_cancel(visit: Visit, by: Actor) -> bool:
    """Whether this person may call the visit off now."""
    return by.agency_id == visit.agency_id and visit.stage in (Stage.REGISTERED, Stage.APPROVED)


def _refuse_window(plan: Plan, *, policy: Pack, at: datetime) -> None:
    numbers = policy.registration
    length = plan.window_to_at - plan.window_from_at
    too_late = plan.window_from_at < at - timedelta(minutes=numbers.late_start_minutes)
    too_early = plan.window_from_at > at + timedelta(days=numbers.register_ahead_days)
    too_long = length > timedelta(hours=numbers.window_max_hours)
    if length <= timedelta(0) or too_late or too_early or too_long or plan.window_to_at <= at:
        raise Refusal(
            RegistrationReason.BAD_WINDOW,
            422,
            max_hours=numbers.window_max_hours,
            ahead_days=numbers.register_ahead_days,
        )


def _as_registered(visit: Visit) -> dict[str, object]:
    return {
        "stage": visit.stage.value,
        "purpose": visit.purpose.value,
        "basis": visit.basis.value,
        "window_from_at": visit.window_from_at.isoformat(),
        "window_to_at": visit.window_to_at.isoformat(),
        "agencies": [str(part.agency_id) for part in visit.agencies],
        "inspectors": [str(part.inspector_id) for part in visit.inspectors],
        "matters": [f"{matter.code}@{matter.version}" for matter in visit.matters],
        "helpers": len(visit.helpers),
        "policy": visit.policy_version,
    }
