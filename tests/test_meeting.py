"""Two phones meet, and what an enterprise says of those at its door."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.meeting.words import COLOURS, FIRST, SECOND, words_of
from server.notice.models import Notice
from server.visit.verdicts import VisitCount, VisitCounter

from .factories import MINUTE, NOW, Cast
from .pocket import Pocket
from .test_loop import a_scan_body


class TestHandshake:
    def shake(self, as_: Any, cast: Cast, visit: str, **changes: Any) -> Any:
        """The bakery's phone reads Li Na's."""
        self.theirs, self.mine = Pocket(as_("li_na"), "执法手机"), Pocket(as_("bakery"))
        body = {"code": self.theirs.visit_code(visit, NOW), "phone": self.mine.number, **changes}
        return as_("bakery").post("/handshakes", body)

    def test_shows_both_sides_the_same_words_and_says_who_it_is(
        self, as_: Any, cast: Cast, clock: Any, visit: str
    ) -> None:
        assert as_("li_na").get(f"/visits/{visit}/words").json["items"] == []

        met = self.shake(as_, cast, visit)

        assert met.status_code == 201, met.json
        shown = as_("li_na").get(f"/visits/{visit}/words").json["items"][0]
        assert {key: met.json[key] for key in shown} == shown
        assert (met.json["inspector"], met.json["certified"], met.json["inspectors"]) == (
            "李娜",
            True,
            ["李娜", "王军"],
        )
        assert met.json["matters"][0]["legal_basis"] == "《食品安全法》第一百一十条"
        assert "不出示执法证件" in met.json["refusal_grounds"][0]["ground"]
        clock["at"] = NOW + 4 * MINUTE
        assert as_("li_na").get(f"/visits/{visit}/words").json["items"] == []

    def test_tells_how_much_of_each_cap_is_used(self, as_: Any, cast: Cast, clock: Any, visit: str, db: Any) -> None:
        for subject, used in (("431001001", 2), ("", 5)):
            key = {"clause_id": "cap", "subject": subject, "year": 2026}
            db.session.add(VisitCounter(enterprise_id=cast.bakery.id, **key, used=used, most=4, lifted=used // 5))
            db.session.add(VisitCount(visit_id=UUID(visit), **key, lifted=False))
        db.session.add(
            VisitCounter(
                enterprise_id=cast.foundry.id, clause_id="cap", subject="431001001", year=2026, used=1, most=4, lifted=0
            )
        )
        db.session.commit()

        assert self.shake(as_, cast, visit).json["caps"] == [
            {"name": "", "used": 5, "most": 4},
            {"name": "食品生产企业日常监督检查", "used": 2, "most": 4},
        ]

    def test_makes_scans_strong_before_and_after(self, as_: Any, cast: Cast, clock: Any, visit: str, db: Any) -> None:
        weak = {**a_scan_body(NOW), "method": "photo"}
        as_("li_na").post(f"/visits/{visit}/scans", weak)
        self.shake(as_, cast, visit)

        scan = as_("sun_li").get(f"/visits/{visit}").json["scans"][0]

        assert (scan["presence"], scan["presence_because"]) == ("strong", ["handshake", "on_site"])

    def test_is_refused_to_another_firm(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        theirs, other = Pocket(as_("li_na")), Pocket(as_("foundry"))

        answer = as_("foundry").post("/handshakes", {"code": theirs.visit_code(visit, NOW), "phone": other.number})

        assert (answer.status_code, answer.json["reason"]) == (409, "not_our_visit")

    def test_unmasks_whoever_is_not_on_the_visit(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        impostor = Pocket(as_("chen_bo"))

        answer = self.shake(as_, cast, visit, code=impostor.visit_code(visit, NOW))

        assert (answer.status_code, answer.json["reason"]) == (409, "not_an_inspector")

    @pytest.mark.parametrize("minutes", [-2, 2])
    def test_takes_no_screenshot(self, as_: Any, cast: Cast, clock: Any, visit: str, minutes: int) -> None:
        theirs = Pocket(as_("li_na"))

        answer = self.shake(as_, cast, visit, code=theirs.visit_code(visit, NOW + minutes * MINUTE))

        assert answer.json["reason"] == "stale_code"

    def test_needs_a_phone_that_is_enrolled(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        assert self.shake(as_, cast, visit, phone=99_999).json["reason"] == "no_phone"

    def test_counts_a_code_once(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        self.shake(as_, cast, visit)
        body = {"code": self.theirs.visit_code(visit, NOW), "phone": self.mine.number}

        assert as_("bakery").post("/handshakes", body).json["reason"] == "used_code"


class TestWords:
    def test_change_with_the_minute_the_visit_and_either_phone(self) -> None:
        same = {"inspector_key": b"a" * 65, "enterprise_key": b"b" * 65, "visit_id": UUID(int=1), "at": 600.0}
        others = [{"at": 660.0}, {"visit_id": UUID(int=2)}, {"inspector_key": b"c" * 65}, {"enterprise_key": b"d" * 65}]

        assert words_of(**{**same, "at": 659.9}) == words_of(**same)  # type: ignore[arg-type]  # one shape
        assert all(words_of(**{**same, **other}) != words_of(**same) for other in others)  # type: ignore[arg-type]  # one shape

    def test_are_enough_and_all_different(self) -> None:
        words = [*FIRST, *SECOND]

        assert (len(FIRST), len(SECOND), len(COLOURS)) == (64, 64, 8)
        assert len(set(words)) == 128
        assert all(len(word) == 2 for word in words)


class TestDoorReport:
    def test_reaches_the_supervisor_and_never_the_unit(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        bakery, sun_li = as_("bakery"), as_("sun_li")

        said = bakery.post(f"/visits/{visit}/door-reports", {"kind": "more_people", "people": 2, "note": "未登记"})
        waiting = sun_li.get("/door-reports?open=1").json["items"]
        answered = sun_li.post(f"/door-reports/{waiting[0]['id']}/outcome", {"outcome": "已约谈该单位"})
        twice = sun_li.post(f"/door-reports/{waiting[0]['id']}/outcome", {"outcome": "再次"})

        assert said.status_code == 201, said.json
        assert [(each["kind"], each["people"], each["note"]) for each in waiting] == [("more_people", 2, "未登记")]
        assert (answered.status_code, twice.json["reason"]) == (201, "already_seen")
        assert bakery.get("/door-reports").json["items"][0]["outcome"] == "已约谈该单位"
        assert as_("zhao_min").get("/door-reports").status_code == 403
        assert as_("zhou_ping").get("/door-reports").json["items"] == []
        told = {
            who: [each["verb"] for each in as_(who).get(f"/visits/{visit}/events").json["items"]]
            for who in ("sun_li", "bakery", "li_na", "zhao_min")
        }
        assert told["sun_li"] == told["bakery"] == [*told["li_na"], "door_report", "door_report_seen"]
        assert told["li_na"] == told["zhao_min"]

    def test_raises_an_alert_where_the_city_wants_one(
        self, app: Any, as_: Any, cast: Cast, clock: Any, visit: str, db: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        as_("bakery").post(f"/visits/{visit}/door-reports", {"kind": "not_these_people"})
        before = db.session.scalars(select(Notice.body)).all()
        monkeypatch.setattr(app.config["RUQI"], "alert_url", "file:///dev/null")
        as_("bakery").post(f"/visits/{visit}/door-reports", {"kind": "began_before"})

        [told] = db.session.scalars(select(Notice.body)).all()

        assert before == []
        assert (told["kind"], told["visit"], told["region"]) == ("began_before", visit, "431002")

    @pytest.mark.parametrize("body", [{"kind": "more_people"}, {"kind": "began_before", "people": 3}, {"kind": "x"}])
    def test_wants_a_number_only_of_people(self, as_: Any, cast: Cast, clock: Any, visit: str, body: Any) -> None:
        assert as_("bakery").post(f"/visits/{visit}/door-reports", body).status_code == 422

    def test_is_only_of_the_own_visit(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        body = {"kind": "not_these_people"}

        assert as_("foundry").post(f"/visits/{visit}/door-reports", body).status_code == 404
        assert as_("li_na").post(f"/visits/{visit}/door-reports", body).status_code == 403
