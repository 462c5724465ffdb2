"""登记: may this visit be planned, and who may approve or call it off?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from server.account.models import Role
from server.account.rules import Actor
from server.judging.plan import Plan, as_case, claim_on
from server.judging.reasons import BLOCKED_BY, ApprovalReason, RegistrationReason
from server.judging.schemas import verdict_out
from server.judging.verdicts import is_row, keep_verdict
from server.policy.clause import Outcome, Verdict
from server.policy.judging import approval_of, clocks_of, demanded_presence, inspectors_needed, judge
from server.policy.pack import Pack
from server.refusal import Refusal, not_found
from server.visit.conditions import UNDECIDED
from server.visit.models import Helper, Visit, VisitAgency, VisitInspector
from server.visit.rules import NEXT, move, note
from server.visit.stages import Purpose, Stage


def register(plan: Plan, *, policy: Pack, by: Actor, at: datetime) -> Visit:
    """Make a registered visit, or refuse with the first reason an inspector should hear.

    Where the pack lets the head follow, the visit is approved at once and amber until the heads have.
    A block with a claim that its clause knows is registered too, and stands until somebody lifts it.
    """
    refuse_shape(plan, policy=policy, at=at)
    verdicts = judge(policy, as_case(plan, at=at))
    refuse_verdicts(plan, verdicts)
    approval = approval_of(verdicts)
    late = any(verdict.numbers.get("late") for verdict in verdicts)
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
        inspectors_needed=inspectors_needed(verdicts),
        policy_version=policy.name,
        clocks=clocks_of(verdicts),
        presence_demanded=demanded_presence(verdicts),
        noted=[verdict.clause.id for verdict in verdicts if verdict.outcome is Outcome.RECORD and not is_row(verdict)],
        passed=[verdict.clause.id for verdict in verdicts if verdict.outcome is Outcome.PASS],
        tier=plan.facts.tier,
        off_site_means=plan.off_site_means,
        asked_for=plan.asked_for,
        is_late=late,
        registered_at=at,
        registered_by=by.account_id,
        matters=list(plan.matters),
        agencies=[VisitAgency(agency_id=agency.id, agency=agency) for agency in (plan.agency, *plan.joint_agencies)],
        inspectors=[
            VisitInspector(inspector_id=inspector.id, inspector=inspector, certificate_no=inspector.certificate_no)
            for inspector in plan.inspectors
        ],
        helpers=[Helper(name=name, organisation=organisation) for name, organisation in plan.helpers],
        verdicts=[
            keep_verdict(verdict, policy=policy, claims=plan.claims, at=at) for verdict in verdicts if is_row(verdict)
        ],
    )  # fmt: skip
    note(visit, Stage.REGISTERED.value, by=by.hand, at=at, after=_as_registered(visit))
    if approval is not None and approval.within is not None:
        visit.approval_due_at = policy.due(approval.within, at)
        move(visit, Stage.APPROVED, by=by.hand, at=at, urgent=True)
    return visit


def refuse_shape(plan: Plan, *, policy: Pack, at: datetime) -> None:
    """Raise the Refusal for a plan that no pack could judge; pass when there is none."""
    _refuse_window(plan, policy=policy, at=at)
    if plan.purpose is Purpose.SERVICE and plan.matters:
        raise Refusal(RegistrationReason.SERVICE_VISIT_HAS_MATTERS)
    if plan.purpose is Purpose.INSPECTION and not plan.matters:
        raise Refusal(RegistrationReason.MATTER_MISSING)
    visiting = {agency.id for agency in (plan.agency, *plan.joint_agencies)}
    strangers = [inspector.name for inspector in plan.inspectors if inspector.agency_id not in visiting]
    if strangers:
        raise Refusal(RegistrationReason.INSPECTOR_OF_OTHER_AGENCY, inspectors=strangers)


def refuse_verdicts(plan: Plan, verdicts: Sequence[Verdict]) -> None:
    """Raise for a block without a claim, a warning without a written reason, or an overdue record."""
    blocks = [verdict for verdict in verdicts if verdict.outcome is Outcome.BLOCK]
    unclaimed = [verdict for verdict in blocks if claim_on(verdict, plan.claims) is None]
    if unclaimed:
        first = unclaimed[0]
        reason = BLOCKED_BY.get(first.clause.kind, RegistrationReason.BLOCKED)
        raise Refusal(
            reason,
            verdicts=[verdict_out(verdict).model_dump(mode="json") for verdict in unclaimed],
            **_named(first, plan),
        )
    for claim in plan.claims:
        if not any(verdict.clause.id == claim.clause for verdict in blocks):
            raise Refusal(RegistrationReason.UNKNOWN_CLAIM, 422, clause=claim.clause)
    if not plan.reason:
        warnings = [
            verdict_out(verdict).model_dump(mode="json") for verdict in verdicts if verdict.outcome is Outcome.WARN
        ]
        if warnings or blocks:
            raise Refusal(RegistrationReason.REASON_MISSING, verdicts=warnings)
    if plan.overdue and not is_urgent(verdicts):
        late = [{"id": str(visit_id), "enterprise": name} for visit_id, name in plan.overdue]
        raise Refusal(RegistrationReason.OVERDUE_RECORD, visits=late)


def is_urgent(verdicts: Sequence[Verdict]) -> bool:
    """Whether the pack lets this visit go ahead of the head's approval."""
    approval = approval_of(verdicts)
    return approval is not None and approval.when == "afterwards"


