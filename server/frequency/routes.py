"""监督: who is visited how often, what was never scanned, and the figures to take away."""

from datetime import date

from apiflask import APIBlueprint
from flask import Response, g

from server.account.models import Role
from server.account.schemas import EnterpriseRef, RegionRef
from server.account.sign_in import allow
from server.files import CSV, XLSX, file_of
from server.paging import Out

from . import figures as frequency
from . import sheets
from .figures import FrequencyQuery

bp = APIBlueprint("supervision", __name__, tag="supervision")


class CountedEnterprise(EnterpriseRef):
    """An enterprise with its division, as the frequency table names it."""

    region: RegionRef


class FrequencyRow(Out):
    """How often one enterprise was visited in a period, and by how many."""

    enterprise: CountedEnterprise
    visits: int
    inspections: int
    services: int
    agencies: int
    heads: int
    minutes: int
    findings: int
    last_on: date


class FrequencyTotals(Out):
    """The whole filter, summed up."""

    enterprises: int
    visits: int
    inspections: int
    services: int


class Frequency(Out):
    """One page of the frequency table, with the totals of all pages."""

    items: list[FrequencyRow]
    next_cursor: str | None
    totals: FrequencyTotals


class FrequencyMonth(Out):
    """The visits of one month in Asia/Shanghai."""

    month: str
    inspections: int
    services: int


class FrequencyMonths(Out):
    """The months from the first to the last that has any visit."""

    items: list[FrequencyMonth]


@bp.get("/frequency")
@allow(Role.SUPERVISOR, Role.HEAD, Role.ADMINISTRATOR)
@bp.input(FrequencyQuery, location="query")
@bp.output(Frequency)
def by_enterprise(query_data: FrequencyQuery) -> Frequency:
    """Enterprises by number of visits in a period, most visited first. A joint visit counts once."""
    rows, cursor = frequency.by_enterprise(query_data, actor=g.actor)
    return Frequency(
        items=FrequencyRow.all(rows),
        next_cursor=cursor,
        totals=FrequencyTotals(**frequency.totals(query_data, actor=g.actor)),
    )


@bp.get("/frequency/months")
@allow(Role.SUPERVISOR, Role.HEAD, Role.ADMINISTRATOR)
@bp.input(FrequencyQuery, location="query")
@bp.output(FrequencyMonths)
def by_month(query_data: FrequencyQuery) -> FrequencyMonths:
    """Visits by month (Asia/Shanghai), service visits apart; months without visits are zero."""
    return FrequencyMonths(items=FrequencyMonth.all(frequency.by_month(query_data, actor=g.actor)))


@bp.get("/frequency.<any(csv, xlsx):form>")
@allow(Role.SUPERVISOR, Role.HEAD, Role.ADMINISTRATOR)
@bp.input(FrequencyQuery, location="query")
@bp.doc(responses=file_of("the whole list", CSV, XLSX))
def export(form: str, query_data: FrequencyQuery) -> Response:
    """The whole list as CSV (UTF-8 with BOM, as spreadsheets expect) or XLSX."""
    rows = frequency.all_enterprises(query_data, actor=g.actor)
    name = f"ruqi-frequency.{form}"
    body, media_type = sheets.csv_file(rows) if form == "csv" else sheets.xlsx_file(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type=media_type, headers=headers)
