"""Lists: keyset pages behind an opaque cursor, so that page 1,000 costs what page 1 does."""

import base64
import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from flask import current_app
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from .clock import as_moment
from .db import db
from .incoming import Line, Number, refuse_bare
from .refusal import Fault, General, Refusal, field_error

Moment = Annotated[datetime, PlainSerializer(as_moment, return_type=str, when_used="json")]

SIGNATURE = 16
Key = ColumnElement[Any] | InstrumentedAttribute[Any]


class Out(BaseModel):
    """The base of every answer: read from objects by attribute."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def all(cls, rows: Iterable[object]) -> list[Self]:
        """Each of these rows as this answer tells it."""
        return [cls.model_validate(row) for row in rows]


class In(BaseModel):
    """The base of what comes in: unknown members are refused, texts trimmed, no field is wider than it may be."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        refuse_bare(cls)


class PageQuery(In):
    """What every list takes."""

    cursor: Line | None = Field(None, max_length=800)
    limit: Number = Field(50, ge=1, le=200)


def page(
    statement: Select[*tuple[Any, ...]], keys: Sequence[Key], query: PageQuery, *, descending: bool = False
) -> tuple[list[Any], str | None]:
    """One page of rows and the cursor of the next; `keys` are the columns that order the list, unique together.

    A cursor is opaque and signed: one that is broken, or another list's, is invalid input, never an empty page.
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
        cursor = _write_cursor(rows[-1][-len(keys) :], keys)
    return [row[0] if len(row) == len(keys) + 1 else row[: -len(keys)] for row in rows], cursor


def _write_cursor(values: Sequence[Any], keys: Sequence[Key]) -> str:
    texts = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    body = json.dumps(texts, default=str, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(body, keys) + body).decode().rstrip("=")


def _read_cursor(cursor: str, keys: Sequence[Key]) -> list[Any]:
    try:
        signed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        signature, body = signed[:SIGNATURE], signed[SIGNATURE:]
        if not hmac.compare_digest(signature, _signature(body, keys)):
            raise ValueError("signed by nobody here, or for another list")
        values = [_read(text, key) for text, key in zip(json.loads(body), keys, strict=True)]
    except (ValueError, TypeError):
        raise Refusal(General.INVALID_INPUT, 422, errors=[field_error("cursor", Fault.MALFORMED)]) from None
    return [_bound(value, key) for value, key in zip(values, keys, strict=True)]


def _signature(body: bytes, keys: Sequence[Key]) -> bytes:
    """Of what a cursor holds and of what its list is ordered by."""
    order = ",".join(str(key) for key in keys)
    secret: str = current_app.config["TOKEN_SECRET"]
    return hmac.digest(secret.encode(), f"cursor {order}\n".encode() + body, "sha256")[:SIGNATURE]


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
