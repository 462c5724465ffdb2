"""计划与抽取 on objects in memory: who may change a plan at which stage, and what a draw leaves."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from server.account.rules import Actor
from server.ids import new_id
from server.ledger.models import Event
from server.planning.draw import BadDraw, Drawn, commitment_of, draw, verify
from server.planning.models import Draw, PlanItem, PlanStage, YearPlan
from server.planning.rules import add_items, approve, drop_item, publish, refuse_small_pools, run_draw

from .factories import NOW, Cast, refused

SEED = "00" * 32


def a_plan(cast: Cast, stage: PlanStage, *, items: int = 1) -> YearPlan:
    """The market regulators' plan."""
    lines = [PlanItem(id=new_id(), matter_code=f"M{number}", times=1) for number in range(items)]
    return YearPlan(id=new_id(), agency_id=cast.market.id, year=2026, stage=stage, items=lines)


ACTS: dict[str, Callable[[YearPlan, Actor, str], Event]] = {
    "approve": lambda plan, by, because: approve(plan, by=by, at=NOW),
    "publish": lambda plan, by, because: publish(plan, by=by, at=NOW),
    "add": lambda plan, by, because: add_items(plan, [PlanItem(matter_code="M9")], because=because, by=by, at=NOW),
    "drop": lambda plan, by, because: drop_item(plan, plan.items[0], by=by, at=NOW),
}
# Act × stage: the stage afterwards, or why not.
STAGES = """
            draft       approved    published
approve     approved    plan_stage  plan_stage
publish     plan_stage  published   plan_stage
add         draft       draft       published
drop        draft       plan_stage  plan_stage
"""


def cells() -> list[tuple[str, str, str]]:
    """(act, stage, what comes of it)."""
    stages, *rows = (line.split() for line in STAGES.strip().splitlines())
    return [(row[0], stage, cell) for row in rows for stage, cell in zip(stages, row[1:], strict=True)]


class TestPlan:
    @pytest.mark.parametrize(("act", "stage", "expected"), cells())
    def test_goes_its_way_as_the_table_says(self, act: str, stage: str, expected: str) -> None:
        cast = Cast()
        plan, by = a_plan(cast, PlanStage(stage)), cast.actor("zhao_min")

        if expected == "plan_stage":
            assert refused(lambda: ACTS[act](plan, by, "")) == ("plan_stage", 409, {"stage": stage})
            assert plan.stage is PlanStage(stage)
        else:
            event = ACTS[act](plan, by, "上级新增")
            assert (plan.stage, event.after["stage"], event.after["year"]) == (PlanStage(expected), expected, 2026)
            assert (event.account_id, event.at, event.agency_id) == (by.account_id, NOW, cast.market.id)
            assert (event.subject_kind, event.subject_id) == ("plan", plan.id)

    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize("stage", PlanStage)
    def test_is_changed_by_its_own_agency_alone(self, act: str, stage: PlanStage) -> None:
        cast = Cast()

        told = refused(lambda: ACTS[act](a_plan(cast, stage), cast.actor("luo_gang"), "x"))

        assert told == ("not_found", 404, {})

    def test_is_approved_with_something_in_it_by_somebody_at_a_moment(self) -> None:
        cast = Cast()
        plan, empty, by = a_plan(cast, PlanStage.DRAFT), a_plan(cast, PlanStage.DRAFT, items=0), cast.actor("zhao_min")

        assert refused(lambda: approve(empty, by=by, at=NOW)) == ("plan_empty", 409, {})
        assert approve(plan, by=by, at=NOW).verb == "plan_approved"
        assert (plan.approved_at, plan.approved_by) == (NOW, by.account_id)
        assert publish(plan, by=by, at=NOW).verb == "plan_published"
        assert plan.published_at == NOW

    def test_that_grows_says_why_and_goes_back_to_the_head_until_it_is_public(self) -> None:
        cast = Cast()
        by, fresh = cast.actor("zhao_min"), PlanItem(matter_code="M9")
        approved = a_plan(cast, PlanStage.DRAFT)
        approve(approved, by=by, at=NOW)

        event = add_items(approved, [fresh], because="", by=by, at=NOW)

        assert (approved.approved_at, approved.approved_by, approved.items[-1]) == (None, None, fresh)
        assert (event.verb, event.after["items"], event.after["because"]) == ("plan_items_added", 1, "")
        public = a_plan(cast, PlanStage.PUBLISHED)
        bare = refused(lambda: add_items(public, [PlanItem()], because="", by=by, at=NOW))
        assert bare == ("change_needs_reason", 409, {})
        add_items(public, [fresh], because="上级新增", by=by, at=NOW)
        assert (fresh.added_because, len(public.items)) == ("上级新增", 2)

    def test_that_shrinks_names_what_went(self) -> None:
        cast = Cast()
        plan = a_plan(cast, PlanStage.DRAFT, items=2)

        event = drop_item(plan, plan.items[0], by=cast.actor("zhao_min"), at=NOW)

        assert ([item.matter_code for item in plan.items], event.verb) == (["M1"], "plan_item_dropped")
        assert event.after["matter"] == "M0"


def pools(**changes: Any) -> dict[str, Any]:
    """Three enterprises and three inspectors; two are drawn, two people go to each."""
    values: dict[str, Any] = {
        "enterprises": [{"id": str(new_id()), "weight": 1, "avoid": []} for _ in range(3)],
        "inspectors": [{"id": str(new_id())} for _ in range(3)],
        "take": 2,
        "team": 2,
    }
    return {**values, **changes}


