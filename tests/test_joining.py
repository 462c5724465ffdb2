"""合并提议: one agency joins the visit of another."""

from typing import Any

from server.visit.stages import Stage

from .factories import Cast, visit_at
from .law import FREE, fire_matter


class TestJoin:
    def planned(self, cast: Cast, keep: Any, stage: Stage = Stage.REGISTERED) -> str:
        """A visit of the market regulators that others could join."""
        return str(keep(visit_at(stage, cast, at=FREE)).visit.id)

    def body(self, cast: Cast, db: Any) -> dict[str, Any]:
        matter = fire_matter()
        db.session.add(matter)
        db.session.commit()
        return {"matter_ids": [str(matter.id)], "inspector_ids": [str(cast.chen_bo.id)]}

    def test_makes_one_visit_that_counts_once(self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any) -> None:
        visit = self.planned(cast, keep)
        proposed = as_("luo_gang").post(f"/visits/{visit}/proposals", self.body(cast, db))
        assert proposed.status_code == 201, proposed.json
        waiting = as_("zhao_min").get("/proposals").json["items"]
        assert [(each["agency"]["name"], each["mine_to_decide"]) for each in waiting] == [("郴州市消防救援支队", True)]

        answered = as_("zhao_min").post(f"/proposals/{proposed.json['id']}/answer", {"accepted": True})
        approved = as_("zhao_min").post(f"/visits/{visit}/approvals", {"decision": "approve"})

        assert (answered.status_code, approved.json["stage"]) == (201, "approved"), answered.json
        shown = as_("luo_gang").get(f"/visits/{visit}").json
        assert [each["name"] for each in shown["joint_agencies"]] == ["郴州市消防救援支队"]
        assert {"食品生产企业日常监督检查", "消防监督抽查"} == set(shown["matters"])
        assert "陈波" in shown["inspectors"]

    def test_lists_many_proposals_in_few_statements(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any, statements: Any
    ) -> None:
        body = self.body(cast, db)
        counts = []
        for _ in range(3):
            as_("luo_gang").post(f"/visits/{self.planned(cast, keep)}/proposals", body)
            head = as_("zhao_min")
            with statements() as seen:
                shown = head.get("/proposals").json["items"]
            counts.append(len(seen))

        assert len(shown) == 3
        assert {(each["enterprise"], each["lead"]) for each in shown} == {("林邑糕点厂", "郴州市市场监督管理局")}
        assert counts[0] == counts[2], counts

    def test_waits_for_the_partners_head_when_an_inspector_proposed(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any
    ) -> None:
        visit = self.planned(cast, keep)
        proposed = as_("chen_bo").post(f"/visits/{visit}/proposals", self.body(cast, db)).json["id"]
        as_("zhao_min").post(f"/proposals/{proposed}/answer", {"accepted": True})

        mine = as_("zhao_min").post(f"/visits/{visit}/approvals", {"decision": "approve"})
        theirs = as_("luo_gang").post(f"/visits/{visit}/approvals", {"decision": "approve"})

        assert (mine.json["stage"], theirs.json["stage"]) == ("registered", "approved")

    def test_is_for_heads_once_the_visit_is_approved(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any
    ) -> None:
        visit = self.planned(cast, keep, Stage.APPROVED)
        body = self.body(cast, db)

        assert as_("chen_bo").post(f"/visits/{visit}/proposals", body).json["reason"] == "head_must_propose"
        assert as_("luo_gang").post(f"/visits/{visit}/proposals", body).status_code == 201

    def test_refuses_what_could_not_be_registered(self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any) -> None:
        visit = self.planned(cast, keep)
        body = self.body(cast, db)

        foreign = as_("luo_gang").post(f"/visits/{visit}/proposals", {**body, "matter_ids": [str(cast.food.id)]})
        own = as_("zhao_min").post(f"/visits/{visit}/proposals", {**body, "inspector_ids": [str(cast.li_na.id)]})

        assert (foreign.json["reason"], own.json["reason"]) == ("not_authorised", "already_joined")

    def test_is_answered_once_by_the_lead_with_a_reason_for_no(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any
    ) -> None:
        visit = self.planned(cast, keep)
        proposed = as_("luo_gang").post(f"/visits/{visit}/proposals", self.body(cast, db)).json["id"]
        path = f"/proposals/{proposed}/answer"

        assert as_("luo_gang").post(path, {"accepted": True}).status_code == 404
        assert as_("zhao_min").post(path, {"accepted": False}).json["reason"] == "reason_missing"
        assert as_("zhao_min").post(path, {"accepted": False, "reason": "时间不合"}).status_code == 201
        assert as_("zhao_min").post(path, {"accepted": True}).json["reason"] == "already_decided"
