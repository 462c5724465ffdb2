"""The example cases of a pack: an ordinary visit, and what an example says is different about it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from server.clock import SHANGHAI

from .calendar import Calendar
from .case import Case, InspectorFact, MatterFact, Past, Sealing
from .clause import Clause, Example, Hit, Outcome
from .kinds.duties import Shares
from .kinds.matters import FirstOffence

# A Tuesday outside the usual quiet days, registered on a Wednesday almost two weeks before.
DAY = date(2026, 5, 26)
FILED = datetime(2026, 5, 13, 9, 0, tzinfo=SHANGHAI)
ORDINARY = {
    "agency": "market", "agency_kind": "市场监督管理局", "region": "431002", "basis": "plan", "purpose": "inspection",
    "planned": True, "drawn": True, "reason": "",
}  # fmt: skip
PLAIN = frozenset({
    "agency", "agency_kind", "region", "basis", "purpose", "off_site", "reason", "sector", "zone", "tier", "helpers",
    "planned", "drawn", "joint",
})  # fmt: skip
SHAPED = frozenset(
    {"at", "day", "hour", "hours", "late_hours", "matters", "inspectors", "past", "quiet_days", "plan_published_on"}
)


class BadExample(ValueError):
    """An example that names something a case does not have."""


def case_of(changes: Mapping[str, Any]) -> Case:
    """The ordinary visit with these changes."""
    unknown = changes.keys() - PLAIN - SHAPED
    if unknown:
        raise BadExample(f"an example's case has no {', '.join(sorted(unknown))}")
    at = _moment(changes.get("at", FILED))
    day = _day(changes.get("day", DAY))
    opens = datetime.combine(day, time(), SHANGHAI) + timedelta(hours=float(changes.get("hour", 10)))
    if "late_hours" in changes:
        opens = at - timedelta(hours=float(changes["late_hours"]))
    values = {**ORDINARY, **{key: value for key, value in changes.items() if key in PLAIN}}
    return Case(
        at=at,
        opens_at=opens,
        closes_at=opens + timedelta(hours=float(changes.get("hours", 4))),
        matters=tuple(MatterFact(**each) for each in changes.get("matters", [{"code": "M1", "name": "日常检查"}])),
        inspectors=tuple(_inspectors(changes.get("inspectors", 2))),
        past=tuple(sorted((_past(n, each) for n, each in enumerate(changes.get("past", []))), key=lambda p: p.day)),
        quiet_days=frozenset(map(_day, changes.get("quiet_days", []))),
        plan_published_on=_day(changes.get("plan_published_on", date(2026, 3, 15))),
        **values,
    )


def run(clause: Clause, example: Example, calendar: Calendar) -> tuple[Outcome, Mapping[str, object]]:
    """What the clause says of an example; out of scope or out of force counts as `pass`."""
    hit: Hit | None
    if isinstance(clause, Shares):
        hit = clause.check_shares(**{key: int(value) for key, value in example.case.items()})
    elif isinstance(clause, FirstOffence):
        hit = clause.check_sealing(_sealing(example.case))
    else:
        case = case_of(example.case)
        speaks = clause.is_valid_on(case.day) and clause.covers(case)
        hit = clause.check(case, calendar) if speaks else None
    if hit is None:
        return Outcome.PASS, {}
    return hit.outcome or clause.outcome, hit.numbers


def _sealing(changes: Mapping[str, Any]) -> Sealing:
    values = {"basis": "plan", "purpose": "inspection", "agency_kind": "", "region": "431002", **changes}
    return Sealing(**values)


def _inspectors(value: Any) -> Iterator[InspectorFact]:
    if isinstance(value, int):
        yield from (InspectorFact(id=f"I{number}", name=f"执法员{number}") for number in range(1, value + 1))
    else:
        yield from (InspectorFact(**{"name": each["id"], **each}) for each in value)


def _past(number: int, value: Mapping[str, Any]) -> Past:
    shaped = {key: frozenset(value[key]) for key in ("matters", "inspectors", "agencies") if key in value}
    return Past(**{"id": f"V{number}", "agency": "market", **value, **shaped, "day": _day(value["day"])})


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
