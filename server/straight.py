"""The straight way of a hot request: its facts in one read, the same rules, one guarded write, without a session.

What the session costs is most of what a scan costs (docs/decisions). Statements are written with Core, compiled once
for a database and sent through the driver's cursor; values pass the same types as everywhere. The write's guard asks
again for everything that was decided on: whoever finds it changed, and whatever is rare, goes the ordinary way, which
knows all answers. On PostgreSQL the write is one statement that commits itself; on SQLite the same changes one by one,
behind the gate, with the guard in the first.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from flask import Response, current_app, g
from psycopg import Binary
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.types.json import Json
from sqlalchemy import JSON, Dialect, Engine, Executable, Float
from sqlalchemy.pool import PoolProxiedConnection

from .db import BESIDE, db, writer_gate

View = Callable[..., Any]


class Ordinary(Exception):
    """What the straight way does not know: the ordinary one answers."""


def straight(attempt: View) -> Callable[[View], View]:
    """Try the straight way first; the view below it is the ordinary one. Nothing is kept of a try that gave up."""

    def decorator(view: View) -> View:
        @functools.wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            engines = db.engines
            # Tests put an open connection in the engine's place, whose transaction nobody else can see into.
            if isinstance(engines[None], Engine):
                try:
                    with Straight(_engine_for(engines)) as database:
                        response: Response = attempt(*args, **kwargs, by=g.actor, database=database)
                        return response
                except Ordinary:
                    pass
            return view(*args, **kwargs)

        return wrapper

    return decorator


def _engine_for(engines: Mapping[str | None, Engine]) -> Engine:
    """On PostgreSQL the one that commits by itself; on SQLite that is another file."""
    main = engines[None]
    return main if main.dialect.name == "sqlite" else engines[BESIDE]


class Straight:
    """One database, asked without a session; one connection from the first question to the end."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None
        self.is_postgres = engine.dialect.name == "postgresql"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def read(self, statement: Executable, values: dict[str, Any]) -> dict[str, Any]:
        """The one row of a statement, by the names of its columns; Ordinary when there is none."""
        sent = _compiled(statement, self._engine.dialect)
        if self.is_postgres:
            return sent.row_of(self._answer(sent, values))
        with self._cursor() as cursor:
            cursor.execute(sent.text, sent.bound(values))
            row = cursor.fetchone()
        if row is None:
            raise Ordinary
        return sent.row(row)

    def write(self, whole: Executable, parts: Sequence[Executable], values: dict[str, Any]) -> None:
        """Write all or nothing; Ordinary when the guard no longer holds or somebody else was quicker.

        `whole` is PostgreSQL's one statement, which gives a row when the guard held; `parts` are SQLite's, of which the
        first carries the guard and must change a row.
        """
        if self.is_postgres:
            self._answer(_compiled(whole, self._engine.dialect), values)
        else:
            self._write_parts(parts, values)

    # --- PostgreSQL, through the driver's own libpq: its cursor costs more than the rules ---

    def _answer(self, sent: "_Sent", values: dict[str, Any]) -> Any:
        """What a prepared statement answers; Ordinary when that is no row, or an error, which the session explains."""
        try:
            connection = self._opened()
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise Ordinary from error
        pgconn: Any = connection.driver_connection.pgconn  # type: ignore[union-attr]  # open, of psycopg
        prepared: dict[_Sent, bytes] = connection.info.setdefault("prepared", {})
        name = prepared.get(sent)
        if name is None:
            name = b"straight_%d" % len(prepared)
            self._checked(pgconn, pgconn.prepare(name, sent.numbered))
            prepared[sent] = name
        texts, formats = sent.as_texts(values)
        answer = self._checked(pgconn, pgconn.exec_prepared(name, texts, formats))
        if not answer.ntuples:
            raise Ordinary
        return answer

    def _checked(self, pgconn: Any, answer: Any) -> Any:
        if answer.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return answer
        # What broke, or was planned for tables that have changed, is no use to the next one.
        assert self._connection is not None
        if pgconn.status != ConnStatus.OK or answer.error_field(DiagnosticField.SQLSTATE) in STALE:
            self._connection.invalidate()
        raise Ordinary

    def _opened(self) -> PoolProxiedConnection:
        if self._connection is None:
            self._connection = self._engine.raw_connection()
        return self._connection

    # --- SQLite ---

    def _write_parts(self, statements: Sequence[Executable], values: dict[str, Any]) -> None:
        prepared = [_compiled(statement, self._engine.dialect) for statement in statements]
        with writer_gate(current_app.config["SQLALCHEMY_DATABASE_URI"]), self._cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                for place, sent in enumerate(prepared):
                    cursor.execute(sent.text, sent.bound(values))
                    if place == 0 and cursor.rowcount != 1:
                        raise Ordinary
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        try:
            cursor = self._opened().cursor()
            try:
                yield cursor
            finally:
                cursor.close()
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise Ordinary from error  # which tries again, and knows what each error means


