"""登记 under the law of the pack: previews, warnings, blocks, urgent and late entries, visits off site."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from server.catalogue.models import Delegation
from server.clock import day_of
from server.ids import new_id
from server.judging.facts import gather
from server.visit.models import Visit
from server.visit.stages import Basis, Stage

from .factories import DAY, HOUR, NOW, Cast, visit_at
from .law import FREE, at, fire_matter, outcomes
from .test_loop import a_record_body, a_registration, a_scan_body


class TestPreview:
    def test_says_everything_before_anybody_commits(
        self, as_: Any, capped: Cast, clock: Any, keep: Any, db: Any
    ) -> None:
        opens = FREE + DAY
        fire = visit_at(Stage.REGISTERED, capped, at=opens, agency=capped.fire, basis=Basis.ORDERED,
                        matters=[fire_matter()], inspectors=[capped.chen_bo, capped.chen_tao])  # fmt: skip
        keep(fire)

        answer = as_("li_na").post("/registrations/preview", a_registration(capped, **at(FREE)))

        said = answer.json
        assert answer.status_code == 200, said
        assert (said["policy"], said["outcome"], said["shape"]) == ("chenzhou@2026.11", "block", None)
        judged = outcomes(said["verdicts"])
        assert (judged["cap-matter"], judged["two-inspectors"], judged["quiet-days"]) == ("block", "pass", "pass")
        block = next(each for each in said["verdicts"] if each["clause"] == "cap-matter")
        assert block["sentence"] == "“食品生产企业日常监督检查”今年已登记1次，上限1次"
        assert "国办发" in block["source"]
        assert {each["class"] for each in block["exceptions"]} == {"life_safety", "case_investigation"}
        matter = next(each for each in said["standings"] if each["clause"] == "cap-matter")
        assert (matter["count"], matter["times"]) == (1, 1)
        assert (said["year"]["visits"], said["year"]["heads"], said["year"]["hours"]) == (1, 2, 1.3)
        assert [each["days_apart"] for each in said["joinable"]] == [1]
        assert said["joinable"][0]["agency"] == "郴州市消防救援支队"
        assert db.session.scalar(select(Visit).where(Visit.window_from_at == FREE)) is None

    def test_names_the_next_days_without_objection(self, as_: Any, cast: Cast, clock: Any) -> None:
        said = as_("li_na").post("/registrations/preview", a_registration(cast)).json

        days = [date.fromisoformat(each["on"]) for each in said["free_days"]]
        assert outcomes(said["verdicts"])["quiet-days"] == "warn"
        # The 21st and 22nd of March are a weekend.
        assert days == [date(2026, 3, day) for day in (23, 24, 25, 26, 27)]

    def test_works_while_the_form_is_still_empty(self, as_: Any, cast: Cast, clock: Any) -> None:
        body = a_registration(cast, matter_ids=[], inspector_ids=[], **at(FREE))

        said = as_("li_na").post("/registrations/preview", body).json

        assert said["shape"] == "matter_missing"
        assert outcomes(said["verdicts"])["two-inspectors"] == "block"

    def test_shows_results_that_can_still_be_used(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        story = keep(visit_at(Stage.RECORDED, cast, at=NOW - 2 * DAY))

        said = as_("li_na").post("/registrations/preview", a_registration(cast, **at(FREE))).json

        assert [each["visit_id"] for each in said["reusable"]] == [str(story.visit.id)]
        assert outcomes(said["verdicts"])["reuse-month"] == "warn"

    def test_costs_eight_statements_for_the_facts_whatever_the_history(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, statements: Any
    ) -> None:
        firm, agencies = cast.bakery.id, [(cast.market.id, cast.market.department)]
        codes, people = [cast.food.code], [cast.li_na.id]

        def cost() -> int:
            with statements() as seen:
                gather(enterprise_id=firm, agencies=agencies, matter_codes=codes, inspector_ids=people, opens_at=FREE)
            return len([each for each in seen if each.lstrip().upper().startswith("SELECT")])

        empty = cost()
        for weeks in range(1, 6):
            keep(visit_at(Stage.RECORDED, cast, at=NOW - weeks * 7 * DAY))

        assert (empty, cost()) == (8, 8)


class TestWarningAndBlock:
    def test_asks_for_a_written_reason_and_keeps_it_with_the_verdict(
        self, as_: Any, cast: Cast, clock: Any, db: Any
    ) -> None:
        refused = as_("li_na").post("/visits", a_registration(cast, reason=""))
        assert (refused.status_code, refused.json["reason"]) == (409, "reason_missing")
        assert {each["clause"] for each in refused.json["verdicts"]} == {"quiet-days"}

        visit = as_("li_na").post("/visits", a_registration(cast)).json["id"]

        shown = as_("sun_li").get(f"/visits/{visit}").json
        warned = next(each for each in shown["verdicts"] if each["clause"] == "quiet-days")
        assert (warned["outcome"], warned["moment"]) == ("warn", "registration")
        assert "企业无扰日" in warned["sentence"]
        assert shown["reason"] == "年度计划,已与企业约定"
        assert {"two-inspectors", "listed-matter"} <= {e["clause"] for e in shown["verdicts"] if e["outcome"] == "pass"}
        assert {"record-due", "rating"} <= {e["clause"] for e in shown["verdicts"] if e["outcome"] == "record"}

    def test_refuses_a_block_and_names_the_clause(self, as_: Any, capped: Cast, clock: Any) -> None:
        refused = as_("li_na").post("/visits", a_registration(capped, **at(FREE)))

        assert (refused.status_code, refused.json["reason"]) == (409, "cap_reached")
        assert [each["clause"] for each in refused.json["verdicts"]] == ["cap-matter"]

    @pytest.mark.parametrize(
        "claim",
        [
            {"clause": "cap-matter", "class": "weather", "evidence": "下雨了"},
            {"clause": "two-inspectors", "class": "life_safety", "evidence": "人手不足"},
        ],
    )
    def test_takes_no_exception_that_the_clause_does_not_know(
        self, as_: Any, capped: Cast, clock: Any, claim: dict[str, str]
    ) -> None:
        body = a_registration(capped, claims=[{**claim, "evidence": claim["evidence"] + "，见照片"}], **at(FREE))

        refused = as_("li_na").post("/visits", body)

        assert (refused.status_code, refused.json["reason"]) == (409, "cap_reached")

    def test_refuses_a_claim_without_evidence(self, as_: Any, capped: Cast, clock: Any) -> None:
        claim = {"clause": "cap-matter", "class": "life_safety", "evidence": "  "}

        refused = as_("li_na").post("/visits", a_registration(capped, claims=[claim], **at(FREE)))

        assert refused.status_code == 422

    def test_refuses_a_claim_against_nothing(self, as_: Any, cast: Cast, clock: Any) -> None:
        claim = {"clause": "cap-matter", "class": "life_safety", "evidence": "检测编号 7"}

        refused = as_("li_na").post("/visits", a_registration(cast, claims=[claim], **at(FREE)))

        assert (refused.status_code, refused.json["reason"]) == (422, "unknown_claim")


class TestUrgent:
    def test_goes_ahead_of_a_lift_and_stays_amber(self, as_: Any, cast: Cast, clock: Any, db: Any) -> None:
        body = a_registration(cast, basis="emergency", reason="燃气泄漏", **at(NOW + HOUR))

        visit = as_("li_na").post("/visits", body).json

        assert (visit["stage"], visit["amber"]) == ("approved", True)


class TestLateEntry:
    def late(self, as_: Any, cast: Cast) -> str:
        """A visit that began five hours before it was registered."""
        answer = as_("li_na").post("/visits", a_registration(cast, reason="山区无信号", **at(NOW - 5 * HOUR)))
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    def test_waits_for_the_enterprises_word(self, as_: Any, cast: Cast, clock: Any) -> None:
        visit = self.late(as_, cast)
        as_("zhao_min").post(f"/visits/{visit}/approvals", {"decision": "approve"})
        bakery = as_("bakery")
        assert "confirm" in bakery.get(f"/visits/{visit}").json["actions"]

        said = bakery.post(f"/visits/{visit}/confirmation", {"took_place": False})
        twice = bakery.post(f"/visits/{visit}/confirmation", {"took_place": True})

        assert (said.status_code, twice.json["reason"]) == (201, "already_decided")
        shown = as_("sun_li").get(f"/visits/{visit}").json
        assert (shown["is_late"], shown["confirmed"]) == (True, False)

    def test_takes_a_scan_made_in_its_window(self, as_: Any, cast: Cast, clock: Any) -> None:
        visit = self.late(as_, cast)
        as_("zhao_min").post(f"/visits/{visit}/approvals", {"decision": "approve"})

        scanned = as_("li_na").post(f"/visits/{visit}/scans", a_scan_body(NOW - 4 * HOUR))

        assert scanned.status_code == 201, scanned.json

    def test_ends_with_the_term(self, as_: Any, cast: Cast, clock: Any) -> None:
        refused = as_("li_na").post("/visits", a_registration(cast, reason="忘了", **at(NOW - 6 * DAY)))

        assert (refused.status_code, refused.json["reason"]) == (409, "late_entry")

    def test_is_confirmed_by_nobody_else(self, as_: Any, cast: Cast, clock: Any) -> None:
        visit = self.late(as_, cast)

        assert as_("foundry").post(f"/visits/{visit}/confirmation", {"took_place": True}).status_code == 404
        assert as_("li_na").post(f"/visits/{visit}/confirmation", {"took_place": True}).status_code == 403


class TestOffSite:
    def remote(self, as_: Any, cast: Cast) -> str:
        """An approved inspection by video."""
        body = a_registration(cast, off_site_means="video", asked_for="请准备近三个月的进货台账", **at(FREE))
        visit = as_("li_na").post("/visits", body).json["id"]
        as_("zhao_min").post(f"/visits/{visit}/approvals", {"decision": "approve"})
        return str(visit)

    def test_goes_its_own_way_through_the_loop(self, as_: Any, cast: Cast, clock: Any) -> None:
        visit = self.remote(as_, cast)
        clock["at"] = FREE + HOUR
        bakery = as_("bakery")
        shown = bakery.get(f"/visits/{visit}").json
        assert (shown["asked_for"], shown["actions"]) == ("请准备近三个月的进货台账", ["send_material"])

        assert bakery.post(f"/visits/{visit}/materials", {"text": "台账已备齐"}).status_code == 201
        sealed = as_("li_na").post(f"/visits/{visit}/record", a_record_body(cast))
        rated = bakery.post(
            f"/visits/{visit}/evaluation", {"overall": 5, "conduct": 5, "lawfulness": 5, "beyond_list": False}
        )

        assert (sealed.status_code, rated.status_code) == (201, 201), (sealed.json, rated.json)
        whole = as_("sun_li").get(f"/visits/{visit}").json
        assert (whole["stage"], whole["scans"], whole["on_site_at"]) == ("evaluated", [], None)
        assert [each["text"] for each in whole["materials"]] == ["台账已备齐"]

    def test_has_no_door_to_scan_at(self, as_: Any, cast: Cast, clock: Any) -> None:
        visit = self.remote(as_, cast)
        clock["at"] = FREE + HOUR

        refused = as_("li_na").post(f"/visits/{visit}/scans", a_scan_body(clock["at"]))

        assert (refused.status_code, refused.json["reason"]) == (409, "no_door")

    def test_is_recorded_only_once_approved(self, as_: Any, cast: Cast, clock: Any) -> None:
        body = a_registration(cast, off_site_means="materials", **at(FREE))
        visit = as_("li_na").post("/visits", body).json["id"]

        refused = as_("li_na").post(f"/visits/{visit}/record", a_record_body(cast))

        assert (refused.status_code, refused.json["reason"]) == (409, "not_approved_yet")

    def test_asks_no_enterprise_for_materials_at_the_door(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit.id

        refused = as_("bakery").post(f"/visits/{visit}/materials", {"text": "?"})

        assert (refused.status_code, refused.json["reason"]) == (409, "no_materials_asked")

    def test_does_not_use_the_entry_caps_up(self, as_: Any, capped: Cast, clock: Any) -> None:
        body = a_registration(capped, off_site_means="materials", **at(FREE))

        assert as_("li_na").post("/visits", body).status_code == 201


class TestAuthority:
    def test_refuses_a_matter_of_another_department(self, as_: Any, cast: Cast, clock: Any, db: Any) -> None:
        body = a_registration(cast, inspector_ids=[str(cast.chen_bo.id), str(cast.chen_tao.id)], **at(FREE))

        refused = as_("chen_bo").post("/visits", body)

        assert (refused.status_code, refused.json["reason"]) == (409, "not_authorised")

    def test_takes_it_where_it_was_delegated(self, as_: Any, cast: Cast, clock: Any, db: Any) -> None:
        day = day_of(FREE)
        db.session.add(
            Delegation(id=new_id(), agency_id=cast.fire.id, matter_code=cast.food.code, source="郴政发1号",
                       valid_from_on=day - timedelta(days=9), valid_to_on=day)
        )  # fmt: skip
        db.session.commit()
        body = a_registration(cast, inspector_ids=[str(cast.chen_bo.id), str(cast.chen_tao.id)], **at(FREE))

        assert as_("chen_bo").post("/visits", body).status_code == 201
        late = {**body, **at(FREE + DAY)}
        assert as_("chen_bo").post("/visits", late).json["reason"] == "not_authorised"
