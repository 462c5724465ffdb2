"""合并提议: one agency would join another's planned visit; once the other accepts there is one visit, counted once."""

from collections.abc import Sequence
from datetime import datetime

from server.account.models import Agency, Inspector
from server.account.rules import Actor
from server.catalogue.models import Matter
from server.clock import day_of
from server.judging.plan import matter_fact
from server.judging.reasons import ApprovalReason, RegistrationReason
from server.refusal import Reason, Refusal, not_found
from server.visit.conditions import OVER
from server.visit.models import Visit, VisitAgency, VisitInspector
from server.visit.rules import note
from server.visit.stages import Purpose, Stage

from .models import JoinProposal


class JoinReason(Reason):
    """Why a visit is not joined."""

    NOT_JOINABLE = "not_joinable"
    HEAD_MUST_PROPOSE = "head_must_propose"
    ALREADY_JOINED = "already_joined"


def refuse_proposal(
    visit: Visit,
    agency: Agency,
    *,
    matters: Sequence[Matter],
    inspectors: Sequence[Inspector],
    by_head: bool,
    at: datetime,
) -> None:
    """Raise unless this agency could join this visit with these matters and people."""
    if visit.stage not in (Stage.REGISTERED, Stage.APPROVED) or visit.purpose is not Purpose.INSPECTION:
        raise Refusal(JoinReason.NOT_JOINABLE, stage=visit.stage.value)
    if visit.stage is Stage.APPROVED and not by_head:
        raise Refusal(JoinReason.HEAD_MUST_PROPOSE)
    if OVER.holds(visit, at=at):
        raise Refusal(JoinReason.NOT_JOINABLE, stage="window_passed")
    if any(part.agency_id == agency.id for part in visit.agencies):
        raise Refusal(JoinReason.ALREADY_JOINED)
    if not matters:
        raise Refusal(RegistrationReason.MATTER_MISSING)
    unlisted = [matter.name for matter in matters if not matter.is_listed]
    if unlisted:
        raise Refusal(RegistrationReason.UNLISTED_MATTER, matters=unlisted)
    facts = [matter_fact(matter, [agency], region=visit.region_code) for matter in matters]
    if not all(fact.authorised for fact in facts):
        raise Refusal(RegistrationReason.NOT_AUTHORISED, verdicts=[])
    strangers = [each.name for each in inspectors if each.agency_id != agency.id]
    if strangers:
        raise Refusal(RegistrationReason.INSPECTOR_OF_OTHER_AGENCY, inspectors=strangers)
    if not inspectors:
        raise Refusal(RegistrationReason.TOO_FEW_INSPECTORS, needed=1)
    days = (day_of(visit.window_from_at), day_of(visit.window_to_at))
    expired = [each.name for each in inspectors if not all(each.is_certified(day) for day in days)]
    if expired:
        raise Refusal(RegistrationReason.EXPIRED_CERTIFICATE, inspectors=expired)


def decide(proposal: JoinProposal, visit: Visit, *, accepted: bool, reason: str, by: Actor, at: datetime) -> None:
    """The lead agency's yes or no to a proposal."""
    if visit.agency_id != by.agency_id:
        raise not_found()
    if proposal.decided_at is not None:
        raise Refusal(ApprovalReason.ALREADY_DECIDED)
    if not accepted and not reason:
        raise Refusal(RegistrationReason.REASON_MISSING)
    proposal.accepted, proposal.decided_at, proposal.decided_by = accepted, at, by.account_id
    proposal.decision_reason = reason


def join(
    visit: Visit,
    proposal: JoinProposal,
    *,
    matters: Sequence[Matter],
    inspectors: Sequence[Inspector],
    by: Actor,
    at: datetime,
) -> None:
    """Make the visit a joint one; whether the joining agency's head has said yes depends on who proposed."""
    agency = proposal.agency
    part = VisitAgency(agency_id=agency.id, agency=agency)
    if proposal.by_head:
        part.decision, part.decided_at, part.decided_by = "approve", at, proposal.proposed_by
    visit.agencies.append(part)
    here = {matter.id for matter in visit.matters}
    visit.matters.extend(matter for matter in matters if matter.id not in here)
    visit.inspectors.extend(
        VisitInspector(inspector_id=each.id, inspector=each, certificate_no=each.certificate_no) for each in inspectors
    )
    told = {
        "agency": str(agency.id),
        "matters": [f"{matter.code}@{matter.version}" for matter in matters],
        "inspectors": [str(each.id) for each in inspectors],
    }
    note(visit, "joined", by=by.hand, at=at, after=told)
