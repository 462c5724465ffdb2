"""留痕 on objects in memory: what a sealed record holds, whole, and each reason why it is not sealed."""

from typing import Any

import pytest

from server.ids import new_id
from server.policy.clause import Outcome
from server.record.models import Answer, Disposition, Evidence
from server.record.rules import AnswerGiven, Draft, amend, refuse_unrecordable, scanned_count, seal, turn_away
from server.visit.models import Visit
from server.visit.stages import Basis, Purpose, Stage
from server.visit.verdicts import VisitVerdict

from .clauses import pack_of
from .factories import DAY, HOUR, NOW, Cast, a_draft, a_finding, events_of, let_in, refused, visit_at

PACK = pack_of({"kind": "duty", "action": "record", "text": "亮证"})
SPARING = pack_of({"kind": "first_offence", "action": "warn"}, {"kind": "duty", "action": "record", "text": "亮证"})


def sealed(visit: Visit, cast: Cast, *, policy: Any = PACK, **changes: Any) -> Any:
    """Li Na seals the record of a visit."""
    return seal(visit, a_draft(visit, **changes), policy=policy, by=cast.actor("li_na"), at=NOW)


def on_site(cast: Cast, **changes: Any) -> Visit:
    """A visit whose two inspectors are inside."""
    return visit_at(Stage.ON_SITE, cast, **changes).visit


def kept(visit: Visit) -> list[VisitVerdict]:
    """What was said of the record; what was said of the registration stays aside."""
    return [each for each in visit.verdicts if each.moment == "record"]