class _Sent:
    """A statement as the driver takes it, with what each value passes on its way in and out."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # whatever can be executed
        self.text: str = compiled.string
        self._constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        processors = [
            (name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for name, bind in compiled.binds.items()
        ]
        self._processed = [(name, process) for name, process in processors if process is not None]
        self._order: list[str] | None = compiled.positiontup
        columns = getattr(statement, "selected_columns", ())
        self._out = [(column.key, _result_processor(column.type, dialect)) for column in columns]
        self._out_of_text = [(column.key, _of_text(column.type, dialect)) for column in columns]
        # PostgreSQL's own form, $1 for each name once, wherever it stands.
        self._names = list(dict.fromkeys(_NAMED.findall(self.text)))
        number = {name: f"${place}" for place, name in enumerate(self._names, 1)}
        self.numbered = _NAMED.sub(lambda found: number[found[1]], self.text).replace("%%", "%").encode()

    def bound(self, values: dict[str, Any]) -> Any:
        """The parameters: by name, or in their order where the driver counts."""
        given = self._constants | values if self._constants else dict(values)
        for name, process in self._processed:
            given[name] = process(given[name])
        return [given[name] for name in self._order] if self._order is not None else given

    def as_texts(self, values: dict[str, Any]) -> tuple[list[bytes | None], list[int]]:
        """The parameters as PostgreSQL reads them, and which of them are bytes as they are (1)."""
        given = self.bound(values)
        texts = [_text(given[name]) for name in self._names]
        return texts, [int(type(given[name]) is Binary) for name in self._names]

    def row(self, row: Sequence[Any]) -> dict[str, Any]:
        """A row by the names of its columns."""
        return {
            key: process(value) if process is not None else value
            for (key, process), value in zip(self._out, row, strict=True)
        }

    def row_of(self, answer: Any) -> dict[str, Any]:
        """The first row of PostgreSQL's answer, which is texts."""
        return {
            key: None if (text := answer.get_value(0, place)) is None else process(text.decode())
            for place, (key, process) in enumerate(self._out_of_text)
        }


_NAMED = re.compile(r"%\((\w+)\)s")
STALE = (b"0A000", b"26000")  # a plan that no longer fits its tables, a statement that somebody has dropped
_TEXTS: dict[type, Callable[[Any], bytes | None]] = {
    type(None): lambda value: None,
    str: str.encode,
    UUID: lambda value: value.hex.encode(),
    datetime: lambda value: value.isoformat().encode(),
    date: lambda value: value.isoformat().encode(),
    Binary: lambda value: bytes(value.obj),
    Json: lambda value: json.dumps(value.obj).encode(),
}


def _text(value: Any) -> bytes | None:
    """A value as PostgreSQL reads it; numbers and booleans are read as Python writes them."""
    return _TEXTS.get(type(value), _written)(value)


def _written(value: Any) -> bytes:
    return str(value).encode()


_READERS: dict[type, Callable[[str], Any]] = {
    UUID: UUID, datetime: datetime.fromisoformat, date: date.fromisoformat, int: int, float: float,
    bool: "t".__eq__,
}  # fmt: skip


def _of_text(kind: Any, dialect: Dialect) -> Callable[[str], Any]:
    """From a text of PostgreSQL to what the models hold."""
    if isinstance(kind, JSON):
        return json.loads
    read = _READERS.get(kind.python_type, str)
    process = None if isinstance(kind, Float) else kind.dialect_impl(dialect).result_processor(dialect, None)
    return read if process is None else lambda text: process(read(text))


def _result_processor(kind: Any, dialect: Dialect) -> Any:
    # A float comes as one from both drivers; its processor would ask the driver for a type that we do not pass on.
    return None if isinstance(kind, Float) else kind.dialect_impl(dialect).result_processor(dialect, None)


_KEPT: dict[tuple[str, Executable], _Sent] = {}


def _compiled(statement: Executable, dialect: Dialect) -> _Sent:
    key = (dialect.name, statement)
    sent = _KEPT.get(key)
    if sent is None:
        sent = _KEPT[key] = _Sent(statement, dialect)
    return sent
