"""The published list of matters."""

from uuid import UUID

from apiflask import APIBlueprint
from sqlalchemy import or_, select

from server.account.models import Agency
from server.account.sign_in import allow
from server.db import db
from server.paging import page
from server.refusal import not_found

from .models import FirstOffence, Matter
from .schemas import FirstOffenceOut, FirstOffenceQuery, FirstOffences, MatterOut, MatterQuery, Matters

bp = APIBlueprint("catalogue", __name__, tag="catalogue")


@bp.get("/matters")
@allow()
@bp.input(MatterQuery, location="query")
@bp.output(Matters)
def matters(query_data: MatterQuery) -> Matters:
    """What may be inspected today, by code; `agency_id` asks for that agency's department."""
    statement = select(Matter).where(Matter.withdrawn_at.is_(None))
    if query_data.department:
        statement = statement.where(Matter.department == query_data.department)
    if query_data.agency_id:
        own = select(Agency.department).where(Agency.id == query_data.agency_id).scalar_subquery()
        statement = statement.where(Matter.department == own)
    if query_data.q:
        like = [column.contains(query_data.q, autoescape=True) for column in (Matter.name, Matter.code)]
        statement = statement.where(or_(*like))
    rows, cursor = page(statement, [Matter.code, Matter.id], query_data)
    return Matters(items=MatterOut.all(rows), next_cursor=cursor)


@bp.get("/first-offences")
@allow()
@bp.input(FirstOffenceQuery, location="query")
@bp.output(FirstOffences)
def first_offences(query_data: FirstOffenceQuery) -> FirstOffences:
    """首违不罚: acts that are not punished the first time, by code."""
    statement = select(FirstOffence).where(FirstOffence.withdrawn_at.is_(None))
    if query_data.field:
        statement = statement.where(FirstOffence.field == query_data.field)
    if query_data.q:
        like = [column.contains(query_data.q, autoescape=True) for column in (FirstOffence.name, FirstOffence.code)]
        statement = statement.where(or_(*like))
    rows, cursor = page(statement, [FirstOffence.code, FirstOffence.id], query_data)
    return FirstOffences(items=FirstOffenceOut.all(rows), next_cursor=cursor)


@bp.get("/matters/<uuid:matter_id>")
@allow()
@bp.output(MatterOut)
def matter(matter_id: UUID) -> Matter:
    """One matter, in the version that this id names, listed or withdrawn."""
    found = db.session.get(Matter, matter_id)
    if found is None:
        raise not_found()
    return found
