"""Clauses in memory, in a pack of their own, and what they say of the ordinary visit."""

from typing import Any

from server.policy.calendar import Calendar, statutory
from server.policy.clause import Clause, Outcome
from server.policy.examples import case_of
from server.policy.pack import Pack


def clause_of(kind: str, *, action: str = "block", **values: Any) -> Clause:
    """One clause in memory, in a pack of its own."""
    return pack_of({"kind": kind, "action": action, **values}).clause[0]


def pack_of(*clauses: dict[str, Any]) -> Pack:
    """A pack of these clauses alone."""
    shared = {"title": "试验条款", "source": {"title": "试验"}}
    return Pack.model_validate({
        "id": "test", "version": "1", "title": "试验",
        "desk": {"window_max_hours": 72, "register_ahead_days": 90},
        "scan": {"early_minutes": 30, "withdraw_minutes": 10, "offline_days": 10, "clock_skew_minutes": 10,
                 "site_radius_m": 500},
        "clause": [{"id": f"c{number}", **shared, **each} for number, each in enumerate(clauses)],
    })  # fmt: skip


def said(clause: Clause, calendar: Calendar | None = None, **changes: Any) -> str:
    """What a clause says of the ordinary visit with these changes."""
    case = case_of(changes)
    hit = clause.check(case, calendar or statutory()) if clause.covers(case) else None
    return "pass" if hit is None else (hit.outcome or Outcome(clause.action)).value
