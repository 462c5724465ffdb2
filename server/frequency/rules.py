"""721: what the pack says of an agency's shares of service, guidance and penalty."""

from dataclasses import dataclass

from server.policy.clause import Outcome
from server.policy.kinds.duties import Shares


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a year, and in which words; nothing was said of a year that passes."""

    outcome: Outcome = Outcome.PASS
    sentence: str | None = None
    sentence_en: str | None = None


def judge_shares(clause: Shares | None, *, service: int, guidance: int, penalty: int) -> Said:
    """What the clause in force, if there is one, says of these numbers of a year."""
    hit = clause.check_shares(service=service, guidance=guidance, penalty=penalty) if clause is not None else None
    if clause is None or hit is None:
        return Said()
    words = clause.sentence(hit.numbers), clause.sentence(hit.numbers, english=True)
    return Said(clause.outcome, *words)
