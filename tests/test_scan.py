"""扫码."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from server.clock import end_of
from server.code.rules import CodeReason
from server.ids import new_id
from server.policy.current import policy
from server.refusal import Refusal
from server.scan.models import CodeKind, Presence, Scan, ScanMethod
from server.scan.presence import Proof, coarse, distance_m, grade, is_late, where_of
from server.scan.rules import admit, judge, may_scan, may_show_code, withdraw
from server.visit.stages import Stage

from .factories import DAY, HOUR, MINUTE, NOW, POLICY, Cast, a_scan, let_in, verbs_of, visit_at
from .test_loop import a_scan_body, code_of


def judged(cast: Cast, stage: Stage = Stage.APPROVED, *, who: str = "li_na", **changes: Any) -> Any:
    """Judge a scan of the bakery's plaque at NOW by Li Na, with changes."""
    visit = visit_at(stage, cast).visit
    by = cast.actor(who)
    part = next((part for part in visit.inspectors if part.inspector_id == by.inspector_id), None)
    values: dict[str, Any] = {"scanned": cast.bakery, "fault": None, "scanned_at": NOW, "received_at": NOW}
    return judge(visit, part=part, policy=POLICY, **{**values, **changes})


class TestJudge:
    def test_lets_in_whoever_was_named_and_approved(self) -> None:
        assert judged(Cast()) is None

    @pytest.mark.parametrize("fault", list(CodeReason))
    def test_refuses_a_bad_code(self, fault: CodeReason) -> None:
        assert judged(Cast(), fault=fault) is fault

    def test_refuses_a_code_that_leads_to_nobody(self) -> None:
        assert judged(Cast(), scanned=None) == "unknown_code"

    def test_refuses_another_enterprises_code(self) -> None:
        cast = Cast()

        assert judged(cast, scanned=cast.foundry) == "other_enterprise"

    def test_refuses_an_inspector_who_is_not_on_the_visit(self) -> None:
        assert judged(Cast(), who="chen_bo") == "not_on_visit"

    def test_refuses_before_approval(self) -> None:
        assert judged(Cast(), Stage.REGISTERED) == "not_approved"

    def test_refuses_the_second_scan_of_the_same_inspector(self) -> None:
        assert judged(Cast(), Stage.ON_SITE) == "already_scanned"

    @pytest.mark.parametrize("stage", [Stage.REJECTED])
    def test_refuses_a_closed_visit(self, stage: Stage) -> None:
        assert judged(Cast(), stage) == "visit_closed"

    @pytest.mark.parametrize(
        ("moved", "reason"),
        [
            (-20 * MINUTE - 31 * MINUTE, "outside_window"),
            (-20 * MINUTE - 30 * MINUTE, None),
            (6 * HOUR - 20 * MINUTE, None),
            (6 * HOUR - 19 * MINUTE, "outside_window"),
        ],
        ids=["too early", "early enough", "last moment", "too late"],
    )
    def test_keeps_to_the_window(self, moved: timedelta, reason: str | None) -> None:
        assert judged(Cast(), scanned_at=NOW + moved, received_at=NOW + moved) == reason

    @pytest.mark.parametrize(
        ("scanned", "heard", "reason"),
        [
            (NOW, NOW + 10 * DAY, None),
            (NOW, NOW + 10 * DAY + MINUTE, "bad_clock"),
            (NOW + 11 * MINUTE, NOW, "bad_clock"),
        ],
        ids=["days offline", "too long offline", "clock ahead"],
    )
    def test_takes_a_late_report_but_no_impossible_clock(self, scanned: Any, heard: Any, reason: str | None) -> None:
        assert judged(Cast(), scanned_at=scanned, received_at=heard) == reason

    def test_refuses_a_certificate_that_ran_out_since_registration(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit
        cast.li_na.valid_to_on = (NOW - DAY).date()

        reason = judge(
            visit,
            part=visit.inspectors[0] if visit.inspectors[0].inspector is cast.li_na else visit.inspectors[1],
            scanned=cast.bakery,
            fault=None,
            scanned_at=NOW,
            received_at=NOW,
            policy=POLICY,
        )

        assert reason == "expired_certificate"


class TestAdmit:
    def test_opens_the_visit_with_the_first_scan_and_starts_the_records_clock(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit

        let_in(visit, cast, place=0)

        assert (visit.stage, visit.on_site_at) == (Stage.ON_SITE, NOW)
        assert visit.record_due_at == end_of(date(2026, 3, 13))  # three working days

    def test_only_notes_the_second(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit

        let_in(visit, cast, place=0)
        let_in(visit, cast, place=1, at=NOW + MINUTE)

        assert visit.on_site_at == NOW
        assert verbs_of(visit)[-2:] == ["on_site", "scanned"]

    def test_keeps_the_phones_clock_as_the_arrival_and_the_servers_for_the_deadline(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit
        part = visit.inspectors[0]
        by = cast.actor("li_na")
        scan = a_scan(visit, inspector=part.inspector, account_id=by.account_id)
        scan.received_at = NOW + 2 * DAY

        admit(visit, part, scan=scan, policy=POLICY, by=by)

        assert visit.on_site_at == NOW
        assert visit.record_due_at == end_of(date(2026, 3, 17))  # a weekend lies between


SITE = (25.78, 113.01)
HERE, NEARBY, FAR = (25.78, 113.01, 10), (25.7843, 113.01, 10), (25.79, 113.01, 10)


class TestGrade:
    @pytest.mark.parametrize(
        ("code", "method", "place", "presence", "because"),
        [
            ("plaque", "camera", HERE, "fair", ["plaque", "on_site"]),
            ("plaque", "link", NEARBY, "fair", ["plaque", "on_site"]),
            ("plaque", "camera", FAR, "weak", ["plaque", "place_far"]),
            ("plaque", "camera", (25.79, 113.01, 900), "fair", ["plaque", "on_site"]),
            ("plaque", "camera", None, "weak", ["plaque", "place_missing"]),
            ("plaque", "photo", HERE, "weak", ["photo", "on_site"]),
            ("typed", "typed", HERE, "weak", ["typed", "on_site"]),
            ("licence", "camera", HERE, "weak", ["licence", "on_site"]),
            ("living", "camera", HERE, "strong", ["living_code", "on_site"]),
            ("living", "camera", None, "strong", ["living_code", "place_missing"]),
            ("living", "camera", FAR, "fair", ["living_code", "place_far"]),
            ("living", "photo", HERE, "weak", ["living", "on_site"]),
            ("slip", "typed", HERE, "fair", ["slip", "on_site"]),
            ("slip", "typed", FAR, "weak", ["slip", "place_far"]),
        ],
    )
    def test_follows_from_what_was_shown_and_where(
        self, code: str, method: str, place: Any, presence: str, because: list[str]
    ) -> None:
        where = where_of(place, site=SITE, policy=POLICY)

        assert grade(Proof(CodeKind(code), ScanMethod(method), where)) == (Presence(presence), because)

    def test_says_that_the_site_is_not_known(self) -> None:
        assert where_of(HERE, site=None, policy=POLICY) == "site_unknown"

    def test_grows_strong_by_a_handshake_but_not_from_afar(self) -> None:
        met = Proof(CodeKind.TYPED, ScanMethod.TYPED, "on_site", met=True)

        assert grade(met) == (Presence.STRONG, ["handshake", "on_site"])
        assert grade(replace(met, where="place_far")) == (Presence.FAIR, ["handshake", "place_far"])
        assert grade(replace(met, is_late=True)) == (Presence.STRONG, ["handshake", "on_site", "heard_late"])

    @pytest.mark.parametrize(
        ("code", "signed", "late", "presence", "because"),
        [
            ("living", False, True, "fair", ["living_code", "on_site", "heard_late"]),
            ("living", True, True, "fair", ["living_code", "on_site", "signed", "heard_late"]),
            ("living", True, False, "strong", ["living_code", "on_site", "signed"]),
            ("plaque", False, True, "weak", ["plaque", "on_site", "heard_late"]),
            ("plaque", True, True, "fair", ["plaque", "on_site", "signed", "heard_late"]),
            ("plaque", True, False, "fair", ["plaque", "on_site", "signed"]),
        ],
    )
    def test_trusts_a_moment_that_only_phones_tell_less(
        self, code: str, signed: bool, late: bool, presence: str, because: list[str]
    ) -> None:
        proof = Proof(CodeKind(code), ScanMethod.CAMERA, "on_site", is_signed=signed, is_late=late)

        assert grade(proof) == (Presence(presence), because)

    def test_counts_as_late_what_the_pack_calls_late(self) -> None:
        visit = visit_at(Stage.APPROVED, Cast()).visit
        scan = a_scan(visit, inspector=visit.inspectors[0].inspector, account_id=new_id())
        scan.received_at = scan.scanned_at + POLICY.scan.prompt_minutes * MINUTE

        assert not is_late(scan, policy=POLICY)
        scan.received_at += timedelta(seconds=1)
        assert is_late(scan, policy=POLICY)

    def test_keeps_a_place_to_a_hundred_metres(self) -> None:
        assert (coarse(25.784321), coarse(113.019876)) == (25.784, 113.02)

    def test_measures_a_degree_of_latitude(self) -> None:
        assert distance_m((25, 113), (26, 113)) == pytest.approx(111_195, abs=50)


class TestShowCode:
    def test_is_for_those_named_while_the_door_is_open(self) -> None:
        cast = Cast()
        approved, on_site, recorded = (
            visit_at(stage, cast).visit for stage in (Stage.APPROVED, Stage.ON_SITE, Stage.RECORDED)
        )

        assert [may_show_code(visit, cast.actor("li_na")) for visit in (approved, on_site, recorded)] == [
            True, True, False,
        ]  # fmt: skip
        assert not may_scan(on_site, cast.actor("li_na"))
        assert not may_show_code(approved, cast.actor("chen_bo"))


class TestWithdraw:
    def test_puts_the_visit_back_before_the_door_when_nobody_else_scanned(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit
        scan = let_in(visit, cast, place=0)

        withdraw(visit, scan, reason="扫错企业", policy=POLICY, by=cast.actor("li_na"), at=NOW + 5 * MINUTE)

        assert (visit.stage, visit.on_site_at, visit.record_due_at) == (Stage.APPROVED, None, None)
        assert (scan.withdrawn_at, scan.withdrawn_because) == (NOW + 5 * MINUTE, "扫错企业")
        assert may_scan(visit, cast.actor("li_na"))

    def test_leaves_the_visit_open_when_the_other_has_scanned(self) -> None:
        cast = Cast()
        story = visit_at(Stage.ON_SITE, cast)

        withdraw(story.visit, story.scans[0], reason="误扫", policy=POLICY, by=cast.actor("li_na"), at=NOW - 5 * MINUTE)

        assert story.visit.stage is Stage.ON_SITE
        assert verbs_of(story.visit)[-1] == "scan_withdrawn"

    @pytest.mark.parametrize(
        ("who", "after", "reason"),
        [("wang_jun", MINUTE, "not_your_scan"), ("li_na", 11 * MINUTE, "withdrawal_too_late")],
    )
    def test_refuses_another_hand_and_a_late_one(self, who: str, after: timedelta, reason: str) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit
        scan = let_in(visit, cast, place=0)

        with pytest.raises(Refusal) as refused:
            withdraw(visit, scan, reason="误扫", policy=POLICY, by=cast.actor(who), at=NOW + after)

        assert refused.value.reason == reason

    def test_refuses_a_second_withdrawal(self) -> None:
        cast = Cast()
        story = visit_at(Stage.ON_SITE, cast)
        withdraw(story.visit, story.scans[0], reason="误扫", policy=POLICY, by=cast.actor("li_na"), at=NOW)

        with pytest.raises(Refusal) as refused:
            withdraw(story.visit, story.scans[0], reason="误扫", policy=POLICY, by=cast.actor("li_na"), at=NOW)

        assert refused.value.reason == "already_withdrawn"


class TestScanEndpoint:
    def test_opens_the_visit(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit

        answer = as_("li_na").post(f"/visits/{visit.id}/scans", a_scan_body(NOW))

        assert (answer.status_code, answer.json["stage"]) == (201, "on_site")
        assert (answer.json["scanned"], answer.json["needed"]) == (1, 2)
        assert answer.json["scan"]["withdrawable"] is True

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            (code_of(1002), "other_enterprise"),
            (code_of(4711), "unknown_code"),
            (code_of(1001)[:-1] + str((int(code_of(1001)[-1]) + 1) % 10), "forged_code"),
            ("https://example.org/menu", "unknown_code"),
            ("91431003YYYY00020E", "other_enterprise"),
        ],
    )
    def test_keeps_a_refused_attempt(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any, code: str, reason: str
    ) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit

        answer = as_("li_na").post(f"/visits/{visit.id}/scans", a_scan_body(NOW, code=code))

        assert (answer.status_code, answer.json["reason"]) == (409, reason)
        kept = db.session.scalars(select(Scan).where(Scan.visit_id == visit.id)).one()
        assert (kept.reason, kept.presence) == (reason, None)
        events = as_("sun_li").get(f"/visits/{visit.id}/events").json["items"]
        assert [event["verb"] for event in events] == ["registered", "approved", "scan_refused"]

    def test_says_since_when_a_code_is_revoked_and_why(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any
    ) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit
        as_("ma_lin").post("/plaques/1001/revocations", {"reason": "铭牌丢失"})

        answer = as_("li_na").post(f"/visits/{visit.id}/scans", a_scan_body(NOW))

        assert answer.json["reason"] == "revoked_code"
        assert (answer.json["revoked_reason"], answer.json["revoked_at"]) == ("铭牌丢失", "2026-03-10T02:00:00Z")

    def test_says_who_scanned_first_when_and_where(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit
        as_("li_na").post(f"/visits/{visit.id}/scans", a_scan_body(NOW))

        answer = as_("li_na").post(f"/visits/{visit.id}/scans", a_scan_body(NOW + MINUTE))

        assert answer.json["reason"] == "already_scanned"
        assert answer.json["first"]["by"] == "李娜"
        assert answer.json["first"]["scanned_at"] == "2026-03-10T02:00:00Z"
        assert answer.json["first"]["place"]["accuracy_m"] == 12

    def test_says_which_window_was_missed(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit
        clock["at"] = NOW + DAY

        answer = as_("li_na").post(f"/visits/{visit.id}/scans", a_scan_body(clock["at"]))

        assert answer.json["reason"] == "outside_window"
        assert answer.json["window_to_at"] == "2026-03-10T07:40:00Z"

    def test_checks_the_certificate_again_at_the_door(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, db: Any
    ) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit
        cast.li_na.valid_to_on = (NOW - DAY).date()
        db.session.commit()

        answer = as_("li_na").post(f"/visits/{visit.id}/scans", a_scan_body(NOW))

        assert (answer.json["reason"], answer.json["inspectors"]) == ("expired_certificate", ["李娜"])

    def test_refuses_an_inspector_of_the_agency_who_was_not_named(
        self, as_: Any, cast: Cast, clock: Any, keep: Any
    ) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit

        assert as_("he_qiang").post(f"/visits/{visit.id}/scans", a_scan_body(NOW)).json["reason"] == "not_on_visit"

    def test_refuses_before_approval(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.REGISTERED, cast)).visit

        assert as_("li_na").post(f"/visits/{visit.id}/scans", a_scan_body(NOW)).json["reason"] == "not_approved"

    def test_hides_the_visit_of_another_agency(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit

        assert as_("chen_bo").post(f"/visits/{visit.id}/scans", a_scan_body(NOW)).status_code == 404

    def test_takes_a_typed_uscc_as_weak(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit
        body = a_scan_body(NOW, code="91431002yyyy000125", method="typed")

        answer = as_("li_na").post(f"/visits/{visit.id}/scans", body)

        assert (answer.status_code, answer.json["scan"]["presence"]) == (201, "weak")

    def test_withdraws_and_lets_scan_again(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit
        first = as_("li_na").post(f"/visits/{visit.id}/scans", a_scan_body(NOW)).json["scan"]["id"]

        answer = as_("li_na").post(f"/visits/{visit.id}/scans/{first}/withdrawals", {"reason": "误扫"})
        again = as_("li_na").post(f"/visits/{visit.id}/scans", a_scan_body(NOW + MINUTE))

        assert (answer.status_code, answer.json["stage"]) == (201, "approved")
        assert (again.status_code, again.json["stage"]) == (201, "on_site")
        assert len(as_("sun_li").get(f"/visits/{visit.id}").json["scans"]) == 2

    def test_refuses_a_scan_id_that_was_used(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit
        body = a_scan_body(NOW)
        as_("li_na").post(f"/visits/{visit.id}/scans", body)

        assert as_("wang_jun").post(f"/visits/{visit.id}/scans", body).json["reason"] == "id_reused"

    def test_costs_few_statements(self, as_: Any, cast: Cast, clock: Any, keep: Any, statements: Any) -> None:
        visit = keep(visit_at(Stage.APPROVED, cast)).visit

        li_na = as_("li_na")
        policy()  # a process asks for it every five seconds, whoever scans
        with statements() as seen:
            li_na.post(f"/visits/{visit.id}/scans", a_scan_body(NOW))

        # The ordinary way; one of them asks whether the session still lives.
        assert len(seen) <= 11, "\n".join(each[:150].replace("\n", " ") for each in seen)
