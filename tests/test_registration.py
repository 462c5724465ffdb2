"""登记."""

from datetime import timedelta
from typing import Any

import pytest

from server.ids import new_id
from server.refusal import Refusal
from server.registration.rules import cancel, decide, may_cancel, may_decide, register
from server.visit.stages import Basis, Purpose, Stage

from .factories import DAY, HOUR, NOW, POLICY, Cast, a_plan, verbs_of, visit_at
from .test_loop import a_registration


def register_plan(cast: Cast, **changes: Any) -> Any:
    """Register a changed plan."""
    return register(a_plan(cast, **changes), policy=POLICY, by=cast.actor("li_na"), at=NOW)


def reason_of(call: Any, *args: Any, **kwargs: Any) -> str:
    """Why a call was refused."""
    with pytest.raises(Refusal) as refused:
        call(*args, **kwargs)
    return str(refused.value.reason)


class TestRegister:
    def test_makes_a_registered_visit_with_everything_locked_in(self) -> None:
        cast = Cast()

        visit = register_plan(cast, helpers=[("张某", "街道网格员")])

        assert visit.stage is Stage.REGISTERED
        assert visit.matters == [cast.food]
        assert [part.certificate_no for part in visit.inspectors] == ["18100001", "18100002"]
        assert [helper.name for helper in visit.helpers] == ["张某"]
        assert (visit.inspectors_needed, visit.policy_version) == (2, "chenzhou@2026.11")
        assert verbs_of(visit) == ["registered"]

    def test_refuses_an_unlisted_matter(self) -> None:
        cast = Cast()

        assert reason_of(register_plan, cast, matters=[cast.food, cast.old_food]) == "unlisted_matter"

    def test_refuses_an_inspection_without_a_matter(self) -> None:
        assert reason_of(register_plan, Cast(), matters=[]) == "matter_missing"

    def test_refuses_a_service_visit_with_a_matter(self) -> None:
        refused = reason_of(register_plan, Cast(), purpose=Purpose.SERVICE, basis=Basis.SERVICE)

        assert refused == "service_visit_has_matters"

    def test_refuses_fewer_than_two_inspectors(self) -> None:
        cast = Cast()

        assert reason_of(register_plan, cast, inspectors=[cast.li_na]) == "too_few_inspectors"

    def test_counts_the_same_inspector_once(self) -> None:
        cast = Cast()

        assert reason_of(register_plan, cast, inspectors=[cast.li_na, cast.li_na]) == "too_few_inspectors"

    def test_refuses_an_inspector_of_an_agency_that_does_not_visit(self) -> None:
        cast = Cast()

        assert reason_of(register_plan, cast, inspectors=[cast.li_na, cast.chen_bo]) == "inspector_of_other_agency"

    def test_takes_the_partners_inspector_on_a_joint_visit(self) -> None:
        cast = Cast()

        visit = register_plan(cast, joint_agencies=[cast.fire], inspectors=[cast.li_na, cast.chen_bo])

        assert {part.agency_id for part in visit.agencies} == {cast.market.id, cast.fire.id}

    def test_refuses_a_certificate_that_has_run_out(self) -> None:
        cast = Cast()

        assert reason_of(register_plan, cast, inspectors=[cast.li_na, cast.he_qiang]) == "expired_certificate"

    def test_refuses_a_certificate_that_runs_out_before_the_window_closes(self) -> None:
        cast = Cast()
        cast.wang_jun.valid_to_on = (NOW + DAY).date()

        opens = NOW + DAY
        assert register_plan(cast, window_from_at=opens, window_to_at=opens + 4 * HOUR)
        late = reason_of(register_plan, cast, window_from_at=opens, window_to_at=opens + 20 * HOUR)
        assert late == "expired_certificate"

    @pytest.mark.parametrize(
        ("opens", "length"),
        [
            (DAY, timedelta(0)),
            (DAY, -HOUR),
            (DAY, timedelta(hours=72, minutes=1)),
            (-11 * DAY, HOUR),
            (timedelta(days=91), HOUR),
        ],
        ids=["empty", "reversed", "too long", "long past", "too far ahead"],
    )
    def test_refuses_a_bad_window(self, opens: timedelta, length: timedelta) -> None:
        refused = reason_of(register_plan, Cast(), window_from_at=NOW + opens, window_to_at=NOW + opens + length)

        assert refused == "bad_window"

    def test_refuses_while_a_record_is_overdue(self) -> None:
        assert reason_of(register_plan, Cast(), overdue=[(new_id(), "林邑糕点厂")]) == "overdue_record"

    def test_lets_an_urgent_visit_pass_an_overdue_record(self) -> None:
        late = [(new_id(), "林邑糕点厂")]

        visit = register_plan(Cast(), overdue=late, basis=Basis.EMERGENCY, reason="燃气泄漏")

        assert visit.stage is Stage.APPROVED

    def test_refuses_an_urgent_visit_without_a_reason(self) -> None:
        assert reason_of(register_plan, Cast(), basis=Basis.TIP, reason="") == "reason_missing"

    def test_approves_an_urgent_visit_at_once_and_marks_it_amber(self) -> None:
        visit = register_plan(Cast(), basis=Basis.EMERGENCY, reason="燃气泄漏")

        assert (visit.stage, visit.is_amber) == (Stage.APPROVED, True)
        assert visit.approval_due_at == NOW + timedelta(hours=24)
        assert verbs_of(visit) == ["registered", "approved"]


