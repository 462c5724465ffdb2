"""The demo city: as large as it says, true in its parts, and the same from the same seed."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from server.account.models import Account, Agency, Inspector, Region
from server.catalogue.models import Matter
from server.demo import fill
from server.demo.people import invented_uscc
from server.enterprise.models import Enterprise, EnterpriseKind
from server.enterprise.uscc import read_uscc
from server.evaluation.models import Evaluation
from server.record.models import Finding
from server.scan.models import Scan
from server.visit.models import Visit
from server.visit.rules import NEXT
from server.visit.stages import Stage

from .factories import NOW

VISITS = 400


@pytest.fixture
def city(db: Any) -> Any:
    """A city with few visits."""
    fill.fill(visits=VISITS, seed=7, at=NOW, progress=lambda name: lambda done, total: None)
    db.session.expire_all()
    return db.session


def count(session: Any, table: Any) -> int:
    """How many rows there are."""
    return int(session.scalar(select(func.count()).select_from(table)))


class TestFill:
    def test_makes_the_city_it_promises(self, city: Any) -> None:
        assert count(city, Region) == 13
        assert len(set(city.scalars(select(Agency.department)))) >= 8
        levels = Counter(agency.level for agency in city.scalars(select(Agency)))
        assert levels["city"] >= 8 and levels["county"] >= 8
        assert (count(city, Inspector), count(city, Enterprise), count(city, Matter)) == (40, 300, 60)
        assert all(matter.checklist and matter.legal_basis for matter in city.scalars(select(Matter)))

    def test_has_expired_certificates_and_all_kinds_of_enterprises(self, city: Any) -> None:
        expired = [each for each in city.scalars(select(Inspector)) if not each.is_certified(NOW.date())]
        assert 1 <= len(expired) <= 10
        assert set(city.scalars(select(Enterprise.kind))) == set(EnterpriseKind)

    def test_gives_every_enterprise_a_valid_invented_code(self, city: Any) -> None:
        codes = list(city.scalars(select(Enterprise.uscc)))

        assert all((found := read_uscc(code)) is not None and not found.doubtful for code in codes)
        assert all("YYYY" in code for code in codes)

    def test_has_visits_in_every_stage_with_findings_ratings_and_refused_scans(self, city: Any) -> None:
        stages = Counter(city.scalars(select(Visit.stage)))

        assert set(stages) == set(Stage)
        assert count(city, Finding) > 20
        assert count(city, Evaluation) > 50
        assert city.scalar(select(func.count()).where(Scan.reason.is_not(None))) > 5

    def test_leaves_no_history_that_the_table_does_not_allow(self, city: Any) -> None:
        for visit in city.scalars(select(Visit).limit(100)):
            stage = Stage.REGISTERED
            for event in city.scalars(visit.events.select()):
                if event.before.get("stage"):
                    assert Stage(event.before["stage"]) is stage
                    assert Stage(event.after["stage"]) in NEXT[stage]
                    stage = Stage(event.after["stage"])
            assert stage is visit.stage

    def test_lets_everybody_of_the_cast_sign_in(self, city: Any) -> None:
        names = set(city.scalars(select(Account.username)))

        assert {"lina", "wangjun", "zhaomin", "bakery", "sunli", "admin"} <= names

    def test_is_the_same_from_the_same_seed(self, city: Any, db: Any) -> None:
        first = list(city.execute(select(Visit.id, Visit.stage, Visit.on_site_at).order_by(Visit.id)))

        city.rollback()
        for table in reversed(Visit.metadata.sorted_tables):
            db.session.execute(table.delete())
        fill.fill(visits=VISITS, seed=7, at=NOW, progress=lambda name: lambda done, total: None)

        assert list(db.session.execute(select(Visit.id, Visit.stage, Visit.on_site_at).order_by(Visit.id))) == first

    def test_refuses_a_database_that_holds_a_city(self, city: Any) -> None:
        with pytest.raises(FileExistsError):
            fill.fill(visits=1, seed=7, at=NOW, progress=lambda name: lambda done, total: None)


class TestInventedUscc:
    def test_agrees_with_codes_computed_by_hand(self) -> None:
        # The synthetic fixtures of the domain notes begin with the same invented subject.
        assert invented_uscc(12, kind=EnterpriseKind.COMPANY, region_code="431002").startswith("91431002YYYY0012")
