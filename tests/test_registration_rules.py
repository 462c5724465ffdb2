"""登记 on objects in memory: what a registered visit holds, whole, and each reason why it is not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from server.judging.plan import Claim, as_case
from server.judging.reasons import BLOCKED_BY
from server.policy.clause import Outcome
from server.policy.judging import judge
from server.policy.kinds import KINDS
from server.policy.pack import Pack
from server.registration.rules import cancel, decide, is_urgent, refuse_shape, refuse_verdicts, register
from server.visit.models import Visit
from server.visit.stages import Basis, Purpose, Stage

from .clauses import pack_of
from .factories import DAY, HOUR, NOW, POLICY, Cast, a_plan, events_of, refused, verbs_of, visit_at

LIFT = [{"class": "life_safety", "title": "危及生命", "evidence": "检测报告", "approver": "supervisor"}]
BLOCK = {"kind": "cap", "action": "block", "per": "agency", "times": 0, "exception": LIFT}
WARN = {"kind": "cap", "action": "warn", "per": "agency", "times": 0}
CLAIM = Claim("c0", "life_safety", "检测编号7")


def registered(*clauses: dict[str, Any], policy: Pack | None = None, **changes: Any) -> Visit:
    """Li Na registers a plan under these clauses."""
    cast = changes.pop("cast", None) or Cast()
    pack = policy or pack_of(*clauses, {"kind": "duty", "action": "record", "text": "亮证"})
    return register(a_plan(cast, **changes), policy=pack, by=cast.actor("li_na"), at=NOW)


class TestRegistered:
    def test_holds_everything_that_was_planned_and_said(self) -> None:
        cast = Cast()
        opens = NOW + 14 * DAY

        visit = registered(
            {"kind": "inspectors", "action": "block", "at_least": 2},
            {"kind": "presence", "action": "record", "at_least": "strong"},
            {"kind": "deadline", "action": "record", "what": "record", "within": {"hours": 9}},
            {"kind": "floor", "action": "record", "times": 1}, WARN,
            cast=cast, joint_agencies=[cast.fire], helpers=[("张某", "街道")], window_from_at=opens,
            window_to_at=opens + HOUR, asked_for="台账",
        )  # fmt: skip

        assert (visit.enterprise, visit.agency, visit.region_code) == (cast.bakery, cast.market, "431002")
        assert (visit.purpose, visit.basis, visit.stage) == (Purpose.INSPECTION, Basis.PLAN, Stage.REGISTERED)
        assert (visit.window_from_at, visit.window_to_at) == (opens, opens + HOUR)
        assert (visit.inspectors_needed, visit.presence_demanded, visit.clocks) == (
            2,
            "strong",
            {"record": {"hours": 9}},
        )
        # What speaks of every visit is an id alone; what spoke of this one is a row.
        assert (visit.passed, visit.noted) == (["c0"], ["c1", "c2", "c5"])
        assert [(row.clause_id, row.outcome, row.moment) for row in visit.verdicts] == [
            ("c3", Outcome.RECORD, "registration"), ("c4", Outcome.WARN, "registration"),
        ]  # fmt: skip
        assert (visit.is_late, visit.off_site_means, visit.asked_for, visit.tier) == (False, None, "台账", "")
        assert (visit.registered_at, visit.registered_by) == (NOW, cast.actor("li_na").account_id)
        assert [part.agency for part in visit.agencies] == [cast.market, cast.fire]
        assert [(each.name, each.organisation) for each in visit.helpers] == [("张某", "街道")]
        assert (visit.approval_due_at, visit.approved_at, visit.is_blocked) == (None, None, False)

    def test_leaves_one_event_that_tells_it_all(self) -> None:
        cast = Cast()

        (event,) = events_of(registered(BLOCK, cast=cast, claims=[CLAIM]))

        assert (event.verb, event.at, event.region_code, event.basis) == ("registered", NOW, "431002", "plan")
        assert event.after == {
            "stage": "registered", "purpose": "inspection", "basis": "plan",
            "window_from_at": (NOW + DAY).isoformat(), "window_to_at": (NOW + DAY + 4 * HOUR).isoformat(),
            "agencies": [str(cast.market.id)], "inspectors": [str(cast.li_na.id), str(cast.wang_jun.id)],
            "matters": ["431001001@1"], "helpers": 0, "policy": "test@1", "verdicts": {"c0": "block"},
            "claims": {"c0": "life_safety"},
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("hours", "late"), [(0, False), (-0.5, False), (-1, True)], ids=["now", "within grace", "an hour ago"]
    )
    def test_says_whether_it_was_entered_late(self, hours: float, late: bool) -> None:
        opens = NOW + hours * HOUR

        visit = registered({"kind": "late_entry", "action": "warn"}, window_from_at=opens, window_to_at=NOW + HOUR)

        assert visit.is_late is late

    def test_goes_ahead_of_the_head_where_the_pack_lets_it(self) -> None:
        afterwards = {"kind": "approval", "action": "warn", "when": "afterwards", "within": {"hours": 24}}
        ahead, waiting = registered(afterwards), registered({"kind": "approval", "action": "record", "when": "before"})

        assert (ahead.stage, ahead.approval_due_at, ahead.is_amber) == (Stage.APPROVED, NOW + DAY, True)
        assert (verbs_of(ahead), events_of(ahead)[-1].after) == (
            ["registered", "approved"], {"stage": "approved", "urgent": True}
        )  # fmt: skip
        assert (waiting.stage, waiting.approval_due_at, waiting.is_amber) == (Stage.REGISTERED, None, False)


WINDOW = {"max_hours": 72, "ahead_days": 90}


class TestShape:
    @pytest.mark.parametrize(
        ("begins", "length"),
        [(DAY, timedelta(0)), (DAY, -HOUR), (DAY, 73 * HOUR), (91 * DAY, HOUR), (-11 * DAY, HOUR)],
    )
    def test_needs_a_window_that_can_be(self, begins: timedelta, length: timedelta) -> None:
        window = {"window_from_at": NOW + begins, "window_to_at": NOW + begins + length}

        assert refused(lambda: registered(**window)) == ("bad_window", 422, WINDOW)

    def test_names_who_is_of_no_visiting_agency(self) -> None:
        cast = Cast()
        people = [cast.li_na, cast.chen_bo]

        told = refused(lambda: registered(cast=cast, inspectors=people))

        assert told == ("inspector_of_other_agency", 409, {"inspectors": ["陈波"]})
        assert registered(cast=cast, inspectors=people, joint_agencies=[cast.fire]).stage is Stage.REGISTERED

    @pytest.mark.parametrize(
        ("purpose", "basis", "listed", "expected"),
        [
            (Purpose.SERVICE, Basis.SERVICE, True, "service_visit_has_matters"),
            (Purpose.SERVICE, Basis.SERVICE, False, None),
            (Purpose.INSPECTION, Basis.PLAN, False, "matter_missing"),
            (Purpose.INSPECTION, Basis.PLAN, True, None),
        ],
    )
    def test_has_matters_when_it_is_an_inspection(
        self, purpose: Purpose, basis: Basis, listed: bool, expected: str | None
    ) -> None:
        cast = Cast()
        plan = a_plan(cast, purpose=purpose, basis=basis, matters=[cast.food] if listed else [])
        if expected is None:
            assert refuse_shape(plan, policy=POLICY, at=NOW) is None  # nothing is raised
        else:
            assert refused(lambda: refuse_shape(plan, policy=POLICY, at=NOW)) == (expected, 409, {})


class TestVerdicts:
    def test_of_a_block_nobody_claims_against_are_told_with_what_its_sentence_needs(self) -> None:
        cast = Cast()
        cases: list[tuple[dict[str, Any], dict[str, Any], str, dict[str, Any]]] = [
            ({"kind": "listed_matter"}, {"matters": [cast.food, cast.old_food]}, "unlisted_matter",
             {"matters": ["已取消的事项"]}),
            ({"kind": "inspectors", "at_least": 3}, {}, "too_few_inspectors", {"needed": 3}),
            ({"kind": "certificate"}, {"inspectors": [cast.he_qiang, cast.li_na]}, "expired_certificate",
             {"inspectors": ["何强"]}),
            ({"kind": "cap", "per": "total", "times": 0}, {}, "cap_reached", {}),
            ({"kind": "random_draw"}, {}, "not_drawn", {}),
            ({"kind": "quiet_day", "days_of_month": ["1-31"]}, {}, "quiet_day", {}),
        ]  # fmt: skip
        for clause, changes, reason, told in cases:
            found, status, extras = refused(
                lambda c=clause, p=changes: registered({"action": "block", **c}, cast=cast, **p)  # type: ignore[misc]
            )
            assert (found, status) == (reason, 409)
            assert [verdict["clause"] for verdict in extras.pop("verdicts")] == ["c0"]
            assert extras == told

    def test_have_a_reason_for_each_kind_that_can_block(self) -> None:
        standing = {"approval", "deadline", "rating", "presence", "refusal_right", "duty", "shares", "first_offence"}
        kinds = {kind.model_fields["kind"].annotation.__args__[0] for kind in KINDS}  # type: ignore[union-attr]  # Literals

        assert kinds - BLOCKED_BY.keys() == standing | {"floor"}

    def test_of_blocks_name_all_that_nobody_claims_against_and_the_first_ones_reason(self) -> None:
        two = ({"kind": "random_draw", "action": "block"}, {"kind": "inspectors", "action": "block", "at_least": 3})

        reason, _, told = refused(lambda: registered(BLOCK, *two, claims=[CLAIM]))

        assert (reason, [each["clause"] for each in told["verdicts"]]) == ("not_drawn", ["c1", "c2"])

    @pytest.mark.parametrize(
        ("claim", "expected"),
        [
            (CLAIM, None),
            (Claim("c0", "life_safety", " "), "cap_reached"),
            (Claim("c0", "friendship", "是朋友"), "cap_reached"),
            (Claim("c9", "life_safety", "检测编号7"), "cap_reached"),
        ],
    )
    def test_of_a_block_are_let_stand_for_a_claim_that_its_clause_knows_and_that_is_proven(
        self, claim: Claim, expected: str | None
    ) -> None:
        if expected is None:
            visit = registered(BLOCK, claims=[claim])
            row = visit.verdicts[0]
            assert (visit.is_blocked, row.claim_class, row.claim_evidence, row.approver) == (
                True, "life_safety", "检测编号7", "supervisor"
            )  # fmt: skip
        else:
            assert refused(lambda: registered(BLOCK, claims=[claim]))[0] == expected

    def test_refuse_a_claim_against_what_does_not_block(self) -> None:
        told = refused(lambda: registered(BLOCK, claims=[CLAIM, Claim("c1", "life_safety", "x")]))

        assert told == ("unknown_claim", 422, {"clause": "c1"})
        assert refused(lambda: registered(WARN, claims=[CLAIM])) == ("unknown_claim", 422, {"clause": "c0"})

    def test_that_warn_or_are_claimed_against_want_a_written_reason(self) -> None:
        reason, status, told = refused(lambda: registered(WARN, reason=""))

        assert (reason, status, [each["clause"] for each in told["verdicts"]]) == ("reason_missing", 409, ["c0"])
        blocked = refused(lambda: registered(BLOCK, claims=[CLAIM], reason=""))
        assert blocked == ("reason_missing", 409, {"verdicts": []})
        assert registered(reason="").reason == ""

    def test_are_not_enough_while_a_record_is_owed_unless_it_is_urgent(self) -> None:
        owed = uuid4()
        afterwards = {"kind": "approval", "action": "warn", "when": "afterwards", "within": {"hours": 24}}

        told = refused(lambda: registered(overdue=[(owed, "铸造厂")]))

        assert told == ("overdue_record", 409, {"visits": [{"id": str(owed), "enterprise": "铸造厂"}]})
        assert registered(afterwards, overdue=[(owed, "铸造厂")]).stage is Stage.APPROVED

    def test_say_whether_a_visit_is_urgent(self) -> None:
        case = as_case(a_plan(Cast()), at=NOW)

        def urgent(**approval: Any) -> bool:
            return is_urgent(judge(pack_of({"kind": "approval", "action": "warn", **approval}), case))

        assert (urgent(when="before"), urgent(when="afterwards", within={"days": 1})) == (False, True)
        assert is_urgent([]) is False
        assert refuse_verdicts(a_plan(Cast()), []) is None  # nothing is raised


class TestDecided:
    def test_by_every_head_approves_and_says_who_and_when(self) -> None:
        cast = Cast()
        visit = registered(cast=cast, joint_agencies=[cast.fire])
        zhao, luo = cast.actor("zhao_min"), cast.actor("luo_gang")

        decide(visit, "approve", reason="", by=zhao, at=NOW)
        between = (visit.stage, visit.approved_at, verbs_of(visit)[-1])
        decide(visit, "approve", reason="同意", by=luo, at=NOW + HOUR)

        assert between == (Stage.REGISTERED, None, "approval_given")
        assert (visit.stage, visit.approved_at, verbs_of(visit)[-1]) == (Stage.APPROVED, NOW + HOUR, "approved")
        assert [(part.decision, part.reason, part.decided_at, part.decided_by) for part in visit.agencies] == [
            ("approve", "", NOW, zhao.account_id), ("approve", "同意", NOW + HOUR, luo.account_id),
        ]  # fmt: skip
        given, approved = events_of(visit)[-2:]
        assert given.after == {"agency": str(cast.market.id)}
        assert approved.after == {"stage": "approved", "agency": str(cast.fire.id)}

    def test_against_it_by_one_head_is_enough_and_has_a_reason(self) -> None:
        cast = Cast()
        visit, by = registered(cast=cast, joint_agencies=[cast.fire]), cast.actor("luo_gang")

        assert refused(lambda: decide(visit, "reject", reason="", by=by, at=NOW)) == ("reason_missing", 409, {})
        decide(visit, "reject", reason="重复", by=by, at=NOW)

        assert (visit.stage, visit.approved_at) == (Stage.REJECTED, None)
        assert events_of(visit)[-1].after == {"stage": "rejected", "agency": str(cast.fire.id)}

    def test_twice_is_refused_with_what_was_decided(self) -> None:
        cast = Cast()
        visit, by = visit_at(Stage.APPROVED, cast).visit, cast.actor("zhao_min")

        told = refused(lambda: decide(visit, "approve", reason="", by=by, at=NOW))

        assert told == ("already_decided", 409, {"decision": "approve"})

    def test_for_it_is_refused_while_a_block_stands_and_against_it_is_not(self) -> None:
        cast = Cast()
        visit, by = registered(BLOCK, cast=cast, claims=[CLAIM]), cast.actor("zhao_min")

        told = refused(lambda: decide(visit, "approve", reason="", by=by, at=NOW))
        before = visit.agencies[0].decision
        decide(visit, "reject", reason="证据不足", by=by, at=NOW)

        assert (told, before) == (("block_stands", 409, {"clauses": ["c0"]}), None)
        assert visit.stage is Stage.REJECTED

    @pytest.mark.parametrize("stage", [Stage.APPROVED, Stage.ON_SITE])
    def test_after_the_fact_approves_or_stays_amber(self, stage: Stage) -> None:
        cast = Cast()
        yes, no = (visit_at(stage, cast).visit for _ in range(2))
        for visit in (yes, no):
            visit.approval_due_at, visit.approved_at = NOW, None
            visit.agencies[0].decision = visit.agencies[0].decided_at = visit.agencies[0].decided_by = None
        by = cast.actor("zhao_min")

        decide(yes, "approve", reason="", by=by, at=NOW + HOUR)
        decide(no, "reject", reason="不应前往", by=by, at=NOW + HOUR)

        assert (yes.stage, yes.approved_at, verbs_of(yes)[-1]) == (stage, NOW + HOUR, "approved_afterwards")
        assert events_of(yes)[-1].after == {"agency": str(cast.market.id)}
        if stage is Stage.APPROVED:
            assert (no.stage, events_of(no)[-1].after) == (
                Stage.CANCELLED,
                {"stage": "cancelled", "agency": str(cast.market.id), "because": "approval_refused"},
            )
        else:
            assert (no.stage, verbs_of(no)[-1], no.is_amber) == (stage, "approval_refused", True)
            assert events_of(no)[-1].after == {"agency": str(cast.market.id)}


class TestCancelled:
    def test_says_why_and_never_without_it(self) -> None:
        cast = Cast()
        visit, by = registered(cast=cast), cast.actor("zhao_min")

        assert refused(lambda: cancel(visit, reason="", by=by, at=NOW)) == ("reason_missing", 409, {})
        cancel(visit, reason="改期", by=by, at=NOW)

        event = events_of(visit)[-1]
        assert (event.before, event.after) == ({"stage": "registered"}, {"stage": "cancelled", "because": "改期"})
        assert (event.account_id, event.at) == (by.account_id, NOW)
