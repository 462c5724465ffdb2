"""What time does by itself."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from server.db import db as database
from server.visit.models import Visit
from server.visit.stages import Basis, Stage
from server.worker import review, tick

from .factories import DAY, NOW, Cast, visit_at


@pytest.fixture(autouse=True)
def no_outer_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own transaction already holds the writer's place."""
    from contextlib import nullcontext

    monkeypatch.setattr("server.worker.writer_gate", lambda url: nullcontext())


def stage_after(visit: Visit, at: Any) -> Stage:
    """Where the visit stands after a tick at this moment."""
    tick(at)
    database.session.expire_all()
    found = database.session.get(Visit, visit.id)
    assert found is not None
    return found.stage


class TestTick:
    def test_cancels_what_nobody_approved(self, cast: Cast, keep: Any) -> None:
        visit = keep(visit_at(Stage.REGISTERED, cast)).visit

        assert stage_after(visit, NOW) is Stage.REGISTERED
        assert stage_after(visit, NOW + DAY) is Stage.CANCELLED

    def test_expires_a_visit_only_when_no_offline_scan_can_arrive_any_more(self, cast: Cast, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit

        assert stage_after(visit, NOW + 10 * DAY) is Stage.APPROVED
        assert stage_after(visit, NOW + 11 * DAY) is Stage.EXPIRED

    def test_closes_the_evaluation_as_unrated(self, cast: Cast, keep: Any) -> None:
        visit = keep(visit_at(Stage.RECORDED, cast)).visit

        assert stage_after(visit, NOW + 14 * DAY) is Stage.RECORDED
        assert stage_after(visit, NOW + 16 * DAY) is Stage.UNRATED

    def test_never_makes_an_overdue_record_disappear(self, cast: Cast, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit

        assert stage_after(visit, NOW + 400 * DAY) is Stage.ON_SITE

    def test_proves_each_move_as_the_systems(self, cast: Cast, keep: Any, as_: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast, basis=Basis.PLAN)).visit
        tick(NOW + 20 * DAY)

        last = as_("sun_li").get(f"/visits/{visit.id}/events").json["items"][-1]

        assert (last["verb"], last["role"], last["by"]) == ("expired", "system", "")

    def test_says_how_many_it_moved(self, cast: Cast, keep: Any) -> None:
        for hours in range(3):
            keep(visit_at(Stage.REGISTERED, cast, at=NOW + timedelta(hours=hours)))

        assert tick(NOW + 3 * DAY) == 3
        assert tick(NOW + 3 * DAY) == 0


class TestReview:
    def test_tells_sqlite_how_large_its_tables_are(self, cast: Cast, keep: Any) -> None:
        """Without, it reads the whole table of visits for one page; PostgreSQL looks by itself."""
        keep(visit_at(Stage.APPROVED, cast))

        review()

        if database.engine.dialect.name == "sqlite":
            known = {row[0] for row in database.session.execute(text("SELECT tbl FROM sqlite_stat1"))}
            assert {"visit", "visit_agency", "visit_inspector"} <= known
