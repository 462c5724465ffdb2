"""留痕."""

import io
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from server.catalogue.models import FirstOffence
from server.clock import day_of, end_of
from server.ids import new_id
from server.record.models import Answer, Disposition
from server.record.rules import AnswerGiven, amend, seal, turn_away
from server.refusal import Refusal
from server.visit.models import Visit
from server.visit.stages import Basis, Purpose, Stage
from server.visit.verdicts import VisitVerdict

from .factories import DAY, NOW, POLICY, Cast, a_draft, a_finding, let_in, verbs_of, visit_at
from .test_loop import a_record_body


def refusal_of(visit: Visit, cast: Cast, *, who: str = "li_na", **changes: Any) -> Refusal:
    """Why this record is not sealed."""
    with pytest.raises(Refusal) as refused:
        seal(visit, a_draft(visit, **changes), policy=POLICY, by=cast.actor(who), at=NOW)
    return refused.value


class TestSeal:
    def test_seals_and_starts_the_evaluations_clock(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.ON_SITE, cast).visit

        record = seal(visit, a_draft(visit), policy=POLICY, by=cast.actor("li_na"), at=NOW)

        assert (visit.stage, visit.recorded_at) == (Stage.RECORDED, NOW)
        assert visit.evaluation_due_at == end_of(day_of(NOW + 15 * DAY))
        assert record.answers[0] == {"matter_id": str(cast.food.id), "key": "1", "answer": "yes", "note": ""}

    def test_refuses_before_two_inspectors_have_scanned(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit
        let_in(visit, cast, place=0)

        refused = refusal_of(visit, cast)

        assert (refused.reason, refused.extras) == ("too_few_scans", {"scanned": 1, "needed": 2})

    def test_refuses_a_second_record(self) -> None:
        cast = Cast()

        assert refusal_of(visit_at(Stage.RECORDED, cast).visit, cast).reason == "already_recorded"

    def test_refuses_before_anybody_was_there(self) -> None:
        cast = Cast()

        assert refusal_of(visit_at(Stage.APPROVED, cast).visit, cast).reason == "not_on_site"

    def test_is_not_for_whoever_was_not_there(self) -> None:
        cast = Cast()

        assert refusal_of(visit_at(Stage.ON_SITE, cast).visit, cast, who="chen_bo").reason == "not_found"

    def test_names_what_is_missing_from_the_checklist(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.ON_SITE, cast).visit

        refused = refusal_of(visit, cast, answers=[AnswerGiven(cast.food.id, "1", Answer.YES)])

        assert (refused.reason, refused.extras) == ("checklist_incomplete", {"missing": ["2"]})

    def test_refuses_what_was_not_on_the_locked_list(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.ON_SITE, cast).visit
        beyond = [*a_draft(visit).answers, AnswerGiven(cast.old_food.id, "1", Answer.NO)]

        assert refusal_of(visit, cast, answers=beyond).reason == "foreign_answer"
        assert refusal_of(visit, cast, findings=[a_finding(matter_id=cast.old_food.id)]).reason == "foreign_answer"

    def test_refuses_the_same_item_twice(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.ON_SITE, cast).visit
        answers = a_draft(visit).answers

        assert refusal_of(visit, cast, answers=[*answers, answers[0]]).reason == "foreign_answer"

    @pytest.mark.parametrize("grave", [Disposition.CORRECTION_ORDER, Disposition.CASE_OPENED, Disposition.TRANSFERRED])
    def test_refuses_a_grave_disposition_without_a_finding(self, grave: Disposition) -> None:
        cast = Cast()

        assert refusal_of(visit_at(Stage.ON_SITE, cast).visit, cast, disposition=grave).reason == "finding_missing"

    def test_refuses_findings_of_a_service_visit(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.ON_SITE, cast, purpose=Purpose.SERVICE, basis=Basis.SERVICE, matters=[]).visit

        assert refusal_of(visit, cast, findings=[a_finding()]).reason == "service_visit_has_findings"
        assert refusal_of(visit, cast, disposition=Disposition.GUIDANCE).reason == "service_visit_has_findings"

    def test_refuses_evidence_that_is_not_there(self) -> None:
        cast = Cast()

        assert refusal_of(visit_at(Stage.ON_SITE, cast).visit, cast, evidence=[None]).reason == "unknown_evidence"

    def test_records_a_closed_door_without_the_checklist(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.TURNED_AWAY, cast).visit

        seal(visit, a_draft(visit, answers=[], heads=1), policy=POLICY, by=cast.actor("li_na"), at=NOW)

        assert verbs_of(visit)[-2:] == ["turned_away", "recorded"]


class TestTurnAway:
    def test_needs_somebody_at_the_door(self) -> None:
        cast = Cast()
        visit = visit_at(Stage.APPROVED, cast).visit

        with pytest.raises(Refusal) as refused:
            turn_away(visit, ground="第五十五条", reason="未亮证", by=cast.actor("li_na"), at=NOW)

        assert refused.value.reason == "wrong_stage"


class TestAmend:
    def test_adds_and_never_changes(self) -> None:
        cast = Cast()
        story = visit_at(Stage.RECORDED, cast)
        assert story.record is not None
        before = list(story.record.answers)

        amend(story.visit, story.record, text="补充照片说明", reason="笔误", by=cast.actor("wang_jun"), at=NOW + DAY)

        assert story.record.answers == before
        assert [amendment.text for amendment in story.record.amendments] == ["补充照片说明"]
        assert verbs_of(story.visit)[-1] == "amended"

    def test_is_not_for_whoever_was_not_there(self) -> None:
        cast = Cast()
        story = visit_at(Stage.RECORDED, cast)
        assert story.record is not None

        with pytest.raises(Refusal) as refused:
            amend(story.visit, story.record, text="x", reason="x", by=cast.actor("chen_bo"), at=NOW)

        assert refused.value.status == 404


def a_photo(*, exif: bool = False) -> bytes:
    """A small JPEG, with a position inside when asked."""
    body = io.BytesIO()
    image = Image.new("RGB", (60, 40), "green")
    data = image.getexif()
    if exif:
        data[0x0112] = 6  # turned
        data.get_ifd(0x8769)[0x9003] = "2026:03:10 10:05:00"
        data.get_ifd(0x8825)[1] = "N"
    image.save(body, "JPEG", exif=data)
    return body.getvalue()


def send_photo(hand: Any, visit: Visit, body: bytes, name: str = "门口.jpg") -> Any:
    """Upload evidence as the client does."""
    form = {"id": str(uuid4()), "file": (io.BytesIO(body), name)}
    return hand.post(f"/visits/{visit.id}/evidence", data=form, content_type="multipart/form-data")


class TestEvidenceEndpoint:
    def test_keeps_a_photo_upright_and_without_its_position(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit

        sent = send_photo(as_("li_na"), visit, a_photo(exif=True))
        body = {"evidence_ids": [sent.json["id"]]}
        as_("li_na").post(f"/visits/{visit.id}/record", a_record_body(cast, **body))
        stored = as_("bakery").get(sent.json["url"])

        assert (sent.status_code, sent.json["taken_at"]) == (201, "2026-03-10T02:05:00Z")
        assert stored.status_code == 200
        with Image.open(io.BytesIO(stored.data)) as image:
            assert image.size == (40, 60)
            assert not image.getexif()
        assert as_("bakery").get(f"/visits/{visit.id}").json["record"]["evidence"][0]["sha256"] == sent.json["sha256"]

    def test_takes_the_same_photo_twice_under_one_key(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit
        photo = a_photo()
        form = {"id": str(uuid4())}

        answers = [
            as_("li_na").post(
                f"/visits/{visit.id}/evidence",
                key="the-same-key",
                data={**form, "file": (io.BytesIO(photo), "a.jpg")},
                content_type="multipart/form-data",
            )
            for _ in range(2)
        ]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json == answers[1].json
        assert answers[1].headers["Idempotent-Replay"] == "true"

    @pytest.mark.parametrize("rubbish", [b"", b"no picture", b"\xff\xd8\xff\xe0rubbish", b"GIF89a" + bytes(40)])
    def test_refuses_rubbish(self, as_: Any, cast: Cast, clock: Any, keep: Any, rubbish: bytes) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit

        answer = send_photo(as_("li_na"), visit, rubbish)

        assert (answer.status_code, answer.json["reason"]) == (422, "unreadable_file")

    def test_hides_evidence_from_next_door(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit
        sent = send_photo(as_("li_na"), visit, a_photo())

        assert as_("foundry").get(sent.json["url"]).status_code == 404


class TestRecordEndpoint:
    def test_seals_once(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit
        finding = {"matter_id": str(cast.food.id), "text": "台账缺两页", "first_offence": True}
        body = a_record_body(cast, findings=[finding], disposition="guidance", advice="十日内自查")

        first = as_("li_na").post(f"/visits/{visit.id}/record", body)
        second = as_("wang_jun").post(f"/visits/{visit.id}/record", body)

        assert (first.status_code, first.json["stage"]) == (201, "recorded")
        assert (second.status_code, second.json["reason"]) == (409, "already_recorded")
        record = as_("bakery").get(f"/visits/{visit.id}").json["record"]
        assert (record["findings"][0]["text"], record["sealed_by"]) == ("台账缺两页", "lina")

    def test_refuses_evidence_of_another_visit(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit
        other = keep(visit_at(Stage.ON_SITE, cast)).visit
        sent = send_photo(as_("li_na"), other, a_photo())

        body = a_record_body(cast, evidence_ids=[sent.json["id"]])
        answer = as_("li_na").post(f"/visits/{visit.id}/record", body)

        assert answer.json["reason"] == "unknown_evidence"

    def test_amends(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.RECORDED, cast)).visit

        answer = as_("li_na").post(f"/visits/{visit.id}/amendments", {"text": "补充", "reason": "笔误"})

        assert answer.status_code == 201
        amendments = as_("bakery").get(f"/visits/{visit.id}").json["record"]["amendments"]
        assert [(each["text"], each["by"]) for each in amendments] == [("补充", "lina")]

    def test_notes_a_closed_door(self, as_: Any, cast: Cast, clock: Any, keep: Any) -> None:
        visit = keep(visit_at(Stage.ON_SITE, cast)).visit

        answer = as_("li_na").post(f"/visits/{visit.id}/turn-aways", {"ground": "第五十五条", "reason": "未亮证"})

        assert (answer.status_code, answer.json["stage"]) == (201, "turned_away")


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
