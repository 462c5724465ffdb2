"""规则回放: past visits are judged by what was known when they were registered, as registration would have."""

import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from server.catalogue.models import Delegation
from server.clock import day_of
from server.ids import new_id
from server.planning.draw import commitment_of
from server.planning.models import Draw, DrawAssignment, PlanItem, PlanStage, YearPlan
from server.policy.models import CalendarDay
from server.policy.pack import compose, load, read_layers
from server.replay.reading import Row
from server.replay.running import _History, replay
from server.standing.models import QuietChoice
from server.visit.models import Helper, Visit, VisitAgency
from server.visit.stages import Basis, Stage

from .factories import DAY, HOUR, NOW, Cast, visit_at

OPENS = NOW + 14 * DAY  # Tuesday 24 March, no quiet day of the month
REST_DAYS = """
id = "local"
version = "1"
title = "休息日不检查"
extends = "national"
[[clause]]
id = "rest-days"
kind = "quiet_day"
title = "休息日"
action = "warn"
on_rest_days = true
source = { title = "本地办法" }
"""


@pytest.fixture
def replayed(db: Any) -> Any:
    """What the pack of this name, or of this text, would have said: clause → outcomes."""

    def run(pack: str = "chenzhou") -> dict[str, dict[str, int]]:
        judged_by = compose(read_layers("local", text=pack)) if "\n" in pack else load(pack)
        *_, result = replay(
            judged_by, db.session.connection(), first=day_of(NOW - 30 * DAY), last=day_of(NOW + 30 * DAY)
        )
        return {
            clause: {said: count for said, count in (("block", blocked), ("warn", warned)) if count}
            for clause, _, blocked, warned in result.rows()
        }

    return run


@pytest.fixture
def registered(cast: Cast, keep: Any) -> Any:
    """A visit registered today for in two weeks, changed as the test wants before it is kept."""

    def put(**changes: Any) -> Visit:
        story = visit_at(Stage.REGISTERED, cast, window_from_at=OPENS, window_to_at=OPENS + 4 * HOUR)
        for name, value in changes.items():
            setattr(story.visit, name, value)
        return keep(story).visit

    return put


class TestAuthority:
    def test_takes_what_was_delegated_on_that_day(self, cast: Cast, registered: Any, replayed: Any, db: Any) -> None:
        fire = VisitAgency(agency_id=cast.fire.id, agency=cast.fire)
        registered(agency=cast.fire, agency_id=cast.fire.id, agencies=[fire])
        assert replayed("national")["authorised-body"] == {"block": 1}

        day = day_of(OPENS)
        given = Delegation(
            id=new_id(), agency_id=cast.fire.id, matter_code=cast.food.code, source="郴政发1号",
            valid_from_on=day - timedelta(days=9), valid_to_on=day,
        )  # fmt: skip
        db.session.add(given)
        db.session.commit()
        assert "authorised-body" not in replayed("national")

        given.valid_to_on = day - timedelta(days=1)
        db.session.commit()
        assert replayed("national")["authorised-body"] == {"block": 1}

    def test_asks_where_the_agency_has_duty(self, cast: Cast, registered: Any, replayed: Any, db: Any) -> None:
        registered()
        assert "authorised-body" not in replayed("national")

        cast.market.region_code = "431022"
        db.session.add(cast.market)
        db.session.commit()
        assert replayed("national")["authorised-body"] == {"block": 1}

    @pytest.mark.parametrize(("after", "said"), [(timedelta(hours=-2), {"block": 1}), (timedelta(hours=2), None)])
    def test_knows_the_list_as_it_was_then(
        self, after: timedelta, said: dict[str, int] | None, cast: Cast, registered: Any, replayed: Any, db: Any
    ) -> None:
        visit = registered()
        cast.food.withdrawn_at = visit.registered_at + after
        db.session.add(cast.food)
        db.session.commit()

        assert replayed("national").get("listed-matter") == said