def confirm(visit: Visit, *, took_place: bool, by: Actor, at: datetime) -> None:
    """补录确认: the enterprise says whether a visit that was entered late took place; once."""
    if by.enterprise_id != visit.enterprise_id or not visit.is_late:
        raise not_found()
    if visit.confirmed_at is not None:
        raise Refusal(ApprovalReason.ALREADY_DECIDED)
    visit.confirmed, visit.confirmed_at, visit.confirmed_by = took_place, at, by.account_id
    note(visit, "late_entry_confirmed" if took_place else "late_entry_denied", by=by.hand, at=at)


def may_confirm(visit: Visit, by: Actor) -> bool:
    """Whether this enterprise still owes its word on a late entry."""
    return by.enterprise_id == visit.enterprise_id and visit.is_late and visit.confirmed_at is None


def decide(visit: Visit, decision: Literal["approve", "reject"], *, reason: str, by: Actor, at: datetime) -> None:
    """Take the decision (`approve` or `reject`) of the actor's agency; every agency's yes approves the visit."""
    part = next((part for part in visit.agencies if part.agency_id == by.agency_id), None)
    if part is None:
        raise not_found()
    if part.decision is not None:
        raise Refusal(ApprovalReason.ALREADY_DECIDED, decision=part.decision)
    if decision == "reject" and not reason:
        raise Refusal(RegistrationReason.REASON_MISSING)
    if not UNDECIDED.holds(visit):
        move(visit, Stage.APPROVED, by=by.hand, at=at)  # raises: the table has no such move
    if decision == "approve" and visit.is_blocked:
        standing = [verdict.clause_id for verdict in visit.verdicts if verdict.stands]
        raise Refusal(ApprovalReason.BLOCK_STANDS, clauses=standing)
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
    if by.role is not Role.HEAD or not UNDECIDED.holds(visit):
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
    on_visit = by.role in (Role.INSPECTOR, Role.HEAD) and by.agency_id == visit.agency_id
    return on_visit and Stage.CANCELLED in NEXT[visit.stage]


def _named(verdict: Verdict, plan: Plan) -> dict[str, Any]:
    """What the sentence of the oldest reasons needs besides the verdict."""
    if verdict.clause.kind == "listed_matter":
        return {"matters": [matter.name for matter in plan.matters if not matter.is_listed]}
    if verdict.clause.kind == "inspectors":
        return {"needed": verdict.numbers["at_least"]}
    if verdict.clause.kind == "certificate":
        return {"inspectors": str(verdict.numbers["names"]).split("、")}
    return {}


def _refuse_window(plan: Plan, *, policy: Pack, at: datetime) -> None:
    """A window that cannot be; one that has begun already is for the late-entry clause to judge."""
    desk = policy.desk
    length = plan.window_to_at - plan.window_from_at
    too_early = plan.window_from_at > at + timedelta(days=desk.register_ahead_days)
    too_long = length > timedelta(hours=desk.window_max_hours)
    too_old = plan.window_from_at < at - timedelta(days=policy.scan.offline_days)
    if length <= timedelta(0) or too_early or too_long or too_old:
        raise Refusal(
            RegistrationReason.BAD_WINDOW, 422, max_hours=desk.window_max_hours, ahead_days=desk.register_ahead_days
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
        "verdicts": {verdict.clause_id: verdict.outcome.value for verdict in visit.verdicts},
        "claims": {verdict.clause_id: verdict.claim_class for verdict in visit.verdicts if verdict.claim_class},
    }
