"""What the pack said of a visit, for everyone in scope: in one sentence each, with its source."""

from server.policy.clause import Clause, Outcome
from server.policy.current import policy_at
from server.policy.kinds.duties import RefusalRight
from server.visit.models import Visit
from server.visit.verdicts import VisitVerdict

from .schemas import KeptVerdict, RefusalGround


def verdicts_of(visit: Visit, *, to_enterprise: bool) -> list[KeptVerdict]:
    """The verdicts of a visit, the gravest first.

    What was put forward as evidence may name whoever complained: the enterprise learns the class and the
    outcome, not the evidence, nor who decided in which words.
    """
    pack = policy_at(visit.registered_at)
    noted = [clause for clause in map(pack.find, visit.noted) if clause is not None]
    passed = [clause for clause in map(pack.find, visit.passed) if clause is not None]
    hidden = {"claim_evidence": None, "decided_by": None, "decision_reason": ""} if to_enterprise else {}
    rows = sorted(visit.verdicts, key=lambda row: (_WEIGHT[row.outcome], row.id))
    return [
        *(_kept(row, pack.find(row.clause_id)).model_copy(update=hidden) for row in rows),
        *(_standing(clause, Outcome.RECORD) for clause in noted),
        *(_standing(clause, Outcome.PASS) for clause in passed),
    ]


def grounds_of(visit: Visit) -> list[RefusalGround]:
    """The grounds on which the enterprise may refuse entry, by the pack that was in force at registration."""
    pack = policy_at(visit.registered_at)
    rights = [clause for clause in map(pack.find, visit.noted) if isinstance(clause, RefusalRight)]
    return [
        RefusalGround.model_validate({**clause.always(), "source": clause.source.cited}, from_attributes=False)
        for clause in rights
    ]


_WEIGHT = {Outcome.BLOCK: 0, Outcome.WARN: 1, Outcome.RECORD: 2, Outcome.PASS: 3}


def _kept(row: VisitVerdict, clause: Clause | None) -> KeptVerdict:
    claimed = clause.exception_of(row.claim_class) if clause and row.claim_class else None
    return KeptVerdict(
        clause=row.clause_id,
        kind=row.kind,
        outcome=row.outcome,
        moment=row.moment,
        title=clause.title if clause else row.clause_id,
        title_en=(clause.title_en or clause.title) if clause else row.clause_id,
        sentence=row.sentence,
        sentence_en=row.sentence_en,
        source=row.source,
        claim_class=row.claim_class,
        claim_title=claimed.title if claimed else row.claim_class,
        claim_title_en=(claimed.title_en or claimed.title) if claimed else row.claim_class,
        claim_evidence=row.claim_evidence,
        approver=row.approver,
        lifted=row.lifted,
        decided_at=row.decided_at,
        decided_by=row.decider.name if row.decider else None,
        decision_reason=row.decision_reason,
    )


def _standing(clause: Clause, outcome: Outcome) -> KeptVerdict:
    """What a clause says of every visit in its scope; nobody can claim an exception from it."""
    said = outcome is Outcome.RECORD
    return KeptVerdict(
        clause=clause.id,
        kind=clause.kind,
        outcome=outcome,
        moment="registration",
        title=clause.title,
        title_en=clause.title_en or clause.title,
        sentence=clause.sentence(clause.always()) if said else clause.title,
        sentence_en=clause.sentence(clause.always(), english=True) if said else clause.title_en or clause.title,
        source=clause.source.cited,
        claim_class=None,
        claim_title=None,
        claim_title_en=None,
        claim_evidence=None,
        approver=None,
        lifted=None,
        decided_at=None,
        decided_by=None,
        decision_reason="",
    )
