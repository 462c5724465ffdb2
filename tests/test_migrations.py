"""Migrations: from nothing to the models, and back, on both databases."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from server import create_app
from server.config import HOUSE
from server.db import Base
from server.db import db as database

from .conftest import ENGINES
from .test_race import _own_database


@pytest.fixture(params=ENGINES)
def empty(request: pytest.FixtureRequest, make_config: Any) -> Any:
    """An application on a database without tables."""
    with _own_database(request, make_config) as config:
        app = create_app(config)
        with app.app_context():
            yield app
            database.session.remove()
            database.engine.dispose()


class TestMigrations:
    def test_lead_to_what_the_models_say(self, empty: Any) -> None:
        upgrade()

        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []

    def test_lead_back_to_nothing(self, empty: Any) -> None:
        upgrade()
        downgrade(revision="base")

        assert inspect(database.engine).get_table_names() == ["alembic_version"]

    def test_have_one_head(self) -> None:
        assert len(ScriptDirectory(str(HOUSE / "server" / "migrations")).get_heads()) == 1

    def test_import_nothing_of_ours(self) -> None:
        for path in (HOUSE / "server" / "migrations" / "versions").glob("*.py"):
            text = path.read_text("utf-8")
            assert "import server" not in text
            assert "from server" not in text


class TestInvariants:
    def test_stand_in_the_database_too(self, empty: Any) -> None:
        upgrade()

        tables = inspect(database.engine)
        assert {"uq_scan_accepted"} <= {index["name"] for index in tables.get_indexes("scan")}
        assert {"uq_plaque_valid"} <= {index["name"] for index in tables.get_indexes("plaque")}
        checks = {each["name"] for each in tables.get_check_constraints("visit")}
        assert {"ck_visit_window", "ck_visit_stage", "ck_visit_service_basis"} <= checks
        assert "uq_record_visit_id" in {each["name"] for each in tables.get_unique_constraints("record")}
