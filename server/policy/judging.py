"""Asking the clauses: the same function for the next registration and for a million past ones."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TypeVar

from .case import Case, Sealing
from .clause import Clause, Outcome, Verdict
from .kinds.duties import Deadline, Presence, Rating
from .kinds.matters import FirstOffence
from .kinds.people import Approval, Inspectors
from .pack import Pack

C = TypeVar("C", bound=Clause)
RANK = {Outcome.PASS: 0, Outcome.RECORD: 1, Outcome.WARN: 2, Outcome.BLOCK: 3}


def judge(pack: Pack, case: Case, *, only_by_day: bool = False) -> list[Verdict]:
    """What every clause in scope says of a planned visit; a clause that found nothing says `pass`."""
    verdicts = []
    calendar = pack.calendar
    for clause in clauses_for(pack, case, only_by_day=only_by_day):
        hit = clause.check(case, calendar)
        if hit is None:
            verdicts.append(Verdict(clause, Outcome.PASS))
        else:
            verdicts.append(Verdict(clause, hit.outcome or clause.outcome, hit.numbers))
    return verdicts


def speaking(pack: Pack, case: Case) -> Iterator[tuple[Clause, Outcome]]:
    """The clauses that found something in this visit alone: what is counted when a pack is replayed."""
    calendar = pack.calendar
    for clause in clauses_for(pack, case, varying=True):
        hit = clause.check(case, calendar)
        if hit is not None:
            yield clause, hit.outcome or clause.outcome


def judge_sealing(pack: Pack, sealing: Sealing, *, on: date) -> list[Verdict]:
    """What the clauses that judge records say of one about to be sealed."""
    verdicts = []
    for clause in pack.of_kind(FirstOffence):
        if not clause.is_valid_on(on) or not clause.covers(sealing):
            continue
        hit = clause.check_sealing(sealing)
        outcome = Outcome.PASS if hit is None else hit.outcome or clause.outcome
        verdicts.append(Verdict(clause, outcome, hit.numbers if hit else {}))
    return verdicts


def clauses_for(pack: Pack, case: Case, *, only_by_day: bool = False, varying: bool = False) -> Sequence[Clause]:
    """The clauses that speak of this visit on its day; `varying` leaves out those that say the same of all.

    Visits of one sort share one answer.
    """
    key = (
        case.purpose, case.basis, case.agency_kind, case.region, case.sector, case.tier, case.zone, case.off_site,
        bisect_right(pack.boundaries, case.day), only_by_day, varying,
    )  # fmt: skip
    memo = pack.memo
    found: tuple[Clause, ...] | None = memo.get(key)
    if found is None:
        if len(memo) > 20_000:
            memo.clear()
        found = memo[key] = tuple(
            clause for clause in pack.clause
            if clause.moment == "registration" and (clause.by_day or not only_by_day)
            and not (varying and clause.standing)
            and clause.is_valid_on(case.day) and clause.scope.covers(case)
        )  # fmt: skip
    if not pack.by_matter:
        return found
    return [clause for clause in found if not clause.scope.matter or clause.covers(case)]


def worst(verdicts: Sequence[Verdict]) -> Outcome:
    """The gravest outcome among these."""
    return max((verdict.outcome for verdict in verdicts), key=RANK.__getitem__, default=Outcome.PASS)


# --- what verdicts demand -------------------------------------------------------------------------


def approval_of(verdicts: Sequence[Verdict]) -> Approval | None:
    """The approval that these verdicts demand; the last clause in the pack's order decides."""
    return _last(verdicts, Approval)


def inspectors_needed(verdicts: Sequence[Verdict]) -> int:
    """How many inspectors must scan before the visit may be recorded."""
    return max((v.clause.at_least for v in verdicts if isinstance(v.clause, Inspectors)), default=1)


def clocks_of(verdicts: Sequence[Verdict]) -> dict[str, dict[str, int]]:
    """The terms that these verdicts start, by what is due; the last clause in the pack's order decides."""
    clocks: dict[str, dict[str, int]] = {}
    for verdict in verdicts:
        clause = verdict.clause
        if isinstance(clause, Deadline):
            clocks[clause.what] = clause.within.model_dump(exclude_none=True)
        elif isinstance(clause, Rating):
            clocks["rating"] = clause.within.model_dump(exclude_none=True)
    return clocks


def demanded_presence(verdicts: Sequence[Verdict]) -> str | None:
    """The strength of presence that the pack demands, or None."""
    found = _last(verdicts, Presence)
    return found.at_least if found else None


def _last(verdicts: Sequence[Verdict], kind: type[C]) -> C | None:
    return next((verdict.clause for verdict in reversed(verdicts) if isinstance(verdict.clause, kind)), None)