class TestSealed:
    def test_holds_what_was_seen_and_who_says_so(self) -> None:
        cast = Cast()
        visit = on_site(cast)
        finding, photo = a_finding(matter_id=cast.food.id), Evidence(visit_id=visit.id, sha256="ab" * 32)
        answers = [AnswerGiven(cast.food.id, "1", Answer.YES), AnswerGiven(cast.food.id, "2", Answer.NO, "缺两页")]

        record = sealed(
            visit, cast, answers=answers, findings=[finding], disposition=Disposition.CORRECTION_ORDER, advice="补齐",
            heads=3, minutes=50, evidence=[photo],
        )  # fmt: skip

        by = cast.actor("li_na").account_id
        assert record.answers == [
            {"matter_id": str(cast.food.id), "key": "1", "answer": "yes", "note": ""},
            {"matter_id": str(cast.food.id), "key": "2", "answer": "no", "note": "缺两页"},
        ]
        assert (record.visit, record.findings, record.disposition, record.advice) == (
            visit, [finding], Disposition.CORRECTION_ORDER, "补齐"
        )  # fmt: skip
        assert (record.heads, record.minutes, record.sealed_at, record.sealed_by) == (3, 50, NOW, by)
        assert (visit.stage, visit.recorded_at, visit.heads, visit.minutes, visit.found) == (
            Stage.RECORDED,
            NOW,
            3,
            50,
            1,
        )
        assert visit.evaluation_due_at is not None
        event = events_of(visit)[-1]
        assert (event.verb, event.before, event.account_id, event.at) == ("recorded", {"stage": "on_site"}, by, NOW)
        assert event.after == {
            "stage": "recorded", "disposition": "correction_order", "findings": 1, "heads": 3, "minutes": 50,
            "evidence": ["ab" * 32],
        }  # fmt: skip
        assert kept(visit) == []

    @pytest.mark.parametrize(
        ("change", "reason", "told"),
        [
            ({"disposition": Disposition.CASE_OPENED}, "finding_missing", {}),
            ({"disposition": Disposition.CORRECTION_ORDER}, "finding_missing", {}),
            ({"disposition": Disposition.TRANSFERRED}, "finding_missing", {}),
            ({"answers": []}, "checklist_incomplete", {"missing": ["1", "2"]}),
            ({"evidence": [None]}, "unknown_evidence", {}),
            ({"evidence": [Evidence(visit_id=new_id(), sha256="ab")]}, "unknown_evidence", {}),
            ({"findings": [a_finding(matter_id=new_id())]}, "foreign_answer", {}),
        ],
    )
    def test_refuses_what_is_missing_or_foreign(self, change: Any, reason: str, told: Any) -> None:
        cast = Cast()
        visit = on_site(cast)

        assert refused(lambda: sealed(visit, cast, **change)) == (reason, 409, told)
        assert (visit.stage, visit.recorded_at) == (Stage.ON_SITE, None)

    @pytest.mark.parametrize("light", [Disposition.NONE, Disposition.GUIDANCE])
    def test_lets_a_light_disposition_and_a_finding_of_no_matter_be(self, light: Disposition) -> None:
        cast = Cast()

        assert sealed(on_site(cast), cast, disposition=light).disposition is light
        assert len(sealed(on_site(cast), cast, findings=[a_finding(matter_id=None)]).findings) == 1

    @pytest.mark.parametrize("change", [{"findings": [a_finding()]}, {"disposition": Disposition.GUIDANCE}])
    def test_of_a_service_visit_holds_neither_finding_nor_disposition(self, change: Any) -> None:
        cast = Cast()
        visit = on_site(cast, purpose=Purpose.SERVICE, basis=Basis.SERVICE, matters=[])

        assert refused(lambda: sealed(visit, cast, **change)) == ("service_visit_has_findings", 409, {})
        assert sealed(visit, cast).disposition is Disposition.NONE

    def test_of_a_closed_door_may_leave_the_checklist_but_hold_nothing_foreign(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.TURNED_AWAY, cast).visit

        foreign = refused(lambda: sealed(visit, cast, answers=[AnswerGiven(new_id(), "1", Answer.YES)]))
        record = sealed(visit, cast, answers=[AnswerGiven(cast.food.id, "1", Answer.YES)])

        assert (foreign, len(record.answers)) == (("foreign_answer", 409, {}), 1)

    def test_waits_for_as_many_scans_as_the_pack_wanted(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit
        let_in(visit, cast, place=0)

        assert scanned_count(visit) == 1
        assert refused(lambda: sealed(visit, cast)) == ("too_few_scans", 409, {"scanned": 1, "needed": 2})
        visit.inspectors_needed = 1
        assert sealed(visit, cast).visit is visit

    @pytest.mark.parametrize(("stage", "reason"), [(Stage.APPROVED, "not_on_site"), (Stage.CANCELLED, "not_on_site")])
    def test_tells_the_stage_that_is_not_the_one(self, stage: Stage, reason: str) -> None:
        cast = Cast()
        visit, afar = visit_at(stage, cast).visit, visit_at(Stage.REGISTERED, cast, off_site_means="video").visit

        assert refused(lambda: sealed(visit, cast)) == (reason, 409, {"stage": stage.value})
        assert refused(lambda: refuse_unrecordable(afar, by=cast.actor("li_na"))) == (
            "not_approved_yet", 409, {"stage": "registered"}
        )  # fmt: skip


class TestFirstOffence:
    DRAFT: Any = {"disposition": Disposition.CASE_OPENED, "first_offences": ["未明码标价"]}  # noqa: RUF012 - read only

    def test_that_would_be_punished_wants_a_reason_and_keeps_it(self) -> None:
        cast = Cast()
        visit = on_site(cast)
        draft = {**self.DRAFT, "findings": [a_finding()]}
        sentence = "未明码标价属于首违不罚事项，拟作处罚处理须说明理由"

        told = refused(lambda: sealed(visit, cast, policy=SPARING, **draft))
        sealed(visit, cast, policy=SPARING, **draft, reason="拒不改正")

        assert told == ("penalty_needs_reason", 409, {"verdicts": [
            {"clause": "c0", "sentence": sentence, "source": "试验"}
        ]})  # fmt: skip
        (row,) = kept(visit)
        assert (row.clause_id, row.kind, row.pack, row.outcome, row.moment) == (
            "c0", "first_offence", "test@1", Outcome.WARN, "record"
        )  # fmt: skip
        assert (row.numbers, row.sentence) == ({"names": "未明码标价", "reason": "拒不改正"}, sentence)
        assert row.sentence_en == "未明码标价 is on the first-offence list; a penalty needs a reason"
        assert (row.source, row.judged_at) == ("试验", NOW)

    @pytest.mark.parametrize("change", [{"disposition": Disposition.GUIDANCE}, {"first_offences": []}])
    def test_that_is_not_punished_or_not_listed_says_nothing(self, change: Any) -> None:
        cast = Cast()
        visit = on_site(cast)

        sealed(visit, cast, policy=SPARING, findings=[a_finding()], **{**self.DRAFT, **change})

        assert kept(visit) == []

    @pytest.mark.parametrize(
        ("values", "spoken"),
        [
            ({"valid_to": "2026-03-09"}, False),
            ({"valid_to": "2026-03-10"}, True),
            ({"valid_from": "2026-03-11"}, False),
            ({"scope": {"basis": ["tip"]}}, False),
            ({"scope": {"agency_kind": ["市场监督管理局"]}}, True),
            ({"scope": {"region": ["431022"]}}, False),
            ({"scope": {"matter": ["431001001"]}}, True),
            ({"scope": {"matter": ["431001009"]}}, False),
            ({"scope": {"tier": ["D"]}}, False),
        ],
    )
    def test_is_asked_of_clauses_in_force_and_in_scope_on_the_day_of_sealing(self, values: Any, spoken: bool) -> None:
        cast = Cast()
        visit = on_site(cast)
        pack = pack_of({"kind": "first_offence", "action": "warn", **values})

        sealed(visit, cast, policy=pack, findings=[a_finding()], **self.DRAFT, reason="拒不改正")

        assert len(kept(visit)) == spoken


class TestTurnedAway:
    def test_says_on_which_ground_and_why(self) -> None:
        cast = Cast()
        visit, by = on_site(cast), cast.actor("wang_jun")

        turn_away(visit, ground="第五十五条", reason="未亮证", by=by, at=NOW)

        event = events_of(visit)[-1]
        assert (visit.stage, event.verb, event.account_id) == (Stage.TURNED_AWAY, "turned_away", by.account_id)
        assert event.after == {"stage": "turned_away", "ground": "第五十五条", "reason": "未亮证"}


class TestAmended:
    def test_counts_what_was_added_by_whom_and_when(self) -> None:
        cast = Cast()
        story, by = visit_at(Stage.EVALUATED, cast), cast.actor("wang_jun")
        record = story.record
        assert record is not None

        for number in (1, 2):
            amend(story.visit, record, text=f"补{number}", reason="漏", by=by, at=NOW + number * DAY)

        added = [(each.text, each.reason, each.amended_at, each.amended_by) for each in record.amendments]
        assert added == [(f"补{number}", "漏", NOW + number * DAY, by.account_id) for number in (1, 2)]
        assert [event.after for event in events_of(story.visit)[-2:]] == [{"amendments": 1}, {"amendments": 2}]
        assert events_of(story.visit)[-1].at == NOW + 2 * DAY


def test_a_draft_needs_no_first_offence_and_no_reason() -> None:
    draft = Draft([], [], Disposition.NONE, "", 1, 1, [])

    assert (draft.first_offences, draft.reason, NOW + HOUR > NOW) == ((), "", True)
