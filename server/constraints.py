"""Which constraint a statement broke, by its exact name, and what that means to a person.

PostgreSQL says the name. SQLite names a CHECK, but of a unique constraint or a key it tells the columns alone: the name
is looked up in the tables' own description, where it is declared once.
"""

import functools
import re
from collections.abc import Iterator

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.exc import IntegrityError

from .db import Base
from .refusal import Reason

# What a broken constraint means, by its name; packages add theirs beside the table that has it.
MEANINGS: dict[str, Reason] = {}
_UNIQUE = re.compile(r"UNIQUE constraint failed: ([\w., ]+)")
_NAMED = re.compile(r"(?:CHECK constraint failed: |UNIQUE constraint failed: index ')(\w+)'?")


def meaning_of(error: IntegrityError) -> Reason | None:
    """The reason behind a broken constraint; None for one that nobody expects to break, which is a bug."""
    return MEANINGS.get(broken_constraint(error) or "")


def broken_constraint(error: IntegrityError) -> str | None:
    """The name of the constraint that was broken, as far as the database tells it."""
    told = getattr(error.orig, "diag", None)
    if told is not None:
        name: str | None = told.constraint_name
        return name
    text = str(error.orig)
    columns = _UNIQUE.fullmatch(text)
    if columns is not None:
        return _by_columns().get(tuple(columns[1].split(", ")))
    named = _NAMED.fullmatch(text)
    return named[1] if named else None


def constraint_names(table: Table) -> Iterator[str]:
    """Every name under which a statement on this table can fail."""
    yield from (name for name, _ in _unique_columns(table))
    yield from (str(each.name) for each in table.constraints if isinstance(each, CheckConstraint))


@functools.cache
def _by_columns() -> dict[tuple[str, ...], str]:
    """The unique constraints, unique indexes and keys of all tables, by their columns as SQLite tells them."""
    found: dict[tuple[str, ...], str] = {}
    for table in Base.metadata.tables.values():
        for name, columns in _unique_columns(table):
            known = found.setdefault(columns, name)
            assert known == name, f"{known} and {name} are unique over the same columns"
    return found


def _unique_columns(table: Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    unique: list[PrimaryKeyConstraint | UniqueConstraint | Index] = [table.primary_key]
    unique += [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    unique += [each for each in table.indexes if each.unique]
    for each in unique:
        yield str(each.name), tuple(f"{table.name}.{column.name}" for column in each.columns)
