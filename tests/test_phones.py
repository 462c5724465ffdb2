"""Phones with keys of their own, living codes, the handshake, slips, and what an enterprise says at its door."""

import base64
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pypdfium2
import pytest
from sqlalchemy import delete, func, select

import qr
from server.account.models import Account, Region
from server.enterprise.uscc import find_uscc
from server.meeting.words import COLOURS, FIRST, SECOND, words_of
from server.notice.models import Notice
from server.phone.models import PhoneStep, Slip, SmsCode
from server.scan.models import Scan
from server.visit.stages import Stage
from server.visit.verdicts import VisitCount, VisitCounter

from .conftest import Hand
from .factories import DAY, HOUR, MINUTE, NOW, Cast, visit_at
from .test_loop import a_scan_body

PREFIX = qr.plaque_prefix("https://ruqi.test")
STEP = timedelta(seconds=30)


def public(key: qr.DeviceKey) -> str:
    """A public key as a browser sends it."""
    return base64.urlsafe_b64encode(key.public.raw).decode().rstrip("=")


class Pocket:
    """A phone that somebody enrolled."""

    def __init__(self, hand: Hand, label: str = "前台手机") -> None:
        self.hand, self.key = hand, qr.DeviceKey.generate()
        answer = hand.post("/phones", {"public_key": public(self.key), "label": label})
        assert answer.status_code == 201, answer.json
        self.number = answer.json["number"]
        self.role = answer.json["role"]

    def living(self, at: datetime) -> str:
        """What it shows at this moment."""
        return qr.sign_living(self.number, at=at.timestamp(), key=self.key, prefix=PREFIX)

    def visit_code(self, visit: Any, at: datetime) -> str:
        """What an inspector's phone shows for a visit."""
        return qr.sign_visit(self.number, UUID(str(visit)), at=at.timestamp(), key=self.key, prefix=PREFIX)


@pytest.fixture
def visit(cast: Cast, keep: Any) -> str:
    """An approved visit of the bakery, open now."""
    return str(keep(visit_at(Stage.APPROVED, cast)).visit.id)


