"""Conditions of one row: each kind, in Python and in SQL, at its edge and on an empty column."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Column, DateTime, MetaData, String, Table, create_engine, select

from server.condition import Condition, all_of, any_of, is_in, is_past, is_set, is_unset

from .factories import DAY, NOW

TICK = timedelta(microseconds=1)
METADATA = MetaData()
ROWS = Table("row", METADATA, Column("stage", String), Column("due_at", DateTime))
CASES: list[tuple[Condition, dict[str, Any], bool]] = [
    (is_in("stage", "a", "b"), {"stage": "a"}, True),
    (is_in("stage", "a", "b"), {"stage": "c"}, False),
    (is_in("stage", "a", "b"), {"stage": None}, False),
    (is_set("due_at"), {"due_at": NOW}, True),
    (is_set("due_at"), {"due_at": None}, False),
    (is_unset("due_at"), {"due_at": NOW}, False),
    (is_unset("due_at"), {"due_at": None}, True),
    (is_past("due_at"), {"due_at": NOW - TICK}, True),
    (is_past("due_at"), {"due_at": NOW}, False),
    (is_past("due_at"), {"due_at": NOW + TICK}, False),
    (is_past("due_at"), {"due_at": None}, False),
    (all_of(is_in("stage", "a"), is_past("due_at")), {"stage": "a", "due_at": NOW - DAY}, True),
    (all_of(is_in("stage", "a"), is_past("due_at")), {"stage": "b", "due_at": NOW - DAY}, False),
    (all_of(is_in("stage", "a"), is_past("due_at")), {"stage": "a", "due_at": NOW + DAY}, False),
    (any_of(is_in("stage", "a"), is_past("due_at")), {"stage": "b", "due_at": NOW - DAY}, True),
    (any_of(is_in("stage", "a"), is_past("due_at")), {"stage": "a", "due_at": None}, True),
    (any_of(is_in("stage", "a"), is_past("due_at")), {"stage": "b", "due_at": None}, False),
]


@pytest.mark.outside  # a table in memory is a database all the same
class TestCondition:
    @pytest.mark.parametrize(("condition", "columns", "expected"), CASES)
    def test_answers_the_same_of_an_object_and_of_a_table(
        self, condition: Condition, columns: dict[str, Any], expected: bool
    ) -> None:
        row = {"stage": None, "due_at": None, **columns}
        engine = create_engine("sqlite://")
        METADATA.create_all(engine)
        with engine.begin() as connection:
            connection.execute(ROWS.insert(), row)
            found = connection.execute(select(ROWS).where(condition.sql(ROWS.c, at=NOW))).all()
        engine.dispose()

        assert condition.holds(SimpleNamespace(**row), at=NOW) is expected
        assert bool(found) is expected

    def test_of_time_needs_a_moment(self) -> None:
        with pytest.raises(ValueError, match="asked of a moment"):
            is_past("due_at").holds(SimpleNamespace(due_at=NOW))
        with pytest.raises(ValueError, match="asked of a moment"):
            is_past("due_at").sql(ROWS.c)
