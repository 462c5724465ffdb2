"""The database: one base class, the types all tables share, and what SQLite needs to behave under load."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Select,
    Uuid,
    event,
)
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC, on databases that know time zones and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value if value is None else value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


def code_type(words: type[StrEnum], name: str) -> Enum:
    """A column type for a closed list of lower_snake codes: text with a CHECK, no native type to migrate."""
    return Enum(
        words,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name,
    )


class Base(DeclarativeBase):
    """All tables; constraint names follow one convention, so that a violation can be told by its name."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: UtcDateTime,
            UUID: Uuid(),
            dict[str, Any]: JSON(),
            list[dict[str, Any]]: JSON(),
        },
    )


# The bind whose connections commit each statement by itself: of the straight way, and of what is counted beside.
BESIDE = "beside"
BESIDE_TABLE = "limit_window"
# Only tests bind a session to an open connection; there, what a request commits is a savepoint.
db = SQLAlchemy(model_class=Base, session_options={"join_transaction_mode": "create_savepoint"})
S = TypeVar("S", bound="Select[*tuple[Any, ...]]")


def locked(statement: S, *, of: Any = None) -> S:
    """Lock the rows we are about to decide on, so that two people cannot both be told yes.

    PostgreSQL takes row locks. SQLite has one writer, and a changing request holds it from its
    first statement (BEGIN IMMEDIATE), which is the same promise.

    No key ever changes, so rows that refer to a locked one may be written meanwhile (NO KEY UPDATE): else two
    requests that have each written such a row, and then want the lock, wait for each other.
    """
    return statement.with_for_update(of=of, key_share=True)


def is_modelled(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Whether a thing of the schema is one of the models', as Alembic asks it (`include_object`)."""
    return not (kind == "table" and name == BESIDE_TABLE)


def begin_writing() -> None:
    """Begin the session's transaction as one that will write; what was read before is forgotten."""
    db.session.rollback()
    db.session.connection(execution_options={"writes": True})


def prepare_engine(engine: Engine) -> None:
    """Make an SQLite engine durable, relational and fair; have others notice a connection that broke at rest."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    else:
        _ask_after_rest(engine)


def prepare_beside(engine: Engine) -> None:
    """The same for the bind BESIDE; on SQLite a file of counters, which may be lost and never waits for the disk."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect_beside)
    else:
        _ask_after_rest(engine)


# --- PostgreSQL --------------------------------------------------------------------------------

# Asked each time, whether the server is still there costs more than a scan's own statements; whoever finds a
# connection broken that has just worked is told to come again, and a change is tried again by itself.
REST_S = 5.0


def _ask_after_rest(engine: Engine) -> None:
    dialect = engine.dialect

    def on_checkin(connection: Any, record: Any) -> None:
        record.info["rested_since"] = time.monotonic()

    def on_checkout(connection: Any, record: Any, proxy: Any) -> None:
        rested_since = record.info.get("rested_since")
        if rested_since is None or time.monotonic() - rested_since < REST_S:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            # With this one all others broke that rest: the server was started anew.
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", on_checkin)
    event.listen(engine, "checkout", on_checkout)


# --- SQLite ------------------------------------------------------------------------------------


def _on_connect(connection: Any, record: Any) -> None:
    # The driver's own BEGIN comes only before the first write, so the checks before it would read
    # outside the transaction: we say BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_connect_beside(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}").close()


def _on_begin(connection: Any) -> None:
    # A reader may not become a writer once another has written: whoever will write says so at once.
    kind = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")


def review_statistics(connection: Connection) -> None:
    """Have SQLite look at what its plans rest on: without, it reads a city's whole table for one page.

    `PRAGMA optimize` looks at all tables from 3.46 on only, so it is told itself, and to look at 1,000 rows an index
    (https://www.sqlite.org/lang_analyze.html). PostgreSQL does all this by itself.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA analysis_limit=1000")
        connection.exec_driver_sql("ANALYZE")


@contextmanager
def writer_gate(url: str) -> Iterator[None]:
    """Queue the writers of an SQLite file, over threads and processes alike.

    SQLite's own waiters poll with sleeps and starve each other; the kernel's lock is a fair queue
    (p99 under 32 clients fell from 1,199 to 85 ms). On other databases it does nothing.
    """
    if not url.startswith("sqlite:///") or url == "sqlite:///:memory:":
        yield
        return
    gate = os.open(Path(url.removeprefix("sqlite:///") + ".gate"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)
