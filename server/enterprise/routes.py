"""Enterprises, found by name or code."""

from apiflask import APIBlueprint
from flask import g
from pydantic import Field
from sqlalchemy import literal_column, or_, select

from server.account.models import Role
from server.account.rules import region_prefix
from server.account.sign_in import allow
from server.incoming import Line, RegionCode
from server.paging import Out, PageQuery, page

from .models import Enterprise, EnterpriseKind, reachable
from .schemas import EnterpriseOut

bp = APIBlueprint("enterprise", __name__, tag="enterprise")


class Enterprises(Out):
    """One page of enterprises."""

    items: list[EnterpriseOut]
    next_cursor: str | None


class EnterpriseQuery(PageQuery):
    """Which enterprises; `q` is a part of the name or the beginning of a code."""

    q: Line | None = Field(None, max_length=50)
    region: RegionCode | None = Field(None, max_length=6)
    kind: EnterpriseKind | None = None
    # Those that wait for a plaque, because they lost theirs or never had one.
    without_plaque: bool = False


@bp.get("/enterprises")
@allow(Role.INSPECTOR, Role.HEAD, Role.SUPERVISOR, Role.ADMINISTRATOR)
@bp.input(EnterpriseQuery, location="query")
@bp.output(Enterprises)
def enterprises(query_data: EnterpriseQuery) -> Enterprises:
    """Enterprises by name; `q` is a part of the name or a whole or partial USCC."""
    statement = select(Enterprise).where(reachable(g.actor))
    if query_data.region:
        statement = statement.where(Enterprise.region_code.startswith(region_prefix(query_data.region)))
    if query_data.kind:
        statement = statement.where(Enterprise.kind == query_data.kind)
    if query_data.without_plaque:
        # By name: plaques stand above enterprises.
        statement = statement.where(~Enterprise.plaques.any(literal_column("plaque.revoked_at").is_(None)))
    if query_data.q:
        named = Enterprise.name.contains(query_data.q, autoescape=True)
        coded = Enterprise.uscc.startswith(query_data.q.upper(), autoescape=True)
        statement = statement.where(or_(named, coded))
    rows, cursor = page(statement, [Enterprise.name, Enterprise.id], query_data)
    return Enterprises(items=EnterpriseOut.all(rows), next_cursor=cursor)
