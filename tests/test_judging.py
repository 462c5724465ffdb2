"""判定: blocks lifted by a second person, and plans judged anew."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.ledger.models import Event
from server.visit.stages import Stage

from .factories import Cast, visit_at
from .law import FREE, at
from .test_loop import a_registration


class TestLift:
    def claimed(self, as_: Any, cast: Cast, class_: str = "life_safety", who: str = "li_na") -> str:
        """A visit that waits for its block to be lifted."""
        claim = {"clause": "cap-matter", "class": class_, "evidence": "检测编号 2026-117"}
        answer = as_(who).post("/visits", a_registration(cast, claims=[claim], **at(FREE)))
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    def test_lets_a_second_person_lift_a_block_and_then_approve(
        self, as_: Any, capped: Cast, clock: Any, db: Any
    ) -> None:
        visit = self.claimed(as_, capped)
        head = as_("zhao_min")
        assert head.get(f"/visits/{visit}").json["liftable"] == ["cap-matter"]

        early = head.post(f"/visits/{visit}/approvals", {"decision": "approve"})
        assert (early.status_code, early.json["reason"]) == (409, "block_stands")
        lifted = head.post(f"/visits/{visit}/verdicts/cap-matter/lift", {"lifted": True, "reason": "现场核实属实"})
        approved = head.post(f"/visits/{visit}/approvals", {"decision": "approve"})

        assert (lifted.status_code, approved.json["stage"]) == (201, "approved")
        shown = next(e for e in as_("sun_li").get("/lifts").json["items"] if e["visit_id"] == visit)
        assert (shown["lifted"], shown["claim_class"], shown["decided_by"]) == (True, "life_safety", "zhaomin")
        assert (shown["claim_evidence"], shown["decision_reason"]) == ("检测编号 2026-117", "现场核实属实")
        verbs = db.session.scalars(select(Event.verb).where(Event.subject_id == UUID(visit))).all()
        assert "block_lifted" in verbs

    def test_tells_the_enterprise_the_outcome_and_not_the_evidence(
        self, as_: Any, capped: Cast, clock: Any, db: Any
    ) -> None:
        visit = self.claimed(as_, capped)
        head = as_("zhao_min")
        head.post(f"/visits/{visit}/verdicts/cap-matter/lift", {"lifted": True, "reason": "张某举报属实"})
        head.post(f"/visits/{visit}/approvals", {"decision": "approve"})

        shown = as_("bakery").get(f"/visits/{visit}")
        log = as_("bakery").get(f"/visits/{visit}/events")

        block = next(each for each in shown.json["verdicts"] if each["clause"] == "cap-matter")
        assert (block["lifted"], block["claim_class"], block["claim_evidence"]) == (True, "life_safety", None)
        assert "张某" not in shown.text + log.text
        assert "检测编号" not in shown.text + log.text

    def test_keeps_a_refused_exception_for_ever(self, as_: Any, capped: Cast, clock: Any) -> None:
        visit = self.claimed(as_, capped)
        path = f"/visits/{visit}/verdicts/cap-matter/lift"

        assert as_("zhao_min").post(path, {"lifted": False, "reason": "证据不足"}).status_code == 201
        again = as_("zhao_min").post(path, {"lifted": True, "reason": "再想想"})
        approval = as_("zhao_min").post(f"/visits/{visit}/approvals", {"decision": "approve"})

        assert (again.json["reason"], approval.json["reason"]) == ("already_decided", "block_stands")
        assert as_("sun_li").get("/lifts?state=refused").json["items"][0]["visit_id"] == visit
        assert as_("sun_li").get("/lifts?state=waiting").json["items"] == []

    def test_is_not_for_the_person_who_registered(self, as_: Any, capped: Cast, clock: Any) -> None:
        visit = self.claimed(as_, capped, who="zhao_min")

        refused = as_("zhao_min").post(f"/visits/{visit}/verdicts/cap-matter/lift", {"lifted": True, "reason": "自批"})

        assert (refused.status_code, refused.json["reason"]) == (409, "own_registration")

    def test_is_only_for_the_role_the_exception_names(self, as_: Any, capped: Cast, clock: Any) -> None:
        visit = self.claimed(as_, capped, class_="case_investigation")
        path = f"/visits/{visit}/verdicts/cap-matter/lift"

        by_head = as_("zhao_min").post(path, {"lifted": True, "reason": "立案"})
        elsewhere = as_("zhou_ping").post(path, {"lifted": True, "reason": "立案"})
        by_supervisor = as_("sun_li").post(path, {"lifted": True, "reason": "立案核实"})

        assert (by_head.status_code, by_head.json["reason"]) == (409, "not_liftable")
        assert elsewhere.status_code == 404
        assert by_supervisor.status_code == 201

    def test_uses_the_cap_up_only_once_lifted(self, as_: Any, capped: Cast, clock: Any, db: Any) -> None:
        from .test_visit_counting import counted

        before = counted(db)
        db.session.commit()
        visit = self.claimed(as_, capped)
        waiting = counted(db)
        db.session.commit()
        as_("zhao_min").post(f"/visits/{visit}/verdicts/cap-matter/lift", {"lifted": True, "reason": "属实"})

        assert waiting == before
        assert sum(counted(db).values()) == sum(before.values()) + 2


class TestTiers:
    def test_keep_their_history_and_judge_what_is_planned_anew(
        self, as_: Any, capped: Cast, clock: Any, keep: Any, db: Any
    ) -> None:
        visit = keep(visit_at(Stage.APPROVED, capped, at=FREE)).visit.id
        path = f"/enterprises/{capped.bakery.id}/tiers"
        first = {"risk": "low", "credit": "A", "since_on": "2026-01-01", "because": "年度评定"}

        made = as_("sun_li").post(path, first)
        newer = as_("sun_li").post(path, {**first, "risk": "high", "credit": "D", "since_on": "2026-03-01"})
        again = as_("sun_li").post(path, first)

        assert (made.status_code, newer.status_code) == (201, 201), (made.json, newer.json)
        assert [each["tier"] for each in newer.json["items"]] == ["D", "A"]
        assert (again.status_code, again.json["reason"]) == (409, "tier_exists")
        assert as_("bakery").get(path).json["items"][0]["tier"] == "D"
        shown = as_("sun_li").get(f"/visits/{visit}").json
        assert shown["tier"] == "D"
        assert made.json["rejudged"] == 1
        assert "cap-matter" in {e["clause"] for e in shown["verdicts"] if e["moment"] == "tier"}

    def test_are_set_by_supervisors_only(self, as_: Any, cast: Cast, clock: Any) -> None:
        body = {"risk": "low", "credit": "A", "since_on": "2026-01-01", "because": "x"}

        assert as_("zhao_min").post(f"/enterprises/{cast.bakery.id}/tiers", body).status_code == 403
        assert as_("zhou_ping").post(f"/enterprises/{cast.bakery.id}/tiers", body).status_code == 404
