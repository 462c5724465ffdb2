"""Taking the good rows of a file into the database, by their keys, and keeping the bad ones with reasons."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.account.models import Account, Agency, Inspector, Region, Role
from server.catalogue.models import Matter
from server.db import Base, db
from server.enterprise.models import Enterprise
from server.ids import new_id
from server.incoming import is_prose, shown
from server.ledger.rules import Hand, event
from server.plaque.models import Plaque
from server.refusal import Refusal

from . import law_load, law_rules  # noqa: F401  # the kinds of rows that law_rules reads register themselves
from .files import read_rows
from .models import Import, ImportKind
from .rules import READERS, ImportReason, Known, RowFault, match_headers

# Rows looked up at once: few enough for SQLite's limit of bound values.
BATCH = 500
Outcome = str
KEYS: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.TIERS: ("enterprise_id", "department", "since_on"),
    ImportKind.FIRST_OFFENCES: ("code",),
    ImportKind.DELEGATIONS: ("agency_id", "matter_code", "valid_from_on"),
    ImportKind.PLAN_ITEMS: ("agency_id", "year", "matter_code", "enterprise_id", "month"),
    ImportKind.INSPECTORS: ("issuer", "certificate_no"),
    ImportKind.ENTERPRISES: ("uscc",),
    ImportKind.MATTERS: ("code",),
}


def load_file(
    kind: ImportKind,
    filename: str,
    body: bytes,
    *,
    by: Hand,
    at: datetime,
    key_id: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Import:
    """Load a file; the same file again changes nothing. The caller commits.

    Raises Refusal when the file cannot be read or lacks a column; a bad row never does.
    """
    sheet = read_sheet(kind, filename, body)
    return load_sheet(kind, filename, sheet, by=by, at=at, key_id=key_id, progress=progress)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as rows of text, header first, and in which column each field stands."""

    rows: list[list[str]]
    columns: dict[str, int]


def read_sheet(kind: ImportKind, filename: str, body: bytes) -> Sheet:
    """Read a file, which takes time and no database; raises Refusal when it cannot be read or lacks a column."""
    rows = read_rows(filename, body)
    columns, missing = match_headers(kind, rows[0] if rows else [])
    if missing:
        raise Refusal(ImportReason.UNKNOWN_COLUMNS, 422, missing=missing)
    return Sheet(rows, columns)


