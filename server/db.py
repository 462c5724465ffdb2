"""The database: one base class, the types all tables share, and what SQLite needs to behave under load."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Select,
    Uuid,
    event,
)
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

if sys.version_info >= (3, 14):
    from uuid import uuid7
else:
    _made = Lock()
    _last = 0

    def uuid7() -> UUID:
        """A UUIDv7 (RFC 9562, 5.7 with 6.2's method 3), as Python 3.14 has it: rising within a process.

        48 bits of milliseconds, 12 bits of the millisecond's fraction, 62 bits of chance. An id made in the
        same instant as the last, or after the clock was put back, is one instant later.
        """
        global _last
        with _made:
            ms, rest_ns = divmod(time.time_ns(), 1_000_000)
            _last = instant = max(ms << 12 | (rest_ns << 12) // 1_000_000, _last + 1)
        chance = int.from_bytes(os.urandom(8), "big") >> 2
        return UUID(int=(instant >> 12) << 80 | 7 << 76 | (instant & 0xFFF) << 64 | 1 << 63 | chance)


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


# Only tests bind a session to an open connection; there, what a request commits is a savepoint.
db = SQLAlchemy(model_class=Base, session_options={"join_transaction_mode": "create_savepoint"})
S = TypeVar("S", bound="Select[*tuple[Any, ...]]")


def new_id() -> UUID:
    """A UUIDv7: unique, and in order of time, so that index pages are filled one after the other."""
    return uuid7()


def locked(statement: S, *, of: Any = None) -> S:
    """Lock the rows we are about to decide on, so that two people cannot both be told yes.

    PostgreSQL takes row locks. SQLite has one writer, and a changing request holds it from its
    first statement (BEGIN IMMEDIATE), which is the same promise.

    No key ever changes, so rows that refer to a locked one may be written meanwhile (NO KEY UPDATE): else two
    requests that have each written such a row, and then want the lock, wait for each other.
    """
    return statement.with_for_update(of=of, key_share=True)


def begin_writing() -> None:
    """Begin the session's transaction as one that will write; what was read before is forgotten."""
    db.session.rollback()
    db.session.connection(execution_options={"writes": True})


# --- SQLite ------------------------------------------------------------------------------------


def prepare_engine(engine: Engine) -> None:
    """Make an SQLite engine durable, relational and fair; does nothing on other databases."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def _on_connect(connection: Any, record: Any) -> None:
    # The driver's own BEGIN comes only before the first write, so the checks before it would read
    # outside the transaction: we say BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Any) -> None:
    # A reader may not become a writer once another has written: whoever will write says so at once.
    kind = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")


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
