"""One journey through each shipped pack: one registration blocked, one warned, an exception granted with evidence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from server.clock import day_of
from server.commands.policy import keep_pack
from server.policy.current import forget_policy
from server.policy.pack import read_layers
from server.standing.models import QuietChoice
from server.visit.stages import Stage

from .factories import DAY, HOUR, NOW, Cast, visit_at
from .test_loop import a_registration

SPRING = NOW + 40 * DAY  # Sunday 19 April: after the deadline of yearly plans
FREE = NOW + 14 * DAY


@dataclass
class Desk:
    """Who sits at the desk of a city that runs a pack."""

    cast: Cast
    as_: Any
    keep: Any
    db: Any
    clock: Any

    def register(self, *, opens: Any = FREE, **changes: Any) -> Any:
        """What the server answers to a registration for this day."""
        window = {"window_from_at": opens.isoformat(), "window_to_at": (opens + 4 * HOUR).isoformat()}
        return self.as_("li_na").post("/visits", a_registration(self.cast, **{**window, **changes}))

    def past(self, *weeks: int) -> None:
        """Visits without a finding, so many weeks ago."""
        for each in weeks:
            self.keep(visit_at(Stage.RECORDED, self.cast, at=NOW - each * 7 * DAY))


@dataclass
class Journey:
    """What is blocked and by which clause, what is warned, and the exception that lifts the block."""

    reason: str
    clause: str
    class_: str
    blocked: dict[str, Any]
    warned: dict[str, Any]
    warned_by: str
    before: Callable[[Desk], None] = lambda desk: None


def _three_clean_visits(desk: Desk) -> None:
    desk.past(3, 8, 13)


def _seen_last_month(desk: Desk) -> None:
    desk.past(4)


def _once_a_year(desk: Desk) -> None:
    desk.cast.food.yearly_frequency = 1
    desk.db.session.add(desk.cast.food)
    desk.past(8)


def _chosen_day(desk: Desk) -> None:
    desk.db.session.add(QuietChoice(enterprise_id=desk.cast.bakery.id, on=day_of(FREE), chosen_at=NOW))


def _in_spring(desk: Desk) -> None:
    desk.clock["at"] = SPRING - 5 * DAY


HELPERS = [{"name": f"专家{number}"} for number in range(11)]
URGENT = {"basis": "emergency", "opens": NOW + HOUR}
JOURNEYS = {
    "national": Journey(
        "too_many_helpers", "helpers", "expert_team", {"helpers": HELPERS}, URGENT, "approval-urgent"
    ),
    "chenzhou": Journey("cap_reached", "cap-matter", "life_safety", {}, {"opens": NOW + DAY, "basis": "random_draw",
                        "enterprise": "foundry"}, "quiet-days", _once_a_year),
    "shanghai": Journey("not_planned", "plan-published", "plan_change", {"opens": SPRING},
                        {"basis": "tip", "opens": SPRING}, "triggered-reason", _in_spring),
    "chengdu": Journey("same_inspector", "same-inspector", "explained", {}, {"enterprise": "foundry", **URGENT},
                       "approval-urgent", _three_clean_visits),
    "shenzhen": Journey("quiet_day", "chosen-slot", "life_safety", {}, {"opens": NOW - 5 * DAY}, "late-entry",
                        _chosen_day),
    "chongqing": Journey("repeated", "repeat-quarter", "follow_up", {}, {"basis": "complaint", "opens": NOW - 2 * DAY},
                         "late-entry", _seen_last_month),
}  # fmt: skip


@pytest.fixture(params=JOURNEYS, ids=list(JOURNEYS))
def desk(request: pytest.FixtureRequest, as_: Any, cast: Cast, keep: Any, clock: Any, db: Any) -> Any:
    """A city that put this pack in force, and what happened there before."""
    forget_policy()
    keep_pack(read_layers(request.param), at=NOW - 100 * DAY, because="test")
    db.session.commit()
    desk = Desk(cast, as_, keep, db, clock)
    journey = JOURNEYS[request.param]
    journey.before(desk)
    db.session.commit()
    yield desk, journey, request.param
    forget_policy()


class TestEachPack:
    def test_blocks_warns_and_grants_an_exception_with_evidence(self, desk: Any) -> None:
        at_desk, journey, name = desk

        blocked = at_desk.register(**journey.blocked)
        assert (blocked.status_code, blocked.json["reason"]) == (409, journey.reason), blocked.json
        assert journey.clause in [each["clause"] for each in blocked.json["verdicts"]]
        assert all(each["source"] for each in blocked.json["verdicts"])

        warned = dict(journey.warned)
        if warned.pop("enterprise", None):
            warned["enterprise_id"] = str(at_desk.cast.foundry.id)
        bare = at_desk.register(**warned, reason="")
        assert (bare.status_code, bare.json["reason"]) == (409, "reason_missing"), bare.json
        assert journey.warned_by in [each["clause"] for each in bare.json["verdicts"]]
        reasoned = at_desk.register(**warned, reason="情况紧急，已电话告知企业")
        assert reasoned.status_code == 201, reasoned.json

        claim = {"clause": journey.clause, "class": journey.class_, "evidence": "附件3份，文号2026-117"}
        claimed = at_desk.register(**journey.blocked, claims=[claim])
        assert claimed.status_code == 201, claimed.json
        visit = claimed.json["id"]
        head = at_desk.as_("zhao_min")
        assert head.post(f"/visits/{visit}/approvals", {"decision": "approve"}).json["reason"] == "block_stands"
        lifted = head.post(f"/visits/{visit}/verdicts/{journey.clause}/lift", {"lifted": True, "reason": "属实"})
        assert lifted.status_code == 201, lifted.json
        assert head.post(f"/visits/{visit}/approvals", {"decision": "approve"}).json["stage"] == "approved"
        shown = at_desk.as_("sun_li").get(f"/visits/{visit}").json
        assert shown["policy_version"].startswith(f"{name}@")
        assert next(each for each in shown["verdicts"] if each["clause"] == journey.clause)["lifted"] is True