class TestEnrolment:
    def test_makes_the_first_phone_the_owners_and_the_others_clerks(self, as_: Any, cast: Cast, clock: Any) -> None:
        bakery = as_("bakery")

        roles = [Pocket(bakery, f"手机{number}").role for number in range(5)]
        sixth = bakery.post("/phones", {"public_key": public(qr.DeviceKey.generate()), "label": "多一部"})

        assert roles == ["owner", "clerk", "clerk", "clerk", "clerk"]
        assert (sixth.status_code, sixth.json["reason"]) == (409, "phones_full")
        assert [each["label"] for each in bakery.get("/phones").json["items"]][:2] == ["手机0", "手机1"]

    def test_gives_an_inspector_no_more_than_five_either(self, as_: Any, cast: Cast, clock: Any) -> None:
        for number in range(5):
            Pocket(as_("li_na"), f"手机{number}")

        sixth = as_("li_na").post("/phones", {"public_key": public(qr.DeviceKey.generate()), "label": "多一部"})

        assert (sixth.json["reason"], Pocket(as_("wang_jun")).role) == ("phones_full", None)

    def test_refuses_rubbish_and_a_key_that_is_enrolled(self, as_: Any, cast: Cast, clock: Any) -> None:
        key = qr.DeviceKey.generate()
        as_("bakery").post("/phones", {"public_key": public(key), "label": "一"})

        again = as_("foundry").post("/phones", {"public_key": public(key), "label": "二"})
        rubbish = as_("bakery").post("/phones", {"public_key": "A" * 87, "label": "三"})

        assert (again.status_code, again.json["reason"]) == (409, "phone_enrolled")
        assert (rubbish.status_code, rubbish.json["reason"]) == (422, "bad_phone_key")

    def test_takes_the_sealed_code_of_the_plaque_sheet_once(
        self, as_: Any, nobody: Hand, cast: Cast, clock: Any, db: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        codes = [qr.make_slip() for _ in range(2)]
        left = iter(codes)
        monkeypatch.setattr("server.phone.slips.qr.make_slip", lambda: next(left))
        sheet = as_("ma_lin").post(f"/enterprises/{cast.bakery.id}/slips", {"purpose": "activation", "count": 2})
        body = {
            "slip": codes[0].lower().replace("-", " "),
            "public_key": public(qr.DeviceKey.generate()),
            "label": "老板",
        }

        enrolled = nobody.post("/enrolments", body)
        twice = nobody.post("/enrolments", {**body, "public_key": public(qr.DeviceKey.generate())})
        wrong = nobody.post("/enrolments", {**body, "slip": qr.make_slip.__name__.ljust(16, "0")})

        assert (sheet.status_code, sheet.data[:5]) == (200, b"%PDF-")
        assert enrolled.status_code == 201, enrolled.json
        assert (enrolled.json["phone"]["role"], enrolled.json["phone"]["mine"]) == ("owner", True)
        assert enrolled.json["me"]["enterprise"]["name"] == "林邑糕点厂"
        assert (twice.json["reason"], wrong.json["reason"]) == ("slip_used", "bad_slip")
        assert all(
            codes[0].replace("-", "").encode() not in slip.code_hash for slip in db.session.scalars(select(Slip))
        )

    def test_that_is_refused_leaves_the_sealed_code_unused(
        self, as_: Any, nobody: Hand, cast: Cast, clock: Any, db: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        code = qr.make_slip()
        monkeypatch.setattr("server.phone.slips.qr.make_slip", lambda: code)
        as_("ma_lin").post(f"/enterprises/{cast.bakery.id}/slips", {"purpose": "activation"})
        first = Pocket(as_("bakery"), "手机0")
        for number in range(1, 5):
            Pocket(as_("bakery"), f"手机{number}")
        accounts = db.session.scalar(select(func.count()).select_from(Account))
        body = {"slip": code, "public_key": public(qr.DeviceKey.generate()), "label": "第六部"}

        full = nobody.post("/enrolments", body)
        left = db.session.scalar(select(func.count()).select_from(Account))
        as_("bakery").post(f"/phones/{first.number}/revocation", {"reason": "旧手机"})

        assert (full.json["reason"], left) == ("phones_full", accounts)
        assert nobody.post("/enrolments", body).status_code == 201

    def test_hands_the_owners_part_over(self, as_: Any, cast: Cast, clock: Any) -> None:
        bakery = as_("bakery")
        owner, clerk = Pocket(bakery, "老板"), Pocket(bakery, "店员")

        alone = bakery.post(f"/phones/{owner.number}/role", {"role": "clerk"})
        both = bakery.post(f"/phones/{clerk.number}/role", {"role": "owner"})
        down = bakery.post(f"/phones/{owner.number}/role", {"role": "clerk"})

        assert (alone.status_code, alone.json["reason"]) == (409, "last_owner")
        assert (both.json["role"], down.json["role"]) == ("owner", "clerk")
        assert as_("foundry").post(f"/phones/{owner.number}/role", {"role": "owner"}).status_code == 404

    def test_is_ended_by_the_desk_when_the_only_phone_is_lost(self, as_: Any, cast: Cast, clock: Any) -> None:
        phone = Pocket(as_("bakery"))

        listed = as_("ma_lin").get(f"/enterprises/{cast.bakery.id}/phones").json["items"]
        ended = as_("ma_lin").post(f"/phones/{phone.number}/revocation", {"reason": "企业来电挂失"})

        assert [(each["number"], each["mine"]) for each in listed] == [(phone.number, False)]
        assert (ended.status_code, ended.json["revoked_because"]) == (201, "企业来电挂失")

    def test_is_ended_by_its_holder_or_an_owner(self, as_: Any, cast: Cast, clock: Any) -> None:
        phone = Pocket(as_("bakery"))

        stranger = as_("foundry").post(f"/phones/{phone.number}/revocation", {"reason": "丢失"})
        ended = as_("bakery").post(f"/phones/{phone.number}/revocation", {"reason": "丢失"})

        assert (stranger.status_code, ended.status_code) == (404, 201)
        assert ended.json["revoked_because"] == "丢失"

    def test_of_its_own_is_signed_out_when_it_is_ended(
        self, as_: Any, nobody: Hand, cast: Cast, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        owner = Pocket(as_("bakery"))
        code = qr.make_slip()
        monkeypatch.setattr("server.phone.slips.qr.make_slip", lambda: code)
        as_("ma_lin").post(f"/enterprises/{cast.bakery.id}/slips", {"purpose": "activation"})
        lost = nobody.post(
            "/enrolments", {"slip": code, "public_key": public(qr.DeviceKey.generate()), "label": "店员"}
        ).json
        refresh = {"refresh_token": lost["refresh_token"]}
        still = nobody.post("/sessions/refresh", refresh)

        ended = as_("bakery").post(f"/phones/{lost['phone']['number']}/revocation", {"reason": "离职"})
        gone = nobody.post("/sessions/refresh", {"refresh_token": still.json["refresh_token"]})

        assert (owner.role, still.status_code, ended.status_code) == ("owner", 200, 201)
        assert (gone.status_code, gone.json["reason"]) == (401, "session_revoked")

    def test_is_not_enrolled_anew_by_the_session_that_ended_with_it(
        self, app: Any, as_: Any, nobody: Hand, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The thief of the only phone holds an access token that lasts a quarter of an hour."""
        code = qr.make_slip()
        monkeypatch.setattr("server.phone.slips.qr.make_slip", lambda: code)
        as_("ma_lin").post(f"/enterprises/{cast.bakery.id}/slips", {"purpose": "activation"})
        lost = nobody.post(
            "/enrolments", {"slip": code, "public_key": public(qr.DeviceKey.generate()), "label": "老板"}
        ).json
        thief = Hand(app.test_client(), lost["access_token"])
        as_("ma_lin").post(f"/phones/{lost['phone']['number']}/revocation", {"reason": "企业来电挂失"})

        again = thief.post("/phones", {"public_key": public(qr.DeviceKey.generate()), "label": "老板"})

        assert (again.status_code, again.json["reason"]) == (401, "session_revoked")


class TestSealedSheet:
    def test_carries_a_plaque_and_a_code_that_enrols(self, as_: Any, nobody: Hand, cast: Cast, clock: Any) -> None:
        sheet = as_("ma_lin").post("/plaques/1001/sealed-sheet")
        texts = texts_of(sheet.data)
        slip = next(text for text in texts if len(text) < 80)
        body = {"slip": slip, "public_key": public(qr.DeviceKey.generate()), "label": "老板"}

        enrolled = nobody.post("/enrolments", body)

        assert (sheet.status_code, len(texts)) == (200, 2)
        assert (enrolled.status_code, enrolled.json["me"]["enterprise"]["name"]) == (201, "林邑糕点厂")

    def test_is_printed_at_the_desk_for_a_valid_plaque_only(self, as_: Any, cast: Cast, clock: Any) -> None:
        assert as_("bakery").post("/plaques/1001/sealed-sheet").status_code == 403
        as_("ma_lin").post("/plaques/1001/revocations", {"reason": "破损"})
        assert as_("ma_lin").post("/plaques/1001/sealed-sheet").json["reason"] == "plaque_revoked"
        assert as_("ma_lin").post("/plaques/7/sealed-sheet").status_code == 404


class TestText:
    """Six digits to the number on file."""

    @pytest.fixture(autouse=True)
    def gateway(self, app: Any, monkeypatch: pytest.MonkeyPatch, cast: Cast, db: Any) -> None:
        monkeypatch.setattr(app.config["RUQI"], "sms_url", "file:///dev/null")
        cast.bakery.contact_mobile = "13800138000"
        db.session.commit()

    def texts(self, db: Any) -> list[str]:
        return [each.body["text"] for each in db.session.scalars(select(Notice).order_by(Notice.written_at))]

    def digits(self, db: Any) -> str:
        found = re.search(r"\d{6}", self.texts(db)[-1])
        assert found is not None
        return found.group()

    def body(self, digits: str) -> dict[str, str]:
        key = public(qr.DeviceKey.generate())
        return {"uscc": "91431002YYYY000125", "sms_code": digits, "public_key": key, "label": "老板"}

    def ask(self, nobody: Hand, uscc: str = "91431002YYYY000125") -> Any:
        return nobody.post("/activations", {"uscc": uscc})

    def test_enrols_a_phone_once(self, nobody: Hand, cast: Cast, clock: Any, db: Any) -> None:
        asked = self.ask(nobody)
        digits = self.digits(db)

        enrolled = nobody.post("/enrolments", self.body(digits))
        twice = nobody.post("/enrolments", self.body(digits))

        assert (asked.status_code, asked.json) == (202, {"sent": True})
        assert (enrolled.status_code, enrolled.json["phone"]["role"]) == (201, "owner"), enrolled.json
        assert enrolled.json["me"]["enterprise"]["name"] == "林邑糕点厂"
        assert (twice.status_code, twice.json["reason"]) == (422, "bad_sms_code")

    def test_tells_strangers_nothing(self, nobody: Hand, cast: Cast, clock: Any, db: Any) -> None:
        answers = [self.ask(nobody, uscc) for uscc in ("91431003YYYY00020E", "91431081YYYY000550", "9" * 18)]

        assert {(each.status_code, str(each.json)) for each in answers} == {(202, "{'sent': True}")}
        assert self.texts(db) == []

    def test_goes_out_once_a_minute_and_five_times_a_day(self, nobody: Hand, cast: Cast, clock: Any, db: Any) -> None:
        for minute in range(8):
            clock["at"] = NOW + minute * MINUTE
            self.ask(nobody)
            self.ask(nobody)

        assert len(self.texts(db)) == 5
        clock["at"] = NOW + DAY + MINUTE
        self.ask(nobody)
        assert len(self.texts(db)) == 6

    def test_is_not_guessed(self, nobody: Hand, cast: Cast, clock: Any, db: Any) -> None:
        self.ask(nobody)
        right = self.digits(db)
        wrong = f"{(int(right) + 1) % 10**6:06d}"

        guesses = [nobody.post("/enrolments", self.body(wrong)).json["reason"] for _ in range(5)]
        late = nobody.post("/enrolments", self.body(right))

        assert guesses == ["bad_sms_code"] * 5
        assert (late.status_code, late.json["reason"]) == (422, "bad_sms_code")
        assert db.session.scalars(select(SmsCode.tries)).all() == [6]

    def test_expires(self, nobody: Hand, cast: Cast, clock: Any, db: Any) -> None:
        self.ask(nobody)
        clock["at"] = NOW + 11 * MINUTE

        assert nobody.post("/enrolments", self.body(self.digits(db))).json["reason"] == "bad_sms_code"

    def test_is_replaced_by_the_next(self, nobody: Hand, cast: Cast, clock: Any, db: Any) -> None:
        self.ask(nobody)
        first = self.digits(db)
        clock["at"] = NOW + 2 * MINUTE
        self.ask(nobody)

        assert nobody.post("/enrolments", self.body(first)).json["reason"] == "bad_sms_code"
        assert nobody.post("/enrolments", self.body(self.digits(db))).status_code == 201

    @pytest.mark.parametrize("more", [{"slip": "0" * 16}, {"uscc": None}, {"sms_code": None}])
    def test_is_one_way_or_the_other(self, nobody: Hand, cast: Cast, clock: Any, more: dict[str, Any]) -> None:
        body = {key: value for key, value in {**self.body("123456"), **more}.items() if value is not None}

        assert nobody.post("/enrolments", body).json["reason"] == "invalid_input"

    def test_is_off_without_a_gateway(
        self, app: Any, nobody: Hand, cast: Cast, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(app.config["RUQI"], "sms_url", "")

        assert self.ask(nobody).json["reason"] == "sms_off"


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


class TestNumbers:
    @pytest.mark.parametrize("number", [2**26, 2**40, 2**70, 10**30])
    def test_beyond_what_a_database_holds_are_nobodys(
        self, as_: Any, cast: Cast, clock: Any, visit: str, number: int
    ) -> None:
        code = Pocket(as_("li_na")).visit_code(visit, NOW)
        answers = [
            as_("bakery").post(f"/phones/{number}/role", {"role": "clerk"}),
            as_("bakery").post(f"/phones/{number}/revocation", {"reason": "丢失"}),
            as_("bakery").post(f"/plaques/{number}/revocations", {"reason": "丢失"}),
            as_("ma_lin").post(f"/plaques/{number}/sealed-sheet"),
            as_("bakery").post("/handshakes", {"code": code, "phone": number}),
        ]

        assert [each.status_code for each in answers] == [404, 404, 404, 404, 422]


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


class TestLicence:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("http://www.gsxt.gov.cn/index.html?uniscid=91431002YYYY000125", "91431002YYYY000125"),
            ("统一社会信用代码:91431002YYYY000125;名称:林邑糕点厂", "91431002YYYY000125"),
            ("https://x.cn/9143100291431002YYYY000125", None),
            ("91431002YYYY000126 91431003YYYY00020E", "91431003YYYY00020E"),
            ("91431002YYYY000125 91431003YYYY00020E", None),
            ("nothing here", None),
        ],
    )
    def test_is_read_only_when_it_names_one_firm_for_certain(self, text: str, code: str | None) -> None:
        found = find_uscc(text)

        assert (found.text if found else None) == code

    def test_opens_a_visit_weakly(self, as_: Any, cast: Cast, clock: Any, visit: str) -> None:
        body = {**a_scan_body(NOW), "code": "http://www.gsxt.gov.cn/?uniscid=91431002YYYY000125"}

        scan = as_("li_na").post(f"/visits/{visit}/scans", body).json["scan"]

        assert (scan["presence"], scan["code_kind"]) == ("weak", "licence")


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


class TestSites:
    def test_have_a_plaque_each(self, as_: Any, cast: Cast, clock: Any) -> None:
        path = f"/enterprises/{cast.bakery.id}/plaques"

        second = as_("ma_lin").post(path, {"site": "东门店", "reason": "新开门店"}).json
        again = as_("ma_lin").post(path, {"site": "东门店", "reason": "破损"}).json

        live = sorted((each["site"], each["revoked_at"] is None) for each in again["plaques"])
        assert {each["site"] for each in second["plaques"]} == {"", "东门店"}
        assert live == [("", True), ("东门店", False), ("东门店", True)]

    def test_print_the_plaque_that_was_asked_for(self, as_: Any, cast: Cast, clock: Any) -> None:
        detail = as_("ma_lin").post(f"/enterprises/{cast.bakery.id}/plaques", {"site": "东门店"}).json
        urls = {each["serial"]: each["url"] for each in detail["plaques"]}

        single = {serial: as_("ma_lin").get(f"/plaques/{serial}.pdf").data for serial in urls}
        sheets = as_("ma_lin").get(f"/plaque-sheets.pdf?enterprise_id={cast.bakery.id}").data

        assert len(urls) == 2
        assert {serial: texts_of(document) for serial, document in single.items()} == {
            serial: [url] for serial, url in urls.items()
        }
        assert sorted(texts_of(sheets)) == sorted(urls.values())


def texts_of(document: bytes) -> list[str]:
    """The codes on the pages of a PDF, as a phone reads them."""
    pdf = pypdfium2.PdfDocument(document)
    texts = [text for page in pdf for text in qr.read(page.render(scale=2).to_pil())]
    pdf.close()
    return texts


TEA = {"uscc": "91431081YYYY000550", "name": "资兴茶厂", "region_code": "431002", "address": "东江湖路8号"}


class TestAdding:
    def test_lets_the_inspector_at_the_door_add_an_unknown_firm(self, as_: Any, cast: Cast, clock: Any) -> None:
        li_na = as_("li_na")
        assert li_na.get("/codes?text=91431081YYYY000550").json["reason"] == "unknown_code"

        made = li_na.post("/enterprises", TEA)
        again = li_na.post("/enterprises", TEA)

        assert (made.status_code, made.json["uscc_doubtful"], made.json["kind"]) == (201, False, "company"), made.json
        assert (again.status_code, again.json["reason"], again.json["enterprise"]["name"]) == (
            409, "enterprise_exists", "资兴茶厂",
        )  # fmt: skip
        assert li_na.get("/codes?text=91431081YYYY000550").status_code == 200

    def test_keeps_a_doubt_and_refuses_a_wrong_shape(self, as_: Any, cast: Cast, clock: Any) -> None:
        doubtful = as_("li_na").post("/enterprises", {**TEA, "uscc": "91350100M0001TGQXM"})
        wrong = as_("li_na").post("/enterprises", {**TEA, "uscc": "9143108IYYYY000550"})
        nowhere = as_("li_na").post("/enterprises", {**TEA, "region_code": "999999"})

        assert (doubtful.status_code, doubtful.json["uscc_doubtful"]) == (201, True)
        assert (wrong.status_code, nowhere.status_code) == (422, 422)
        assert as_("bakery").post("/enterprises", TEA).status_code == 403

    def test_is_at_a_desk_only_of_what_lies_below_it(self, as_: Any, cast: Cast, clock: Any, db: Any) -> None:
        elsewhere = Region(code="430100", name="长沙市", parent_code="430000")
        db.session.add(elsewhere)
        db.session.commit()

        beyond = as_("ma_lin").post("/enterprises", {**TEA, "region_code": elsewhere.code})

        assert (beyond.status_code, beyond.json["reason"]) == (422, "unknown_reference")
        assert as_("ma_lin").post("/enterprises", TEA).status_code == 201


class TestLostPlaque:
    def test_is_ended_by_the_enterprise_itself(self, as_: Any, cast: Cast, clock: Any) -> None:
        stranger = as_("foundry").post("/plaques/1001/revocations", {"reason": "丢失", "lost": True})
        lost = as_("bakery").post("/plaques/1001/revocations", {"reason": "装修时丢失", "lost": True})

        assert (stranger.status_code, lost.status_code) == (404, 201)
        plaque = lost.json["plaques"][0]
        assert (plaque["revoked_reason"], plaque["lost"], plaque["found_at"]) == ("装修时丢失", True, None)
        waiting = as_("ma_lin").get("/enterprises?without_plaque=1").json["items"]
        assert [each["name"] for each in waiting] == ["林邑糕点厂"]

    def test_tells_its_finder_what_to_do_and_takes_the_word_of_the_first(
        self, as_: Any, nobody: Hand, cast: Cast, clock: Any
    ) -> None:
        code = a_scan_body(NOW)["code"]
        hanging = nobody.post("/plaque-finds", {"text": code})
        as_("bakery").post("/plaques/1001/revocations", {"reason": "被偷", "lost": True})
        shown = nobody.get("/codes", query_string={"text": code}).json
        clock["at"] = NOW + HOUR

        found = nobody.post("/plaque-finds", {"text": code, "note": "在河边捡到，已交派出所"})
        clock["at"] = NOW + 2 * HOUR
        again = nobody.post("/plaque-finds", {"text": code, "note": "恶作剧"})
        forged = nobody.post("/plaque-finds", {"text": code[:-1] + str((int(code[-1]) + 1) % 10)})

        assert (hanging.status_code, hanging.json["reason"]) == (409, "plaque_not_lost")
        assert (shown["reason"], shown["revoked_reason"], shown["lost"]) == ("revoked_code", "被偷", True)
        assert (found.status_code, again.json) == (201, found.json)
        assert forged.json["reason"] == "forged_code"
        history = as_("sun_li").get(f"/enterprises/{cast.bakery.id}").json["plaques"][0]
        assert (history["found_note"], history["revoked_at"] is None) == ("在河边捡到，已交派出所", False)
        assert nobody.get("/codes", query_string={"text": code}).json["lost"] is False

    def test_is_taken_back_at_the_desk(self, as_: Any, cast: Cast, clock: Any) -> None:
        as_("bakery").post("/plaques/1001/revocations", {"reason": "丢失", "lost": True})

        back = as_("ma_lin").post("/plaques/1001/finds", {"note": "已交回销毁"})

        assert back.json["plaques"][0]["found_note"] == "已交回销毁"
        assert as_("foundry").post("/plaques/1001/finds", {"note": ""}).status_code == 404