class TestDecide:
    def test_approves(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.REGISTERED, cast).visit

        decide(visit, "approve", reason="", by=cast.actor("zhao_min"), at=NOW)

        assert (visit.stage, visit.approved_at) == (Stage.APPROVED, NOW)

    def test_rejects_only_with_a_reason(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.REGISTERED, cast).visit

        assert reason_of(decide, visit, "reject", reason="", by=cast.actor("zhao_min"), at=NOW) == "reason_missing"
        decide(visit, "reject", reason="可合并检查", by=cast.actor("zhao_min"), at=NOW)

        assert visit.stage is Stage.REJECTED

    def test_needs_every_joint_agencys_yes(self) -> None:
        cast = Cast()
        inspectors = [cast.li_na, cast.chen_bo]
        visit = visit_at(Stage.REGISTERED, cast, joint_agencies=[cast.fire], inspectors=inspectors).visit

        decide(visit, "approve", reason="", by=cast.actor("zhao_min"), at=NOW)
        assert visit.stage is Stage.REGISTERED
        decide(visit, "approve", reason="", by=cast.actor("luo_gang"), at=NOW)

        assert visit.stage is Stage.APPROVED
        assert verbs_of(visit) == ["registered", "approval_given", "approved"]

    def test_answers_a_stranger_as_if_the_visit_did_not_exist(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.REGISTERED, cast).visit

        assert reason_of(decide, visit, "approve", reason="", by=cast.actor("luo_gang"), at=NOW) == "not_found"

    def test_refuses_a_second_decision(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit

        assert reason_of(decide, visit, "reject", reason="x", by=cast.actor("zhao_min"), at=NOW) == "already_decided"

    def test_confirms_an_urgent_visit_afterwards(self) -> None:
        cast = Cast()
        visit = register_plan(cast, basis=Basis.EMERGENCY, reason="燃气泄漏")

        decide(visit, "approve", reason="", by=cast.actor("zhao_min"), at=NOW + HOUR)

        assert (visit.is_amber, visit.stage) == (False, Stage.APPROVED)
        assert verbs_of(visit)[-1] == "approved_afterwards"

    def test_calls_an_urgent_visit_off_when_the_head_says_no_before_the_door(self) -> None:
        cast = Cast()
        visit = register_plan(cast, basis=Basis.EMERGENCY, reason="燃气泄漏")

        decide(visit, "reject", reason="不属实", by=cast.actor("zhao_min"), at=NOW + HOUR)

        assert visit.stage is Stage.CANCELLED

    def test_keeps_an_urgent_visit_amber_for_ever_when_the_head_says_no_afterwards(self) -> None:
        cast = Cast()
        story = visit_at(Stage.RECORDED, cast)
        visit = story.visit
        visit.approval_due_at, visit.approved_at = NOW, None
        visit.agencies[0].decision = visit.agencies[0].decided_at = visit.agencies[0].decided_by = None

        decide(visit, "reject", reason="不应前往", by=cast.actor("zhao_min"), at=NOW)

        assert (visit.stage, visit.is_amber) == (Stage.RECORDED, True)
        assert verbs_of(visit)[-1] == "approval_refused"


class TestMayDecide:
    def test_asks_the_head_of_each_agency_once(self) -> None:
        cast = Cast()
        waiting, decided = visit_at(Stage.REGISTERED, cast).visit, visit_at(Stage.APPROVED, cast).visit

        assert may_decide(waiting, cast.actor("zhao_min"))
        assert not may_decide(waiting, cast.actor("luo_gang"))
        assert not may_decide(waiting, cast.actor("li_na"))
        assert not may_decide(decided, cast.actor("zhao_min"))


class TestCancel:
    def test_calls_off_before_the_door(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit

        cancel(visit, reason="企业停产", by=cast.actor("li_na"), at=NOW)

        assert visit.stage is Stage.CANCELLED

    def test_refuses_once_somebody_was_at_the_door(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.ON_SITE, cast).visit

        assert not may_cancel(visit, cast.actor("li_na"))
        assert reason_of(cancel, visit, reason="x", by=cast.actor("li_na"), at=NOW) == "wrong_stage"

    def test_is_not_a_partners_to_do(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit

        assert reason_of(cancel, visit, reason="x", by=cast.actor("chen_bo"), at=NOW) == "not_found"


class TestRegistrationEndpoint:
    def test_registers(self, as_: Any, cast: Cast, clock: Any) -> None:
        answer = as_("li_na").post("/visits", a_registration(cast, helpers=[{"name": "张某"}]))

        assert (answer.status_code, answer.json["stage"]) == (201, "registered")

    def test_refuses_an_unlisted_matter(self, as_: Any, cast: Cast, clock: Any) -> None:
        answer = as_("li_na").post("/visits", a_registration(cast, matter_ids=[str(cast.old_food.id)]))

        assert (answer.status_code, answer.json["reason"]) == (409, "unlisted_matter")
        assert answer.content_type == "application/problem+json"
        assert answer.json["matters"] == ["已取消的事项"]

    def test_refuses_an_inspector_whose_record_is_overdue(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        keep(visit_at(Stage.ON_SITE, cast))
        clock["at"] = NOW + 4 * DAY
        opens = clock["at"] + DAY
        body = a_registration(cast, window_from_at=opens.isoformat(), window_to_at=(opens + HOUR).isoformat())

        answer = as_("wang_jun").post("/visits", body)

        assert (answer.status_code, answer.json["reason"]) == (409, "overdue_record")
        assert answer.json["visits"][0]["enterprise"] == "林邑糕点厂"

    def test_names_the_field_of_an_unknown_reference(self, as_: Any, cast: Cast, clock: Any) -> None:
        answer = as_("li_na").post("/visits", a_registration(cast, enterprise_id=str(new_id())))

        assert (answer.status_code, answer.json["reason"]) == (422, "unknown_reference")
        assert answer.json["errors"][0]["field"] == "enterprise_id"

    def test_refuses_a_body_that_is_no_registration(self, as_: Any, clock: Any) -> None:
        answer = as_("li_na").post("/visits", {"purpose": "raid", "unheard_of": 1})

        assert (answer.status_code, answer.json["reason"]) == (422, "invalid_input")
        assert {"purpose", "unheard_of", "enterprise_id"} <= {error["field"] for error in answer.json["errors"]}

    def test_is_not_for_an_enterprise(self, as_: Any, cast: Cast) -> None:
        assert as_("bakery").post("/visits", a_registration(cast)).status_code == 403

    def test_refuses_the_id_of_another_visit(self, as_: Any, cast: Cast, clock: Any) -> None:
        body = a_registration(cast, id=str(new_id()))
        as_("li_na").post("/visits", body)

        assert as_("li_na").post("/visits", body).json["reason"] == "id_reused"


class TestApprovalEndpoint:
    def test_approves(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.REGISTERED, cast)).visit

        answer = as_("zhao_min").post(f"/visits/{visit.id}/approvals", {"decision": "approve"})

        assert (answer.status_code, answer.json["stage"]) == (201, "approved")

    def test_wants_a_reason_for_no(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.REGISTERED, cast)).visit

        answer = as_("zhao_min").post(f"/visits/{visit.id}/approvals", {"decision": "reject"})

        assert (answer.status_code, answer.json["reason"]) == (409, "reason_missing")

    def test_hides_another_agencys_visit(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.REGISTERED, cast)).visit

        assert as_("luo_gang").post(f"/visits/{visit.id}/approvals", {"decision": "approve"}).status_code == 404

    def test_calls_off(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit

        answer = as_("li_na").post(f"/visits/{visit.id}/cancellations", {"reason": "企业停产"})

        assert (answer.status_code, answer.json["stage"]) == (201, "cancelled")
