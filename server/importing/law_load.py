"""Writing tiers, first offences, delegations and plan items, by their keys."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from server.catalogue.models import Delegation, FirstOffence
from server.db import db
from server.ids import new_id
from server.judging.rejudging import rejudge
from server.ledger.rules import Hand
from server.planning.models import PlanItem, PlanStage, YearPlan
from server.policy.current import policy
from server.standing.models import Tier

from .rules import Known

Batch = list[dict[str, Any]]


def write_tiers(batch: Batch, *, known: Known, by: Hand, at: datetime, key_id: int) -> list[str]:
    """Tiers by (enterprise, department, day); what is planned at these enterprises is judged again."""
    ids = {values["enterprise_id"] for values in batch}
    rows = db.session.scalars(select(Tier).where(Tier.enterprise_id.in_(ids)))
    there = {(row.enterprise_id, row.department, row.since_on): row for row in rows}
    outcomes, touched = [], set()
    for values in batch:
        values["tier"] = values["tier"] or policy().tier_of(values["risk"].value, values["credit"])
        row = there.get((values["enterprise_id"], values["department"], values["since_on"]))
        if row is None:
            db.session.add(Tier(id=new_id(), set_at=at, set_by=by.account_id, **values))
        outcome = _change(row, values)
        outcomes.append(outcome)
        if outcome != "unchanged":
            touched.add(values["enterprise_id"])
    db.session.flush()
    for enterprise_id in sorted(touched, key=str):
        rejudge(enterprise_id, policy=policy(), because="tier", by=by, at=at)
    return outcomes


def write_first_offences(batch: Batch, *, known: Known, by: Hand, at: datetime, key_id: int) -> list[str]:
    """First offences by their code; one that is in a file again is listed again."""
    codes = [values["code"] for values in batch]
    there = {row.code: row for row in db.session.scalars(select(FirstOffence).where(FirstOffence.code.in_(codes)))}
    outcomes = []
    for values in batch:
        row = there.get(values["code"])
        if row is None:
            db.session.add(FirstOffence(id=new_id(), listed_at=at, **values))
        outcomes.append(_change(row, {**values, "withdrawn_at": None}))
    return outcomes


def write_delegations(batch: Batch, *, known: Known, by: Hand, at: datetime, key_id: int) -> list[str]:
    """Delegations by (agency, matter, first day)."""
    ids = {values["agency_id"] for values in batch}
    rows = db.session.scalars(select(Delegation).where(Delegation.agency_id.in_(ids)))
    there = {(row.agency_id, row.matter_code, row.valid_from_on): row for row in rows}
    outcomes = []
    for values in batch:
        row = there.get((values["agency_id"], values["matter_code"], values["valid_from_on"]))
        if row is None:
            db.session.add(Delegation(id=new_id(), **values))
        outcomes.append(_change(row, values))
    return outcomes


def write_plan_items(batch: Batch, *, known: Known, by: Hand, at: datetime, key_id: int) -> list[str]:
    """Items by (agency, year, matter, enterprise, month), into drafts that are made where there is none.

    A plan that was published takes them too, with the import as their reason.
    """
    plans = _plans(((values["agency_id"], values["year"]) for values in batch), by=by, at=at)
    outcomes = []
    for values in batch:
        plan = plans[values.pop("agency_id"), values.pop("year")]
        key = (values["matter_code"], values["enterprise_id"], values["month"])
        row = next((each for each in plan.items if (each.matter_code, each.enterprise_id, each.month) == key), None)
        if row is None:
            because = "import" if plan.stage is PlanStage.PUBLISHED else ""
            plan.items.append(PlanItem(id=new_id(), added_because=because, **values))
        outcomes.append(_change(row, values))
    db.session.flush()
    return outcomes


def _plans(keys: Iterable[tuple[Any, int]], *, by: Hand, at: datetime) -> dict[tuple[Any, int], YearPlan]:
    wanted = set(keys)
    found = db.session.scalars(select(YearPlan).where(YearPlan.agency_id.in_({agency for agency, _ in wanted})))
    plans = {(plan.agency_id, plan.year): plan for plan in found}
    for agency_id, year in wanted - plans.keys():
        plan = YearPlan(
            id=new_id(), agency_id=agency_id, year=year, stage=PlanStage.DRAFT, made_at=at, made_by=by.account_id
        )
        db.session.add(plan)
        plans[agency_id, year] = plan
    db.session.flush()
    return plans


def _change(row: Any, values: dict[str, Any]) -> str:
    """Bring a row that is there to these values; says what became of it."""
    if row is None:
        return "created"
    if all(getattr(row, field) == value for field, value in values.items()):
        return "unchanged"
    for field, value in values.items():
        setattr(row, field, value)
    return "updated"
