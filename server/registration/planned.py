"""The plan behind a request: every reference looked up, every fact gathered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from server.account.models import Agency, Inspector
from server.account.rules import Actor
from server.catalogue.models import Matter
from server.db import db
from server.enterprise.models import Enterprise
from server.judging.facts import gather
from server.judging.plan import Claim, Plan
from server.references import found, unknown
from server.visit.conditions import OVERDUE
from server.visit.models import Visit, VisitInspector
from server.visit.stages import Basis, Purpose

from .schemas import PlannedIn


def plan_of(asked: PlannedIn, *, visit_id: UUID, by: Actor, at: datetime) -> Plan:
    """The plan with every reference looked up and every fact gathered; refuses an unknown id by its field."""
    if (asked.basis is Basis.SERVICE) != (asked.purpose is Purpose.SERVICE):
        raise unknown("basis")
    assert by.agency_id is not None  # inspectors and heads have one
    agencies = found(Agency, [by.agency_id, *asked.joint_agency_ids], "joint_agency_ids")
    inspectors = found(Inspector, asked.inspector_ids, "inspector_ids")
    matters = found(Matter, asked.matter_ids, "matter_ids")
    enterprise = found(Enterprise, [asked.enterprise_id], "enterprise_id")[0]
    return Plan(
        id=visit_id,
        enterprise=enterprise,
        agency=agencies[0],
        joint_agencies=agencies[1:],
        purpose=asked.purpose,
        basis=asked.basis,
        matters=matters,
        inspectors=inspectors,
        helpers=[(helper.name, helper.organisation) for helper in asked.helpers],
        window_from_at=asked.window_from_at,
        window_to_at=asked.window_to_at,
        reason=asked.reason.strip(),
        overdue=_overdue([inspector.id for inspector in inspectors], at=at),
        off_site_means=asked.off_site_means,
        asked_for=asked.asked_for,
        claims=[Claim(claim.clause, claim.class_, claim.evidence) for claim in asked.claims],
        facts=gather(
            enterprise_id=enterprise.id,
            agencies=[(agency.id, agency.department) for agency in agencies],
            matter_codes=[matter.code for matter in matters],
            inspector_ids=[inspector.id for inspector in inspectors],
            opens_at=asked.window_from_at,
        ),
    )


def _overdue(inspector_ids: Sequence[UUID], *, at: datetime) -> list[tuple[UUID, str]]:
    """Visits of these inspectors whose record should have been sealed by now."""
    statement = (
        select(Visit.id, Enterprise.name)
        .join(Visit.enterprise)
        .join(VisitInspector, VisitInspector.visit_id == Visit.id)
        .where(
            VisitInspector.inspector_id.in_(inspector_ids),
            VisitInspector.scanned_at.is_not(None),
            OVERDUE.sql(Visit, at=at),
        )
        .distinct()
    )
    return [(row.id, row.name) for row in db.session.execute(statement)]
