"""判定: how a verdict leaves the server, how it is kept, and who may lift a block."""

from collections.abc import Sequence
from datetime import datetime

from server.account.rules import Actor
from server.policy.clause import Outcome, Verdict
from server.policy.pack import Pack
from server.refusal import Refusal, not_found
from server.visit.conditions import UNDECIDED
from server.visit.models import Visit
from server.visit.rules import note
from server.visit.verdicts import VisitVerdict

from .plan import Claim, claim_on
from .reasons import ApprovalReason, RegistrationReason


def is_row(verdict: Verdict) -> bool:
    """Whether a verdict is kept as a row of its own: it spoke of this visit, not of every visit in scope."""
    if verdict.outcome is Outcome.RECORD:
        return not verdict.clause.standing
    return verdict.outcome is not Outcome.PASS


def keep_verdict(
    verdict: Verdict, *, policy: Pack, at: datetime, claims: Sequence[Claim] = (), moment: str = "registration"
) -> VisitVerdict:
    """The row that keeps a verdict, with the claim made against it."""
    clause = verdict.clause
    claim = claim_on(verdict, claims)
    exception = clause.exception_of(claim.class_) if claim else None
    return VisitVerdict(
        clause_id=clause.id,
        kind=clause.kind,
        pack=policy.name,
        outcome=verdict.outcome,
        moment=moment,
        numbers=dict(verdict.numbers),
        sentence=clause.sentence(verdict.numbers),
        sentence_en=clause.sentence(verdict.numbers, english=True),
        source=clause.source.cited,
        judged_at=at,
        claim_class=claim.class_ if claim else None,
        claim_evidence=claim.evidence if claim else None,
        approver=exception.approver if exception else None,
    )


def lift(visit: Visit, clause_id: str, *, lifted: bool, reason: str, by: Actor, at: datetime) -> VisitVerdict:
    """Take or refuse the exception claimed against a block: only a second person with that right.

    The row stays; every lift is visible to supervisors for ever.
    """
    verdict = next(
        (each for each in visit.verdicts if each.clause_id == clause_id and each.outcome is Outcome.BLOCK), None
    )
    if verdict is None:
        raise not_found()
    if verdict.approver != by.role.value:
        raise Refusal(ApprovalReason.NOT_LIFTABLE, approver=verdict.approver)
    if by.account_id == visit.registered_by:
        raise Refusal(ApprovalReason.OWN_REGISTRATION)
    if verdict.decided_at is not None:
        raise Refusal(ApprovalReason.ALREADY_DECIDED)
    if not UNDECIDED.holds(visit):
        raise Refusal(ApprovalReason.NOT_LIFTABLE, stage=visit.stage.value)
    if not reason:
        raise Refusal(RegistrationReason.REASON_MISSING)
    verdict.lifted, verdict.decided_at, verdict.decided_by, verdict.decision_reason = lifted, at, by.account_id, reason
    verb = "block_lifted" if lifted else "lift_refused"
    note(visit, verb, by=by.hand, at=at, after={"clause": clause_id, "class": verdict.claim_class, "because": reason})
    return verdict


def may_lift(visit: Visit, by: Actor) -> list[str]:
    """The clauses whose blocks this person may decide on now."""
    if not UNDECIDED.holds(visit):
        return []
    return [
        verdict.clause_id for verdict in visit.verdicts
        if verdict.outcome is Outcome.BLOCK and verdict.decided_at is None and verdict.approver == by.role.value
        and by.account_id != visit.registered_by
    ]  # fmt: skip
