"""Law as data at the desk: previews, warnings, lifts, late entries, visits off site, joins, tiers, quiet days."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.catalogue.models import Delegation, FirstOffence, Matter
from server.clock import day_of
from server.ids import new_id
from server.judging.facts import gather
from server.ledger.models import Event
from server.standing.models import QuietChoice
from server.visit.models import Visit
from server.visit.stages import Basis, Stage
from server.visit.verdicts import VisitVerdict

from .factories import DAY, HOUR, NOW, Cast, visit_at
from .test_loop import a_record_body, a_registration, a_scan_body

FIVE_DAYS_AHEAD = """
extends = "national"
[[clause]]
id = "chosen"
kind = "quiet_day"
title = "自选"
action = "block"
floating = 1
notice_days = 5
source = { title = "本地办法" }
"""
FREE = NOW + 14 * DAY  # Tuesday 24 March: no quiet day of the month


def at(moment: Any, **changes: Any) -> dict[str, Any]:
    """The window of a registration."""
    return {"window_from_at": moment.isoformat(), "window_to_at": (moment + 4 * HOUR).isoformat(), **changes}


def fire_matter() -> Matter:
    """A matter of the fire brigade."""
    return Matter(
        id=new_id(), code="431004001", version=1, name="消防监督抽查", department="消防救援支队", legal_basis="",
        method="现场检查", checklist=[{"key": "1", "text": "通道畅通"}], listed_at=NOW - 300 * DAY,
    )  # fmt: skip


def outcomes(verdicts: list[dict[str, Any]]) -> dict[str, str]:
    """Clause → outcome."""
    return {each["clause"]: each["outcome"] for each in verdicts}


@pytest.fixture
def capped(cast: Cast, db: Any, keep: Any) -> Cast:
    """The bakery's food may be inspected once a year, and was, five weeks ago."""
    cast.food.yearly_frequency = 1
    db.session.add(cast.food)
    db.session.commit()
    keep(visit_at(Stage.RECORDED, cast, at=NOW - 35 * DAY))
    return cast


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
        from .test_counting import counted

        before = counted(db)
        db.session.commit()
        visit = self.claimed(as_, capped)
        waiting = counted(db)
        db.session.commit()
        as_("zhao_min").post(f"/visits/{visit}/verdicts/cap-matter/lift", {"lifted": True, "reason": "属实"})

        assert waiting == before
        assert sum(counted(db).values()) == sum(before.values()) + 2


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


class TestPresence:
    def test_says_where_a_scan_proved_less_than_the_pack_demands(
        self, as_: Any, cast: Cast, clock: Any, keep: Any
    ) -> None:
        strong, weak = (
            keep(visit_at(Stage.APPROVED, cast, enterprise=firm)).visit.id for firm in (cast.bakery, cast.bakery)
        )
        near = a_scan_body(NOW)
        as_("li_na").post(f"/visits/{strong}/scans", near)
        as_("li_na").post(f"/visits/{weak}/scans", {**a_scan_body(NOW), "method": "typed"})

        shown = [as_("sun_li").get(f"/visits/{visit}").json for visit in (strong, weak)]

        assert [(each["presence_demanded"], each["presence_short"]) for each in shown] == [
            ("fair", False),
            ("fair", True),
        ]


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


