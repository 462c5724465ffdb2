"""What the pack said of a visit, for everyone in scope: in one sentence each, with its source."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from server.paging import Moment, Out
from server.policy.clause import Clause, Outcome
from server.policy.current import policy_at
from server.policy.kinds import RefusalRight
from server.visit.models import Visit
from server.visit.verdicts import VisitVerdict


class KeptVerdict(Out):
    clause: str
    kind: str
    outcome: Outcome
    moment: str
    title: str
    title_en: str
    sentence: str
    sentence_en: str
    source: str
    claim_class: str | None
    claim_title: str | None
    claim_title_en: str | None
    claim_evidence: str | None
    approver: str | None
    lifted: bool | None
    decided_at: Moment | None
    decided_by: str | None
    decision_reason: str


class RefusalGround(Out):
    when: str
    ground: str
    ground_en: str
    source: str


def verdicts_of(visit: Visit, *, to_enterprise: bool) -> dict[str, Any]:
    """The verdicts of a visit, the gravest first, and the grounds on which its enterprise may refuse entry.

    What was put forward as evidence may name whoever complained: the enterprise learns the class and the
    outcome, not the evidence, nor who decided in which words.
    """
    pack = policy_at(visit.registered_at)
    noted = [clause for clause in map(pack.find, visit.noted) if clause is not None]
    passed = [clause for clause in map(pack.find, visit.passed) if clause is not None]
    hidden = {"claim_evidence": None, "decided_by": None, "decision_reason": ""} if to_enterprise else {}
    rows = sorted(visit.verdicts, key=lambda row: (_WEIGHT[row.outcome], row.id))
    return {
        "verdicts": [
            *({**_kept(row, pack.find(row.clause_id)), **hidden} for row in rows),
            *(_standing(clause, Outcome.RECORD) for clause in noted),
            *(_standing(clause, Outcome.PASS) for clause in passed),
        ],
        "refusal_grounds": list(_grounds(noted)),
    }


_WEIGHT = {Outcome.BLOCK: 0, Outcome.WARN: 1, Outcome.RECORD: 2, Outcome.PASS: 3}
_NO_CLAIM: dict[str, Any] = {
    "claim_class": None, "claim_title": None, "claim_title_en": None, "claim_evidence": None, "approver": None,
    "lifted": None, "decided_at": None, "decided_by": None, "decision_reason": "",
}  # fmt: skip


def _kept(row: VisitVerdict, clause: Clause | None) -> dict[str, Any]:
    at: datetime | None = row.decided_at
    claimed = clause.exception_of(row.claim_class) if clause and row.claim_class else None
    return {
        "clause": row.clause_id,
        "kind": row.kind,
        "outcome": row.outcome,
        "moment": row.moment,
        "title": clause.title if clause else row.clause_id,
        "title_en": (clause.title_en or clause.title) if clause else row.clause_id,
        "sentence": row.sentence,
        "sentence_en": row.sentence_en,
        "source": row.source,
        "claim_class": row.claim_class,
        "claim_title": claimed.title if claimed else row.claim_class,
        "claim_title_en": (claimed.title_en or claimed.title) if claimed else row.claim_class,
        "claim_evidence": row.claim_evidence,
        "approver": row.approver,
        "lifted": row.lifted,
        "decided_at": at,
        "decided_by": row.decider.name if row.decider else None,
        "decision_reason": row.decision_reason,
    }


def _standing(clause: Clause, outcome: Outcome) -> dict[str, Any]:
    said = outcome is Outcome.RECORD
    return {
        "clause": clause.id,
        "kind": clause.kind,
        "outcome": outcome,
        "moment": "registration",
        "title": clause.title,
        "title_en": clause.title_en or clause.title,
        "sentence": clause.sentence(clause.always()) if said else clause.title,
        "sentence_en": clause.sentence(clause.always(), english=True) if said else clause.title_en or clause.title,
        "source": clause.source.cited,
        **_NO_CLAIM,
    }


def _grounds(noted: list[Clause]) -> Iterator[dict[str, Any]]:
    for clause in noted:
        if isinstance(clause, RefusalRight):
            numbers = clause.always()
            yield {"when": numbers["when"], "ground": numbers["ground"], "ground_en": numbers["ground_en"],
                   "source": clause.source.cited}  # fmt: skip
