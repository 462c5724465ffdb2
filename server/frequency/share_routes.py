"""721: service visits, guidance and penalties of each agency, against the shares that the pack asks for."""

from datetime import date
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import g
from pydantic import Field
from sqlalchemy import case, func, select

from server.account.models import Agency, Role
from server.account.schemas import AgencyRef
from server.account.sign_in import allow
from server.clock import day_of, now, start_of
from server.db import db
from server.paging import Out, PageQuery
from server.policy.clause import Outcome
from server.policy.current import policy
from server.policy.kinds.duties import Shares
from server.record.models import Disposition, Record
from server.visit.models import Visit, in_scope
from server.visit.stages import Purpose

from . import rules

bp = APIBlueprint("shares", __name__, tag="supervision")


class ShareRow(Out):
    """An agency's year of service, guidance and penalty, and what the pack says of it."""

    agency: AgencyRef
    service: int
    guidance: int
    penalty: int
    outcome: Outcome
    sentence: str | None
    sentence_en: str | None


class SharesOut(Out):
    """The shares of all agencies in scope."""

    year: int
    items: list[ShareRow]


class SharesQuery(PageQuery):
    """Of which year."""

    year: Annotated[int, Field(ge=2020, le=2100)] | None = None


@bp.get("/shares")
@allow(Role.SUPERVISOR, Role.HEAD)
@bp.input(SharesQuery, location="query")
@bp.output(SharesOut)
def shares(query_data: SharesQuery) -> SharesOut:
    """721: service visits, guidance and penalties of each agency's year, against the pack's shares."""
    year = query_data.year or day_of(now()).year
    penalty = Record.disposition.in_((Disposition.CASE_OPENED, Disposition.TRANSFERRED))
    guidance = Record.disposition.in_((Disposition.GUIDANCE, Disposition.CORRECTION_ORDER))
    service = Visit.purpose == Purpose.SERVICE
    statement = (
        select(
            Visit.agency_id,
            func.sum(case((service, 1), else_=0)).label("service"),
            func.sum(case((guidance & ~service, 1), else_=0)).label("guidance"),
            func.sum(case((penalty & ~service, 1), else_=0)).label("penalty"),
        )
        .join(Record, Record.visit_id == Visit.id)
        .where(
            in_scope(g.actor),
            Record.sealed_at >= start_of(date(year, 1, 1)),
            Record.sealed_at < start_of(date(year + 1, 1, 1)),
        )
        .group_by(Visit.agency_id)
    )
    counted = {row.agency_id: row for row in db.session.execute(statement)}
    agencies = db.session.scalars(select(Agency).where(Agency.id.in_(counted)).order_by(Agency.name))
    clause = next(policy().of_kind(Shares), None)
    return SharesOut(year=year, items=[_share_row(agency, counted[agency.id], clause) for agency in agencies])


def _share_row(agency: Agency, counted: Any, clause: Shares | None) -> ShareRow:
    said = rules.judge_shares(clause, service=counted.service, guidance=counted.guidance, penalty=counted.penalty)
    return ShareRow(
        agency=AgencyRef.model_validate(agency),
        service=counted.service,
        guidance=counted.guidance,
        penalty=counted.penalty,
        outcome=said.outcome,
        sentence=said.sentence,
        sentence_en=said.sentence_en,
    )
