"""A verdict as it leaves the server."""

from server.paging import Out
from server.policy.clause import Outcome, Verdict


class VerdictOut(Out):
    """What a clause says of a plan, in one sentence a language, with its source and the exceptions that it knows."""

    clause: str
    kind: str
    outcome: Outcome
    title: str
    title_en: str
    sentence: str
    sentence_en: str
    source: str
    status: str
    exceptions: list[dict[str, str]]


def verdict_out(verdict: Verdict) -> VerdictOut:
    """A verdict as it leaves the server: what the clause said, in one sentence each, with its source."""
    clause = verdict.clause
    passed = verdict.outcome is Outcome.PASS
    return VerdictOut(
        clause=clause.id,
        kind=clause.kind,
        outcome=verdict.outcome,
        title=clause.title,
        title_en=clause.title_en or clause.title,
        sentence=clause.title if passed else clause.sentence(verdict.numbers),
        sentence_en=(clause.title_en or clause.title) if passed else clause.sentence(verdict.numbers, english=True),
        source=clause.source.cited,
        status=clause.source.status.value,
        exceptions=[
            {
                "class": each.id,
                "title": each.title,
                "title_en": each.title_en or each.title,
                "evidence": each.evidence,
                "approver": each.approver,
            }
            for each in clause.exception
        ],
    )
