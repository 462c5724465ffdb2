"""Looking up what a request refers to."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from server.db import Base, db
from server.refusal import Fault, General, Refusal, field_error

Row = TypeVar("Row", bound=Base)


def found(table: type[Row], ids: Sequence[UUID], field: str) -> list[Row]:
    """The rows of these ids, in this order, each once; an unknown id is named by its field."""
    key = table.__table__.c.id
    found = db.session.execute(select(key, table).where(key.in_(ids)))
    rows = {row[0]: row[1] for row in found}
    unique = list(dict.fromkeys(ids))
    if len(rows) != len(unique):
        raise unknown(field)
    return [rows[each] for each in unique]


def unknown(field: str) -> Refusal:
    """The refusal of an id that names nothing."""
    return Refusal(General.UNKNOWN_REFERENCE, 422, errors=[field_error(field, Fault.UNKNOWN)])
