"""评价."""

from typing import Any

import pytest

from server.evaluation.rules import evaluate, may_evaluate, visible
from server.refusal import Refusal
from server.visit.stages import Stage

from .factories import DAY, NOW, Cast, events_of, visit_at

RATING = {"overall": 2, "conduct": 3, "lawfulness": 4, "beyond_list": True, "remark": "要求提供清单外材料"}


def refusal_of(stage: Stage, *, who: str = "bakery", at: Any = NOW) -> str:
    """Why this rating is not taken."""
    cast = Cast()
    with pytest.raises(Refusal) as refused:
        evaluate(visit_at(stage, cast).visit, **RATING, by=cast.actor(who), at=at)
    return str(refused.value.reason)


class TestEvaluate:
    def test_takes_the_enterprises_rating(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.RECORDED, cast).visit

        evaluation = evaluate(visit, **RATING, by=cast.actor("bakery"), at=NOW)

        assert (visit.stage, visit.evaluated_at) == (Stage.EVALUATED, NOW)
        assert (evaluation.overall, evaluation.remark) == (2, "要求提供清单外材料")

    def test_keeps_the_grades_out_of_the_event(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.RECORDED, cast).visit

        evaluate(visit, **RATING, by=cast.actor("bakery"), at=NOW)

        assert events_of(visit)[-1].after == {"stage": "evaluated"}

    def test_refuses_before_the_record(self) -> None:
        assert refusal_of(Stage.ON_SITE) == "not_recorded"

    def test_refuses_a_second_rating(self) -> None:
        assert refusal_of(Stage.EVALUATED) == "already_evaluated"

    @pytest.mark.parametrize("who", ["li_na", "zhao_min", "sun_li", "ma_lin"])
    def test_is_the_enterprises_alone(self, who: str) -> None:
        assert refusal_of(Stage.RECORDED, who=who) == "enterprise_only"

    def test_is_not_next_doors(self) -> None:
        assert refusal_of(Stage.RECORDED, who="foundry") == "not_found"

    def test_closes_with_the_window(self) -> None:
        assert refusal_of(Stage.RECORDED, at=NOW + 16 * DAY) == "evaluation_closed"


class TestMayEvaluate:
    def test_asks_the_enterprise_while_the_window_is_open(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.RECORDED, cast).visit

        assert may_evaluate(visit, cast.actor("bakery"), at=NOW)
        assert not may_evaluate(visit, cast.actor("foundry"), at=NOW)
        assert not may_evaluate(visit, cast.actor("bakery"), at=NOW + 16 * DAY)


class TestVisible:
    @pytest.mark.parametrize(
        ("who", "sees"),
        [
            ("bakery", True),
            ("sun_li", True),
            ("foundry", False),
            ("zhou_ping", False),
            ("li_na", False),
            ("zhao_min", False),
            ("ma_lin", False),
        ],
    )
    def test_shows_a_single_rating_to_its_giver_and_the_supervisor_only(self, who: str, sees: bool) -> None:
        cast = Cast()
        story = visit_at(Stage.EVALUATED, cast)

        shown = visible(story.evaluation, visit=story.visit, to=cast.actor(who))

        assert (shown is story.evaluation) is sees


class TestEvaluationEndpoint:
    def test_rates(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.RECORDED, cast)).visit

        answer = as_("bakery").post(f"/visits/{visit.id}/evaluation", RATING)

        assert (answer.status_code, answer.json["stage"]) == (201, "evaluated")

    def test_tells_an_inspector_that_it_is_not_theirs(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.RECORDED, cast)).visit

        answer = as_("li_na").post(f"/visits/{visit.id}/evaluation", RATING)

        assert (answer.status_code, answer.json["reason"]) == (403, "enterprise_only")

    def test_has_no_default_answer(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.RECORDED, cast)).visit

        answer = as_("bakery").post(f"/visits/{visit.id}/evaluation", {"overall": 5})

        assert answer.status_code == 422
        assert {error["field"] for error in answer.json["errors"]} == {"conduct", "lawfulness", "beyond_list"}

    def test_hides_the_visit_from_next_door(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.RECORDED, cast)).visit

        assert as_("foundry").post(f"/visits/{visit.id}/evaluation", RATING).status_code == 404