def load_sheet(
    kind: ImportKind,
    filename: str,
    sheet: Sheet,
    *,
    by: Hand,
    at: datetime,
    key_id: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Import:
    """Load what was read; the caller commits."""
    rows, columns = sheet.rows, sheet.columns
    known = _known()
    good, rejected = _judged(kind, rows[1:], columns, known)
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    writer = _WRITERS[kind]
    for start in range(0, len(good), BATCH):
        for outcome in writer(good[start : start + BATCH], known=known, by=by, at=at, key_id=key_id):
            counts[outcome] += 1
        progress(min(start + BATCH, len(good)), len(good))
    done = Import(
        id=new_id(),
        kind=kind,
        filename=filename[:200],
        rows=max(len(rows) - 1, 0),
        doubtful=sum(bool(values.get("uscc_doubtful")) for values in good),
        header=rows[0],
        rejected_rows=rejected,
        imported_at=at,
        imported_by=by.account_id,
        **counts,
    )
    db.session.add(done)
    db.session.add(
        event(
            "imported",
            subject=("import", done.id),
            by=by,
            at=at,
            after={"kind": kind.value, **counts, "rejected": len(rejected)},
        )
    )
    return done


def _judged(
    kind: ImportKind, rows: list[list[str]], columns: dict[str, int], known: Known
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The values of the rows that can be taken, and the rows that cannot with their reasons."""
    good: dict[tuple[str, ...], tuple[int, dict[str, Any]]] = {}
    rejected: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=2):
        cells = {field: row[index] if index < len(row) else "" for field, index in columns.items()}
        try:
            if not all(map(is_prose, row)):
                row = [shown(cell, longest=len(cell)) for cell in row]
                raise RowFault("含有不允许的字符(控制符或改变文字方向的符号)")
            values = READERS[kind](cells, known)
            key = tuple(str(values[field]) for field in KEYS[kind])
            if key in good:
                raise RowFault(f"与第{good[key][0]}行重复")
        except RowFault as fault:
            rejected.append({"row": number, "reasons": [str(fault)], "cells": row})
            continue
        good[key] = (number, values)
    return [values for _, values in good.values()], rejected


# --- one writer a kind: rows of one batch in, one outcome a row out -----------------------------


def _write_inspectors(
    batch: list[dict[str, Any]], *, known: Known, by: Hand, at: datetime, key_id: int
) -> list[Outcome]:
    numbers = [values["certificate_no"] for values in batch]
    there = {
        (row.issuer, row.certificate_no): row
        for row in db.session.scalars(select(Inspector).where(Inspector.certificate_no.in_(numbers)))
    }
    outcomes = []
    for values in batch:
        agency_id = known.agencies[values.pop("agency")]
        row = there.get((values["issuer"], values["certificate_no"]))
        outcomes.append(_take(row, Inspector, {**values, "agency_id": agency_id}))
    db.session.flush()
    _open_accounts(numbers)
    return outcomes


def _open_accounts(numbers: list[str]) -> None:
    """Every inspector has an account named by the certificate, without a password until one is given."""
    without = select(Inspector).outerjoin(Account, Account.inspector_id == Inspector.id)
    for inspector in db.session.scalars(without.where(Inspector.certificate_no.in_(numbers), Account.id.is_(None))):
        db.session.add(
            Account(
                id=new_id(),
                username=inspector.certificate_no,
                name=inspector.name,
                role=Role.INSPECTOR,
                agency_id=inspector.agency_id,
                inspector_id=inspector.id,
            )
        )


def _write_enterprises(
    batch: list[dict[str, Any]], *, known: Known, by: Hand, at: datetime, key_id: int
) -> list[Outcome]:
    codes = [values["uscc"] for values in batch]
    there = {row.uscc: row for row in db.session.scalars(select(Enterprise).where(Enterprise.uscc.in_(codes)))}
    outcomes = []
    fresh: list[UUID] = []
    for values in batch:
        row = there.get(values["uscc"])
        if row is None:
            values = {"id": new_id(), **values}
            fresh.append(values["id"])
        outcomes.append(_take(row, Enterprise, values))
    db.session.flush()
    # A new enterprise can be scanned from today on.
    db.session.add_all(
        Plaque(enterprise_id=each, key_id=key_id, issued_at=at, issued_by=by.account_id) for each in fresh
    )
    return outcomes


def _write_matters(batch: list[dict[str, Any]], *, known: Known, by: Hand, at: datetime, key_id: int) -> list[Outcome]:
    codes = [values["code"] for values in batch]
    there = {
        row.code: row
        for row in db.session.scalars(select(Matter).where(Matter.code.in_(codes), Matter.withdrawn_at.is_(None)))
    }
    outcomes = []
    for values in batch:
        row = there.get(values["code"])
        if row is None:
            outcomes.append(_take(None, Matter, {**values, "version": 1, "listed_at": at}))
        elif _differs(row, values):
            # Visits hold on to the version they were registered under: a change is a new row.
            row.withdrawn_at = at
            db.session.flush()
            db.session.add(Matter(**values, version=row.version + 1, listed_at=at))
            outcomes.append("updated")
        else:
            outcomes.append("unchanged")
    db.session.flush()
    return outcomes


_WRITERS = {
    ImportKind.INSPECTORS: _write_inspectors,
    ImportKind.ENTERPRISES: _write_enterprises,
    ImportKind.MATTERS: _write_matters,
    ImportKind.TIERS: law_load.write_tiers,
    ImportKind.FIRST_OFFENCES: law_load.write_first_offences,
    ImportKind.DELEGATIONS: law_load.write_delegations,
    ImportKind.PLAN_ITEMS: law_load.write_plan_items,
}


def _take(row: Any, table: type[Base], values: dict[str, Any]) -> Outcome:
    """Create or update one row by its values."""
    if row is None:
        db.session.add(table(**values))
        return "created"
    if not _differs(row, values):
        return "unchanged"
    for field, value in values.items():
        setattr(row, field, value)
    return "updated"


def _differs(row: Any, values: dict[str, Any]) -> bool:
    return any(getattr(row, field) != value for field, value in values.items())


def _known() -> Known:
    regions = list(db.session.scalars(select(Region)))
    return Known(
        agencies={row.name: row.id for row in db.session.execute(select(Agency.name, Agency.id))},
        region_codes=frozenset(region.code for region in regions),
        region_names={region.name: region.code for region in regions},
        enterprise=_enterprise_by_code(),
        matter_codes=frozenset(db.session.scalars(select(Matter.code).where(Matter.withdrawn_at.is_(None)))),
    )


def _enterprise_by_code() -> Callable[[str], UUID | None]:
    """Look an enterprise up by its code, once each: a file may name few of a million."""

    @functools.cache
    def find(uscc: str) -> UUID | None:
        return db.session.scalar(select(Enterprise.id).where(Enterprise.uscc == uscc))

    return find
