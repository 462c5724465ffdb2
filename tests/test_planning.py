"""计划与抽取: plans from draft to publication with their progress, and draws that anyone can repeat."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from server.clock import day_of
from server.planning.draw import BadDraw, as_result, commitment_of, draw, verify
from server.planning.models import DrawAssignment
from server.visit.stages import Stage

from .factories import DAY, NOW, Cast, visit_at
from .test_loop import a_registration

SEED = "5e" * 32
# What SEED draws from five enterprises and three inspectors.
KNOWN = [{"enterprise": "e000", "inspectors": ["i01", "i00"]}, {"enterprise": "e004", "inspectors": ["i01", "i02"]}]

BY_FEBRUARY = """
extends = "national"
[[clause]]
id = "plan-published"
kind = "plan_published"
title = "二月公布"
action = "warn"
by = "02-15"
source = { title = "本地办法" }
"""


def pools(firms: int = 40, people: int = 12, **changes: Any) -> dict[str, Any]:
    """Pools in which every fourth enterprise weighs eight times as much."""
    return {
        "enterprises": [{"id": f"e{n:03}", "weight": 8 if n % 4 == 0 else 1, "avoid": []} for n in range(firms)],
        "inspectors": [{"id": f"i{n:02}"} for n in range(people)],
        "take": 10,
        "team": 2,
        **changes,
    }


class TestDraw:
    def test_gives_the_same_names_again_and_others_for_another_seed(self) -> None:
        assert draw(SEED, pools()) == draw(SEED, pools())
        assert draw(SEED, pools()) != draw("5f" * 32, pools())

    def test_does_not_depend_on_the_order_of_the_pools(self) -> None:
        given_order, reversed_order = pools(), pools()
        reversed_order["enterprises"].reverse()
        reversed_order["inspectors"].reverse()

        assert draw(SEED, given_order) == draw(SEED, reversed_order)

    def test_keeps_to_one_known_result(self) -> None:
        """A published draw must verify for ever: these names may never change."""
        small = pools(firms=5, people=3, take=2)

        assert as_result(draw(SEED, small)) == KNOWN

    def test_prefers_by_weight(self) -> None:
        times: Counter[bool] = Counter()
        for number in range(300):
            for each in draw(f"{number:064x}", pools(take=5)):
                times[int(each.enterprise[1:]) % 4 == 0] += 1

        # A quarter weighs 8, the rest 1: of five drawn from forty the heavy ones take well over half.
        assert times[True] > 1.5 * times[False]

    def test_sends_nobody_whom_an_enterprise_must_not_meet(self) -> None:
        avoiding = pools()
        for each in avoiding["enterprises"]:
            each["avoid"] = ["i00", "i01", "i02"]

        assert all(not set(each.inspectors) & {"i00", "i01", "i02"} for each in draw(SEED, avoiding))

    def test_says_where_too_few_are_left(self) -> None:
        avoiding = pools(people=3)
        avoiding["enterprises"][0]["avoid"] = ["i00", "i01"]

        with pytest.raises(BadDraw, match="e000 is left with 1 of 2"):
            draw(SEED, {**avoiding, "take": 40})

    @given(st.integers(1, 40), st.integers(1, 4))
    def test_draws_each_enterprise_once_with_a_full_team(self, take: int, team: int) -> None:
        drawn = draw(SEED, pools(take=take, team=team))

        assert len({each.enterprise for each in drawn}) == take
        assert all(len(set(each.inspectors)) == team for each in drawn)


class TestVerify:
    def published(self) -> dict[str, Any]:
        """A draw as it is published."""
        return {
            "seed": SEED, "pools": pools(), "commitment": commitment_of(SEED, pools()),
            "result": as_result(draw(SEED, pools())),
        }  # fmt: skip

    def test_accepts_what_was_drawn(self) -> None:
        assert verify(self.published()) == []

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda d: d.update(seed="00" * 32), "not those that were committed"),
            (lambda d: d["pools"]["enterprises"].pop(), "not those that were committed"),
            (lambda d: d["pools"]["enterprises"][3].update(weight=9), "not those that were committed"),
            (lambda d: d["result"].pop(), "was drawn but is not in the result"),
            (lambda d: d["result"][0].update(enterprise="e999"), "e999 is in the result but was not drawn"),
            (lambda d: d["result"][0].update(inspectors=["i00", "i01"]), "the inspectors or the order"),
            (lambda d: d.pop("seed"), "lacks"),
        ],
    )
    def test_refuses_what_was_changed_afterwards(self, change: Any, says: str) -> None:
        published = self.published()
        change(published)

        assert any(says in fault for fault in verify(published)), verify(published)

    @pytest.mark.outside
    def test_runs_from_the_command_line_without_a_server(self, tmp_path: Path) -> None:
        path = tmp_path / "draw.json"
        command = [str(Path(sys.executable).with_name("ruqi")), "draw", "verify", str(path)]

        path.write_text(json.dumps(self.published()), "utf-8")
        good = subprocess.run(command, capture_output=True, text=True, check=False)
        path.write_text(json.dumps({**self.published(), "result": []}), "utf-8")
        bad = subprocess.run(command, capture_output=True, text=True, check=False)
        path.write_text("not json", "utf-8")
        rubbish = subprocess.run(command, capture_output=True, text=True, check=False)

        assert (good.returncode, "as committed to" in good.stdout) == (0, True), good
        assert (bad.returncode, "is not in the result" in bad.stdout) == (1, True), bad
        assert (rubbish.returncode, "not a published draw" in rubbish.stderr) == (2, True), rubbish


class TestDrawEndpoint:
    def body(self, **changes: Any) -> dict[str, Any]:
        return {"title": "春季双随机", "region": "431000", "take": 1, "team": 2, **changes}

    def test_commits_first_and_shows_the_seed_only_with_the_result(self, as_: Any, cast: Cast, clock: Any) -> None:
        head = as_("zhao_min")

        committed = head.post("/draws", self.body()).json
        before = as_("sun_li").get(f"/draws/{committed['id']}").json
        drawn = head.post(f"/draws/{committed['id']}/result").json
        again = head.post(f"/draws/{committed['id']}/result")

        assert (before["seed"], before["result"], before["commitment"]) == (None, None, committed["commitment"])
        assert verify(drawn) == []
        assert drawn["names"][drawn["result"][0]["enterprise"]] in ("林邑糕点厂", "苏仙铸造厂")
        assert (again.status_code, again.json["reason"]) == (409, "draw_done")
        assert [each["id"] for each in as_("li_na").get("/draws").json["items"]] == [committed["id"]]

    def test_lets_what_was_drawn_be_registered_without_a_warning(self, as_: Any, cast: Cast, clock: Any) -> None:
        made = as_("zhao_min").post("/draws", self.body(take=2)).json["id"]
        result = as_("zhao_min").post(f"/draws/{made}/result").json["result"]
        opens = NOW + 14 * DAY
        team = next(each["inspectors"] for each in result if each["enterprise"] == str(cast.bakery.id))
        body = a_registration(
            cast, basis="random_draw", inspector_ids=team, window_from_at=opens.isoformat(),
            window_to_at=(opens + DAY / 8).isoformat(),
        )  # fmt: skip

        said = as_("li_na").post("/registrations/preview", body).json
        other = as_("li_na").post("/registrations/preview", {**body, "enterprise_id": str(cast.bakery.id),
                                                             "inspector_ids": [team[0]]}).json  # fmt: skip

        outcome = {each["clause"]: each["outcome"] for each in said["verdicts"]}
        assert outcome["random-draw"] == "pass"
        assert {each["clause"]: each["outcome"] for each in other["verdicts"]}["two-inspectors"] == "block"

    def test_weighs_and_holds_as_the_pack_in_force_says(
        self, as_: Any, cast: Cast, clock: Any, db: Any, in_force: Any
    ) -> None:
        in_force('extends = "national"\n[draw]\nassignment_days = 7\nweights = { "" = 9 }')

        made = as_("zhao_min").post("/draws", self.body()).json
        as_("zhao_min").post(f"/draws/{made['id']}/result")
        asked = as_("zhao_min").post("/draws", self.body(weights={"": 3})).json

        assert {each["weight"] for each in made["pools"]["enterprises"]} == {9}
        assert {each["weight"] for each in asked["pools"]["enterprises"]} == {3}
        assert set(db.session.scalars(select(DrawAssignment.valid_to_on))) == {day_of(NOW + 7 * DAY)}

    def test_avoids_who_came_last(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        keep(visit_at(Stage.RECORDED, cast))

        refused = as_("zhao_min").post("/draws", self.body(take=2)).json["id"]
        answer = as_("zhao_min").post(f"/draws/{refused}/result")

        # Li Na and Wang Jun were at the bakery last, and He Qiang's certificate has run out.
        assert (answer.status_code, answer.json["reason"]) == (422, "draw_pool_too_small")

    def test_needs_a_pool(self, as_: Any, cast: Cast, clock: Any) -> None:
        answer = as_("zhao_min").post("/draws", self.body(take=50))

        assert (answer.status_code, answer.json["enterprises"]) == (422, 2)

    def test_is_a_heads_alone(self, as_: Any, cast: Cast, clock: Any) -> None:
        assert as_("li_na").post("/draws", self.body()).status_code == 403
        made = as_("zhao_min").post("/draws", self.body()).json["id"]
        assert as_("luo_gang").post(f"/draws/{made}/result").status_code == 404
        assert as_("zhou_ping").get(f"/draws/{made}").status_code == 404


class TestPlan:
    def item(self, cast: Cast, **changes: Any) -> dict[str, Any]:
        return {"items": [{"matter_code": cast.food.code, "times": 4}], **changes}

    def test_goes_from_draft_to_publication_and_shows_how_far_it_is(
        self, as_: Any, cast: Cast, clock: Any, keep: Any
    ) -> None:
        head = as_("zhao_min")
        keep(visit_at(Stage.RECORDED, cast))

        plan = head.post("/plans", {"year": 2026}).json
        path = f"/plans/{plan['id']}"
        empty = head.post(f"{path}/approval")
        head.post(f"{path}/items", self.item(cast))
        early = head.post(f"{path}/publication")
        approved = head.post(f"{path}/approval").json
        published = head.post(f"{path}/publication").json

        assert (empty.json["reason"], early.json["reason"]) == ("plan_empty", "plan_stage")
        assert (approved["stage"], published["stage"]) == ("approved", "published")
        assert (published["wanted"], published["done"], published["due_on"]) == (4, 1, "2026-03-31")
        assert as_("chen_bo").get(path).json["items"][0]["matter"] == "食品生产企业日常监督检查"

    @pytest.mark.parametrize(
        ("text", "due_on", "overdue"),
        [
            ('extends = "chenzhou"', "2026-03-31", False),
            (BY_FEBRUARY, "2026-02-15", True),
            ('extends = "national"', None, False),
        ],
    )
    def test_is_due_when_the_pack_in_force_says(
        self, text: str, due_on: str | None, overdue: bool, as_: Any, cast: Cast, clock: Any, in_force: Any
    ) -> None:
        in_force(text)

        plan = as_("zhao_min").post("/plans", {"year": 2026}).json

        assert (plan["due_on"], plan["overdue"]) == (due_on, overdue)

    def test_is_seen_by_others_only_once_published(self, as_: Any, cast: Cast, clock: Any) -> None:
        plan = as_("zhao_min").post("/plans", {"year": 2026}).json["id"]

        assert as_("luo_gang").get(f"/plans/{plan}").status_code == 404
        assert as_("sun_li").get(f"/plans/{plan}").status_code == 200
        assert as_("zhou_ping").get("/plans").json["items"] == []

    def test_changes_after_publication_only_with_a_reason(self, as_: Any, cast: Cast, clock: Any) -> None:
        head = as_("zhao_min")
        path = f"/plans/{head.post('/plans', {'year': 2026}).json['id']}"
        head.post(f"{path}/items", self.item(cast))
        head.post(f"{path}/approval")
        published = head.post(f"{path}/publication").json

        bare = head.post(f"{path}/items", self.item(cast))
        reasoned = head.post(f"{path}/items", self.item(cast, because="上级新增专项"))
        dropped = head.delete(f"{path}/items/{published['items'][0]['id']}")

        assert (bare.json["reason"], reasoned.status_code) == ("change_needs_reason", 201)
        assert [each["added_because"] for each in reasoned.json["items"]].count("上级新增专项") == 1
        assert dropped.json["reason"] == "plan_stage"

    def test_goes_back_to_the_head_when_an_approved_one_grows(self, as_: Any, cast: Cast, clock: Any) -> None:
        head = as_("zhao_min")
        path = f"/plans/{head.post('/plans', {'year': 2026}).json['id']}"
        head.post(f"{path}/items", self.item(cast))
        head.post(f"{path}/approval")

        assert head.post(f"{path}/items", self.item(cast)).json["stage"] == "draft"
        items = head.get(path).json["items"]
        assert len(head.delete(f"{path}/items/{items[0]['id']}").json["items"]) == 1

    def test_is_one_a_year(self, as_: Any, cast: Cast, clock: Any) -> None:
        as_("zhao_min").post("/plans", {"year": 2026})

        again = as_("zhao_min").post("/plans", {"year": 2026})

        assert (again.status_code, again.json["reason"]) == (409, "plan_exists")

    def test_quiets_the_clause_that_asks_for_it(self, as_: Any, cast: Cast, clock: Any) -> None:
        clock["at"] = NOW + 30 * DAY
        opens = NOW + 45 * DAY
        body = a_registration(
            cast, window_from_at=opens.isoformat(), window_to_at=(opens + DAY / 8).isoformat()
        )  # fmt: skip

        def said() -> str:
            verdicts = as_("li_na").post("/registrations/preview", body).json["verdicts"]
            return str(next(each["outcome"] for each in verdicts if each["clause"] == "plan-published"))

        before = said()
        head = as_("zhao_min")
        path = f"/plans/{head.post('/plans', {'year': 2026}).json['id']}"
        head.post(f"{path}/items", self.item(cast))
        head.post(f"{path}/approval")
        head.post(f"{path}/publication")

        assert (before, said()) == ("warn", "pass")
