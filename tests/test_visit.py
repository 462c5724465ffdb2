"""The loop's table, and the one function that moves a visit."""

from typing import Any, ClassVar

import pytest
from sqlalchemy import select

from server.condition import Condition
from server.ledger.rules import SYSTEM
from server.refusal import Refusal
from server.visit import conditions
from server.visit.conditions import ARRIVED, DONE, GONE, NEVER_SCANNED, OPEN, OVERDUE
from server.visit.models import Visit
from server.visit.rules import NEXT, move
from server.visit.stages import Stage

from .factories import DAY, HOUR, NOW, Cast, events_of, verbs_of, visit_at


class TestNext:
    def test_knows_every_stage(self) -> None:
        assert set(NEXT) == set(Stage)

    def test_reaches_every_stage_from_registered(self) -> None:
        reached = {Stage.REGISTERED}
        for _ in Stage:
            reached |= {to for stage in reached for to in NEXT[stage]}

        assert reached == set(Stage)

    def test_leaves_no_open_stage_without_a_way_out(self) -> None:
        assert all(NEXT[stage] for stage in Stage if OPEN.holds(Visit(stage=stage)))

    def test_lets_nothing_that_is_gone_go_on(self) -> None:
        assert {stage for stage in Stage if GONE.holds(Visit(stage=stage))} == {
            Stage.REJECTED, Stage.CANCELLED, Stage.EXPIRED
        }  # fmt: skip
        assert not any(NEXT[stage] for stage in Stage if GONE.holds(Visit(stage=stage)))


class TestConditions:
    """Each is asked in Python by rules and in SQL by lists: the two must never disagree."""

    NAMED: ClassVar = {name: each for name, each in vars(conditions).items() if isinstance(each, Condition)}

    @pytest.mark.parametrize("name", NAMED)
    def test_answer_the_same_of_a_visit_and_of_the_table(self, db: Any, cast: Cast, keep: Any, name: str) -> None:
        condition = self.NAMED[name]
        visits = [
            keep(visit_at(stage, cast, at=NOW + place * DAY, **more)).visit
            for place, (stage, more) in enumerate(
                (stage, more)
                for stage in (Stage.REGISTERED, Stage.APPROVED, Stage.REJECTED)
                for more in ({}, {"off_site_means": "video"})
            )
        ]
        visits += [keep(visit_at(stage, cast)).visit for stage in (Stage.ON_SITE, Stage.TURNED_AWAY, Stage.EVALUATED)]
        urgent = keep(visit_at(Stage.APPROVED, cast)).visit
        urgent.approved_at, urgent.approval_due_at = None, NOW + HOUR
        late = keep(visit_at(Stage.APPROVED, cast)).visit
        late.stage = Stage.EXPIRED
        db.session.commit()

        for at in (NOW - DAY, NOW, NOW + 3 * DAY, NOW + 40 * DAY):
            by_table = set(db.session.scalars(select(Visit.id).where(condition.sql(Visit, at=at))))
            assert by_table == {each.id for each in [*visits, urgent, late] if condition.holds(each, at=at)}, at

    def test_that_ask_of_time_say_so(self) -> None:
        with pytest.raises(ValueError, match="moment"):
            OVERDUE.holds(visit_at(Stage.ON_SITE, Cast()).visit)

    def test_count_as_arrived_only_whom_somebody_went_to(self) -> None:
        door = visit_at(Stage.RECORDED, Cast()).visit
        afar = Visit(stage=Stage.RECORDED, off_site_means="video", recorded_at=NOW)

        assert [ARRIVED.holds(each) for each in (door, afar)] == [True, False]
        assert [DONE.holds(each) for each in (door, afar, Visit(stage=Stage.APPROVED))] == [True, True, False]

    def test_expect_nobody_to_scan_what_is_inspected_from_afar(self) -> None:
        door, afar = Visit(stage=Stage.EXPIRED), Visit(stage=Stage.EXPIRED, off_site_means="materials")

        assert [NEVER_SCANNED.holds(each, at=NOW) for each in (door, afar)] == [True, False]


class TestMove:
    @pytest.mark.parametrize("to", list(Stage))
    def test_takes_exactly_the_moves_of_the_table(self, to: Stage) -> None:
        visit = visit_at(Stage.REGISTERED, Cast()).visit

        if to in NEXT[Stage.REGISTERED]:
            move(visit, to, by=SYSTEM, at=NOW)
            assert visit.stage is to
        else:
            with pytest.raises(Refusal) as refused:
                move(visit, to, by=SYSTEM, at=NOW)
            assert (refused.value.reason, refused.value.extras) == ("wrong_stage", {"stage": "registered"})
            assert visit.stage is Stage.REGISTERED

    def test_proves_itself_with_one_event(self) -> None:
        visit = visit_at(Stage.REGISTERED, Cast()).visit

        move(visit, Stage.CANCELLED, by=SYSTEM, at=NOW, because="window_passed")

        event = events_of(visit)[-1]
        assert (event.verb, event.role, event.at) == ("cancelled", "system", NOW)
        assert event.before == {"stage": "registered"}
        assert event.after == {"stage": "cancelled", "because": "window_passed"}
        assert (event.enterprise_id, event.agency_id, event.region_code) == (
            visit.enterprise_id,
            visit.agency_id,
            visit.region_code,
        )

    def test_leaves_no_event_when_it_refuses(self) -> None:
        visit = visit_at(Stage.REGISTERED, Cast()).visit

        with pytest.raises(Refusal):
            move(visit, Stage.EVALUATED, by=SYSTEM, at=NOW)

        assert verbs_of(visit) == ["registered"]


class TestStory:
    @pytest.mark.parametrize(
        ("stage", "verbs"),
        [
            (Stage.APPROVED, ["registered", "approved"]),
            (Stage.REJECTED, ["registered", "rejected"]),
            (Stage.ON_SITE, ["registered", "approved", "on_site", "scanned"]),
            (Stage.TURNED_AWAY, ["registered", "approved", "on_site", "turned_away"]),
            (Stage.RECORDED, ["registered", "approved", "on_site", "scanned", "recorded"]),
            (Stage.EVALUATED, ["registered", "approved", "on_site", "scanned", "recorded", "evaluated"]),
        ],
    )
    def test_leaves_the_whole_history(self, stage: Stage, verbs: list[str]) -> None:
        assert verbs_of(visit_at(stage, Cast()).visit) == verbs
