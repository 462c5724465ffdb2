"""The loop's table, and the one function that moves a visit."""

import pytest

from server.ledger.rules import SYSTEM
from server.refusal import Refusal
from server.visit.models import Stage
from server.visit.rules import ENTERED, NEXT, OPEN, move

from .factories import NOW, Cast, events_of, verbs_of, visit_at


class TestNext:
    def test_knows_every_stage(self) -> None:
        assert set(NEXT) == set(Stage)

    def test_reaches_every_stage_from_registered(self) -> None:
        reached = {Stage.REGISTERED}
        for _ in Stage:
            reached |= {to for stage in reached for to in NEXT[stage]}

        assert reached == set(Stage)

    def test_leaves_no_open_stage_without_a_way_out(self) -> None:
        assert all(NEXT[stage] for stage in OPEN)

    def test_counts_as_entered_only_what_comes_after_the_door(self) -> None:
        assert set(ENTERED) == {Stage.ON_SITE, Stage.TURNED_AWAY, Stage.RECORDED, Stage.EVALUATED, Stage.UNRATED}


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