class TestFirstOffence:
    def offence(self, db: Any) -> str:
        """A listed first offence."""
        row = FirstOffence(id=new_id(), code="F1", field="价格", name="未按规定明码标价", listed_at=NOW - DAY)
        db.session.add(row)
        db.session.commit()
        return str(row.id)

    def body(self, cast: Cast, offence: str, **changes: Any) -> dict[str, Any]:
        finding = {"text": "两种商品未标价", "first_offence_id": offence}
        return a_record_body(cast, findings=[finding], **changes)

    def test_warns_before_a_penalty_and_keeps_the_reason(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any
    ) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit.id
        offence = self.offence(db)
        penal = self.body(cast, offence, disposition="case_opened")

        refused = as_("li_na").post(f"/visits/{visit}/record", penal)
        sealed = as_("li_na").post(f"/visits/{visit}/record", {**penal, "reason": "一年内第二次"})

        assert (refused.status_code, refused.json["reason"]) == (409, "penalty_needs_reason")
        assert "未按规定明码标价" in refused.json["verdicts"][0]["sentence"]
        assert sealed.status_code == 201, sealed.json
        kept = db.session.scalars(select(VisitVerdict).where(VisitVerdict.moment == "record")).one()
        assert (kept.clause_id, kept.numbers["reason"]) == ("first-offence", "一年内第二次")

    def test_says_nothing_of_guidance(self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit.id
        offence = self.offence(db)

        assert (
            as_("li_na").post(f"/visits/{visit}/record", self.body(cast, offence, disposition="guidance")).status_code
            == 201
        )

    def test_refuses_an_offence_that_is_not_listed(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit.id

        refused = as_("li_na").post(f"/visits/{visit}/record", self.body(cast, str(new_id()), disposition="guidance"))

        assert (refused.status_code, refused.json["reason"]) == (422, "unknown_reference")

    def test_is_listed_for_the_inspector(self, as_: Any, cast: Cast, clock: Any, db: Any) -> None:
        self.offence(db)

        assert [each["name"] for each in as_("li_na").get("/first-offences?q=标价").json["items"]] == [
            "未按规定明码标价"
        ]


class TestShares:
    def test_counts_an_agencys_year_against_the_pack(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        keep(visit_at(Stage.RECORDED, cast))

        answer = as_("sun_li").get("/shares?year=2026").json

        row = answer["items"][0]
        assert (row["service"], row["guidance"], row["penalty"], row["outcome"]) == (0, 0, 0, "pass")

    def test_warns_where_penalty_prevails(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit.id
        body = a_record_body(cast, findings=[{"text": "无证经营"}], disposition="case_opened")
        as_("li_na").post(f"/visits/{visit}/record", body)

        row = as_("zhao_min").get("/shares?year=2026").json["items"][0]

        assert (row["penalty"], row["outcome"]) == (1, "warn")
        assert "70%" in row["sentence"]


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


class TestQuietDays:
    def test_are_chosen_as_many_a_month_as_the_pack_allows(self, as_: Any, cast: Cast, clock: Any) -> None:
        path = f"/enterprises/{cast.bakery.id}/quiet-days"
        bakery = as_("bakery")

        chosen = [bakery.post(path, {"on": f"2026-03-2{day}"}).status_code for day in (3, 4, 5)]
        spent = bakery.post(path, {"on": "2026-03-26"})
        april = bakery.post(path, {"on": "2026-04-01"})

        assert (chosen, spent.json["reason"], april.status_code) == ([201] * 3, "quiet_days_spent", 201)
        assert april.json["a_month"] == 3
        assert bakery.delete(f"{path}/2026-03-25").status_code == 200
        assert bakery.post(path, {"on": "2026-03-26"}).status_code == 201

    def test_are_not_chosen_for_tomorrow_or_by_others(self, as_: Any, cast: Cast, clock: Any) -> None:
        path = f"/enterprises/{cast.bakery.id}/quiet-days"

        assert as_("bakery").post(path, {"on": "2026-03-11"}).json["reason"] == "quiet_day_too_soon"
        assert as_("foundry").post(path, {"on": "2026-03-24"}).status_code == 404
        assert as_("bakery").delete(f"{path}/someday").status_code == 404

    def test_are_chosen_as_far_ahead_as_the_pack_says(self, as_: Any, cast: Cast, clock: Any, in_force: Any) -> None:
        in_force(FIVE_DAYS_AHEAD)
        path = f"/enterprises/{cast.bakery.id}/quiet-days"

        near = as_("bakery").post(path, {"on": "2026-03-14"})
        far = as_("bakery").post(path, {"on": "2026-03-15"})

        assert (near.status_code, near.json["days"], far.status_code) == (422, 5, 201)
        assert (far.json["a_month"], far.json["notice_days"]) == (1, 5)

    def test_block_a_planned_visit(self, as_: Any, cast: Cast, clock: Any, db: Any) -> None:
        db.session.add(QuietChoice(enterprise_id=cast.bakery.id, on=day_of(FREE), chosen_at=NOW))
        db.session.commit()

        refused = as_("li_na").post("/visits", a_registration(cast, **at(FREE)))

        assert (refused.status_code, refused.json["reason"]) == (409, "quiet_day")


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


class TestPolicyDesk:
    def test_shows_the_pack_in_force_with_its_sources(self, as_: Any, cast: Cast, clock: Any) -> None:
        pack = as_("bakery").get("/policy").json["pack"]

        quiet = next(each for each in pack["clauses"] if each["id"] == "quiet-days")
        assert (quiet["action"], quiet["status"], quiet["numbers"]) == ("warn", "preset", {"days_of_month": ["1-20"]})

    def test_replays_a_draft_line_by_line(self, as_: Any, capped: Cast, clock: Any, keep: Any) -> None:
        keep(visit_at(Stage.RECORDED, capped, at=NOW - 5 * DAY))
        draft = (
            'id = "draft"\nversion = "1"\ntitle = "草案"\nextends = "chenzhou"\n'
            '[[clause]]\nid = "cap-agency"\nkind = "cap"\ntitle = "一年一次"\naction = "block"\nper = "agency"\n'
            'times = 1\nsource = { title = "草案" }\n'
            '[[clause.example]]\ncase = { past = [{ day = "2026-02-02" }] }\nexpect = "block"\n'
        )
        days = {"from_on": "2026-01-01", "to_on": "2026-12-31"}

        answer = as_("sun_li").post("/policy/replays", {"text": draft, **days})

        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert answer.content_type == "application/x-ndjson"
        assert lines[0] == {"done": 0, "total": 2}
        result = lines[-1]["result"]
        assert (result["pack"], result["judged"], result["blocked"]) == ("draft@1", 2, 1)
        by_clause = {row["clause"]: row for row in result["rows"]}
        assert (by_clause["cap-agency"]["agency"], by_clause["cap-agency"]["blocked"]) == ("郴州市市场监督管理局", 1)
        assert result["then"]["quiet-days"] == {"warn": 2}

    def test_judges_as_registration_did(self, as_: Any, cast: Cast, clock: Any, db: Any) -> None:
        """Visits that went through registration are said to be what they were said to be then."""
        for place, weeks in enumerate((9, 7, 5, 3, 1)):
            clock["at"] = NOW - weeks * 7 * DAY
            opens = clock["at"] + 2 * DAY
            body = a_registration(cast, basis=("plan", "random_draw")[place % 2], **at(opens))
            visit = as_("li_na").post("/visits", body).json["id"]
            as_("zhao_min").post(f"/visits/{visit}/approvals", {"decision": "approve"})
            clock["at"] = opens + HOUR
            for who in ("li_na", "wang_jun"):
                as_(who).post(f"/visits/{visit}/scans", a_scan_body(clock["at"]))
            assert as_("li_na").post(f"/visits/{visit}/record", a_record_body(cast)).status_code == 201
        clock["at"] = NOW

        answer = as_("sun_li").post("/policy/replays", {"from_on": "2025-12-01", "to_on": "2026-03-31"})

        result = json.loads(answer.text.splitlines()[-1])["result"]
        replayed: dict[str, dict[str, int]] = {}
        for row in result["rows"]:
            counts = {"warn": row["warned"], "block": row["blocked"]}
            replayed[row["clause"]] = {outcome: count for outcome, count in counts.items() if count}
        assert replayed == result["then"]
        assert len(replayed) >= 4

    def test_names_the_faults_of_a_draft(self, as_: Any, cast: Cast, clock: Any) -> None:
        draft = 'id = "x"\nversion = "1"\ntitle = "t"\n'

        answer = as_("sun_li").post("/policy/replays", {"text": draft, "from_on": "2026-01-01", "to_on": "2026-02-01"})

        assert (answer.status_code, answer.json["reason"]) == (422, "bad_pack")
        assert any("desk" in fault for fault in answer.json["faults"])

    def test_reads_no_file_for_a_draft(self, as_: Any, cast: Cast, clock: Any) -> None:
        draft = 'id = "x"\nversion = "1"\ntitle = "t"\nextends = "/etc/passwd.toml"\n'

        answer = as_("sun_li").post("/policy/replays", {"text": draft, "from_on": "2026-01-01", "to_on": "2026-02-01"})

        assert "shipped pack only" in answer.json["faults"][0]

    def test_is_not_for_inspectors(self, as_: Any, cast: Cast, clock: Any) -> None:
        asked = {"from_on": "2026-01-01", "to_on": "2026-02-01"}

        assert as_("li_na").post("/policy/replays", asked).status_code == 403
