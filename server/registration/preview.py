"""登记前预判: verdicts, the year so far, free days, visits to join and results to reuse, before anybody commits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.account.models import Agency
from server.catalogue.models import Matter
from server.db import db
from server.judging.plan import Plan, as_case
from server.judging.schemas import VerdictOut, verdict_out
from server.paging import Moment, Out
from server.policy.case import Case, Past
from server.policy.clause import Outcome
from server.policy.judging import clauses_for, judge, worst
from server.policy.kinds.frequency import Budget, Cap, Merge, Reuse
from server.policy.pack import Pack
from server.refusal import Refusal
from server.visit.models import Visit

from .rules import refuse_shape

FREE_DAYS = 5
LOOK_AHEAD = 60
JOINABLE = 20


class Standing(Out):
    """How much of a cap is used."""

    clause: str
    subject: str
    subject_en: str
    count: int
    times: int


class YearSoFar(Out):
    """An enterprise's year: who was at the door, who is expected, heads and hours against the budget."""

    year: int
    visits: int
    planned: int
    heads: int
    hours: float
    budget_hours: int | None


class FreeDay(Out):
    """A working day on which nothing speaks against the visit."""

    on: date
    outcome: Outcome


class Joinable(Out):
    """Another agency's planned visit that this one could join."""

    visit_id: UUID
    agency: str
    window_from_at: Moment
    window_to_at: Moment
    matters: list[str]
    days_apart: int


class Reusable(Out):
    """A sealed result that could be used instead of asking again."""

    visit_id: UUID
    agency: str
    on: date
    matters: list[str]


class Preview(Out):
    """Everything about a plan that a registrant should know before anybody commits."""

    policy: str
    outcome: Outcome
    shape: str | None
    verdicts: list[VerdictOut]
    standings: list[Standing]
    year: YearSoFar
    free_days: list[FreeDay]
    joinable: list[Joinable]
    reusable: list[Reusable]


def preview_of(plan: Plan, *, policy: Pack, at: datetime) -> Preview:
    """Everything about a plan that a registrant should know; `shape` names what no pack could judge."""
    planned = as_case(plan, at=at)
    verdicts = judge(policy, planned)
    clauses = clauses_for(policy, planned)
    return Preview(
        policy=policy.name,
        outcome=worst(verdicts),
        shape=_shape(plan, policy=policy, at=at),
        verdicts=[verdict_out(verdict) for verdict in verdicts],
        standings=[
            Standing.model_validate({"clause": clause.id, **standing})
            for clause in clauses if isinstance(clause, Cap) for standing in clause.places(planned)
        ],
        year=_year(planned, next((clause for clause in clauses if isinstance(clause, Budget)), None)),
        free_days=list(_free_days(planned, policy=policy)),
        joinable=_joinable([clause for clause in clauses if isinstance(clause, Merge)], planned),
        reusable=_reusable([clause for clause in clauses if isinstance(clause, Reuse)], planned),
    )  # fmt: skip


def _shape(plan: Plan, *, policy: Pack, at: datetime) -> str | None:
    try:
        refuse_shape(plan, policy=policy, at=at)
    except Refusal as refusal:
        return refusal.reason.value
    return None


def _year(planned: Case, budget: Budget | None) -> YearSoFar:
    """The enterprise's year so far, all agencies together: who was at the door, and who is expected there."""
    year = planned.day.year
    this_year = [past for past in planned.past if past.day.year == year and not past.off_site]
    arrived = [past for past in this_year if past.entered]
    return YearSoFar(
        year=year,
        visits=len(arrived),
        planned=len(this_year) - len(arrived),
        heads=sum(past.heads for past in arrived),
        hours=round(sum(past.heads * past.minutes for past in arrived) / 60, 1),
        budget_hours=budget.person_hours if budget else None,
    )


def _free_days(planned: Case, *, policy: Pack) -> Iterator[FreeDay]:
    """The next working days on which nothing that hangs on the day would speak against the visit."""
    found = 0
    for ahead in range(LOOK_AHEAD):
        shift = timedelta(days=ahead)
        other = replace(planned, opens_at=planned.opens_at + shift, closes_at=planned.closes_at + shift)
        if other.opens_at < planned.at or not policy.calendar.is_workday(other.day):
            continue
        if worst(judge(policy, other, only_by_day=True)) in (Outcome.PASS, Outcome.RECORD):
            yield FreeDay(on=other.day, outcome=Outcome.PASS)
            found += 1
            if found == FREE_DAYS:
                return


def _joinable(clauses: list[Merge], planned: Case) -> list[Joinable]:
    """Others' planned visits that this one could join, the nearest day first."""
    near: dict[str, Past] = {past.id: past for clause in clauses for past in clause.joinable(planned)}
    if not near:
        return []
    rows = db.session.execute(
        select(Visit.id, Agency.name, Visit.window_from_at, Visit.window_to_at)
        .join(Agency, Agency.id == Visit.agency_id)
        .where(Visit.id.in_([UUID(each) for each in near]))
    )
    names = _matter_names(near.values())
    found = [
        Joinable(
            visit_id=row.id,
            agency=row.name,
            window_from_at=row.window_from_at,
            window_to_at=row.window_to_at,
            matters=[names.get(code, code) for code in sorted(near[str(row.id)].matters)],
            days_apart=abs((near[str(row.id)].day - planned.day).days),
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (each.days_apart, each.window_from_at))[:JOINABLE]


def _reusable(clauses: list[Reuse], planned: Case) -> list[Reusable]:
    """Sealed results of the same matters that may be used again."""
    codes = {matter.code: matter.name for matter in planned.matters}
    found = {
        past.id: past
        for clause in clauses
        for past in planned.past
        if past.clean is not None
        and clause.since(planned.day) < past.day <= planned.day
        and codes.keys() & past.matters
    }
    if not found:
        return []
    rows = db.session.execute(
        select(Visit.id, Agency.name).join(Agency, Agency.id == Visit.agency_id).where(
            Visit.id.in_([UUID(each) for each in found])
        )
    )  # fmt: skip
    return [
        Reusable(
            visit_id=row.id,
            agency=row.name,
            on=found[str(row.id)].day,
            matters=[codes[code] for code in sorted(codes.keys() & found[str(row.id)].matters)],
        )
        for row in rows
    ]


def _matter_names(near: Any) -> dict[str, str]:
    codes = {code for past in near for code in past.matters}
    statement = select(Matter.code, Matter.name).where(Matter.code.in_(codes)).order_by(Matter.version)
    return {row.code: row.name for row in db.session.execute(statement)}
