"""What a plan does not say and its verdicts need: eight indexed statements, however long the history."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, distinct, exists, func, or_, select

from server.catalogue.models import Delegation, Matter
from server.clock import day_of, start_of
from server.db import db
from server.planning.models import DrawAssignment, PlanItem, PlanStage, YearPlan
from server.policy.case import Past
from server.standing.models import QuietChoice, Tier
from server.visit.conditions import DONE, GONE
from server.visit.models import Visit, VisitAgency, VisitInspector, VisitMatter

from .plan import Facts


def gather(
    *,
    enterprise_id: UUID,
    agencies: Sequence[tuple[UUID, str]],
    matter_codes: Sequence[str],
    inspector_ids: Sequence[UUID],
    opens_at: datetime,
    without: UUID | None = None,
) -> Facts:
    """The facts for a visit that starts at `opens_at`; `agencies` are (id, department), the lead first.

    `without` leaves one visit out of the past: the one that is judged again.
    """
    day = day_of(opens_at)
    lead_id, department = agencies[0]
    planned, published_at, drawn = _standing(enterprise_id, lead_id, matter_codes, inspector_ids, day=day)
    return Facts(
        past=past_of(enterprise_id, day=day, without=without),
        tier=_tier(enterprise_id, department, day=day),
        quiet_days=_quiet_days(enterprise_id, day=day),
        delegated=_delegated([agency_id for agency_id, _ in agencies], matter_codes, day=day),
        plan_published_on=day_of(published_at) if published_at else None,
        planned=planned,
        drawn=drawn,
    )


def past_of(enterprise_id: UUID, *, day: date, without: UUID | None = None) -> list[Past]:
    """The enterprise's visits since the first of January of the year before, oldest first; four statements."""
    mine: list[ColumnElement[bool]] = [
        Visit.enterprise_id == enterprise_id,
        Visit.window_from_at >= start_of(date(day.year - 1, 1, 1)),
        ~GONE.sql(Visit),
    ]
    if without is not None:
        mine.append(Visit.id != without)
    return read_past(mine)


def read_past(where: Sequence[ColumnElement[bool]]) -> list[Past]:
    """The visits under a condition as clauses see them, oldest first."""
    visits = db.session.execute(
        select(
            Visit.id, Visit.agency_id, Visit.basis, Visit.purpose, Visit.window_from_at, Visit.on_site_at,
            Visit.recorded_at, Visit.heads, Visit.minutes, Visit.found, Visit.off_site_means,
        ).where(*where)
    ).all()  # fmt: skip
    matters = _gathered(select(VisitMatter.visit_id, Matter.code).join(Matter), VisitMatter.visit_id, where)
    inspectors = _gathered(select(VisitInspector.visit_id, VisitInspector.inspector_id), VisitInspector.visit_id, where)
    agencies = _gathered(select(VisitAgency.visit_id, VisitAgency.agency_id), VisitAgency.visit_id, where)
    found = [
        Past(
            id=str(row.id),
            day=day_of(row.on_site_at or row.window_from_at),
            agency=str(row.agency_id),
            basis=row.basis.value,
            purpose=row.purpose.value,
            matters=matters[row.id],
            inspectors=inspectors[row.id],
            agencies=agencies[row.id],
            entered=DONE.holds(row),
            off_site=row.off_site_means is not None,
            clean=None if row.found is None else not row.found,
            heads=row.heads or 0,
            minutes=row.minutes or 0,
        )
        for row in visits
    ]
    return sorted(found, key=lambda past: (past.day, past.id))


def _gathered(statement: Any, key: Any, where: Sequence[ColumnElement[bool]]) -> dict[UUID, frozenset[str]]:
    """What belongs to each of these visits, by visit."""
    gathered: dict[UUID, set[str]] = defaultdict(set)
    for visit_id, value in db.session.execute(statement.join(Visit, Visit.id == key).where(*where)):
        gathered[visit_id].add(str(value))
    frozen: dict[UUID, frozenset[str]] = defaultdict(frozenset)
    frozen.update((visit_id, frozenset(values)) for visit_id, values in gathered.items())
    return frozen


def _tier(enterprise_id: UUID, department: str, *, day: date) -> str:
    """The tier in force for this kind of agency, else the one for all."""
    rows = db.session.execute(
        select(Tier.department, Tier.tier)
        .where(
            Tier.enterprise_id == enterprise_id,
            Tier.department.in_(("", department)),
            Tier.since_on <= day,
        )
        .order_by(Tier.since_on)
    )
    newest = {row.department: row.tier for row in rows}
    return newest.get(department) or newest.get("") or ""


def _quiet_days(enterprise_id: UUID, *, day: date) -> frozenset[date]:
    statement = select(QuietChoice.on).where(QuietChoice.enterprise_id == enterprise_id, QuietChoice.on >= day)
    return frozenset(db.session.scalars(statement))


def _delegated(agency_ids: Sequence[UUID], codes: Sequence[str], *, day: date) -> frozenset[tuple[UUID, str]]:
    rows = db.session.execute(
        select(Delegation.agency_id, Delegation.matter_code).where(
            Delegation.agency_id.in_(agency_ids),
            Delegation.matter_code.in_(codes),
            Delegation.valid_from_on <= day,
            or_(Delegation.valid_to_on.is_(None), Delegation.valid_to_on >= day),
        )
    )
    return frozenset((row.agency_id, row.matter_code) for row in rows)


def _standing(
    enterprise_id: UUID, agency_id: UUID, codes: Sequence[str], inspector_ids: Sequence[UUID], *, day: date
) -> tuple[bool, datetime | None, bool]:
    """Whether the visit is in the published plan, when that was published, and whether a draw named these people."""
    published = (YearPlan.agency_id == agency_id, YearPlan.year == day.year, YearPlan.stage == PlanStage.PUBLISHED)
    in_plan = exists().where(
        PlanItem.plan_id == YearPlan.id,
        PlanItem.matter_code.in_(codes),
        or_(PlanItem.enterprise_id.is_(None), PlanItem.enterprise_id == enterprise_id),
        *published,
    )
    published_at = select(YearPlan.published_at).where(*published).scalar_subquery()
    drawn = (
        select(func.count(distinct(DrawAssignment.inspector_id)))
        .where(
            DrawAssignment.enterprise_id == enterprise_id,
            DrawAssignment.inspector_id.in_(inspector_ids),
            DrawAssignment.valid_to_on >= day,
        )
        .scalar_subquery()
    )
    row = db.session.execute(
        select(in_plan.label("planned"), published_at.label("published_at"), drawn.label("drawn"))
    ).one()
    return bool(row.planned), row.published_at, 0 < row.drawn == len(set(inspector_ids))
