"""Alembic's environment: the same migrations on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from flask import current_app

from server.db import Base, UtcDateTime, is_modelled

engine = current_app.extensions["migrate"].db.engine


def render_item(kind: str, item: Any, autogenerate_context: Any) -> str | Literal[False]:
    """Write our own column types as what they are underneath: a migration imports nothing of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def _tables_may_be_rebuilt(connection: Any) -> Iterator[None]:
    """SQLite changes a table by building it anew; meanwhile the rows that point at it point at nothing.

    The switch works only outside a transaction, so it is thrown on the driver's own connection; what
    is left is checked before anybody else may write.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        assert not broken, f"a migration left rows that point at nothing: {broken[:5]}"
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    """Upgrade or compare on the application's own engine."""
    with engine.connect() as connection, _tables_may_be_rebuilt(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
            include_object=is_modelled,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
