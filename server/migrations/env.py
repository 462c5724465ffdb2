"""Alembic's environment: the same migrations on SQLite and PostgreSQL."""

from typing import Any, Literal

from alembic import context
from flask import current_app

from server.db import Base, UtcDateTime

engine = current_app.extensions["migrate"].db.engine


def render_item(kind: str, item: Any, autogenerate_context: Any) -> str | Literal[False]:
    """Write our own column types as what they are underneath: a migration imports nothing of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Upgrade or compare on the application's own engine."""
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
