"""`ruqi policy check`: is this pack whole, can every clause fire, and does it judge its own examples as it says?"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

from .calendar import Calendar
from .clause import BASES, Clause, Scope
from .examples import BadExample, run
from .kinds.frequency import Cap
from .kinds.people import Approval
from .kinds.times import QuietDay
from .pack import Fault, Lines, Pack, PackError, compose, read_layers


@dataclass(frozen=True, slots=True)
class Report:
    """What checking found: faults forbid the pack, warnings do not."""

    pack: Pack | None
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    examples: int = 0


def check(name: str) -> Report:
    """Read a pack by name or path, try its examples, and look for clauses that cannot be meant."""
    try:
        return check_layers(read_layers(name))
    except PackError as error:
        return Report(pack=None, faults=list(error.faults))


def check_layers(layers: list[tuple[str, str]]) -> Report:
    """The same for a pack whose files have been read already."""
    try:
        pack = compose(layers)
    except PackError as error:
        return Report(pack=None, faults=list(error.faults))
    places = _Places(layers)
    report = Report(pack=pack, examples=sum(len(clause.example) for clause in pack.clause))
    for clause in pack.clause:
        report.faults.extend(places.fault(clause, text) for text in _failed_examples(clause, pack.calendar))
        report.warnings.extend(places.fault(clause, text) for text in _never(clause))
        if not clause.example:
            report.warnings.append(places.fault(clause, "has no example"))
    report.warnings.extend(places.fault(each, text) for each, text in _contradictions(pack))
    return report


def _failed_examples(clause: Clause, calendar: Calendar) -> Iterator[str]:
    for number, example in enumerate(clause.example, start=1):
        label = f"example {number}{f' ({example.says})' if example.says else ''}"
        try:
            outcome, numbers = run(clause, example, calendar)
        except (BadExample, TypeError, ValueError, KeyError) as error:
            yield f"{label}: {error}"
            continue
        if outcome is not example.expect:
            yield f"{label}: expected {example.expect.value}, judged {outcome.value}"
        wrong = {key: value for key, value in example.numbers.items() if numbers.get(key) != value}
        if wrong:
            yield f"{label}: expected numbers {wrong}, found {dict(numbers)}"


def _never(clause: Clause) -> Iterator[str]:
    """Why a clause can never speak, or never block."""
    scope = clause.scope
    if clause.valid_from and clause.valid_to and clause.valid_from > clause.valid_to:
        yield "can never fire: it ends before it begins"
    if not scope.purpose:
        yield "can never fire: no purpose is in scope"
    open_bases = set(scope.basis or BASES) - set(scope.except_basis)
    if not open_bases:
        yield "can never fire: every basis in scope is excepted"
    elif scope.purpose == ("service",) and "service" not in open_bases:
        yield "can never fire: service visits have the basis `service`"
    elif scope.purpose == ("inspection",) and open_bases == {"service"}:
        yield "can never fire: no inspection has the basis `service`"
    for wanted, excepted in ((scope.agency_kind, scope.except_agency_kind), (scope.tier, scope.except_tier)):
        if wanted and set(wanted) <= set(excepted):
            yield "can never fire: everything in scope is excepted"
    if scope.sector and scope.except_sector and all(each.startswith(scope.except_sector) for each in scope.sector):
        yield "can never fire: every sector in scope is excepted"
    if clause.exception and clause.action != "block":
        yield "exceptions are for blocks; this clause never blocks"
    if isinstance(clause, QuietDay) and clause._monthdays >= set(range(1, 32)):
        yield "every day of the month is quiet: no visit could ever be"


def _contradictions(pack: Pack) -> Iterator[tuple[Clause, str]]:
    """Pairs of clauses that cannot both be meant."""
    clauses = pack.clause
    for index, first in enumerate(clauses):
        for second in clauses[index + 1 :]:
            if type(first) is not type(second) or not _overlap(first, second):
                continue
            if isinstance(first, Approval) and isinstance(second, Approval) and first.when != second.when:
                yield second, f"contradicts {first.id}: both speak of the same visits, approved before and afterwards"
            elif isinstance(first, Cap) and isinstance(second, Cap) and _same_cap(first, second):
                yield second, f"contradicts {first.id}: two caps on the same visits"


def _same_cap(first: Cap, second: Cap) -> bool:
    return (first.per, first.scope, first.action) == (second.per, second.scope, second.action)


def _overlap(first: Clause, second: Clause) -> bool:
    """Whether some visit could be in both scopes, as far as lists can tell."""
    dates = (
        (first.valid_to is None or second.valid_from is None or first.valid_to >= second.valid_from)
        and (second.valid_to is None or first.valid_from is None or second.valid_to >= first.valid_from)
    )  # fmt: skip
    return dates and all(
        _share(first.scope, second.scope, name) for name in ("basis", "tier", "agency_kind", "zone", "purpose")
    )


def _share(first: Scope, second: Scope, name: str) -> bool:
    everything = set(BASES) if name == "basis" else None
    sets = []
    for scope in (first, second):
        wanted = set(getattr(scope, name)) or everything
        excepted = set(getattr(scope, f"except_{name}", ()))
        sets.append((wanted - excepted) if wanted is not None else None)
    one, two = sets
    return one is None or two is None or bool(one & two)


class _Places:
    """In which file and line each clause stands; the last file that says it."""

    def __init__(self, layers: list[tuple[str, str]]) -> None:
        self._of: dict[str, tuple[str, int | None]] = {}
        for file, text in layers:
            lines = Lines(text)
            for index, entry in enumerate(tomllib.loads(text).get("clause", [])):
                self._of[entry["id"]] = (file, lines.of("clause", index))

    def fault(self, clause: Clause, message: str) -> Fault:
        file, line = self._of[clause.id]
        return Fault(file, line, clause.id, message)
