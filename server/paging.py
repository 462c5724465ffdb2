"""Lists: keyset pages behind an opaque cursor, so that page 1,000 costs what page 1 does."""

import base64
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from .clock import as_moment
from .db import db
from .refusal import Fault, General, Refusal, field_error

Moment = Annotated[datetime, PlainSerializer(as_moment, return_type=str, when_used="json")]

Key = ColumnElement[Any] | InstrumentedAttribute[Any]


class Out(BaseModel):
    """The base of every answer: read from objects by attribute."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def all(cls, rows: Iterable[object]) -> list[Self]:
        """Each of these rows as this answer tells it."""
        return [cls.model_validate(row) for row in rows]


class In(BaseModel):
    """The base of every request body: unknown members are refused, texts are trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class PageQuery(BaseModel):
    """What every list takes."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    cursor: str | None = Field(None, max_length=400)
    limit: int = Field(50, ge=1, le=200)


def page(
    statement: Select[*tuple[Any, ...]], keys: Sequence[Key], query: PageQuery, *, descending: bool = False
) -> tuple[list[Any], str | None]:
    """One page of rows and the cursor of the next; `keys` are the columns that order the list, unique together.

    A broken cursor is invalid input, never an empty page.
    """
    ordered = [key.desc() for key in keys] if descending else list(keys)
    statement = statement.order_by(*ordered).limit(query.limit + 1).add_columns(*keys)
    if query.cursor:
        here = tuple_(*_read_cursor(query.cursor, keys))
        statement = statement.where(tuple_(*keys) < here if descending else tuple_(*keys) > here)
    rows = db.session.execute(statement).all()
    cursor = None
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        cursor = _write_cursor(rows[-1][-len(keys) :])
    return [row[0] if len(row) == len(keys) + 1 else row[: -len(keys)] for row in rows], cursor


def _write_cursor(values: Sequence[Any]) -> str:
    texts = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(texts, default=str).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, keys: Sequence[Key]) -> list[Any]:
    try:
        texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [_read(text, key) for text, key in zip(texts, keys, strict=True)]
    except (ValueError, TypeError):
        raise Refusal(General.INVALID_INPUT, 422, errors=[field_error("cursor", Fault.MALFORMED)]) from None
    return [_bound(value, key) for value, key in zip(values, keys, strict=True)]


def _bound(value: Any, key: Key) -> ColumnElement[Any]:
    return literal(value, key.type)


def _read(text: Any, key: Key) -> Any:
    python = key.type.python_type
    if python is datetime:
        return datetime.fromisoformat(text)
    if python is UUID:
        return UUID(text)
    if not isinstance(text, python):
        raise TypeError(text)
    return text
