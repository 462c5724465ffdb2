"""扫码 with what proves presence: living codes, signed scans, slips, and what the pack demands."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

import qr
from server.phone.models import PhoneStep
from server.scan.models import Scan
from server.visit.stages import Stage

from .conftest import Hand
from .factories import HOUR, MINUTE, NOW, Cast, visit_at
from .pocket import STEP, Pocket
from .test_loop import a_scan_body


class TestLivingCode:
    def scan(self, as_: Any, visit: str, code: str, at: datetime = NOW, **changes: Any) -> Any:
        """Li Na scans what the enterprise's phone shows."""
        return as_("li_na").post(f"/visits/{visit}/scans", {**a_scan_body(at), "code": code, **changes})

    def test_proves_presence_strongly(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        phone = Pocket(as_("bakery"))

        answer = self.scan(as_, visit, phone.living(NOW))

        assert answer.status_code == 201, answer.json
        scan = answer.json["scan"]
        assert (scan["presence"], scan["code_kind"]) == ("strong", "living")
        assert scan["presence_because"] == ["living_code", "on_site"]
        assert scan["place"] == {"latitude": 25.78, "longitude": 113.01, "accuracy_m": 12}

    @pytest.mark.parametrize(("steps", "reason"), [(-1, None), (1, None), (-2, "stale_code"), (2, "stale_code")])
    def test_holds_one_step_either_side(
        self, as_: Any, cast: Cast, clock: Any, visit: str, steps: int, reason: str | None
    ) -> None:
        phone = Pocket(as_("bakery"))

        answer = self.scan(as_, visit, phone.living(NOW + steps * STEP))

        assert answer.json.get("reason") == reason

    def test_counts_once(self, as_: Any, cast: Cast, clock: Any, keep: Any, visit: str) -> None:
        phone = Pocket(as_("bakery"))
        code = phone.living(NOW)
        self.scan(as_, visit, code)

        other = as_("wang_jun").post(f"/visits/{visit}/scans", {**a_scan_body(NOW), "code": code})
        # The same step signed again is another text, and still the same step.
        twin = as_("wang_jun").post(f"/visits/{visit}/scans", {**a_scan_body(NOW), "code": phone.living(NOW)})
        fresh = as_("wang_jun").post(f"/visits/{visit}/scans", {**a_scan_body(NOW), "code": phone.living(NOW + STEP)})

        assert (other.json["reason"], twin.json["reason"]) == ("used_code", "used_code")
        assert fresh.status_code == 201

    def test_is_kept_when_something_else_was_wrong(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        code = Pocket(as_("bakery")).living(NOW)
        stranger = as_("he_qiang").post(f"/visits/{visit}/scans", {**a_scan_body(NOW), "code": code})

        assert stranger.json["reason"] == "not_on_visit"
        assert self.scan(as_, visit, code).status_code == 201

    def test_is_graded_down_far_from_the_site(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        code = Pocket(as_("bakery")).living(NOW)
        far = {"latitude": 25.9, "longitude": 113.01, "accuracy_m": 12}

        assert self.scan(as_, visit, code, place=far).json["scan"]["presence"] == "fair"

    def test_of_a_revoked_phone_is_worth_nothing(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        phone = Pocket(as_("bakery"))
        as_("bakery").post(f"/phones/{phone.number}/revocation", {"reason": "丢失"})

        answer = self.scan(as_, visit, phone.living(NOW))

        assert (answer.status_code, answer.json["reason"]) == (409, "forged_code")

    def test_of_another_firm_opens_nothing(self, as_: Any, cast: Cast, clock: Any, visit: str, db: Any) -> None:
        answer = self.scan(as_, visit, Pocket(as_("foundry")).living(NOW))

        assert (answer.json["reason"], answer.json["scanned_enterprise"]) == ("other_enterprise", "苏仙铸造厂")
        assert db.session.scalars(select(Scan.reason)).one() == "other_enterprise"

    def test_works_offline_for_whoever_scans(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        """Shown and scanned without a network; heard two hours later."""
        code = Pocket(as_("bakery")).living(NOW)
        clock["at"] = NOW + 2 * HOUR

        scan = self.scan(as_, visit, code, NOW).json["scan"]

        assert (scan["presence"], scan["presence_because"]) == ("fair", ["living_code", "on_site", "heard_late"])


class TestSignedScan:
    """The inspector's enrolled phone signs the moment it scans."""

    def scan(self, hand: Hand, visit: str, code: str, **more: Any) -> Any:
        answer = hand.post(f"/visits/{visit}/scans", {**a_scan_body(NOW), "code": code, **more})
        assert answer.status_code == 201, answer.json
        return answer.json

    def test_of_a_living_code_lets_both_phones_show_the_same_words(
        self, as_: Any, cast: Cast, clock: Any, visit: str
    ) -> None:
        mine, theirs = Pocket(as_("li_na"), "执法手机"), Pocket(as_("bakery"))

        answer = self.scan(as_("li_na"), visit, theirs.living(NOW), phone_code=mine.visit_code(visit, NOW))

        assert answer["scan"]["presence_because"] == ["handshake", "on_site", "signed"]
        [met] = as_("bakery").get("/meetings").json["items"]
        assert {key: met[key] for key in answer["words"]} == answer["words"]
        assert (met["inspector"], met["certificate_no"], met["has_photo"]) == ("李娜", "18100001", False)
        assert as_("li_na").get(f"/visits/{visit}/words").json["items"] == [answer["words"]]
        people = as_("sun_li").get(f"/visits/{visit}").json["inspector_list"]
        assert {each["name"]: each["met_at"] for each in people} == {"李娜": met["shaken_at"], "王军": None}
        assert as_("foundry").get("/meetings").json["items"] == []
        clock["at"] = NOW + 4 * MINUTE
        assert as_("bakery").get("/meetings").json["items"] == []

    def test_of_a_picture_is_no_meeting(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        mine, theirs = Pocket(as_("li_na")), Pocket(as_("bakery"))
        phone_code = mine.visit_code(visit, NOW)

        answer = self.scan(as_("li_na"), visit, theirs.living(NOW), method="photo", phone_code=phone_code)

        assert (answer["words"], answer["scan"]["presence"]) == (None, "weak")

    def test_counts_only_for_the_own_phone_the_visit_and_the_moment(
        self, as_: Any, cast: Cast, clock: Any, keep: Any, visit: str, db: Any
    ) -> None:
        li_na, wang_jun = Pocket(as_("li_na")), Pocket(as_("wang_jun"))
        theirs = Pocket(as_("bakery"))
        forged = [
            wang_jun.visit_code(visit, NOW),
            li_na.visit_code(uuid4(), NOW),
            li_na.visit_code(visit, NOW - 2 * MINUTE),
            theirs.living(NOW),
            "rubbish",
        ]
        for place, phone_code in enumerate(forged):
            code = theirs.living(NOW + STEP * (place % 2))
            answer = as_("li_na").post(
                f"/visits/{visit}/scans", {**a_scan_body(NOW), "code": code, "phone_code": phone_code}
            )
            assert answer.json["words"] is None, phone_code
            assert answer.json["scan"]["presence_because"] == ["living_code", "on_site"], phone_code
            scan = answer.json["scan"]["id"]
            as_("li_na").post(f"/visits/{visit}/scans/{scan}/withdrawals", {"reason": "重扫"})
            db.session.execute(delete(PhoneStep))
            db.session.commit()
        assert as_("bakery").get("/meetings").json["items"] == []

    def test_of_a_plaque_vouches_for_a_scan_heard_late(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        mine = Pocket(as_("li_na"))
        clock["at"] = NOW + 2 * HOUR
        plaque = a_scan_body(NOW)["code"]

        signed = self.scan(as_("li_na"), visit, plaque, phone_code=mine.visit_code(visit, NOW))
        unsigned = self.scan(as_("wang_jun"), visit, plaque)

        assert (signed["scan"]["presence"], unsigned["scan"]["presence"]) == ("fair", "weak")
        assert signed["words"] is None


class TestSlip:
    def test_proves_a_visit_without_a_phone_once(
        self, as_: Any, cast: Cast, clock: Any, visit: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = qr.make_slip()
        monkeypatch.setattr("server.phone.slips.qr.make_slip", lambda: code)
        as_("ma_lin").post(f"/enterprises/{cast.bakery.id}/slips", {"purpose": "visit"})
        body = {**a_scan_body(NOW), "code": code, "method": "typed"}

        scanned = as_("li_na").post(f"/visits/{visit}/scans", body)
        second = as_("wang_jun").post(f"/visits/{visit}/scans", {**body, "id": str(uuid4())})

        assert (scanned.status_code, scanned.json["scan"]["presence"]) == (201, "fair"), scanned.json
        assert second.json["reason"] == "used_code"

    def test_of_nobody_is_unknown(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        body = {**a_scan_body(NOW), "code": qr.make_slip(), "method": "typed"}

        assert as_("li_na").post(f"/visits/{visit}/scans", body).json["reason"] == "unknown_code"


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