class TestPeople:
    def test_wants_certificates_on_every_day_of_the_window(
        self, cast: Cast, registered: Any, replayed: Any, db: Any
    ) -> None:
        registered(window_to_at=OPENS + DAY)
        cast.wang_jun.valid_to_on = day_of(OPENS + DAY)
        db.session.add(cast.wang_jun)
        db.session.commit()
        assert "certificate" not in replayed("national")

        cast.wang_jun.valid_to_on = day_of(OPENS)
        db.session.commit()
        assert replayed("national")["certificate"] == {"block": 1}

    @pytest.mark.parametrize(("count", "said"), [(10, None), (11, {"block": 1})])
    def test_counts_helpers(self, count: int, said: dict[str, int] | None, registered: Any, replayed: Any) -> None:
        registered(helpers=[Helper(id=new_id(), name=f"专家{number}") for number in range(count)])

        assert replayed("national").get("helpers") == said

    @pytest.mark.parametrize(("after", "said"), [(timedelta(hours=-2), None), (timedelta(hours=2), {"warn": 1})])
    def test_knows_the_draws_that_there_were(
        self, after: timedelta, said: dict[str, int] | None, cast: Cast, registered: Any, replayed: Any, db: Any
    ) -> None:
        visit = registered(basis=Basis.RANDOM_DRAW)
        at = visit.registered_at + after
        made = Draw(
            id=new_id(), agency_id=cast.market.id, title="春季双随机", seed="5e" * 32, pools={}, result={"drawn": []},
            commitment=commitment_of("5e" * 32, {}), committed_at=at, drawn_at=at,
        )  # fmt: skip
        made.assignments = [
            DrawAssignment(
                enterprise_id=cast.bakery.id, inspector_id=each.id, agency_id=cast.market.id, valid_to_on=day_of(OPENS)
            )
            for each in (cast.li_na, cast.wang_jun)
        ]
        db.session.add(made)
        db.session.commit()

        assert replayed("national").get("random-draw") == said


class TestDays:
    @pytest.mark.parametrize(("after", "said"), [(timedelta(hours=-2), {"block": 1}), (timedelta(hours=2), None)])
    def test_knows_the_quiet_days_that_had_been_chosen(
        self, after: timedelta, said: dict[str, int] | None, cast: Cast, registered: Any, replayed: Any, db: Any
    ) -> None:
        visit = registered()
        chosen_at = visit.registered_at + after
        db.session.add(QuietChoice(enterprise_id=cast.bakery.id, on=day_of(OPENS), chosen_at=chosen_at))
        db.session.commit()

        assert replayed().get("chosen-quiet-days") == said

    @pytest.mark.parametrize(("after", "said"), [(timedelta(hours=-2), None), (timedelta(hours=2), {"warn": 1})])
    def test_knows_the_plan_once_it_was_published(
        self, after: timedelta, said: dict[str, int] | None, cast: Cast, registered: Any, replayed: Any, db: Any
    ) -> None:
        april = NOW + 23 * DAY
        visit = registered(window_from_at=april, window_to_at=april + 4 * HOUR)
        at = visit.registered_at + after
        db.session.add(
            YearPlan(
                id=new_id(), agency_id=cast.market.id, year=2026, stage=PlanStage.PUBLISHED, made_at=at,
                published_at=at, items=[PlanItem(id=new_id(), matter_code=cast.food.code, times=1)],
            )
        )  # fmt: skip
        db.session.commit()

        assert replayed().get("plan-published") == said

    def test_counts_by_the_citys_calendar(self, cast: Cast, registered: Any, replayed: Any, db: Any) -> None:
        registered()
        assert "rest-days" not in replayed(REST_DAYS)

        db.session.add(CalendarDay(on=day_of(OPENS), worked=False, name="地方节日", entered_at=NOW))
        db.session.commit()
        assert replayed(REST_DAYS)["rest-days"] == {"warn": 1}


class TestHistory:
    """What was known of a visit at a moment, whatever the order in which it became known."""

    @pytest.mark.parametrize("arrived_h", [1, 3])
    def test_keeps_a_visit_recorded_once_it_was(self, arrived_h: int) -> None:
        row = Row(
            *["x"] * 6, opens_at=NOW, closes_at=NOW, registered_at=NOW, on_site_at=NOW + arrived_h * HOUR,
            recorded_at=NOW + 2 * HOUR, heads=2, minutes=40, found=0, tier="", off_site_means=None, industry=None,
            zone="", matters=None, inspectors=None, agencies=None, helpers=0,
        )  # fmt: skip
        reader: Any = SimpleNamespace(codes_of=lambda ids: frozenset(), set_of=lambda ids: frozenset())
        history = _History(reader)
        history.remember(row, NOW)

        for hour, known in ((0, (False, None)), (2, (True, True)), (4, (True, True))):
            history.advance(NOW + hour * HOUR)
            assert [(past.entered, past.clean) for past in history.past] == [known]


class TestProcesses:
    @pytest.mark.outside
    def test_reads_what_it_judges_by_and_not_the_whole_server(self) -> None:
        # Each process of a replay pays for what it imports before it judges its first visit.
        program = (
            "import sys, server.replay.running\n"
            "from sqlalchemy.orm import configure_mappers\n"
            "configure_mappers()\n"
            "print(*sorted({'apiflask', 'numpy', 'qr', 'alembic', 'server.application'} & sys.modules.keys()))"
        )
        found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert found.stdout.strip() == ""
