"""Is the database's schema the one this code knows?"""

from functools import lru_cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from .config import HOUSE
from .db import db


@lru_cache(maxsize=1)
def head() -> str:
    """The newest migration in this code."""
    found = ScriptDirectory(str(HOUSE / "server" / "migrations")).get_current_head()
    assert found is not None
    return found


def database_revision() -> str | None:
    """The migration that the database stands at; None for an empty one."""
    return MigrationContext.configure(db.session.connection()).get_current_revision()


def is_current() -> bool:
    """Whether both agree."""
    return database_revision() == head()
