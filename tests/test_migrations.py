"""Migrations: from nothing to the models, and back, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import JSON, DateTime, Uuid, bindparam, inspect, text

from server import create_app
from server.config import HOUSE
from server.db import Base, is_modelled
from server.db import db as database

from .conftest import ENGINES
from .race import own_database


@pytest.fixture(params=ENGINES)
def empty(request: pytest.FixtureRequest, make_config: Any) -> Any:
    """An application on a database without tables."""
    with own_database(request, make_config) as config:
        app = create_app(config)
        with app.app_context():
            yield app
            database.session.remove()
            database.engine.dispose()


class TestMigrations:
    def test_lead_to_what_the_models_say(self, empty: Any) -> None:
        upgrade()

        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_modelled})
            assert compare_metadata(context, Base.metadata) == []

    def test_lead_back_to_nothing(self, empty: Any) -> None:
        upgrade()
        downgrade(revision="base")

        assert inspect(database.engine).get_table_names() == ["alembic_version"]

    def test_carry_the_visits_of_the_first_schema_over(self, empty: Any) -> None:
        """A city that began on the first schema keeps its visits, with what their records say."""
        upgrade(revision="001")
        ids = {name: uuid4() for name in ("agency", "account", "firm", "visit", "record", "finding")}
        with database.engine.begin() as connection:
            for table, values in old_city(ids):
                names = ", ".join(f'"{name}"' for name in values)
                marks = ", ".join(f":{name}" for name in values)
                typed = [bindparam(name, type_=TYPES.get(type(value))) for name, value in values.items()]
                connection.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})').bindparams(*typed), values)

        upgrade()

        with database.engine.connect() as connection:
            row = connection.execute(text("SELECT heads, minutes, found, is_late, tier FROM visit")).one()
        assert tuple(row) == (3, 45, 1, False, "")

    def test_have_one_head(self) -> None:
        assert len(ScriptDirectory(str(HOUSE / "server" / "migrations")).get_heads()) == 1

    def test_import_nothing_of_ours(self) -> None:
        for path in (HOUSE / "server" / "migrations" / "versions").glob("*.py"):
            text = path.read_text("utf-8")
            assert "import server" not in text
            assert "from server" not in text


NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
TYPES = {UUID: Uuid(), datetime: DateTime(timezone=True), dict: JSON(), list: JSON()}


def old_city(ids: dict[str, UUID]) -> list[tuple[str, dict[str, Any]]]:
    """Rows as the first schema had them: one recorded visit with a finding."""
    return [
        ("region", {"code": "431000", "name": "郴州市"}),
        ("agency", {"id": ids["agency"], "name": "市监局", "department": "市场监督管理局", "region_code": "431000"}),
        ("account", {"id": ids["account"], "username": "zhao", "name": "赵敏", "role": "head", "password_hash": "",
                     "agency_id": ids["agency"], "failed_count": 0}),
        ("enterprise", {"id": ids["firm"], "uscc": "91431002YYYY000125", "uscc_doubtful": False, "name": "糕点厂",
                        "kind": "company", "region_code": "431000", "address": ""}),
        ("visit", {"id": ids["visit"], "enterprise_id": ids["firm"], "agency_id": ids["agency"],
                   "region_code": "431000", "purpose": "inspection", "basis": "plan", "stage": "recorded", "reason": "",
                   "window_from_at": NOW, "window_to_at": NOW + timedelta(hours=4), "inspectors_needed": 2,
                   "policy_version": "chenzhou@2026.11", "registered_at": NOW, "registered_by": ids["account"]}),
        ("record", {"id": ids["record"], "visit_id": ids["visit"], "answers": [], "disposition": "guidance",
                    "advice": "", "heads": 3, "minutes": 45, "sealed_at": NOW, "sealed_by": ids["account"]}),
        ("finding", {"id": ids["finding"], "record_id": ids["record"], "text": "缺标识", "first_offence": False}),
    ]  # fmt: skip


class TestInvariants:
    def test_stand_in_the_database_too(self, empty: Any) -> None:
        upgrade()

        tables = inspect(database.engine)
        assert {"uq_scan_accepted"} <= {index["name"] for index in tables.get_indexes("scan")}
        assert {"uq_plaque_valid"} <= {index["name"] for index in tables.get_indexes("plaque")}
        checks = {each["name"] for each in tables.get_check_constraints("visit")}
        assert {"ck_visit_window", "ck_visit_stage", "ck_visit_service_basis"} <= checks
        assert "uq_record_visit_id" in {each["name"] for each in tables.get_unique_constraints("record")}
