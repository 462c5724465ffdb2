"""导入 on the administrator's page."""

import io
from typing import Literal
from uuid import UUID

import xlsxwriter
from apiflask import APIBlueprint
from flask import Response, current_app, g
from pydantic import ConfigDict
from sqlalchemy import select

from server.account.models import Account, Role
from server.account.rules import Actor
from server.account.sign_in import allow
from server.change import changing
from server.clock import now
from server.db import db
from server.files import CSV, XLSX, file_of
from server.incoming import Upload
from server.paging import In, Moment, Out, PageQuery, page
from server.refusal import not_found

from .files import rejected_csv
from .load import Sheet, load_sheet, read_sheet
from .models import Import, ImportKind
from .rules import HEADERS

bp = APIBlueprint("importing", __name__, tag="administration")
SHOWN = 50


class ImportIn(In):
    """A file, and what it holds."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    kind: Literal["inspectors", "enterprises", "matters", "tiers", "first_offences", "delegations", "plan_items"]
    file: Upload


class RejectedRow(Out):
    """A row that was not taken, by its number in the file, with the reasons."""

    row: int
    reasons: list[str]


class ImportOut(Out):
    """What came of a file."""

    id: UUID
    kind: ImportKind
    filename: str
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    doubtful: int
    at: Moment
    by: str
    rejected_rows: list[RejectedRow]


class Imports(Out):
    """One page of what was loaded."""

    items: list[ImportOut]
    next_cursor: str | None


def read(files_data: ImportIn, *, by: Actor) -> Sheet:
    """Read the file before anything is held."""
    return read_sheet(ImportKind(files_data.kind), files_data.file.filename or "", files_data.file.read())


@bp.post("/imports")
@allow(Role.ADMINISTRATOR)
@bp.input(ImportIn, location="files")
@changing(before=read)
@bp.output(ImportOut, 201)
def create(files_data: ImportIn, ready: Sheet) -> ImportOut:
    """Load inspectors, enterprises or matters from XLSX or CSV; bad rows are kept with their reasons."""
    done = load_sheet(
        ImportKind(files_data.kind),
        files_data.file.filename or "",
        ready,
        by=g.actor.hand,
        at=now(),
        key_id=current_app.config["RUQI"].signing_key_id,
    )
    return _out(done, db.session.get_one(Account, g.actor.account_id).name)


@bp.get("/imports")
@allow(Role.ADMINISTRATOR)
@bp.input(PageQuery, location="query")
@bp.output(Imports)
def imports(query_data: PageQuery) -> Imports:
    """What was loaded, newest first."""
    statement = select(Import, Account.name).outerjoin(Account, Account.id == Import.imported_by)
    rows, cursor = page(statement, [Import.id], query_data, descending=True)
    return Imports(items=[_out(done, name or "") for done, name in rows], next_cursor=cursor)


@bp.get("/imports/<uuid:import_id>/rejected.csv")
@allow(Role.ADMINISTRATOR)
@bp.doc(responses=file_of("the rows that were not taken, with reasons", CSV))
def rejected(import_id: UUID) -> Response:
    """The rows that were not taken, to be mended and loaded again."""
    done = db.session.get(Import, import_id)
    if done is None:
        raise not_found()
    body = rejected_csv(done.header, done.rejected_rows)
    headers = {"Content-Disposition": 'attachment; filename="ruqi-rejected.csv"'}
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers)


KIND_IN_PATH = f"<any({', '.join(kind.value for kind in ImportKind)}):kind>"


@bp.get(f"/import-templates/{KIND_IN_PATH}.xlsx")
@allow(Role.ADMINISTRATOR)
@bp.doc(responses=file_of("an empty sheet with the headers", XLSX))
def template(kind: str) -> Response:
    """An empty sheet with the headers that the import knows."""
    body = io.BytesIO()
    with xlsxwriter.Workbook(body) as book:
        sheet = book.add_worksheet("导入")
        sheet.write_row(0, 0, usual_headers(ImportKind(kind)), book.add_format({"bold": True}))
        sheet.set_column(0, len(HEADERS[ImportKind(kind)]) - 1, 20)
    headers = {"Content-Disposition": f'attachment; filename="ruqi-{kind}.xlsx"'}
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(body.getvalue(), content_type=media_type, headers=headers)


def usual_headers(kind: ImportKind) -> list[str]:
    """The header of each field, optional ones included."""
    return [names[0] for names in HEADERS[kind].values()]


def _out(done: Import, by: str) -> ImportOut:
    return ImportOut(
        id=done.id,
        kind=done.kind,
        filename=done.filename,
        rows=done.rows,
        created=done.created,
        updated=done.updated,
        unchanged=done.unchanged,
        rejected=done.rejected,
        doubtful=done.doubtful,
        at=done.imported_at,
        by=by,
        rejected_rows=RejectedRow.all(done.rejected_rows[:SHOWN]),
    )