class TestDraw:
    @pytest.mark.parametrize(("take", "team"), [(4, 2), (3, 4), (4, 4)])
    def test_needs_as_many_as_are_drawn(self, take: int, team: int) -> None:
        told = refused(lambda: refuse_small_pools(pools(), take=take, team=team))

        assert told == ("draw_pool_too_small", 422, {"enterprises": 3, "inspectors": 3})
        assert refuse_small_pools(pools(), take=3, team=3) is None  # nothing is raised

    def test_is_run_once_and_leaves_who_goes_where(self) -> None:
        cast = Cast()
        wanted = pools()
        committed = Draw(agency_id=cast.market.id, seed=SEED, pools=wanted)

        count = run_draw(committed, at=NOW, until=date(2026, 9, 6))

        assert (count, committed.drawn_at, len(committed.assignments)) == (2, NOW, 4)
        drawn = committed.result["drawn"] if committed.result else []
        assert {(str(each.enterprise_id), str(each.inspector_id)) for each in committed.assignments} == {
            (each["enterprise"], person) for each in drawn for person in each["inspectors"]
        }
        assert {(each.agency_id, each.valid_to_on) for each in committed.assignments} == {
            (cast.market.id, date(2026, 9, 6))
        }
        assert refused(lambda: run_draw(committed, at=NOW, until=date(2026, 9, 6))) == ("draw_done", 409, {})

    def test_says_who_is_left_with_too_few(self) -> None:
        wanted = pools()
        avoided = [each["id"] for each in wanted["inspectors"][:2]]
        for each in wanted["enterprises"]:
            each["avoid"] = avoided
        committed = Draw(agency_id=new_id(), seed=SEED, pools=wanted)

        reason, status, told = refused(lambda: run_draw(committed, at=NOW, until=date(2026, 9, 6)))

        assert (reason, status, committed.drawn_at) == ("draw_pool_too_small", 422, None)
        assert told["detail"].endswith("is left with 1 of 2 inspectors")

    @pytest.mark.parametrize(("weight", "taken"), [(1, True), (100, True), (0, False), (101, False), ("2", False)])
    def test_gives_every_enterprise_one_to_a_hundred_chances(self, weight: Any, taken: bool) -> None:
        wanted = pools(enterprises=[{"id": "E1", "weight": weight}], take=1)
        if taken:
            assert [each.enterprise for each in draw(SEED, wanted)] == ["E1"]
        else:
            with pytest.raises(BadDraw, match="the weight of E1 is not a whole number from 1 to 100"):
                draw(SEED, wanted)

    def test_takes_exactly_as_many_people_as_can_go(self) -> None:
        wanted = pools(enterprises=[{"id": "E1", "weight": 1, "avoid": ["I1"]}], take=1,
                       inspectors=[{"id": "I1"}, {"id": "I2"}, {"id": "I3"}])  # fmt: skip

        drawn = draw(SEED, wanted)

        assert [Drawn(each.enterprise, tuple(sorted(each.inspectors))) for each in drawn] == [Drawn("E1", ("I2", "I3"))]

    def test_is_the_same_on_every_machine(self) -> None:
        wanted = {
            "enterprises": [{"id": f"企{number}", "weight": number} for number in range(1, 6)],
            "inspectors": [{"id": f"I{number}"} for number in range(1, 5)], "take": 3, "team": 2,
        }  # fmt: skip

        assert commitment_of(SEED, wanted) == KNOWN_COMMITMENT
        assert [(each.enterprise, *each.inspectors) for each in draw(SEED, wanted)] == KNOWN_DRAW


# Worked out by `hmac` and `hashlib` alone, from the description in server/planning/draw.py.
KNOWN_COMMITMENT = "bd54bac77707ba96be391cac6fb0ae77f5fc787a1105a9438fcf9b9da05e09b7"
KNOWN_DRAW = [("企5", "I3", "I1"), ("企3", "I4", "I3"), ("企4", "I4", "I3")]


class TestVerify:
    def published(self, **changes: Any) -> dict[str, Any]:
        wanted = pools(enterprises=[{"id": f"E{number}", "weight": 1} for number in range(3)])
        result = [{"enterprise": each.enterprise, "inspectors": list(each.inspectors)} for each in draw(SEED, wanted)]
        return {"seed": SEED, "pools": wanted, "result": result, "commitment": commitment_of(SEED, wanted), **changes}

    def test_finds_nothing_wrong_with_what_was_drawn(self) -> None:
        assert verify(self.published()) == []

    def test_names_who_is_missing_and_who_is_there_without_a_draw(self) -> None:
        told = self.published()
        there = {each["enterprise"] for each in told["result"]}
        (left,) = {"E0", "E1", "E2"} - there
        first = told["result"][0]["enterprise"]
        told["result"][0] = {**told["result"][0], "enterprise": left}

        assert verify(told) == [
            f"{first} was drawn but is not in the result", f"{left} is in the result but was not drawn",
        ]  # fmt: skip

    def test_sees_another_order_other_people_another_seed_and_what_is_no_draw(self) -> None:
        told = self.published()

        turned = {**told, "result": told["result"][::-1]}
        assert verify(turned) == ["the inspectors or the order are not those that were drawn"]
        assert verify({**told, "seed": "11" * 32}) == ["the seed and the pools are not those that were committed to"]
        assert verify({key: value for key, value in told.items() if key != "result"}) == ["the file lacks 'result'"]
        assert len(verify({**told, "result": None})) == 2
