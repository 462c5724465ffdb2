"""A condition on a row that is written once and asked twice: of an object in Python, of a table in SQL.

Both answers come from the same few words, so that a list, a tile and a rule cannot disagree. An empty column is never
past and never in a list, as in SQL.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_


class Condition(ABC):
    """Something that holds of a row or does not, at a moment where time matters."""

    @abstractmethod
    def holds(self, row: Any, *, at: datetime | None = None) -> bool:
        """Whether it holds of this object."""

    @abstractmethod
    def sql(self, table: Any, *, at: datetime | None = None) -> ColumnElement[bool]:
        """The same as a condition on a mapped class."""


@dataclass(frozen=True, slots=True)
class _In(Condition):
    column: str
    values: tuple[Any, ...]

    def holds(self, row: Any, *, at: datetime | None = None) -> bool:
        return getattr(row, self.column) in self.values

    def sql(self, table: Any, *, at: datetime | None = None) -> ColumnElement[bool]:
        wanted: ColumnElement[bool] = getattr(table, self.column).in_(self.values)
        return wanted


@dataclass(frozen=True, slots=True)
class _Set(Condition):
    column: str
    wanted: bool

    def holds(self, row: Any, *, at: datetime | None = None) -> bool:
        return (getattr(row, self.column) is not None) is self.wanted

    def sql(self, table: Any, *, at: datetime | None = None) -> ColumnElement[bool]:
        column: ColumnElement[Any] = getattr(table, self.column)
        return column.is_not(None) if self.wanted else column.is_(None)


@dataclass(frozen=True, slots=True)
class _Past(Condition):
    column: str

    def holds(self, row: Any, *, at: datetime | None = None) -> bool:
        moment: datetime | None = getattr(row, self.column)
        return moment is not None and moment < _now(at)

    def sql(self, table: Any, *, at: datetime | None = None) -> ColumnElement[bool]:
        column: ColumnElement[Any] = getattr(table, self.column)
        return and_(column.is_not(None), column < _now(at))


@dataclass(frozen=True, slots=True)
class _All(Condition):
    parts: tuple[Condition, ...]

    def holds(self, row: Any, *, at: datetime | None = None) -> bool:
        return all(part.holds(row, at=at) for part in self.parts)

    def sql(self, table: Any, *, at: datetime | None = None) -> ColumnElement[bool]:
        return and_(*(part.sql(table, at=at) for part in self.parts))


@dataclass(frozen=True, slots=True)
class _Any(Condition):
    parts: tuple[Condition, ...]

    def holds(self, row: Any, *, at: datetime | None = None) -> bool:
        return any(part.holds(row, at=at) for part in self.parts)

    def sql(self, table: Any, *, at: datetime | None = None) -> ColumnElement[bool]:
        return or_(*(part.sql(table, at=at) for part in self.parts))


def is_in(column: str, *values: Any) -> Condition:
    """The column has one of these values."""
    return _In(column, values)


def is_set(column: str) -> Condition:
    """The column is not empty."""
    return _Set(column, wanted=True)


def is_unset(column: str) -> Condition:
    """The column is empty."""
    return _Set(column, wanted=False)


def is_past(column: str) -> Condition:
    """The moment in the column lies before the one that is asked about."""
    return _Past(column)


def all_of(*parts: Condition) -> Condition:
    """Each of these holds."""
    return _All(parts)


def any_of(*parts: Condition) -> Condition:
    """One of these holds at least."""
    return _Any(parts)


def _now(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("this condition is asked of a moment")
    return at
