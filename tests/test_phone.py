"""Phones with keys of their own: enrolled by a sealed code or a text, handed over, ended."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

import qr
from server.account.models import Account
from server.notice.models import Notice
from server.phone.models import Slip, SmsCode

from .conftest import Hand
from .factories import DAY, MINUTE, NOW, Cast
from .pocket import Pocket, public, texts_of


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
        self, app: Any, as_: Any, nobody: Hand, cast: Cast, clock: Any, monkeypatch: pytest.MonkeyPatch
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
